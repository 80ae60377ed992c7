/*
 * components.schemas of the document. Part of openapi.c.
 */
#ifndef OPENAPI_COMPONENTS_H
#define OPENAPI_COMPONENTS_H

#include "openapi/out.h"

/* "schemas": {...} */
void components_schemas(const struct out *);

#endif
