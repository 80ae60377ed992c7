/*
 * A write's transaction: runs and reruns, and answers that are kept while it is
 * not known whether they hold. What follows a run is decided in outcome.c.
 */
#include <config.h>

#include "api/transaction.h"

#include "api/audit.h"
#include "api/data_version.h"
#include "api/implementation_cache.h"
#include "api/outcome.h"
#include "base/time.h"
#include "db/db.h"
#include "secret/secret.h"

#define PAUSE_MIN_MS 2u /* before a transaction is run again */
#define PAUSE_MAX_MS 200u
#define BEHIND_MAX   8u  /* runs on a member that is behind others */
#define ASK_AGAIN_MS 50u /* when it cannot be told whether COMMIT was done */

/* Everything as it was before the first run. */
static void
reset(struct transaction *t)
{
	struct call *call = t->call;

	buf_reset(call->response->body);
	call->response->n_headers = 0;
	call->response->status = 200;
	call->problem = (struct problem){ .arena = call->arena };
	t->current |= t->run.behind;
	t->run = (struct run){ 0 };
}

/* A random pause, longer each time, so that rivals do not meet again. */
static void
pause_before(struct db *db, unsigned try)
{
	unsigned most = PAUSE_MIN_MS << (try < 7 ? try : 7);
	unsigned char random;

	if (most > PAUSE_MAX_MS)
		most = PAUSE_MAX_MS;
	secret_random(&random, sizeof(random));
	db_pause(db, most * 1000 / 256 * (random + 1));
}

static const struct kept_answer *
keep_answer(const struct transaction *t, enum error error,
    const struct kept_answer *earlier)
{
	struct arena *arena = t->call->arena;
	const struct response *response = t->call->response;
	struct kept_answer *kept = ARENA_NEW(arena, struct kept_answer, 1);

	*kept = (struct kept_answer){ .earlier = earlier,
		.connector_id = t->run.connector_id,
		.error = error,
		.problem = t->call->problem,
		.response = *response,
		.body = arena_copy(arena, buf_str(response->body)) };
	return kept;
}

static enum error
give_kept_answer(struct call *call, const struct kept_answer *kept)
{
	struct response *response = call->response;
	unsigned reruns = response->reruns;

	*response = kept->response;
	response->reruns = reruns;
	buf_reset(response->body);
	buf_add_str(response->body, kept->body);
	call->problem = kept->problem;
	return kept->error;
}

/* What a handler does, up to COMMIT. A problem with the input is an answer too
 * when an Idempotency-Key keeps it. */
static enum error
run_steps(struct transaction *t, transaction_steps *steps, void *context)
{
	struct call *call = t->call;
	enum error error = steps(t, context);

	/* Last, since writes of a company wait for each other from here on. */
	if (error == OK && !t->run.key.replayed)
		error = data_version_raise(call->service->db, call->arena,
		    call->principal.company_id, t->run.added, &call->problem);
	if (error == ERROR_INVALID && t->run.key.taken)
		TRY(idempotency_end(call, &t->run.key, error));
	return error;
}

/* From BEGIN to COMMIT or ROLLBACK. */
static struct run_end
run_once(struct transaction *t, transaction_steps *steps, void *context)
{
	struct db *db = t->call->service->db;
	struct problem *problem = &t->call->problem;
	struct run_end end = { 0 };

	end.error = (t->current ? db_begin_current : db_begin)(db, problem);
	if (end.error == OK)
		end.error = run_steps(t, steps, context);
	end.key_taken = t->run.key.taken;
	end.replayed = t->run.key.replayed;
	end.behind = t->run.behind;
	if (outcome_commits(&end)) {
		end.commit = db_commit(db, problem);
		end.retry = db_should_retry(db);
		end.commit_unknown = db_commit_unknown(db);
	} else {
		end.retry = db_should_retry(db);
		db_rollback(db);
	}
	return end;
}

/*
 * Whether a run was committed: the audit row, written inside the transaction,
 * tells. Asked until there is an answer or no time; then it is a 503, for the
 * client has to look.
 */
static enum error
ask(struct transaction *t, bool *ret_done, int64_t *ret_connector_id)
{
	struct call *call = t->call;
	enum error error;

	do {
		call->problem = (struct problem){ .arena = call->arena };
		error = audit_find(call, t->token, ret_done, ret_connector_id);
	} while (error == ERROR_UNAVAILABLE &&
		 db_pause(call->service->db, ASK_AGAIN_MS * 1000));
	if (error == OK)
		return OK;
	return problem_log(&call->problem, ERROR_UNAVAILABLE,
	    "whether COMMIT was done is not known: %.*s",
	    STR_FMT(call->problem.log));
}

/* After OUTCOME_ASK; *error becomes that of the answer. */
static enum outcome
settle(struct transaction *t, const struct run_end *end,
    const struct kept_answer *unsure, enum error *error)
{
	struct problem problem = t->call->problem;
	int64_t connector_id = 0;
	bool done = false;
	enum error asked = ask(t, &done, &connector_id);
	enum outcome outcome = outcome_when_asked(end, asked, done);

	if (outcome == OUTCOME_UNKNOWN)
		*error = asked;
	else if (outcome == OUTCOME_KEPT)
		*error = give_kept_answer(
		    t->call, outcome_kept(unsure, connector_id));
	else
		t->call->problem = problem;
	return outcome;
}

/* One run, and what follows it. *unsure: answers of runs that may be done. */
static enum outcome
run(struct transaction *t, transaction_steps *steps, void *context,
    const struct kept_answer **unsure, enum error *ret)
{
	const struct service *service = t->call->service;
	struct run_end end = run_once(t, steps, context);
	enum outcome outcome;

	if (end.commit_unknown)
		*unsure = keep_answer(t, end.error, *unsure);
	if (db_reference_failed(service->db))
		implementation_cache_doubt(service->implementations);
	*ret = outcome_error(&end);
	outcome = outcome_of_run(&end, *unsure != NULL);
	if (outcome == OUTCOME_ASK)
		outcome = settle(t, &end, *unsure, ret);
	return outcome;
}

enum error
transaction_run(struct call *call, transaction_steps *steps, void *context)
{
	struct transaction t = { .call = call,
		.token = secret_random_hex(call->arena) };
	uint64_t until = time_monotonic() +
			 call->service->limits->transaction_ms * UINT64_C(1000);
	const struct kept_answer *unsure = NULL;
	enum error error;

	for (unsigned try = 1;; try++) {
		reset(&t);
		if (run(&t, steps, context, &unsure, &error) != OUTCOME_AGAIN ||
		    time_monotonic() >= until ||
		    (t.run.behind && try >= BEHIND_MAX))
			return error;
		t.again = true;
		call->response->reruns++;
		pause_before(call->service->db, try);
	}
}
