/*
 * Examples of the document: answers and bodies that a run of the tests has
 * recorded in examples.tsv. Part of openapi.c.
 */
#ifndef OPENAPI_EXAMPLES_H
#define OPENAPI_EXAMPLES_H

#include "openapi/out.h"

/* What an example is one of. */
struct example_place {
	const char *operation; /* operationId; "*" for a shared response */
	const char *part; /* "body", a status, or a shared response's name */
};

/* "examples": {...}, those of a place; nothing where there are none. */
void examples_of(const struct out *, const struct example_place *);

#endif
