/*
 * Statements and their results as values: what makes a statement, or reads
 * rows, needs no database. Must not run anything.
 */
#ifndef BASE_STATEMENT_H
#define BASE_STATEMENT_H

#include <stddef.h>

#include "base/str.h"
#include "base/value.h"

/* A statement: text with one `?` a parameter. */
struct statement {
	struct str text;
	const struct value *params;
	size_t n_params;
};

/* A pointer to a statement of a literal text and the values of its `?`, at
 * least one. It lives as long as the block it stands in. */
#define STATEMENT(literal, ...)                                         \
	(&(const struct statement){                                     \
	    .text = STR(literal),                                       \
	    .params = (const struct value[]){ __VA_ARGS__ },            \
	    .n_params = sizeof((const struct value[]){ __VA_ARGS__ }) / \
			sizeof(struct value),                           \
	})

/* A result: count rows of width cells, row by row. */
struct rows {
	size_t count;
	size_t width;
	struct value *cells;
};

static inline const struct value *
rows_cell(const struct rows *rows, size_t row, size_t column)
{
	return &rows->cells[row * rows->width + column];
}

#endif
