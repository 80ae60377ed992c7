/*
 * Statements of lists, shows and includes: a query becomes text with `?` and
 * its values. With the API key it comes from sql_key.h; what a write locks and
 * finds is sql_write.h's.
 *
 * Identifiers come from the static tables, every value is a parameter; lists of
 * values are padded to a power of two, so the number of different texts stays
 * small. Pure.
 */
#ifndef ENGINE_SQL_H
#define ENGINE_SQL_H

#include "base/arena.h"
#include "base/statement.h"
#include "engine/query.h"
#include "engine/sql_join.h"

/* Most keys that one statement of sql_related() takes (MySQL takes 65,535
 * parameters). */
#define SQL_KEYS_MAX 32768

/* Which of the rows that a query is about, its roots, a statement reads: all
 * that the company may see, unless something below is set. */
struct sql_root {
	int64_t company_id;
	bool by_id;  /* show: the row with this id ... */
	bool by_key; /* ... or with this in the resource's key column */
	int64_t id;
	const char *id_column; /* another table's that has it; NULL: id */
	struct str key;
	const char *parent; /* list: only rows whose column ... */
	int64_t parent_id;  /* ... has this id; NULL: all */
};

/* False: there can be no such row, and the database need not be asked. The
 * resource has no key column, or the text is no UTF-8 (no key is, and the
 * server would refuse to compare it). */
bool sql_root_can_exist(const struct resource *, const struct sql_root *);

/* Whether the number of roots is not counted but read where it is stored: they
 * are all rows that the company has. */
bool sql_count_is_stored(const struct query *, const struct sql_root *);

/* Whether the rows of roots have the value of an aggregate, or 0 in its place:
 * where its rows are read anyway, or more than these are counted, the reader
 * counts them. */
bool sql_counts(const struct query *, const struct aggregate *);

/* One row of one column: how many roots match. */
struct statement sql_count(
    struct arena *, const struct query *, const struct sql_root *);

/*
 * What is known of a page of roots in the order of ids: all before it have ids
 * less than first, and its own are probably none above last. Both bounds, since
 * with the lower one alone servers come to scan all rows of the company after a
 * while (MariaDB 10.11, two connections at once). first 0: nothing is known.
 */
struct sql_start {
	int64_t first;
	int64_t last;
};

/* Whether pages of the query may have a start: they are all rows of a company
 * in the order of ids, so that an index begins there. */
bool sql_can_start(const struct query *, const struct sql_root *);

/* A part of all roots. */
struct sql_page {
	int64_t limit;
	int64_t offset;
	int64_t total; /* of all roots; 0: not known */
	/* Where it begins, instead of the offset. */
	struct sql_start start;
	const struct sql_joined *joined; /* NULL: nothing */
};

/*
 * The roots of a page in order; with a start those of them that are within it.
 * A row is: the selected columns of the resource in its order, one value an
 * aggregate, the columns of what is joined (nulls where there is none). From
 * the second half of the total on they are looked for from the end.
 */
struct statement sql_roots(struct arena *, const struct query *,
    const struct sql_root *, struct sql_page);

/*
 * The rows of a relation for the given keys (n at least 1, at most
 * SQL_KEYS_MAX, ascending). A row is: the key it belongs to, the selected
 * columns of the target, the pivot columns. Ordered by key, then id, then what
 * else tells two links apart.
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
