/*
 * Writing a connector: the parts of a transaction that store, update and
 * destroy share. Included by api/writing.c, api/write.c and api/idempotency.c
 * only.
 */
#ifndef API_WRITE_H
#define API_WRITE_H

#include "api/call.h"
#include "engine/input.h"
#include "engine/sql_write.h"
#include "variables/target.h"
#include "variables/variables.h"

/* One write: what the request sends and what the transaction finds. */
struct write {
	struct call *call;
	const char *action; /* in the audit row: "store" ... */
	struct node body;
	struct str token; /* of this write, random */
	bool again;       /* not the first run of the transaction */
	/* Filled by each run of the transaction. */
	int64_t connector_id;
	struct str connector_name;
	const struct value *before; /* cells of sql_lock(); NULL on store */
	struct variables stored;
	struct input input;
	struct references references;
	struct variables merged;
	struct test *test;  /* of a test; NULL otherwise */
	bool replayed;      /* the answer is one that was kept */
	bool keyed;         /* an Idempotency-Key is this write's */
	bool behind;        /* the server may lack what another has done */
	bool current;       /* it was told to wait for the others */
	struct buf changed; /* JSON list of names, for the audit row */
};

/*
 * Runs step inside a transaction, again after a deadlock and the like (for
 * limits->transaction_ms); commits when it returns OK. Each run begins
 * with an empty response and problem. ERROR_INVALID of a request with an
 * Idempotency-Key is committed as its answer. When the connection is lost with
 * COMMIT it finds out what happened; ERROR_UNAVAILABLE when there is no time
 * to.
 */
enum error write_transaction(
    struct write *, enum error (*step)(struct write *));

/* Locks the connector of the route; ERROR_NOT_FOUND, ERROR_PRECONDITION. */
enum error write_lock(struct write *);

/*
 * In api/write_find.c: the variables of the connector, and those of an
 * implementation whose system is company_id's (0: everybody's). A row that is
 * another company's counts as not there, and is told of in the log.
 */
enum error write_load_own(struct write *, struct variables *ret);
enum error write_load_defaults(
    struct write *, int64_t id, int64_t company_id, struct variables *ret);

/* An implementation with its variables; ret->id is 0 when there is none that
 * the company may see. */
enum error write_find_implementation(
    struct write *, int64_t id, struct implementation *ret);

/* Reads what is stored and checks the body: rules, then the further checks. */
enum error write_check(struct write *);

/* Stores the columns and variables; raises the version if anything changes. */
enum error write_insert(struct write *);
enum error write_change(struct write *);
enum error write_remove(struct write *);

/* Makes answers that were kept for the company stale; the last statement of a
 * write, since writes of one company wait for each other from there on. */
enum error write_raise_version(struct write *);

/* Leaves the audit row of the write. */
enum error write_audit(struct write *);

/* Whether the transaction with the write's token was committed, on whatever
 * member of a cluster; the connector of its audit row. */
enum error write_was_committed(
    struct write *, bool *ret, int64_t *ret_connector_id);

/* In api/write_variables.c: makes rows, links and sealed values of new
 * variables and gives them their ids; changes a stored one. */
enum error write_add_variables(struct write *, struct variable **, size_t n);
enum error write_change_variable(struct write *, const struct variable *);
/* Removes variables and their links. */
enum error write_remove_variables(struct write *, const int64_t *ids, size_t n);
/* Whether a stored variable is to become different. */
bool write_variable_differs(const struct write *, const struct variable *);
/* Whether any variable does, or comes or goes. */
bool write_variables_differ(const struct write *);

/* Adds a name to the list of changed fields. */
void write_note_changed(struct write *, struct str name);

/* Runs a statement without rows, and one with rows. */
enum error write_run(struct write *, struct statement);
enum error write_query(struct write *, struct statement, struct rows *ret);

/*
 * The answer that an Idempotency-Key already has: *ret_done is true and the
 * response set when there is one; else the key is taken by this transaction.
 * ERROR_BAD_REQUEST, ERROR_INVALID (another body), ERROR_CONFLICT (running).
 */
enum error idempotency_begin(struct write *, bool *ret_done);

/* Keeps the answer of this write with its key: the response, or error. */
enum error idempotency_end(struct write *, enum error);

#endif
