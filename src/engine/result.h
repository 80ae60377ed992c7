/*
 * What a query found: a tree of rows, one node an include. Open data between
 * api/execute.c, which fills it, and encode.c, which writes it.
 */
#ifndef ENGINE_RESULT_H
#define ENGINE_RESULT_H

#include "base/statement.h"
#include "engine/query.h"

/* Where the text of an encoded row stands in the response; len 0: not yet. */
struct span {
	size_t at;
	size_t len;
};

/* The rows of one include, with those of the includes below it. */
struct result {
	const struct include *include;
	struct rows rows; /* of a relation: cell 0 is the key they belong to */
	struct span *spans;      /* one a row of a relation; the encoder's */
	struct result *children; /* one an include below, in order */
	struct result *next;
};

#endif
