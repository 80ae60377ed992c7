/*
 * Audit rows of writes: leaving one, and finding one by its token.
 */
#include <config.h>

#include "api/audit.h"

#include "base/json.h"
#include "db/db.h"
#include "engine/sql_write.h"
#include "schema/tables.h"

#define CHANGED_MAX (1u << 20) /* bytes of the names in one row */

static enum error
insert(struct call *call, struct str token, const struct audit_entry *entry,
    struct str changed)
{
	const struct resource *audit = &resource_audit_events;
	const struct principal *who = &call->principal;
	struct assignments values = { .n = 0 };

	assign(&values, audit, "company_id", value_int(who->company_id));
	assign(&values, audit, "api_key_id",
	    who->key_id == 0 ? value_null() : value_int(who->key_id));
	assign(&values, audit, "user_id",
	    who->user_id == 0 ? value_null() : value_int(who->user_id));
	assign(&values, audit, "action", value_text(str_of(entry->action)));
	assign(&values, audit, "connector_id", value_int(entry->connector_id));
	assign(&values, audit, "connector_name",
	    value_text(entry->connector_name));
	assign(&values, audit, "changed", value_text(changed));
	assign(&values, audit, "request_id", value_text(call->request->id));
	assign(&values, audit, "token", value_text(token));
	return call_run(call, sql_insert(call->arena, audit, &values));
}

enum error
audit_leave(
    struct call *call, struct str token, const struct audit_entry *entry)
{
	struct buf changed;
	enum error error;

	buf_init(&changed, CHANGED_MAX);
	json_array_open(&changed);
	for (size_t i = 0; i < entry->n_changed; i++)
		json_string(&changed, entry->changed[i]);
	json_array_close(&changed);
	error = insert(call, token, entry, buf_str(&changed));
	buf_done(&changed);
	return error;
}

enum error
audit_find(
    struct call *call, struct str token, bool *ret, int64_t *ret_connector_id)
{
	/* The server may still be about to commit it or to roll it back: it
	 * gives the lock away only then. */
	static const struct str text =
	    STR_CONST("SELECT connector_id FROM audit_events WHERE token = ? "
		      "FOR UPDATE");
	const struct value param = value_text(token);
	struct db *db = call->service->db;
	struct rows rows;
	enum error error;

	/* It may have been committed on another member of a cluster. */
	TRY(db_begin_current(db, &call->problem));
	error = call_query(call, (struct statement){ text, &param, 1 }, &rows);
	db_rollback(db);
	if (error != OK)
		return error;
	*ret = rows.count > 0;
	if (*ret)
		*ret_connector_id = rows.cells[0].integer;
	return OK;
}
