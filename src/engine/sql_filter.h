/*
 * The part of a statement that a query's filters make. Included by the sql*.c
 * files only.
 */
#ifndef ENGINE_SQL_FILTER_H
#define ENGINE_SQL_FILTER_H

#include "engine/query.h"
#include "engine/sql_writer.h"

/* " AND ..." for each filter; the roots are t. */
void put_filters(struct writer *, const struct query *);

#endif
