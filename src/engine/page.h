/*
 * What stands around the rows of a list: links and meta. Pure.
 */
#ifndef ENGINE_PAGE_H
#define ENGINE_PAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "engine/query.h"

struct page {
	struct str url; /* of the list, without query: "http://host/path" */
	const struct param *params; /* kept in links, all but `page` */
	int64_t number;             /* page that was asked for, from 1 */
	int64_t per_page;
	int64_t total; /* rows of all pages */
	int64_t rows;  /* rows of this page */
};

/* Number of the last page, at least 1. */
int64_t page_last(const struct page *);

/* Appends the members "links" and "meta" to an open JSON object. */
void page_encode(struct arena *, struct buf *, const struct page *);

#endif
