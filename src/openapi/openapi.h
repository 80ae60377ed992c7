/*
 * The OpenAPI document of the API, written out of the tables. Pure.
 */
#ifndef OPENAPI_OPENAPI_H
#define OPENAPI_OPENAPI_H

#include "base/buf.h"

/* Words that the document lists but that are not of the schema. */
struct openapi_words {
	const char *version; /* of the program */
	/* Reasons for which a test fails; NULL behind the last. */
	const char *(*reason)(size_t index);
	/* Steps of a test; NULL behind the last. */
	const char *(*step)(size_t index);
};

/* Appends the document (OpenAPI 3.1, JSON). */
void openapi_write(struct buf *, const struct openapi_words *);

#endif
