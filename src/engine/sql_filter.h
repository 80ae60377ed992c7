/*
 * The part of a statement that a query's filters make. Included by the sql*.c
 * files only.
 */
#ifndef ENGINE_SQL_FILTER_H
#define ENGINE_SQL_FILTER_H

#include "engine/sql.h"
#include "engine/sql_writer.h"

/* " AND ..." for each filter; the roots are t. */
void put_filters(struct writer *, const struct query *);

/* The filter that lets only the newest rows through; NULL: there is none. */
const struct query_filter *sql_newest_filter(const struct query *);

/* "(SELECT ... AS id ...)" with the ids of the newest rows of a resource, one
 * each of those that the filter's column refers to (or null): what a list has
 * to look at, though put_filters() alone decides. */
void put_newest_ids(struct writer *, const struct resource *,
    const struct query_filter *, const struct sql_root *);

#endif
