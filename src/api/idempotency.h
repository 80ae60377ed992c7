/*
 * Idempotency-Key: the first answer to a key is kept and given again.
 *
 * The row of a key is written in the transaction of the write itself, so key
 * and effect are there together or not at all, on every worker and after every
 * crash.
 */
#ifndef API_IDEMPOTENCY_H
#define API_IDEMPOTENCY_H

#include "api/call.h"

/* What one run of a transaction has to do with the request's key. */
struct idempotency {
	bool taken; /* the key is this transaction's, which keeps its answer */
	bool replayed; /* the answer is the one that was kept */
};

/*
 * Looks the key up, or takes it for this transaction; a request without one is
 * OK and leaves both false. With ret->replayed the response is set.
 * again: it is a rerun, which waits for an earlier run of its own.
 * ERROR_BAD_REQUEST (no such key can be), ERROR_INVALID (it was used with
 * another body or query), ERROR_CONFLICT (its first request still runs).
 */
enum error idempotency_begin(
    struct call *, bool again, struct idempotency *ret);

/* Keeps the answer with the key, if the transaction took one: the response, or
 * an error with its problem. */
enum error idempotency_end(
    struct call *, const struct idempotency *, enum error);

#endif
