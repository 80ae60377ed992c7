/*
 * Where a test of the web goes: which URLs of the implementation, in which
 * order. Pure.
 */
#ifndef PROBE_DESTINATION_H
#define PROBE_DESTINATION_H

#include "probe/auth.h"

struct destination {
	const char *name; /* of the column: "url" or "test_url" */
	struct str url;   /* its template */
};

/* The URLs that a test of this type goes to, in order; those that are empty
 * are left out. Returns how many (at most two). */
size_t destinations_of(const struct auth_type *, const struct probe_target *,
    struct destination ret[2]);

#endif
