/*
 * What a write reads from the database before it decides.
 */
#include <config.h>

#include "api/write_find.h"

#include "api/find_variables.h"
#include "api/implementation_cache.h"
#include "db/db.h"
#include "engine/sql_write.h"
#include "http/etag.h"
#include "schema/tables.h"

static const struct resource *const connectors = &resource_connectors;

/* Another member of a cluster may have what this one does not have yet: once,
 * it is looked for where everything must be. */
static enum error
not_found(struct transaction *t)
{
	t->run.behind = !t->current && db_has_peers(t->call->service->db);
	return call_not_found(t->call);
}

enum error
write_lock(struct transaction *t, const struct value **ret_row)
{
	struct call *call = t->call;
	struct sql_root root = call_root(call);
	struct str if_match = call->request->if_match;
	struct write_facts facts;
	struct rows rows;
	int64_t version;

	if (!sql_root_can_exist(connectors, &root))
		return call_not_found(call);
	TRY(call_query(call, sql_lock(call->arena, connectors, &root), &rows));
	if (rows.count == 0)
		return not_found(t);
	*ret_row = facts.row = rows.cells;
	version = write_cell(&facts, "version")->integer;
	if (if_match.len == 0 || etag_has_version(if_match, version))
		return OK;
	/* The client saw it on another member, which is ahead of this one. */
	t->run.behind =
	    db_has_peers(call->service->db) && etag_is_newer(if_match, version);
	return ERROR_PRECONDITION;
}

/* Marks the references that the worker has cached; true when these are all. */
static bool
know_references(const struct call *call, struct references *references)
{
	size_t n = 0;

	for (size_t i = 0; i < references->n; i++) {
		struct reference *r = &references->items[i];

		if (r->column->refers ==
			&resource_authentication_implementations &&
		    implementation_cache_has(call->service->implementations,
			call->principal.company_id, r->value.integer)) {
			r->found = true;
			r->id = r->value.integer;
			n++;
		}
	}
	return n == references->n;
}

static enum error
find_references(struct call *call, bool update, struct references *ret)
{
	struct rows rows;

	validate_references(connectors, update, &call->body, ret);
	if (know_references(call, ret))
		return OK;
	TRY(call_query(call,
	    sql_references(call->arena, ret, call->principal.company_id),
	    &rows));
	for (size_t i = 0; i < rows.count; i++) {
		struct reference *found =
		    &ret->items[rows_cell(&rows, i, 0)->integer];

		found->found = true;
		found->id = rows_cell(&rows, i, 1)->integer;
	}
	return OK;
}

enum error
write_find_stored(
    struct call *call, const struct value *row, struct write_facts *ret)
{
	*ret = (struct write_facts){ .row = row, .stored.rules = connectors };
	if (row == NULL)
		return OK;
	return find_variables(
	    call, write_cell(ret, "id")->integer, &ret->stored);
}

enum error
write_find_facts(
    struct call *call, const struct value *row, struct write_facts *ret)
{
	implementation_cache_begin(
	    call->service->implementations, call->principal.version.common);
	TRY(write_find_stored(call, row, ret));
	return find_references(call, row != NULL, &ret->references);
}

static enum error
find_session_app(
    struct call *call, const struct value *session, struct value *ret)
{
	static const struct str text =
	    STR_CONST("SELECT platform_app_id FROM sessions WHERE id = ?");
	struct rows rows;

	*ret = value_null();
	if (session->type == VALUE_NULL)
		return OK;
	TRY(call_query(call, (struct statement){ text, session, 1 }, &rows));
	if (rows.count > 0)
		*ret = rows.cells[0];
	return OK;
}

enum error
write_find_answers(struct call *call, const struct write_questions *questions,
    struct write_answers *ret)
{
	int64_t before = questions->implementation_before;

	TRY(find_session_app(call, &questions->session, &ret->session_app));
	if (questions->implementation == 0)
		return OK;
	TRY(find_implementation(call, questions->implementation, &ret->after));
	ret->before = ret->after;
	if (before == 0 || ret->after.id == 0 || before == ret->after.id)
		return OK;
	return find_implementation(call, before, &ret->before);
}
