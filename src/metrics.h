/*
 * What a pool has done, counted in the memory that its processes share.
 *
 * Counters only go up and belong to the pool, so a worker's end loses nothing
 * and any process can tell for all. Written in Prometheus' text format 0.0.4.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/route.h"

/* Actions, and one for what no route was found for. */
#define METRICS_ROUTES   (ACTION__MAX + 1)
#define METRICS_STATUSES 20 /* at least as many as there are, see metrics.c */
#define METRICS_BUCKETS  12

/* Counters without labels, in the order of the table in metrics.c. */
enum metric {
	METRIC_STATEMENTS,
	METRIC_DATABASE_MICROSECONDS,
	METRIC_DATABASE_RETRIES,
	METRIC_DATABASE_CONNECTS,
	METRIC_CACHE_HITS,
	METRIC_CACHE_MISSES,
	METRIC_TESTS_PASSED,
	METRIC_TESTS_FAILED,
	METRIC_DROPPED,
	METRIC_RESTARTED,
	METRIC_KILLED,
	METRIC__MAX
};

struct metrics {
	atomic_uint_fast64_t counters[METRIC__MAX];
	atomic_uint_fast64_t requests[METRICS_ROUTES][METRICS_STATUSES];
	/* Not cumulative here; the last one is what is slower than all. */
	atomic_uint_fast64_t buckets[METRICS_ROUTES][METRICS_BUCKETS + 1];
	atomic_uint_fast64_t microseconds[METRICS_ROUTES];
};

void metrics_count(struct metrics *, enum metric, uint64_t n);

/* One answered request; route NULL or unknown counts as "none". */
void metrics_request(
    struct metrics *, const char *route, int status, uint64_t microseconds);

/* Appends all of it. */
void metrics_write(struct buf *, struct metrics *);

/* Appends "# HELP" and "# TYPE" of a metric. */
void metrics_head(
    struct buf *, const char *name, const char *type, const char *help);

#endif
