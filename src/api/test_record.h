/*
 * A test of a connector in the database: the row while it runs, the row
 * afterwards, a refresh token that was exchanged. Included by
 * api/test_handler.c and test*.c only.
 */
#ifndef API_TEST_RECORD_H
#define API_TEST_RECORD_H

#include "api/write.h"
#include "probe/probe.h"

struct test {
	struct write write;
	uint64_t begun;            /* monotonic microseconds */
	int64_t id;                /* of the row in connector_tests */
	const struct value *cells; /* the connector and its implementation */
	/* That implementation; 0: none that the company may see. */
	int64_t implementation_id;
	int64_t implementation_company; /* its system's; 0: everybody's */
	struct variables items;         /* the connector's own variables */
	bool gone; /* the connector was deleted while the test ran */
	struct probe_target target;
	struct probe_result result;
};

/* Runs a statement of ours and reads its rows. */
enum error test_query(struct test *, struct str text,
    const struct value *params, size_t n, struct rows *ret);

/* Makes the row; ERROR_TOO_MANY when the company's tests are too many. */
enum error test_begin(struct test *);

/* Waits until no earlier test of the connector runs: two must not use one
 * refresh token. ERROR_TOO_MANY when too little of the test's time is left. */
enum error test_wait_turn(struct test *);

/* What the rest of the test may cost: its time is counted from t->begun. */
struct probe_settings test_settings(const struct test *);

/* Writes the result into the row, and the refresh token that the remote side
 * gave in exchange; inside the caller's transaction. Sets t->gone. */
enum error test_store(struct test *);

/* In api/test_token.c: the second half of that, with the connector locked. */
enum error test_store_token(struct test *);

/* Takes the row of a test that did not happen away again. */
void test_forget(struct test *);

#endif
