/*
 * Parts that statements share, most of them of the read side. In these the rows
 * that a query is about, its roots, have the alias t.
 *
 * Included by the sql*.c files only. Identifiers come from the static tables,
 * every value is a parameter.
 */
#ifndef ENGINE_SQL_PARTS_H
#define ENGINE_SQL_PARTS_H

#include "engine/sql.h"
#include "engine/sql_writer.h"

/* The selected columns of a resource, in its order. Where one of them stands in
 * another table, put_lookups() is to join that. */
void put_select_list(
    struct writer *, const char *alias, const struct resource *);

/* The same of the rows that a statement writes, to which nothing is joined. */
void put_returned_list(struct writer *, const struct resource *);

/* ", ..." the columns of a link's pivot; NULL, or one without: nothing. */
void put_pivot(
    struct writer *, const char *alias, const struct relation_link *);

/* " LEFT JOIN ..." with the tables that columns of the resource stand in, each
 * under the name of its column: costs the server less than a subquery. */
void put_lookups(struct writer *, const char *alias, const struct resource *);

/* ", (SELECT ...)" for each count and exists of the query. */
void put_aggregates(struct writer *, const struct query *);

/* ", ..." the columns of joined includes; NULL: nothing. */
void put_joined_columns(struct writer *, const struct sql_joined *);

/* Which rows t are roots: in scope of the company, named, filtered. */
void put_condition(
    struct writer *, const struct query *, const struct sql_root *);

/* Whether the roots are all rows that the company may see. */
bool is_of_all_rows(const struct query *, const struct sql_root *);

/* What is joined to the roots: put_lookups(), and includes. */
void put_joins(
    struct writer *, const struct query *, const struct sql_joined *);

/* What stands beside the roots in their statement. */
struct beside {
	const char *index; /* that they are read from; NULL: the server chooses
			    */
	bool joins;        /* with put_joins() ... */
	const struct sql_joined *joined; /* ... of these */
};

/* " FROM ... t WHERE ..." of the roots. */
void put_roots(struct writer *, const struct query *, const struct sql_root *,
    struct beside);

/* Where the rows of a relation say whose they are. */
struct owner {
	const struct resource *table;
	const char *alias;  /* r: the target itself, l: the link */
	const char *column; /* has the owner's value of relation->local */
	const char *morph;  /* and model_type this; NULL: there is none */
};

struct owner owner_of(const struct relation *);

/* The table of the owner column and its alias. */
void put_owned(struct writer *, const struct owner *);

/* How many rows the roots are; a number that is stored, where it is. */
void put_count(struct writer *, const struct query *, const struct sql_root *);

/* " JOIN ..." of the target, under the alias row, to the link, which was named
 * before. */
void put_linked(struct writer *, const struct relation *, const char *row,
    const char *link);

/* " AND ..." for the kind of owner, if the table has several. */
void put_morph(struct writer *, const struct owner *);

/* That a row of the relation belongs to the row of that alias. */
void put_of_row(struct writer *, const struct relation *, const struct owner *,
    const char *row);

#endif
