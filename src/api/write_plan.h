/*
 * A write as a plan: all that will become different, as one value.
 *
 * Pure: made from what is stored, what the body says and what it refers to;
 * api/write_store.c runs it. A plan is made only of what passed its checks.
 */
#ifndef API_WRITE_PLAN_H
#define API_WRITE_PLAN_H

#include "api/write_check.h"
#include "engine/sql_write.h"

enum write_kind {
	WRITE_INSERT,
	WRITE_CHANGE,
	WRITE_REMOVE
};

struct write_plan {
	enum write_kind kind;
	/* The connector. WRITE_INSERT: 0, until write_store() has its id. */
	int64_t connector_id;
	struct str connector_name; /* for the audit row: before a change */
	struct assignments values; /* of its row */
	/* Its variables, as they will be. The lists point at those that are to
	 * be stored; write_store() gives the added ones their ids. */
	struct variables variables;
	int64_t *removed; /* ids */
	size_t n_removed;
	struct variable **changed;
	size_t n_changed;
	struct variable **added;
	size_t n_added;
	/* Of a new connector, as long as the server returns what it inserts:
	 * its row and those of its variables, as an answer has them. False:
	 * the answer is to be read. */
	bool returns;
	struct rows stored;
	struct rows stored_variables;
	/* The certificate that names the connector as its user. */
	bool leaves_certificate;  /* the present one no longer does */
	struct value certificate; /* id of the one that will; null: none */
	/* What changed, for the audit row: fields, then "variables.key" of
	 * those that are removed, changed and added. Empty: a change of
	 * nothing, which stores nothing. */
	struct str *names;
	size_t n_names;
};

/* What a new connector has that no body says. */
struct write_origin {
	int64_t company_id;
	struct str canonical_key; /* a UUID */
};

void write_plan_insert(struct arena *, const struct write_origin *,
    const struct write_facts *, const struct write_wanted *,
    struct write_plan *ret);

void write_plan_change(struct arena *, const struct write_facts *,
    const struct write_wanted *, struct write_plan *ret);

/* facts: the row and its variables. */
void write_plan_remove(
    struct arena *, const struct write_facts *, struct write_plan *ret);

/* One variable of a stored connector, by its state: added or changed. The
 * variable must outlive the plan. */
void write_plan_variable(struct arena *, int64_t connector_id,
    const struct resource *rules, struct variable *, struct write_plan *ret);

#endif
