/*
 * The parameters of an operation: of the path, the query string, the header.
 * Part of openapi.c.
 */
#ifndef OPENAPI_PARAMETERS_H
#define OPENAPI_PARAMETERS_H

#include "api/route.h"
#include "openapi/out.h"

/* "parameters": [...], those of a route; nothing where it has none. */
void parameters_of(const struct out *, const struct route *);

/* The members of components.parameters: what several operations take. */
void parameters_shared(const struct out *);

#endif
