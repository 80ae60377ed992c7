/*
 * The JSON schema of one column. Part of openapi.c.
 */
#ifndef OPENAPI_COLUMN_H
#define OPENAPI_COLUMN_H

#include "openapi/out.h"
#include "schema/schema.h"

/* Where the value stands. */
enum column_use {
	COLUMN_ANSWERED, /* in an answer */
	COLUMN_OPTIONAL, /* in a body that may have null, too */
	COLUMN_WANTED,   /* in a body that needs something */
};

/* Writes an object: the schema of the column of that resource. */
void openapi_column(const struct out *, const struct resource *,
    const struct column *, enum column_use);

/* "text", "text", ... as "enum"; with_null: null, too. */
void openapi_enum(const struct out *, const char *const *words, bool with_null);

/* {"type": "string", "enum": [...]} of the columns that clients see. */
void openapi_column_names(const struct out *, const struct resource *);

#endif
