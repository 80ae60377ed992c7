/*
 * Settings that contradict each other: each row is one thing that would not
 * work, with the reason.
 */
#include <config.h>

#include <unistd.h>

#include "config/internal.h"
#include "config/settings_table.h"

/* Which of both must have been set: a default that does not fit is no fault of
 * the configuration. */
enum {
	ANYHOW = 0,
	LESS_GIVEN = 1,
	MORE_GIVEN = 2
};

/* Two times of which the first must not be longer. */
static const struct {
	const char *less;
	const char *more;
	bool strictly;
	unsigned given;
	int lane; /* only if this lane is on; -1: always */
	const char *why;
} times[] = {
	{ "test.connect_timeout", "test.total_timeout", false, LESS_GIVEN, -1,
	    "it could never be reached" },
	{ "test.total_timeout", "test.request_timeout", true, ANYHOW, LANE_TEST,
	    "the worker would be killed in the middle of a test" },
	{ "pool.restart_backoff", "pool.restart_backoff_max", false, ANYHOW, -1,
	    "the first pause would be longer than the longest" },
	{ "pool.queue_timeout", "api.request_timeout", false, LESS_GIVEN,
	    LANE_API, "requests would wait longer than any may take" },
	{ "database.read_limit", "database.request_limit", true,
	    LESS_GIVEN | MORE_GIVEN, -1, "it could never be reached" },
	{ "database.request_limit", "api.request_timeout", true, LESS_GIVEN,
	    LANE_API, "the worker would be killed while it waits" },
};

static bool
is_given(const struct config_origin *origin)
{
	return origin->line != 0 || origin->option != NULL;
}

static bool
counts(size_t i, const struct config *config, const struct config_origin *less,
    const struct config_origin *more)
{
	if (less->refused || more->refused ||
	    ((times[i].given & LESS_GIVEN) != 0 && !is_given(less)) ||
	    ((times[i].given & MORE_GIVEN) != 0 && !is_given(more)))
		return false;
	return times[i].lane < 0 ||
	       lane_is_on(config, (enum lane)times[i].lane);
}

static void
check_times(const struct look *look, size_t i)
{
	struct config *config = look->config;
	const struct config_origin *less = config_origin(config, times[i].less);
	const struct config_origin *more = config_origin(config, times[i].more);
	unsigned a = setting_number(setting_named(times[i].less), config);
	unsigned b = setting_number(setting_named(times[i].more), config);

	if (!counts(i, config, less, more))
		return;
	if (a < b || (a == b && !times[i].strictly))
		return;
	config_fault(config, is_given(less) ? times[i].less : times[i].more, 0,
	    look->faults, "%s (%u ms) must be %s %s (%u ms): %s", times[i].less,
	    a, times[i].strictly ? "less than" : "at most", times[i].more, b,
	    times[i].why);
}

/* What lanes and their workers keep for their whole life. */
static void
check_memory(const struct look *look)
{
	struct config *config = look->config;
	uint64_t pages = (uint64_t)sysconf(_SC_PHYS_PAGES);
	uint64_t memory = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t shared =
	    config->cache_answers + config_shared_catalogue(config);
	uint64_t kept = 0;

	for (unsigned lane = 0; lane < LANE__MAX; lane++)
		if (lane != LANE_ADMIN && lane_is_on(config, (enum lane)lane))
			kept += shared + config->lanes[lane].workers *
					     config_own_catalogue(config);
	if (kept > memory)
		config_fault(config, "cache.answers", 0, look->faults,
		    "what the lanes keep of answers and catalogue (%llu MiB) "
		    "is more than the memory of this machine (%llu MiB)",
		    (unsigned long long)kept >> 20,
		    (unsigned long long)memory >> 20);
}

static void
check_database(const struct look *look)
{
	struct config *config = look->config;

	if (config->database.hosts[0] == '\0' &&
	    config->database.socket[0] == '\0' &&
	    !config_origin(config, "database.hosts")->refused)
		config_fault(config, "database.socket", 0, look->faults,
		    "there is no way to the database: database.hosts is empty "
		    "too");
}

static void
check_group(const struct look *look)
{
	struct config *config = look->config;

	if (config->pool.group[0] != '\0' && config->pool.user[0] == '\0')
		config_fault(config, "pool.group", 0, look->faults,
		    "has no effect without pool.user");
}

void
pairs_check(const struct look *look)
{
	for (size_t i = 0; i < N_ELEMENTS(times); i++)
		check_times(look, i);
	check_memory(look);
	check_database(look);
	check_group(look);
}
