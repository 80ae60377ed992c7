/*
 * Running a query: a tree of includes in, a tree of rows out.
 *
 * A page costs one statement for the count, one for the roots and one for each
 * included relation, whatever the number of rows; none for what is kept of the
 * catalogue.
 */
#ifndef API_EXECUTE_H
#define API_EXECUTE_H

#include "api/fragments.h"
#include "base/arena.h"
#include "base/error.h"
#include "engine/query.h"
#include "engine/result.h"
#include "engine/sql.h"

/* What is known of a list before its page is read. */
struct known {
	bool is_counted; /* otherwise they are counted */
	int64_t total;   /* rows that match in all; set if they are counted */
	struct sql_start start;
};

/* One page of roots. */
enum error execute_list(struct arena *, const struct reader *,
    const struct query *, const struct sql_root *, struct known *,
    struct result *ret, struct problem *reterr);

/* What of a root is there already; NULL: nothing. */
struct at_hand {
	const struct rows *root;      /* its row, of nulls when there is none */
	const struct result *include; /* the rows of one of its includes */
};

/* The root that sql_root names; no rows when there is none. */
enum error execute_show(struct arena *, const struct reader *,
    const struct query *, const struct sql_root *, struct at_hand,
    struct result *ret, struct problem *reterr);

/*
 * The same with the rows of one of the query's includes, for a root that
 * probably has some: that saves a statement, and costs one when it has none.
 * See sql_root_with().
 */
enum error execute_show_with(struct arena *, const struct reader *,
    const struct query *, const struct sql_root *, const struct include *with,
    struct result *ret, struct problem *reterr);

#endif
