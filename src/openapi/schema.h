/*
 * JSON schemas out of the tables: resources as they are answered, bodies as the
 * rules read them. Part of openapi.c.
 */
#ifndef OPENAPI_SCHEMA_H
#define OPENAPI_SCHEMA_H

#include "base/buf.h"
#include "schema/schema.h"

/* Writes the members of an object schema, `{"type": "object", ...}`, for the
 * answers about a resource. */
void openapi_resource(struct buf *, const struct resource *);

/* The same for the body of store or update. */
void openapi_body(struct buf *, const struct resource *, bool update);

/* "key": "text", for keys and texts of ours. */
void openapi_text(struct buf *, const char *key, const char *text);

/* {"$ref": "#/components/<kind>/<name>"} */
void openapi_reference(struct buf *, const char *kind, const char *name);

/* The schema of a list of what the schema of that name describes. */
void openapi_many(struct buf *, const char *name);

#endif
