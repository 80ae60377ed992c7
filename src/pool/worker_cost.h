/*
 * What one request costs, measured around it. For pool/worker.c only.
 */
#ifndef POOL_WORKER_COST_H
#define POOL_WORKER_COST_H

#include <stdbool.h>
#include <stdint.h>

#include "api/ahead.h"
#include "api/answer_cache.h"
#include "api/implementation_cache.h"
#include "api/serve.h"
#include "db/db.h"
#include "http/request.h"

struct worker_setup;

/* Times are monotonic microseconds. */
struct cost {
	uint64_t begun;
	uint64_t served; /* when the answer was made */
	uint64_t ended;
	struct db_counters database;            /* before it, then its share */
	struct answer_cache_counters cache;     /* the same; no bytes */
	struct answer_cache_counters fragments; /* the same */
	struct implementation_cache_counters implementations;
	uint64_t ahead; /* requests that found what was read ahead; likewise */
};

/* Before a request that was taken at begun, and after its answer. */
struct cost cost_begin(const struct service *, uint64_t begun);
void cost_end(const struct service *, struct cost *);

/* Adds a cost to the measures of the pool: of what was done beside a request.
 */
void cost_count(const struct worker_setup *, const struct cost *);

/* Adds a request's cost to the measures of the pool and logs its line. sent:
 * the web server took the answer. */
void cost_report(const struct worker_setup *, const struct request *,
    const struct response *, const struct cost *, bool sent);

#endif
