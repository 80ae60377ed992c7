/*
 * What a query found: a tree of rows, one node an include. Open data between
 * api/execute.c, which fills it, and encode.c, which writes it.
 */
#ifndef ENGINE_RESULT_H
#define ENGINE_RESULT_H

#include "base/buf.h"
#include "base/statement.h"
#include "engine/query.h"

/* Where the text of an encoded row stands in the response; len 0: not yet. */
struct span {
	size_t at;
	size_t len;
};

/* The text of what a parent has of an include, with all that is below. */
struct fragment {
	int64_t key; /* that the parents have */
	/* Of the parent where the text depends on it, less its own changes. */
	int64_t version;
	struct str stored; /* kept earlier; ptr NULL: rows are encoded */
	size_t size;       /* of that text; see struct fragments */
	int64_t rows;      /* that it shows */
	/* Of a text that is encoded: whether it may be kept after, and whose it
	 * is then. 0: all companies'. */
	bool keep;
	int64_t company_id;
	struct span span;
};

/* All that the parents have of an include. */
struct fragments {
	struct str shape;     /* what their texts depend on beside the rows */
	struct fragment *all; /* ascending by key, each key once */
	size_t n;
	/* Appends a text that was kept as `stored`, in size bytes. */
	void (*unpack)(struct str stored, size_t size, struct buf *);
};

/* The rows of one include, with those of the includes below it. */
struct result {
	const struct include *include;
	struct rows rows; /* of a relation: cell 0 is the key they belong to */
	struct span *spans; /* one a row of a relation; the encoder's */
	/* NULL: the rows are all there; else those alone that no text stands
	 * for. */
	struct fragments *fragments;
	struct result *children; /* one an include below, in order */
	struct result *next;
};

/* For qsort() and bsearch(): of what begins with a key, an int64_t. */
int result_compare_keys(const void *, const void *);

/* The first row of a relation whose key is not below the given one. */
size_t result_first_row(const struct rows *, int64_t key);

/* The fragment of a key that a parent has. */
struct fragment *result_fragment(const struct fragments *, int64_t key);

/* How many rows of an include belong to a key that a parent has, be they there
 * or their texts. */
int64_t result_count(const struct result *, int64_t key);

#endif
