/*
 * The responses of an operation. Part of openapi.c.
 */
#ifndef OPENAPI_RESPONSES_H
#define OPENAPI_RESPONSES_H

#include "api/route.h"
#include "openapi/out.h"

/* "responses": {...}, those that a route can have; operation: the operationId,
 * for its examples. */
void responses_of(
    const struct out *, const struct route *, const char *operation);

/* The members of components.responses: errors that are the same everywhere. */
void responses_shared(const struct out *);

/* The members of components.headers. */
void responses_headers(const struct out *);

/* What the schema of a good answer is called; NULL: it has no body. */
const char *responses_schema(const struct out *, const struct route *);

#endif
