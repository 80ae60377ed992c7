/*
 * The pages of the admin lane that have a file each. For files of this folder.
 */
#ifndef ADMIN_PAGES_H
#define ADMIN_PAGES_H

#include "admin/admin.h"

/* Whether requests can be served: checks it, or answers what the last check
 * found if that was just now. */
void admin_ready(const struct admin *, struct response *ret);

/* The pool and each of its workers, as JSON. */
void admin_status(const struct admin *, struct response *ret);

/* The measures of the present moment: workers, cache. */
void admin_gauges(const struct admin *, struct buf *);

#endif
