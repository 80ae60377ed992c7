/*
 * Rows on standard output: for a terminal in aligned columns, else between
 * tabs, with --json as JSON: {"data": [{...}, ...]}, one row a line.
 *
 * Texts are people's: no control character of them reaches a terminal, and what
 * is no UTF-8 becomes U+FFFD in JSON.
 */
#ifndef CTL_LIST_H
#define CTL_LIST_H

#include "base/buf.h"
#include "ctl/ctl.h"

#define LIST_COLUMNS_MAX 20
#define LIST_PAGE        1000 /* rows that are aligned together */

enum list_kind {
	LIST_TEXT,
	LIST_INT,
	LIST_TIME, /* a text as the database has it */
	LIST_BOOL, /* an integer */
	LIST_JSON  /* a text that is JSON */
};

enum list_shown {
	LIST_ALWAYS,
	LIST_IN_TEXT, /* not in JSON */
	LIST_IN_JSON  /* only there */
};

struct list_column {
	const char *name;  /* of the member, and in capitals of the column */
	const char *title; /* of the column; NULL: the name in capitals */
	enum list_kind kind;
	enum list_shown shown;
};

struct list {
	struct ctl *ctl;
	const struct list_column *columns;
	size_t n_columns; /* at most LIST_COLUMNS_MAX */
	bool is_json, is_aligned;
	bool is_headless; /* without titles; to be set after list_open() */
	bool has_rows;
	struct arena *arena; /* of the rows that wait to be aligned */
	struct str *cells;
	size_t n_rows; /* that wait */
	size_t widths[LIST_COLUMNS_MAX];
};

/* Begins a list; the command's --json counts. The rows are n cells each, in
 * the order of the columns. To be ended by list_close(), also after an error.
 */
void list_open(
    struct list *, struct ctl *, const struct list_column *, size_t n);

/* The cells are not needed afterwards. */
void list_add(struct list *, const struct value *cells);

/* An error is told by main.c, in JSON as well. */
void list_close(struct list *, enum error);

/* Whether nobody reads the output any more: then a list ends early. */
bool list_is_over(void);

/* Adds the members of a row to an object of JSON. */
void list_members(struct buf *, const struct list_column *, size_t n,
    const struct value *cells);

/* The text without what a terminal would obey. */
struct str list_clean(struct arena *, struct str);

/* What stands above a column. */
struct str list_title(struct arena *, const struct list_column *);

/* What a cell looks like to people; is_short: a time without fraction. */
struct str list_cell(struct arena *, const struct list_column *,
    const struct value *, bool is_short);

#endif
