/*
 * What all parts of the document write with. Part of openapi.c.
 */
#ifndef OPENAPI_OUT_H
#define OPENAPI_OUT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

/* Where the document goes, and where its names are made. */
struct out {
	struct arena *arena;
	struct buf *b;
};

/* A name or text, as printf: it lives as long as the arena's. */
#define out_name(out, ...) (arena_printf((out)->arena, __VA_ARGS__).ptr)

/* JSON text with ' in place of each ", for it is written in C: a value, or the
 * inside of an object. */
void out_json(const struct out *, const char *json);

/* {"$ref": "#/components/<kind>/<name>"} */
void out_reference(const struct out *, const char *kind, const char *name);

/* "key": {"$ref": "#/components/schemas/<name>"} */
void out_schema(const struct out *, const char *key, const char *name);

/* The schema of a list of what the schema of that name describes. */
void out_many(const struct out *, const char *name);

/* "anyOf": that schema, or null. */
void out_or_null(const struct out *, const char *name);

/* "required": [...], NULL-terminated; nothing for an empty list. */
void out_required(const struct out *, const char *const *names);

/* "type": "string", or ["string", "null"]; NULL: any. */
void out_type(const struct out *, const char *type, bool nullable);

#endif
