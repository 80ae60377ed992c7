/*
 * The audit row of a write: who did what to which connector. It is written
 * inside the transaction of the write and carries a token of it, so it also
 * tells whether that transaction was committed.
 */
#ifndef API_AUDIT_H
#define API_AUDIT_H

#include "api/call.h"

/* What was done. Names only, never a value: it may be a secret. */
struct audit_entry {
	const char *action; /* "store" ... */
	int64_t connector_id;
	struct str connector_name;
	const struct str *changed; /* names of what changed: "variables.key" */
	size_t n_changed;
};

/* Inserts the row; token: 32 hex digits, the same in all runs of a write. */
enum error audit_leave(
    struct call *, struct str token, const struct audit_entry *);

/*
 * Whether a transaction with the token was committed, on whatever member of a
 * cluster, and if so the connector of its row. In a transaction of its own;
 * waits for one with the token that is still under way.
 */
enum error audit_find(
    struct call *, struct str token, bool *ret, int64_t *ret_connector_id);

#endif
