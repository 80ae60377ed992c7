/*
 * The pages of the admin lane that have a file each. Included by admin*.c only.
 */
#ifndef ADMIN_PAGES_H
#define ADMIN_PAGES_H

#include "admin/admin.h"

/* Whether requests can be served: looks, or tells what a look just found. */
void admin_ready(const struct admin *, struct response *ret);

/* The pool and each of its workers, as JSON. */
void admin_status(const struct admin *, struct response *ret);

/* The measures that tell of this moment: workers, cache. */
void admin_gauges(const struct admin *, struct buf *);

#endif
