/*
 * What a pool has done, counted in the memory that its processes share.
 *
 * Counters only go up and belong to the pool: they survive the end of a worker,
 * and any process can write those of all. The text is Prometheus' format 0.0.4.
 */
#ifndef STATS_METRICS_H
#define STATS_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "api/route.h"
#include "base/buf.h"
#include "base/error.h"
#include "config/settings.h"
#include "probe/reason.h"

/* Room for all routes, and one for what no route was found for. */
#define METRICS_ROUTES (ROUTES_MAX + 1)
/* Statuses, and one for any other. */
#define METRICS_STATUSES (STATUS_COUNT + 1)
#define METRICS_BUCKETS  15
/* Reasons of a failed test, and one for those that passed. */
#define METRICS_OUTCOMES (REASON__MAX + 1)

/* Counters without labels, in the order of the table in stats/metrics.c. */
enum metric {
	METRIC_STATEMENTS,
	METRIC_READ_AHEAD,
	METRIC_DATABASE_MICROSECONDS,
	METRIC_DATABASE_RETRIES,
	METRIC_DATABASE_CONNECTS,
	METRIC_DATABASE_RECONNECTS,
	METRIC_TRANSACTION_RETRIES,
	METRIC_CACHE_HITS,
	METRIC_CACHE_MISSES,
	METRIC_CATALOGUE_HITS,
	METRIC_CATALOGUE_MISSES,
	METRIC_FRAGMENT_HITS,
	METRIC_FRAGMENT_MISSES,
	METRIC_DROPPED,
	METRIC_REUSED,
	METRIC_HANDED_OVER,
	METRIC__MAX
};

/* Tables that rows are removed from when they are old, see pool/tidy.c. */
enum removed {
	REMOVED_ANSWERS,
	REMOVED_AUDIT,
	REMOVED_TESTS,
	REMOVED__MAX
};

/* Counters of each lane. */
enum lane_metric {
	LANE_METRIC_RESTARTED,
	LANE_METRIC_RECYCLED,
	LANE_METRIC_KILLED,
	LANE_METRIC__MAX
};

struct metrics {
	atomic_uint_fast64_t counters[METRIC__MAX];
	atomic_uint_fast64_t lanes[LANE_METRIC__MAX][LANE__MAX];
	atomic_uint_fast64_t tests[METRICS_OUTCOMES];
	atomic_uint_fast64_t removed[REMOVED__MAX];
	atomic_uint_fast64_t requests[METRICS_ROUTES][METRICS_STATUSES];
	/* Not cumulative here; the last bucket has what is slower than the
	 * others. */
	atomic_uint_fast64_t buckets[METRICS_ROUTES][METRICS_BUCKETS + 1];
	atomic_uint_fast64_t microseconds[METRICS_ROUTES];
};

void metrics_count(struct metrics *, enum metric, uint64_t n);

void metrics_count_lane(struct metrics *, enum lane_metric, enum lane);

/* Old rows that were removed. */
void metrics_count_removed(struct metrics *, enum removed, uint64_t n);

/* A test that ran; reason NULL: it passed. */
void metrics_count_test(struct metrics *, const char *reason);

/* One answered request; route NULL or unknown counts as "none". */
void metrics_count_request(
    struct metrics *, const char *route, int status, uint64_t microseconds);

/* The counter of a lane. */
uint64_t metrics_lane(const struct metrics *, enum lane_metric, enum lane);

/* Appends all of it. */
void metrics_write(struct buf *, const struct metrics *);

/* The parts that a metric of another module is written with. */
struct metrics_label {
	const char *name;
	const char *value; /* any text */
};

/* Appends "# HELP" and "# TYPE"; name is without "connectors_". */
void metrics_head(
    struct buf *, const char *name, const char *type, const char *help);

/* Appends one line: the name, its labels, the value. */
void metrics_integer(struct buf *, const char *name,
    const struct metrics_label *, size_t n_labels, uint64_t value);
void metrics_seconds(struct buf *, const char *name,
    const struct metrics_label *, size_t n_labels, uint64_t microseconds);

#endif
