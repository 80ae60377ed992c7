/*
 * Includes of which each root has one row at most: they can come in the
 * statement of the roots, which saves one of their own. Pure.
 */
#ifndef ENGINE_SQL_JOIN_H
#define ENGINE_SQL_JOIN_H

#include "base/arena.h"
#include "base/statement.h"
#include "engine/query.h"

/* Most of one statement; further ones are read by themselves. */
#define SQL_JOINED_MAX 8

struct sql_joined {
	const struct include *all[SQL_JOINED_MAX];
	size_t n;
};

/* Whether an include's rows can: it is one of a root, and no column of it
 * stands in another table. */
bool sql_can_join(const struct include *);

/*
 * The rows of one of the joined includes as sql_related() has them: the key
 * that each belongs to, then its columns, ascending by key, each key once.
 * roots: rows of sql_roots() with these joined. False: the include is not
 * joined.
 */
bool sql_joined_rows(struct arena *, const struct query *,
    const struct sql_joined *, const struct include *, const struct rows *roots,
    struct rows *ret);

#endif
