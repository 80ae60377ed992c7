/*
 * A test of a connector in the database: the row while it runs, the row
 * afterwards, a refresh token that was exchanged.
 */
#ifndef API_CONNECTOR_TEST_RECORD_H
#define API_CONNECTOR_TEST_RECORD_H

#include "api/call.h"
#include "api/write_plan.h"
#include "probe/probe.h"

struct test {
	struct call *call;
	int64_t connector_id;
	struct str connector_name;
	uint64_t begun;            /* monotonic microseconds */
	int64_t id;                /* of the row in connector_tests */
	const struct value *cells; /* the connector and its implementation */
	/* That implementation; 0: none that the company may see. */
	int64_t implementation_id;
	int64_t implementation_company; /* its system's; 0: everybody's */
	struct variables variables;     /* the connector's own */
	bool gone; /* the connector was deleted while the test ran */
	struct probe_target target;
	struct probe_result result;
};

/* In api/connector_test.c: the whole test of the connector that the path of the
 * call names, for the call's principal; t has only its call. */
enum error test_run(struct test *);

/* Makes the row; ERROR_TOO_MANY when the company's tests are too many. */
enum error test_begin(struct test *);

/* Waits until no earlier test of the connector runs: two must not use one
 * refresh token. ERROR_TOO_MANY when too little of the test's time is left. */
enum error test_wait_turn(struct test *);

/* What the rest of the test may cost: its time is counted from t->begun. */
struct probe_settings test_settings(const struct test *);

/* Writes the result into the row, and the refresh token that the remote side
 * gave in exchange; inside the caller's transaction. Sets t->gone. *ret is what
 * was written of the connector: the token's variable, or nothing. */
enum error test_store(struct test *, struct write_plan *ret);

/* In api/connector_test_token.c: the second half of that, with the connector
 * locked. */
enum error test_store_token(struct test *, struct write_plan *ret);

/* Removes the row of a test that did not happen. */
void test_forget(struct test *);

#endif
