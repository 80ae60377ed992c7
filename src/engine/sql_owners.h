/*
 * The statement that tells to whom rows of the catalogue may be shown.
 */
#ifndef ENGINE_SQL_OWNERS_H
#define ENGINE_SQL_OWNERS_H

#include "engine/sql.h"

/* The cells of a row. */
enum owner_cell {
	OWNER_CELL_KEY,
	OWNER_CELL_OWNED,  /* not 0: something of it belongs to a company */
	OWNER_CELL_COMMON, /* the version of the data that all share */
	OWNER_CELL__MAX
};

/*
 * One row for each of n keys (at least one, at most SQL_KEYS_MAX) of a relation
 * of the resource that has such a row. Looked at are that row and all that the
 * resource's `include` may name below it, be they asked for or not, seen by
 * this company or by no one: where none of them belongs to any company, all
 * companies see the same.
 */
struct statement sql_owners(struct arena *, const struct resource *,
    const struct relation *, const int64_t *keys, size_t n);

#endif
