/*
 * Counters and histograms of a pool, and their text.
 */
#include <config.h>

#include "metrics.h"

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
	[METRIC_DATABASE_RETRIES] = { "database_retries_total",
	    "Statements run again after a lost connection.", false },
	[METRIC_DATABASE_CONNECTS] = { "database_connects_total",
	    "Connections made to the database.", false },
	[METRIC_CACHE_HITS] = { "cache_hits_total",
	    "Answers that a worker had kept.", false },
	[METRIC_CACHE_MISSES] = { "cache_misses_total",
	    "Answers that had to be made.", false },
	[METRIC_TESTS_PASSED] = { "tests_passed_total",
	    "Connector tests that passed.", false },
	[METRIC_TESTS_FAILED] = { "tests_failed_total",
	    "Connector tests that failed.", false },
	[METRIC_DROPPED] = { "requests_dropped_total",
	    "Requests that arrived broken and were not served.", false },
	[METRIC_RESTARTED] = { "worker_restarts_total",
	    "Workers that died and were replaced.", false },
	[METRIC_KILLED] = { "worker_kills_total",
	    "Workers killed because a request outlived its time.", false },
};
_Static_assert(N_ELEMENTS(counters) == METRIC__MAX, "one row a counter");

/* All that error.c and the handlers answer; the last one is any other. */
static const int statuses[] = { 200, 204, 304, 400, 401, 403, 404, 405, 409,
	412, 413, 415, 422, 429, 500, 503, 0 };
_Static_assert(N_ELEMENTS(statuses) <= METRICS_STATUSES, "room for all");

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
	{ 500000, "0.5" },
	{ 1000000, "1" },
	{ 5000000, "5" },
	{ 20000000, "20" },
};
_Static_assert(N_ELEMENTS(buckets) == METRICS_BUCKETS, "one row a bucket");

static const char *
route_name(size_t route)
{
	return route < ACTION__MAX ? route_action_name((enum action)route)
				   : "none";
}

static size_t
find_route(const char *name)
{
	for (size_t i = 0; name != NULL && i < ACTION__MAX; i++)
		if (strcmp(name, route_name(i)) == 0)
			return i;
	return ACTION__MAX;
}

static size_t
find_status(int status)
{
	size_t i = 0;

	while (statuses[i] != 0 && statuses[i] != status)
		i++;
	return i;
}

void
metrics_count(struct metrics *metrics, enum metric metric, uint64_t n)
{
	atomic_fetch_add_explicit(
	    &metrics->counters[metric], n, memory_order_relaxed);
}

void
metrics_request(struct metrics *metrics, const char *route, int status,
    uint64_t microseconds)
{
	size_t r = find_route(route), bucket = 0;

	while (bucket < METRICS_BUCKETS &&
	       microseconds > buckets[bucket].microseconds)
		bucket++;
	atomic_fetch_add_explicit(&metrics->requests[r][find_status(status)], 1,
	    memory_order_relaxed);
	atomic_fetch_add_explicit(
	    &metrics->buckets[r][bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(
	    &metrics->microseconds[r], microseconds, memory_order_relaxed);
}

void
metrics_head(
    struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# HELP connectors_%s %s\n# TYPE connectors_%s %s\n",
	    name, help, name, type);
}

static void
put_counter(struct buf *b, size_t i, uint64_t value)
{
	metrics_head(b, counters[i].name, "counter", counters[i].help);
	if (counters[i].is_time)
		buf_printf(b, "connectors_%s %.6f\n", counters[i].name,
		    (double)value / 1e6);
	else
		buf_printf(b, "connectors_%s %llu\n", counters[i].name,
		    (unsigned long long)value);
}

static void
put_requests(struct buf *b, struct metrics *metrics)
{
	metrics_head(
	    b, "requests_total", "counter", "Requests by route and status.");
	for (size_t r = 0; r < METRICS_ROUTES; r++)
		for (size_t s = 0; s < N_ELEMENTS(statuses); s++) {
			unsigned long long n = atomic_load_explicit(
			    &metrics->requests[r][s], memory_order_relaxed);

			if (n > 0)
				buf_printf(b,
				    "connectors_requests_total{route=\"%s\","
				    "status=\"%d\"} %llu\n",
				    route_name(r), statuses[s], n);
		}
}

static void
put_histogram(struct buf *b, struct metrics *metrics, size_t r)
{
	static const char name[] = "connectors_request_duration_seconds";
	unsigned long long sum = 0;

	for (size_t i = 0; i <= METRICS_BUCKETS; i++) {
		sum += atomic_load_explicit(
		    &metrics->buckets[r][i], memory_order_relaxed);
		buf_printf(b, "%s_bucket{route=\"%s\",le=\"%s\"} %llu\n", name,
		    route_name(r),
		    i == METRICS_BUCKETS ? "+Inf" : buckets[i].label, sum);
	}
	buf_printf(b, "%s_sum{route=\"%s\"} %.6f\n", name, route_name(r),
	    (double)atomic_load_explicit(
		&metrics->microseconds[r], memory_order_relaxed) /
		1e6);
	buf_printf(
	    b, "%s_count{route=\"%s\"} %llu\n", name, route_name(r), sum);
}

void
metrics_write(struct buf *b, struct metrics *metrics)
{
	for (size_t i = 0; i < METRIC__MAX; i++)
		put_counter(b, i,
		    atomic_load_explicit(
			&metrics->counters[i], memory_order_relaxed));
	put_requests(b, metrics);
	metrics_head(b, "request_duration_seconds", "histogram",
	    "Time from a complete request to its answer.");
	for (size_t r = 0; r < METRICS_ROUTES; r++)
		put_histogram(b, metrics, r);
}
