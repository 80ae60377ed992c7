/*
 * Counters and histograms of a pool, and their text.
 */
#include <config.h>

#include "stats/metrics.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name; /* without "connectors_" */
	const char *help;
	bool is_time; /* counted in microseconds, shown in seconds */
} counters[] = {
	[METRIC_STATEMENTS] = { "database_statements_total",
	    "Statements sent to the database.", false },
	[METRIC_DATABASE_MICROSECONDS] = { "database_seconds_total",
	    "Time spent waiting for the database.", true },
	[METRIC_READ_AHEAD] = { "requests_read_ahead_total",
	    "Requests whose key was read while they waited, with others.",
	    false },
	[METRIC_DATABASE_RETRIES] = { "database_retries_total",
	    "Statements run again after a lost connection.", false },
	[METRIC_DATABASE_CONNECTS] = { "database_connects_total",
	    "Connections made to the database.", false },
	[METRIC_DATABASE_RECONNECTS] = { "database_reconnects_total",
	    "Connections made after one was lost or refused.", false },
	[METRIC_TRANSACTION_RETRIES] = { "transaction_retries_total",
	    "Transactions run again after a deadlock and the like.", false },
	[METRIC_CACHE_HITS] = { "cache_hits_total",
	    "Answers that the lane's workers had kept.", false },
	[METRIC_CACHE_MISSES] = { "cache_misses_total",
	    "Answers that had to be made.", false },
	[METRIC_CATALOGUE_HITS] = { "catalogue_hits_total",
	    "Implementations that the checks of a write needed and a worker "
	    "had kept.",
	    false },
	[METRIC_CATALOGUE_MISSES] = { "catalogue_misses_total",
	    "Implementations that had to be asked for.", false },
	[METRIC_FRAGMENT_HITS] = { "fragment_hits_total",
	    "Parts of answers that the workers had kept.", false },
	[METRIC_FRAGMENT_MISSES] = { "fragment_misses_total",
	    "Parts of answers that had to be made.", false },
	[METRIC_DROPPED] = { "requests_dropped_total",
	    "Requests that arrived broken or too slowly and were not served.",
	    false },
	[METRIC_REUSED] = { "connections_reused_total",
	    "Requests on a connection that was kept.", false },
	[METRIC_HANDED_OVER] = { "connections_handed_over_total",
	    "Connections that a refusing worker took and another answered.",
	    false },
};
_Static_assert(N_ELEMENTS(counters) == METRIC__MAX, "one row a counter");

static const struct {
	const char *name;
	const char *help;
} lane_counters[] = {
	[LANE_METRIC_RESTARTED] = { "worker_restarts_total",
	    "Workers that died and were replaced." },
	[LANE_METRIC_RECYCLED] = { "worker_recycles_total",
	    "Workers that left by themselves, as after max_requests." },
	[LANE_METRIC_KILLED] = { "worker_kills_total",
	    "Workers killed because a request or their leaving outlived its "
	    "time." },
};
_Static_assert(
    N_ELEMENTS(lane_counters) == LANE_METRIC__MAX, "one row a counter");

static const char *const removed_tables[] = {
	[REMOVED_ANSWERS] = "idempotency_keys",
	[REMOVED_AUDIT] = "audit_events",
	[REMOVED_TESTS] = "connector_tests",
};
_Static_assert(N_ELEMENTS(removed_tables) == REMOVED__MAX, "one name a table");

/* Upper ends in microseconds, and as the label says them in seconds. */
static const struct {
	uint64_t microseconds;
	const char *label;
} buckets[] = {
	{ 500, "0.0005" },
	{ 1000, "0.001" },
	{ 2500, "0.0025" },
	{ 5000, "0.005" },
	{ 10000, "0.01" },
	{ 25000, "0.025" },
	{ 50000, "0.05" },
	{ 100000, "0.1" },
	{ 250000, "0.25" },
	{ 500000, "0.5" },
	{ 1000000, "1" },
	{ 2500000, "2.5" },
	{ 5000000, "5" },
	{ 10000000, "10" },
	{ 20000000, "20" },
};
_Static_assert(N_ELEMENTS(buckets) == METRICS_BUCKETS, "one row a bucket");

