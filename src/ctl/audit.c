/*
 * `audit`: the audit trail, oldest first.
 */
#include <config.h>

#include "ctl/listing.h"

static const struct list_column columns[] = {
	{ "id", NULL, LIST_INT, LIST_IN_JSON },
	{ "created_at", "time", LIST_TIME, LIST_ALWAYS },
	{ "action", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "company_id", "company", LIST_INT, LIST_ALWAYS },
	{ "connector_id", "connector", LIST_INT, LIST_ALWAYS },
	{ "connector_name", "name", LIST_TEXT, LIST_ALWAYS },
	{ "api_key_id", "key", LIST_INT, LIST_ALWAYS },
	{ "user_id", "user", LIST_INT, LIST_ALWAYS },
	{ "changed", NULL, LIST_JSON, LIST_ALWAYS },
	{ "request_id", "request", LIST_TEXT, LIST_ALWAYS },
};

/* A connector that was deleted is still in the trail, and so is a company that
 * somebody removed from the database. */
#define EXISTED(table, column)                                            \
	"SELECT 1 FROM (SELECT ? AS id) AS asked WHERE EXISTS (SELECT 1 " \
	"FROM " table " AS t WHERE t.id = asked.id) OR EXISTS (SELECT 1 " \
	"FROM audit_events AS e WHERE e." column " = asked.id)"

static const struct listing listing = {
	.columns = columns,
	.n_columns = N_ELEMENTS(columns),
	.select = "SELECT id, created_at, action, company_id, connector_id, "
		  "connector_name, api_key_id, user_id, changed, request_id "
		  "FROM audit_events WHERE id > ?",
	.order = "id",
	.filters = {
	    { "connector", " AND connector_id = ?",
		EXISTED("connectors", "connector_id"), "connector" },
	    { "company", " AND company_id = ?",
		EXISTED("companies", "company_id"), "company" },
	    { "since", " AND created_at >= ?", NULL, NULL },
	},
};

enum error
audit_command(struct ctl *ctl, struct problem *reterr)
{
	return listing_print(ctl, &listing, reterr);
}
