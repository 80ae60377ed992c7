/*
 * A write's transaction: run, run again when the database asks for it, and find
 * out what happened when the answer to COMMIT is lost.
 */
#include <config.h>

#include "api/implementation_cache.h"
#include "api/write.h"
#include "base/time.h"
#include "db/db.h"
#include "secret/secret.h"

#define CHANGED_MAX  (1u << 20) /* bytes of the names in an audit row */
#define PAUSE_MIN_MS 2u         /* before a transaction is run again */
#define PAUSE_MAX_MS 200u
#define BEHIND_MAX   8u  /* runs on a member that is behind others */
#define ASK_AGAIN_MS 50u /* when it cannot be told whether COMMIT was done */

/* The answer of a run whose COMMIT got none: that run may be done yet, and be
 * what a later run meets. */
struct unsure {
	const struct unsure *earlier; /* NULL: it was the first one */
	enum error error; /* OK, or that of an answer which a key keeps */
	int64_t connector_id;
	struct problem problem;
	struct response response;
	struct str body;
};

/* Everything as it was before the first run. */
static void
reset(struct write *w)
{
	struct call *call = w->call;

	buf_reset(call->response->body);
	call->response->n_headers = 0;
	call->response->status = 200;
	call->problem = (struct problem){ .arena = call->arena };
	buf_reset(&w->changed);
	buf_add_char(&w->changed, '[');
	w->before = NULL;
	w->keyed = false;
	w->replayed = false;
	w->current |= w->behind;
	w->behind = false;
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

static const struct unsure *
keep_answer(struct write *w, enum error error, const struct unsure *earlier)
{
	struct arena *arena = w->call->arena;
	const struct response *response = w->call->response;
	struct unsure *unsure = ARENA_NEW(arena, struct unsure, 1);

	*unsure = (struct unsure){ .earlier = earlier,
		.error = error,
		.connector_id = w->connector_id,
		.problem = w->call->problem,
		.response = *response,
		.body = arena_copy(arena, buf_str(response->body)) };
	return unsure;
}

/* Of several runs the one that was done tells by its connector. */
static enum error
give_kept_answer(
    struct write *w, const struct unsure *unsure, int64_t connector_id)
{
	struct response *response = w->call->response;
	unsigned reruns = response->reruns;

	while (unsure->connector_id != connector_id && unsure->earlier != NULL)
		unsure = unsure->earlier;
	*response = unsure->response;
	response->reruns = reruns;
	buf_reset(response->body);
	buf_add_str(response->body, unsure->body);
	w->call->problem = unsure->problem;
	w->connector_id = unsure->connector_id;
	return unsure->error;
}

/*
 * Whether the write is done: the audit row, written inside the transaction,
 * tells. Asked until there is an answer or no time; then it is a 503, for the
 * client must look itself.
 */
static enum error
find_outcome(struct write *w, bool *ret_done, int64_t *ret_connector_id)
{
	struct problem problem = { .arena = w->call->arena };
	enum error error;

	do {
		w->call->problem = problem;
		error = write_was_committed(w, ret_done, ret_connector_id);
	} while (error == ERROR_UNAVAILABLE &&
		 db_pause(w->call->service->db, ASK_AGAIN_MS * 1000));
	if (error == OK)
		return OK;
	return problem_log(&w->call->problem, ERROR_UNAVAILABLE,
	    "whether COMMIT was done is not known: %.*s",
	    STR_FMT(w->call->problem.log));
}

/* One run of what a handler does inside its transaction, up to COMMIT. A
 * problem with the input is an answer too when a key keeps it. */
static enum error
run_step(struct write *w, enum error (*step)(struct write *))
{
	enum error error = step(w);

	if (error == OK && !w->replayed)
		error = write_raise_version(w);
	if (error == ERROR_INVALID && w->keyed)
		TRY(idempotency_end(w, error));
	return error;
}

/* *ret_again: another run may do better. *unsure: this run may be done although
 * it failed. */
static enum error
run_once(struct write *w, enum error (*step)(struct write *),
    const struct unsure **unsure, bool *ret_again)
{
	struct db *db = w->call->service->db;
	enum error error, committed;

	error =
	    (w->current ? db_begin_current : db_begin)(db, &w->call->problem);
	if (error == OK)
		error = run_step(w, step);
	if (error != OK && !(error == ERROR_INVALID && w->keyed)) {
		*ret_again = w->behind ||
			     (error != ERROR_INVALID && db_should_retry(db));
		db_rollback(db);
		return error;
	}
	*ret_again = false;
	committed = db_commit(db, &w->call->problem);
	if (committed == OK)
		return error;
	*ret_again = db_should_retry(db);
	if (db_commit_unknown(db))
		*unsure = keep_answer(w, error, *unsure);
	return committed;
}

/* Whether what a run says may come of an earlier one that is done: it was
 * refused for good, or found the answer under its own key. */
static bool
is_doubtful(const struct write *w, enum error error, bool again)
{
	return db_commit_unknown(w->call->service->db) || w->replayed ||
	       (error != OK && !again);
}

/* After a run when it or an earlier one may be done: if so, gives its answer.
 */
static enum error
resolve(
    struct write *w, const struct unsure *unsure, enum error error, bool *again)
{
	struct problem problem = w->call->problem;
	int64_t connector_id = 0;
	bool done = false, again_before = *again;

	*again = false;
	TRY(find_outcome(w, &done, &connector_id));
	if (done)
		return give_kept_answer(w, unsure, connector_id);
	w->call->problem = problem;
	*again = again_before;
	return error;
}

enum error
write_transaction(struct write *w, enum error (*step)(struct write *))
{
	const struct service *service = w->call->service;
	uint64_t until =
	    time_monotonic() + service->limits->transaction_ms * UINT64_C(1000);
	const struct unsure *unsure = NULL;
	enum error error;
	bool again;

	w->token = secret_random_hex(w->call->arena);
	buf_init(&w->changed, CHANGED_MAX);
	for (unsigned try = 1;; try++) {
		reset(w);
		error = run_once(w, step, &unsure, &again);
		if (db_reference_failed(service->db))
			implementation_cache_doubt(service->implementations);
		if (unsure != NULL && is_doubtful(w, error, again))
			error = resolve(w, unsure, error, &again);
		if (!again || time_monotonic() >= until ||
		    (w->behind && try >= BEHIND_MAX))
			break;
		w->again = true;
		w->call->response->reruns++;
		pause_before(service->db, try);
	}
	buf_done(&w->changed);
	return error;
}