static void
add(atomic_uint_fast64_t *counter, uint64_t n)
{
	if (n > 0)
		atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t
get(const atomic_uint_fast64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

/* Routes, and one for what no route was found for. */
static size_t
count_routes(void)
{
	size_t n;

	route_table(&n);
	return n + 1;
}

static const char *
route_name(size_t route)
{
	size_t n;
	const struct route *table = route_table(&n);

	return route < n ? table[route].name : "none";
}

/* A name that is no route's counts as "none", the last. */
static size_t
find_route(const char *name)
{
	size_t n, i = 0;
	const struct route *table = route_table(&n);

	while (i < n && (name == NULL || strcmp(name, table[i].name) != 0))
		i++;
	return i;
}

static const char *
outcome_name(size_t outcome)
{
	return outcome < REASON__MAX ? reason_row((enum reason)outcome)->word
				     : "ok";
}

void
metrics_count(struct metrics *metrics, enum metric metric, uint64_t n)
{
	add(&metrics->counters[metric], n);
}

void
metrics_count_lane(
    struct metrics *metrics, enum lane_metric metric, enum lane lane)
{
	add(&metrics->lanes[metric][lane], 1);
}

void
metrics_count_removed(struct metrics *metrics, enum removed table, uint64_t n)
{
	add(&metrics->removed[table], n);
}

void
metrics_count_test(struct metrics *metrics, const char *reason)
{
	size_t i = reason == NULL ? REASON__MAX : 0;

	while (i < REASON__MAX && strcmp(reason, outcome_name(i)) != 0)
		i++;
	if (reason != NULL && i == REASON__MAX)
		i = REASON_FAILED;
	add(&metrics->tests[i], 1);
}

void
metrics_count_request(struct metrics *metrics, const char *route, int status,
    uint64_t microseconds)
{
	size_t r = find_route(route), bucket = 0;

	while (bucket < METRICS_BUCKETS &&
	       microseconds > buckets[bucket].microseconds)
		bucket++;
	add(&metrics->requests[r][status_index(status)], 1);
	add(&metrics->buckets[r][bucket], 1);
	add(&metrics->microseconds[r], microseconds);
}

uint64_t
metrics_lane(
    const struct metrics *metrics, enum lane_metric metric, enum lane lane)
{
	return get(&metrics->lanes[metric][lane]);
}

void
metrics_head(
    struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# HELP connectors_%s %s\n# TYPE connectors_%s %s\n",
	    name, help, name, type);
}

/* Inside quotes: backslash, quote and line feed are escaped. */
static void
put_value_of_label(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			buf_add_text(b, "\\n");
			continue;
		}
		if (*text == '\\' || *text == '"')
			buf_add_char(b, '\\');
		buf_add_char(b, *text);
	}
}

static void
put_name(struct buf *b, const char *name, const struct metrics_label *labels,
    size_t n_labels)
{
	buf_printf(b, "connectors_%s", name);
	for (size_t i = 0; i < n_labels; i++) {
		buf_printf(b, "%c%s=\"", i == 0 ? '{' : ',', labels[i].name);
		put_value_of_label(b, labels[i].value);
		buf_add_char(b, '"');
	}
	buf_add_text(b, n_labels == 0 ? " " : "} ");
}

void
metrics_integer(struct buf *b, const char *name,
    const struct metrics_label *labels, size_t n_labels, uint64_t value)
{
	put_name(b, name, labels, n_labels);
	buf_printf(b, "%llu\n", (unsigned long long)value);
}

void
metrics_seconds(struct buf *b, const char *name,
    const struct metrics_label *labels, size_t n_labels, uint64_t microseconds)
{
	put_name(b, name, labels, n_labels);
	buf_printf(b, "%llu.%06u\n",
	    (unsigned long long)(microseconds / 1000000),
	    (unsigned)(microseconds % 1000000));
}

