/*
 * Commands that list rows of the database, as tables: which columns, which
 * statement, what their options select.
 */
#ifndef CTL_LISTING_H
#define CTL_LISTING_H

#include "ctl/list.h"

#define LISTING_FILTERS_MAX 4

/* An option that selects rows. */
struct listing_filter {
	const char *option;
	const char *condition; /* " AND company_id = ?" */
	/* A statement that has a row if there is what the option's id names,
	 * and what that is called. NULL: the option is a date. */
	const char *exists;
	const char *what; /* "company" */
};

struct listing {
	const struct list_column *columns;
	size_t n_columns;
	const char *select; /* up to "WHERE x.id > ?"; the first cell is the id
			     */
	const char *order;  /* "x.id" */
	struct listing_filter filters[LISTING_FILTERS_MAX];
};

/* Runs the command. ERROR_NOT_FOUND: an option names what is not there. */
enum error listing_print(
    struct ctl *, const struct listing *, struct problem *reterr);

/* Statements for `exists`. */
#define EXISTS_COMPANY "SELECT 1 FROM companies WHERE id = ?"
#define EXISTS_SYSTEM  "SELECT 1 FROM systems WHERE id = ?"

/* ERROR_NOT_FOUND, "there is no company 9", unless the statement has a row. */
enum error listing_demand(struct ctl *, const char *exists, const char *what,
    int64_t id, struct problem *reterr);

#endif
