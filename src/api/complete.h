/*
 * The variables that an authentication type needs, listed as if they were rows:
 * what a connector to an implementation gives is then complete. Pure.
 */
#ifndef API_COMPLETE_H
#define API_COMPLETE_H

#include "base/arena.h"
#include "engine/result.h"

/*
 * Adds them behind the rows of each parent, those left out whose key a row of
 * the parent has. They have no id and no times; a connector may set all of
 * them. Counts and exists are of the rows with these.
 *
 * relation: one with needs_of, from the resource of the parents; types: the
 * rows of the relation that needs_of names, as rows is ordered by the key they
 * belong to. A parent whose type is not known needs nothing.
 */
void complete_rows(struct arena *, const struct relation *,
    const struct result *parent, const struct rows *types, struct rows *rows);

#endif
