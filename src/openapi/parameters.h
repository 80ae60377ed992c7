/*
 * The parameters of an operation. Part of openapi.c.
 */
#ifndef OPENAPI_PARAMETERS_H
#define OPENAPI_PARAMETERS_H

#include "api/route.h"
#include "base/buf.h"
#include "engine/query.h"

/* What each action takes and answers. A suffix stands behind the name of one
 * row of the resource, a prefix before it: "connector_list". */
struct operation {
	const char *answer; /* a schema of components; NULL: see suffix */
	const char *suffix;
	enum query_use use;
	const char *body; /* prefix of a schema; NULL: no body is read */
	bool if_match;
	bool idempotent; /* takes an Idempotency-Key */
};

/* "parameters": [...], those of a route. */
void openapi_parameters(
    struct buf *, const struct route *, const struct operation *);

#endif
