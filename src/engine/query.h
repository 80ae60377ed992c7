/*
 * The query string as columns: names from clients die here.
 *
 * After query_parse() a column, relation or filter is a pointer to a row of a
 * static table; only values are still the client's, and they become bound
 * parameters. Pure: no I/O, no clock, no SQL.
 */
#ifndef ENGINE_QUERY_H
#define ENGINE_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "schema/schema.h"

struct param;

#define QUERY_PER_PAGE     15
#define QUERY_PER_PAGE_MAX 100
#define QUERY_PAGE_MAX     2147483647
#define QUERY_FILTERS_MAX  20  /* in one query */
#define QUERY_VALUES_MAX   100 /* in one filter */
#define QUERY_SEARCH_MAX   100 /* characters of a text that is looked for */

/* A relation that is to be loaded, with those below it. The root has no
 * relation. */
struct include {
	const struct relation *relation;
	const struct resource *resource; /* what its rows are */
	struct include *parent;
	struct include *children; /* in the order they were asked for */
	struct include *next;
};

enum aggregate_kind {
	AGGREGATE_COUNT,
	AGGREGATE_EXISTS
};

struct aggregate {
	const struct relation *relation;
	enum aggregate_kind kind;
	struct aggregate *next;
};

struct query_filter {
	const struct filter *filter;
	const struct str *values; /* compared with OR; ptr NULL: null */
	size_t n_values;
	struct query_filter *next;
};

struct query_sort {
	const struct column *column;
	bool descending;
	struct query_sort *next;
};

/* The columns of one resource that an answer keeps. */
struct query_fields {
	const struct resource *resource;
	bool *keep; /* one a column of the resource */
	struct query_fields *next;
};

struct query {
	const struct resource *resource;
	struct include root;
	struct aggregate *aggregates; /* of the root, in order */
	struct query_filter *filters;
	struct str search; /* what the root's .search contains; ptr NULL: all */
	struct query_sort *sorts;
	struct query_fields *fields;
	int64_t page;
	int64_t per_page;
	const struct param *params; /* the tree, for links */
};

/* What of the query string a route reads. */
enum query_use {
	QUERY_NOTHING,
	QUERY_INCLUDE, /* only `include` */
	QUERY_ALL
};

/*
 * Reads and checks the parameters in the contract's order: page, per_page and
 * the length of search (ERROR_INVALID), include, filter, sort, fields, the form
 * of search (ERROR_BAD_REQUEST; more filters or values than the limits above
 * are that, too).
 */
enum error query_parse(struct arena *, const struct resource *, enum query_use,
    struct str query_string, struct query *ret, struct problem *reterr);

/* Adds the relation of a dotted path as if `include` had named it, and returns
 * it; NULL: there is no such relation. */
const struct include *query_add_include(
    struct arena *, struct query *, struct str path);

/* Whether the roots are not all that the company may see. */
bool query_narrows(const struct query *);

/* How many roots are before the page. */
int64_t query_offset(const struct query *);

/* Whether an answer keeps a column of a resource. */
bool query_keeps(const struct query *, const struct resource *, size_t column);

#endif
