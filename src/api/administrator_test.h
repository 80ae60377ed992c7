/*
 * The test of a connector for the administrator of the service, who has no API
 * key: by the rules of the API's own test, and recorded as that is, without a
 * key.
 */
#ifndef API_ADMINISTRATOR_TEST_H
#define API_ADMINISTRATOR_TEST_H

#include "base/arena.h"
#include "base/error.h"
#include "probe/probe.h"

struct db;
struct keyring;
struct serve_limits;

/* What the test needs; all of it outlives the call. */
struct administrator {
	struct db *db;
	const struct keyring *keyring; /* NULL: none is configured */
	const struct serve_limits *limits;
	const struct probe_settings *probe;
};

/*
 * Tests a connector of any company; probe_start() has been called. The result
 * lives in the arena, *ret_warning (about data that is wrong; empty: none) as
 * well. ERROR_NOT_FOUND; ERROR_TOO_MANY: as many tests of its company run
 * already as may; else as the API's test.
 */
enum error administrator_test(const struct administrator *, struct arena *,
    int64_t connector_id, struct probe_result *ret, struct str *ret_warning,
    struct problem *reterr);

#endif
