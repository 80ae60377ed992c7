/*
 * Settings that are allowed one by one and do not go together: one row each.
 */
#include <config.h>

#include "base/str.h"
#include "config/settings.h"

static const struct lane_settings *
test_lane(const struct config *config)
{
	return &config->lanes[LANE_TEST];
}

static bool
lets_one_company_take_all(const struct config *config)
{
	return config->serve.tests_per_company >= test_lane(config)->workers;
}

/* All of them are about the lane of the tests. */
static const struct {
	bool (*applies)(const struct config *);
	const char *advice;
} rows[] = {
	{ lets_one_company_take_all,
	    "test.per_company is not below test.workers: the tests of one "
	    "company can take all workers" },
};

void
config_advise(const struct config *config, void (*say)(const char *sentence))
{
	const struct lane_settings *lane = test_lane(config);

	if (lane->listen[0] == '\0' || lane->workers == 0)
		return;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (rows[i].applies(config))
			say(rows[i].advice);
}
