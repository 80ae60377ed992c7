/*
 * Measuring a request: its share of the pool's measures and its line in the
 * log.
 */
#include <config.h>

#include "pool/worker_cost.h"

#include "base/log.h"
#include "base/time.h"
#include "http/response.h"
#include "pool/worker.h"

struct cost
cost_begin(const struct service *service, uint64_t begun)
{
	return (struct cost){ .begun = begun,
		.database = db_counters(service->db),
		.cache = answer_cache_counters(service->cache),
		.fragments = answer_cache_counters(service->fragments),
		.implementations =
		    implementation_cache_counters(service->implementations),
		.ahead = ahead_count(service->ahead) };
}

/* What was counted since. */
static struct answer_cache_counters
counted_since(const struct answer_cache *cache,
    const struct answer_cache_counters *before)
{
	struct answer_cache_counters now = answer_cache_counters(cache);

	return (struct answer_cache_counters){ .hits = now.hits - before->hits,
		.misses = now.misses - before->misses,
		.abandoned = now.abandoned - before->abandoned,
		.damaged = now.damaged - before->damaged };
}

void
cost_end(const struct service *service, struct cost *cost)
{
	struct db_counters db = db_counters(service->db);
	struct implementation_cache_counters implementations =
	    implementation_cache_counters(service->implementations);

	cost->ended = time_monotonic();
	cost->database = (struct db_counters){
		.statements = db.statements - cost->database.statements,
		.connects = db.connects - cost->database.connects,
		.reconnects = db.reconnects - cost->database.reconnects,
		.retries = db.retries - cost->database.retries,
		.microseconds = db.microseconds - cost->database.microseconds
	};
	cost->ahead = ahead_count(service->ahead) - cost->ahead;
	cost->cache = counted_since(service->cache, &cost->cache);
	cost->fragments = counted_since(service->fragments, &cost->fragments);
	cost->implementations = (struct implementation_cache_counters){
		.hits = implementations.hits - cost->implementations.hits,
		.misses = implementations.misses - cost->implementations.misses
	};
}

static void
log_emptied(const char *what, const struct answer_cache_counters *cost)
{
	if (cost->abandoned > 0)
		log_line(LEVEL_WARNING,
		    "the cache of %s was emptied: a worker had died at work "
		    "in it",
		    what);
	if (cost->damaged > 0)
		log_line(LEVEL_ERROR,
		    "the cache of %s was emptied: something in it was not "
		    "what had been written",
		    what);
}

void
cost_count(const struct worker_setup *setup, const struct cost *cost)
{
	struct metrics *m = &setup->scoreboard->metrics;

	metrics_count(m, METRIC_STATEMENTS, cost->database.statements);
	metrics_count(m, METRIC_READ_AHEAD, cost->ahead);
	metrics_count(
	    m, METRIC_DATABASE_MICROSECONDS, cost->database.microseconds);
	metrics_count(m, METRIC_DATABASE_RETRIES, cost->database.retries);
	metrics_count(m, METRIC_DATABASE_CONNECTS, cost->database.connects);
	metrics_count(m, METRIC_DATABASE_RECONNECTS, cost->database.reconnects);
	metrics_count(m, METRIC_CACHE_HITS, cost->cache.hits);
	metrics_count(m, METRIC_CACHE_MISSES, cost->cache.misses);
	metrics_count(m, METRIC_FRAGMENT_HITS, cost->fragments.hits);
	metrics_count(m, METRIC_FRAGMENT_MISSES, cost->fragments.misses);
	metrics_count(m, METRIC_CATALOGUE_HITS, cost->implementations.hits);
	metrics_count(m, METRIC_CATALOGUE_MISSES, cost->implementations.misses);
	log_emptied("answers", &cost->cache);
	log_emptied("parts of answers", &cost->fragments);
}

static void
count_answer(const struct worker_setup *setup, const struct response *response,
    const struct cost *cost)
{
	struct metrics *m = &setup->scoreboard->metrics;

	if (setup->lane == LANE_ADMIN)
		return;
	metrics_count_request(
	    m, response->route, response->status, cost->ended - cost->begun);
	metrics_count(m, METRIC_TRANSACTION_RETRIES, response->reruns);
	if (response->tested)
		metrics_count_test(m, response->test_reason);
}

/* Where the time of a slow request went. */
static void
add_stages(struct log_request *line, const struct response *response,
    const struct cost *cost)
{
	const struct log_stage known[] = {
		{ "queue", line->queued },
		{ "database", line->database },
		{ "far_side", line->remote_wait },
		{ "encoding", response->encoding },
		{ "sending", cost->ended - cost->served },
	};
	uint64_t rest = line->queued + line->duration;

	for (size_t i = 0; i < N_ELEMENTS(known); i++) {
		if (known[i].microseconds == 0)
			continue;
		line->stages[line->n_stages++] = known[i];
		rest -=
		    known[i].microseconds < rest ? known[i].microseconds : rest;
	}
	line->stages[line->n_stages++] = (struct log_stage){ "other", rest };
}

static void
log_answer(const struct worker_setup *setup, const struct request *request,
    const struct response *response, const struct cost *cost, bool sent)
{
	uint64_t slow = (uint64_t)setup->config->slow_request * 1000;
	struct log_request line = { .id = request->id,
		.method = request->method_text,
		.lane = lane_name(setup->lane),
		.route = response->route,
		.status = response->status,
		.bytes = response->no_body ? 0 : response->body->len,
		.queued = request->queued,
		.duration = cost->ended - cost->begun,
		.database = cost->database.microseconds,
		.remote_wait = response->remote_wait,
		.statements = cost->database.statements,
		.key_id = response->key_id,
		.company_id = response->company_id,
		.remote = request->remote_addr,
		.error = response->log,
		.warning = response->warning,
		.unsent = !sent };

	line.slow = slow > 0 && line.queued + line.duration >= slow;
	add_stages(&line, response, cost);
	log_request(&line);
}

void
cost_report(const struct worker_setup *setup, const struct request *request,
    const struct response *response, const struct cost *cost, bool sent)
{
	cost_count(setup, cost);
	count_answer(setup, response, cost);
	log_answer(setup, request, response, cost, sent);
}
