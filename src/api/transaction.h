/*
 * The transaction of a write: run, run again when the database asks for it, and
 * settled when COMMIT got no answer.
 */
#ifndef API_TRANSACTION_H
#define API_TRANSACTION_H

#include "api/call.h"
#include "api/idempotency.h"

/* What the steps of one run leave for the transaction; zeroed before each. */
struct run {
	struct idempotency key;
	int64_t connector_id; /* in the audit row: it tells runs apart */
	int added;            /* connectors; -1: one was deleted */
	bool behind; /* the member may lack what another has committed */
};

struct transaction {
	struct call *call;
	struct str token; /* random; in the audit row of each run */
	bool again;       /* this is not the first run */
	bool current;     /* the run sees all that any member had committed */
	struct run run;
};

/* What a handler does between BEGIN and COMMIT. */
typedef enum error transaction_steps(struct transaction *, void *context);

/*
 * Runs the steps inside a transaction, again after a deadlock and the like (for
 * limits->transaction_ms); commits when they return OK. Each run begins with an
 * empty response and problem. ERROR_INVALID of a request with an
 * Idempotency-Key is committed as its answer. When the connection is lost with
 * COMMIT the database is asked what happened; ERROR_UNAVAILABLE when there is
 * no time to.
 */
enum error transaction_run(
    struct call *, transaction_steps *steps, void *context);

#endif
