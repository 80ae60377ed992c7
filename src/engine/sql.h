/*
 * Statements of the read side: a query becomes text with `?` and its values.
 *
 * The only file with SQL for reading resources. Identifiers come from the
 * static tables, every value is a parameter; lists of values are padded to a
 * power of two, so the number of different texts stays small. Pure.
 */
#ifndef ENGINE_SQL_H
#define ENGINE_SQL_H

#include "base/arena.h"
#include "base/statement.h"
#include "engine/query.h"

/* Most keys that one statement of sql_related() takes (MySQL takes 65,535
 * parameters). */
#define SQL_KEYS_MAX 32768

/* Which of the roots a statement is about. */
struct sql_root {
	int64_t company_id;
	bool by_id;  /* show: the row with this id ... */
	bool by_key; /* ... or this canonical_key */
	int64_t id;
	struct str key;
	const char *parent; /* list: only rows whose column ... */
	int64_t parent_id;  /* ... has this id; NULL: all */
	bool newest_first;  /* list: by id, descending, when nothing is said */
};

/*
 * The caller's row, which the first read of a request is joined to: both then
 * come from one statement. The texts are constant; their aliases are none of
 * sql.c's.
 */
struct sql_caller {
	const char *columns; /* selected before all others */
	const char *tables;  /* " FROM ...": at most one row matches */
	const char *valid;   /* " WHERE ...", with one `?` ... */
	struct value param;  /* ... and its value */
	const char *company; /* the column of `tables` that holds the company */
};

/* One row of one column: how many roots match. */
struct statement sql_count(
    struct arena *, const struct query *, const struct sql_root *);

/*
 * The roots in order, offset and limit applied. A row is: the selected columns
 * of the resource in its order, then one value an aggregate.
 */
struct statement sql_roots(struct arena *, const struct query *,
    const struct sql_root *, int64_t limit, int64_t offset);

/*
 * The same two for the caller's company (company_id of the root is not read): a
 * row is the caller's columns, then those above. No row: no such caller. A root
 * is named by id or key; all its columns are null when there is none.
 */
struct statement sql_count_of(struct arena *, const struct sql_caller *,
    const struct query *, const struct sql_root *);
struct statement sql_root_of(struct arena *, const struct sql_caller *,
    const struct query *, const struct sql_root *);

/*
 * The rows of a relation for the given keys (n at least 1, at most
 * SQL_KEYS_MAX, ascending). A row is: the key it belongs to, the selected
 * columns of the target, the pivot columns. Ordered by key, then id.
 */
struct statement sql_related(struct arena *, const struct relation *,
    int64_t company_id, const int64_t *keys, size_t n);

/*
 * A root that has rows in a relation, and these, in one statement; the target
 * has no column that is looked up. A row is: the root's as in sql_roots(), then
 * one as in sql_related(). Ordered by id. None: no such root, or no such rows.
 */
struct statement sql_root_with(struct arena *, const struct query *,
    const struct sql_root *, const struct relation *);

/* Cells of a root's row. */
size_t sql_root_width(const struct query *);

/* Position of a column among the selected ones of its resource. */
size_t sql_position(const struct resource *, const char *column);

#endif