static void
put_counters(struct buf *b, const struct metrics *metrics)
{
	for (size_t i = 0; i < METRIC__MAX; i++) {
		const char *name = counters[i].name;
		uint64_t value = get(&metrics->counters[i]);

		metrics_head(b, name, "counter", counters[i].help);
		if (counters[i].is_time)
			metrics_seconds(b, name, NULL, 0, value);
		else
			metrics_integer(b, name, NULL, 0, value);
	}
}

static void
put_lanes(struct buf *b, const struct metrics *metrics)
{
	for (size_t i = 0; i < LANE_METRIC__MAX; i++) {
		const char *name = lane_counters[i].name;

		metrics_head(b, name, "counter", lane_counters[i].help);
		for (unsigned lane = 0; lane < LANE__MAX; lane++) {
			struct metrics_label label = { "lane",
				lane_name((enum lane)lane) };

			metrics_integer(
			    b, name, &label, 1, get(&metrics->lanes[i][lane]));
		}
	}
}

/* All outcomes, also those that never happened, so that an alert on one has its
 * series from the start. */
static void
put_tests(struct buf *b, const struct metrics *metrics)
{
	metrics_head(b, "tests_total", "counter",
	    "Connector tests by outcome: ok, or the reason.");
	for (size_t i = METRICS_OUTCOMES; i-- > 0;) {
		struct metrics_label label = { "outcome", outcome_name(i) };

		metrics_integer(
		    b, "tests_total", &label, 1, get(&metrics->tests[i]));
	}
}

static void
put_removed(struct buf *b, const struct metrics *metrics)
{
	static const char name[] = "rows_removed_total";

	metrics_head(b, name, "counter",
	    "Rows removed because they were older than they are kept.");
	for (size_t i = 0; i < REMOVED__MAX; i++) {
		struct metrics_label label = { "table", removed_tables[i] };

		metrics_integer(b, name, &label, 1, get(&metrics->removed[i]));
	}
}

/* out has room for the digits of an int and a NUL. */
static const char *
status_name(size_t index, char out[12])
{
	if (index == STATUS_COUNT)
		return "other";
	snprintf(out, 12, "%d", status_at(index));
	return out;
}

static void
put_requests(struct buf *b, const struct metrics *metrics)
{
	char status[12];

	metrics_head(
	    b, "requests_total", "counter", "Requests by route and status.");
	for (size_t r = 0; r < count_routes(); r++)
		for (size_t s = 0; s < METRICS_STATUSES; s++) {
			struct metrics_label labels[] = { { "route",
							      route_name(r) },
				{ "status", status_name(s, status) } };
			uint64_t n = get(&metrics->requests[r][s]);

			if (n > 0)
				metrics_integer(
				    b, "requests_total", labels, 2, n);
		}
}

static void
put_histogram(struct buf *b, const struct metrics *metrics, size_t r)
{
	struct metrics_label labels[] = { { "route", route_name(r) },
		{ "le", NULL } };
	uint64_t sum = 0;

	for (size_t i = 0; i <= METRICS_BUCKETS; i++) {
		sum += get(&metrics->buckets[r][i]);
		labels[1].value =
		    i == METRICS_BUCKETS ? "+Inf" : buckets[i].label;
		metrics_integer(
		    b, "request_duration_seconds_bucket", labels, 2, sum);
	}
	metrics_seconds(b, "request_duration_seconds_sum", labels, 1,
	    get(&metrics->microseconds[r]));
	metrics_integer(b, "request_duration_seconds_count", labels, 1, sum);
}

void
metrics_write(struct buf *b, const struct metrics *metrics)
{
	put_requests(b, metrics);
	metrics_head(b, "request_duration_seconds", "histogram",
	    "Time from a complete request to its answer.");
	for (size_t r = 0; r < count_routes(); r++)
		put_histogram(b, metrics, r);
	put_counters(b, metrics);
	put_tests(b, metrics);
	put_removed(b, metrics);
	put_lanes(b, metrics);
}
