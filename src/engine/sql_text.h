/*
 * Pieces of SQL text that every builder of statements needs: quoted names,
 * lists, and how many values or rows a statement takes, so that few different
 * texts are prepared. Given names of the schema's tables and literals only;
 * never a value.
 */
#ifndef ENGINE_SQL_TEXT_H
#define ENGINE_SQL_TEXT_H

#include <stddef.h>

#include "base/buf.h"

/* "`name`". Names of tables and columns hold no backtick. */
void sql_add_name(struct buf *, const char *name);

/* n times `text`, by commas. */
void sql_add_list(struct buf *, const char *text, size_t n);

/* The number of places that an IN list of n values (at least 1) gets: the next
 * power of two. The places behind the last value repeat one of the others. */
size_t sql_padded(size_t n);

/*
 * How many of n rows (at least 1) the next statement of several rows takes: all
 * of them up to `few`, else the largest power of two that is neither above n
 * nor above `most`, which is a power of two.
 */
size_t sql_chunk(size_t n, size_t few, size_t most);

#endif
