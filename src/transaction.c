/*
 * A write's transaction: run, run again when the database asks for it, and find
 * out what happened when the answer to COMMIT is lost.
 */
#include <config.h>

#include "catalogue.h"
#include "db/db.h"
#include "secret/secret.h"
#include "write.h"

#define CHANGED_MAX  (1u << 20) /* bytes of the names in an audit row */
#define PAUSE_MIN_MS 2u         /* before a transaction is run again */
#define PAUSE_MAX_MS 50u
#define ASK_AGAIN_MS 50u /* when it cannot be told whether COMMIT was done */

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
}

/* A random pause, longer each time, so that rivals do not meet again. */
static void
pause_before(struct db *db, unsigned try)
{
	unsigned most = PAUSE_MIN_MS << (try < 5 ? try : 5);
	unsigned char random;

	if (most > PAUSE_MAX_MS)
		most = PAUSE_MAX_MS;
	secret_random(&random, sizeof(random));
	db_pause(db, most * 1000 / 256 * (random + 1));
}

/*
 * The answer to COMMIT was lost: the audit row, written inside the
 * transaction, tells. *ret_again is true when nothing was written. The error is
 * that of COMMIT when there was no time to find out.
 */
static enum error
find_outcome(struct write *w, enum error committed, bool *ret_again)
{
	struct problem *problem = &w->call->problem;
	bool done = false;
	enum error error;

	do
		error = write_was_committed(w, &done);
	while (error == ERROR_UNAVAILABLE &&
	       db_pause(w->call->service->db, ASK_AGAIN_MS * 1000));
	if (error != OK)
		return problem_log(problem, committed,
		    "whether COMMIT was done is not known: %.*s",
		    STR_FMT(problem->log));
	*ret_again = !done;
	return done ? OK : committed;
}

/* One run of what a handler does inside its transaction. A problem with the
 * input is an answer too when a key keeps it. */
static enum error
run_once(struct write *w, enum error (*step)(struct write *), bool *ret_again)
{
	struct db *db = w->call->service->db;
	struct problem *problem = &w->call->problem;
	enum error error, kept, committed;

	*ret_again = false;
	error = db_begin(db, problem);
	if (error == OK)
		error = step(w);
	if (error == OK && !w->replayed)
		error = write_raise_version(w);
	kept = error == ERROR_INVALID && w->keyed ? idempotency_end(w, error)
						  : error;
	if (kept != OK) {
		*ret_again = db_should_retry(db) && kept != ERROR_INVALID;
		db_rollback(db);
		return kept;
	}
	committed = db_commit(db, problem);
	if (committed == OK)
		return error;
	if (!db_commit_unknown(db)) {
		*ret_again = db_should_retry(db);
		return committed;
	}
	TRY(find_outcome(w, committed, ret_again));
	return error;
}

enum error
write_transaction(struct write *w, enum error (*step)(struct write *))
{
	unsigned tries = w->call->service->limits->transaction_tries;
	enum error error;
	bool again;

	w->token = secret_random_hex(w->call->arena);
	buf_init(&w->changed, CHANGED_MAX);
	for (unsigned try = 1;; try++) {
		reset(w);
		error = run_once(w, step, &again);
		if (db_reference_failed(w->call->service->db))
			catalogue_doubt(w->call->service->catalogue);
		if (!again || try >= tries)
			break;
		w->again = true;
		w->call->response->reruns++;
		pause_before(w->call->service->db, try);
	}
	buf_done(&w->changed);
	return error;
}
