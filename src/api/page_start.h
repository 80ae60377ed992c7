/*
 * Where pages of lists begin, kept from one page for the next: for a client
 * that pages through a list, or asks for one page of it again, the rows before
 * the page are not counted off each time. For lists of all rows in the order of
 * ids, and as long as no row of the company changes.
 */
#ifndef API_PAGE_START_H
#define API_PAGE_START_H

#include "api/fragments.h"
#include "base/arena.h"
#include "engine/query.h"
#include "engine/result.h"
#include "engine/sql.h"

/* What is known of the query's page of the roots. */
struct sql_start page_start_find(struct arena *, const struct reader *,
    const struct query *, const struct sql_root *);

/* Keeps where this page, of which these are the rows, and the one behind it
 * begin. */
void page_start_keep(struct arena *, const struct reader *,
    const struct query *, const struct sql_root *, const struct rows *);

#endif
