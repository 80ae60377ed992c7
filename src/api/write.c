/*
 * The steps of a write inside its transaction: lock, check, store, audit.
 *
 * SQL texts come from sql_write.c, but for a few that are about one table each.
 */
#include <config.h>

#include "api/write.h"

#include <string.h>

#include "api/implementation_cache.h"
#include "base/json.h"
#include "base/time.h"
#include "db/db.h"
#include "http/etag.h"
#include "schema/tables.h"
#include "secret/secret.h"

static const struct resource *const connectors = &resource_connectors;

enum error
write_run(struct write *w, struct statement statement)
{
	return db_run(w->call->service->db, w->call->arena, &statement, NULL,
	    &w->call->problem);
}

enum error
write_query(struct write *w, struct statement statement, struct rows *ret)
{
	return db_run(w->call->service->db, w->call->arena, &statement, ret,
	    &w->call->problem);
}

void
write_note_changed(struct write *w, struct str name)
{
	json_string(&w->changed, name);
}

/* The cell of a column in the locked row. */
static const struct value *
before(const struct write *w, const char *column)
{
	return &w->before[schema_column(connectors, str_of(column)) -
			  connectors->columns];
}

/* Another member of a cluster may have what this one does not have yet: once,
 * it is looked for where everything must be. */
static enum error
not_found(struct write *w)
{
	w->behind = !w->current && db_has_peers(w->call->service->db);
	return call_not_found(w->call);
}

enum error
write_lock(struct write *w)
{
	struct call *call = w->call;
	struct sql_root root = call_root(call);
	struct str if_match = call->request->if_match;
	struct rows rows;
	int64_t version;

	if (root.by_key && !str_is_utf8(root.key))
		return call_not_found(call);
	TRY(write_query(w, sql_lock(call->arena, connectors, &root), &rows));
	if (rows.count == 0)
		return not_found(w);
	w->before = rows.cells;
	w->connector_id = before(w, "id")->integer;
	w->connector_name = before(w, "name")->text;
	version = before(w, "version")->integer;
	if (if_match.len == 0 || etag_has_version(if_match, version))
		return OK;
	/* The client saw it on another member, which is ahead of this one. */
	w->behind =
	    db_has_peers(call->service->db) && etag_is_newer(if_match, version);
	return ERROR_PRECONDITION;
}

/* Marks the references that the catalogue knows; true when these are all. */
static bool
know_references(struct write *w)
{
	struct references *references = &w->references;
	size_t n = 0;

	for (size_t i = 0; i < references->n; i++) {
		struct reference *r = &references->items[i];

		if (r->column->refers ==
			&resource_authentication_implementations &&
		    implementation_cache_has(w->call->service->implementations,
			w->call->principal.company_id, r->value.integer)) {
			r->found = true;
			r->id = r->value.integer;
			n++;
		}
	}
	return n == references->n;
}

static enum error
find_references(struct write *w)
{
	struct references *references = &w->references;
	struct rows rows;

	validate_references(
	    connectors, w->before != NULL, &w->body, references);
	if (know_references(w))
		return OK;
	TRY(write_query(w,
	    sql_references(
		w->call->arena, references, w->call->principal.company_id),
	    &rows));
	for (size_t i = 0; i < rows.count; i++) {
		struct reference *found =
		    &references->items[rows_cell(&rows, i, 0)->integer];

		found->found = true;
		found->id = rows_cell(&rows, i, 1)->integer;
	}
	return OK;
}

/* The id of the row that a field refers to, as a value to store. */
static struct value
reference_id(const struct write *w, const char *field)
{
	for (size_t i = 0; i < w->references.n; i++)
		if (strcmp(w->references.items[i].rule->field, field) == 0)
			return value_int(w->references.items[i].id);
	return value_null();
}

static enum error
apply_rules(struct write *w)
{
	struct arena *arena = w->call->arena;
	struct validate_known known = { .references = &w->references };
	int64_t *ids = ARENA_NEW(arena, int64_t, w->stored.n);
	struct str *keys = ARENA_NEW(arena, struct str, w->stored.n);

	for (size_t i = 0; i < w->stored.n; i++) {
		const struct variable *item = &w->stored.all[i];

		ids[i] = item->id;
		keys[i] = variable_value(&w->stored, item, "key")->text;
	}
	known.item_ids = ids;
	known.item_keys = keys;
	known.n_items = w->stored.n;
	return validate(arena, connectors, w->before != NULL, &w->body, &known,
	    &w->input, &w->call->problem);
}

/* A session that an app set up does not go with another app. */
static enum error
check_session_app(struct write *w)
{
	static const struct str text =
	    STR_CONST("SELECT platform_app_id FROM sessions WHERE id = ?");
	const struct input_field *session =
	    input_field(&w->input, "session_id");
	struct value app = reference_id(w, "platform_app_key");
	struct rows rows;

	if (!session->present || session->value.type == VALUE_NULL ||
	    app.type == VALUE_NULL)
		return OK;
	TRY(write_query(
	    w, (struct statement){ text, &session->value, 1 }, &rows));
	if (rows.count == 0 || rows.cells[0].type == VALUE_NULL ||
	    rows.cells[0].integer != app.integer)
		return problem_add(&w->call->problem, STR("platform_app_key"),
		    STR("The selected platform app key does not belong to the "
			"session."));
	return OK;
}

/* The further checks that look at the implementation. */
static enum error
check_target(struct write *w)
{
	struct call *call = w->call;
	const struct input_field *to =
	    input_field(&w->input, "authentication_implementation_id");
	struct implementation from, target;
	int64_t old = 0;
	enum error error;

	if (w->before != NULL)
		old = before(w, "authentication_implementation_id")->integer;
	/* What is only sent back is not asked for more than is stored. */
	if (w->before != NULL && !write_variables_differ(w) &&
	    (!to->present || to->value.integer == old))
		return OK;
	TRY(write_find_implementation(
	    w, to->present ? to->value.integer : old, &target));
	if (target.id == 0)
		return problem_add(&call->problem,
		    STR("authentication_implementation_id"),
		    STR("The selected authentication implementation id is "
			"invalid."));
	error = target_check_required(
	    call->arena, &target, &w->merged, &call->problem);
	if (w->before == NULL || (error != OK && error != ERROR_INVALID))
		return error;
	from = target;
	if (old != target.id)
		TRY(write_find_implementation(w, old, &from));
	TRY(target_check_secrets(call->arena, &from, &w->stored, &target,
	    &w->merged, &call->problem));
	return error; /* of the variables that are required */
}

enum error
write_check(struct write *w)
{
	enum error merged, session, target;

	implementation_cache_begin(w->call->service->implementations,
	    w->call->principal.version.common);
	w->stored = (struct variables){ .rules = connectors };
	if (w->before != NULL)
		TRY(write_load_own(w, &w->stored));
	TRY(find_references(w));
	TRY(apply_rules(w));
	merged = variables_merge(w->call->arena, &w->stored, &w->input,
	    &w->merged, &w->call->problem);
	session = check_session_app(w);
	if (session != OK && session != ERROR_INVALID)
		return session;
	target = check_target(w);
	if (target != OK)
		return target;
	return merged != OK ? merged : session;
}

/* The column that stores a field: an app is named by its key and stored by
 * its id. */
static void
assign_field(
    struct write *w, const struct input_field *field, struct assignments *to)
{
	const char *column = field->rule->column;

	if (strcmp(column, "platform_app_key") == 0)
		assign(
		    to, connectors, "platform_app_id", reference_id(w, column));
	else
		assign(to, connectors, column, field->value);
}

static bool
is_root_field(const struct input_field *field)
{
	return field->present && field->rule->resource == connectors;
}

/* Removed ones first, so that a key may be given to a new variable. */
static enum error
remove_items(struct write *w)
{
	int64_t *gone = ARENA_NEW(w->call->arena, int64_t, w->merged.n);
	size_t n = 0;

	for (size_t i = 0; i < w->merged.n; i++) {
		const struct variable *item = &w->merged.all[i];

		if (item->state != VARIABLE_REMOVED)
			continue;
		gone[n++] = item->id;
		write_note_changed(
		    w, arena_printf(w->call->arena, "variables.%.*s",
			   STR_FMT(
			       variable_value(&w->merged, item, "key")->text)));
	}
	return n == 0 ? OK : write_remove_variables(w, gone, n);
}

static enum error
write_variables(struct write *w)
{
	struct variable **added =
	    ARENA_NEW(w->call->arena, struct variable *, w->merged.n);
	size_t n = 0;

	TRY(remove_items(w));
	for (size_t i = 0; i < w->merged.n; i++) {
		struct variable *item = &w->merged.all[i];

		if (item->state == VARIABLE_ADDED)
			added[n++] = item;
		else if (item->state == VARIABLE_CHANGED &&
			 write_variable_differs(w, item))
			TRY(write_change_variable(w, item));
	}
	return n == 0 ? OK : write_add_variables(w, added, n);
}

/* No certificate tells that it is the connector's. */
static enum error
leave_certificate(struct write *w)
{
	static const struct str text =
	    STR_CONST("UPDATE certificates SET connector_id = NULL "
		      "WHERE connector_id = ?");
	struct value id = value_int(w->connector_id);

	return write_run(w, (struct statement){ text, &id, 1 });
}

/* The certificate tells whose it is; the one before tells it no more. */
static enum error
move_certificate(struct write *w)
{
	static const struct str take =
	    STR_CONST("UPDATE certificates SET connector_id = ? WHERE id = ?");
	const struct input_field *field =
	    input_field(&w->input, "certificate_id");
	struct value params[2] = { value_int(w->connector_id), field->value };

	if (!field->present)
		return OK;
	if (w->before != NULL)
		TRY(leave_certificate(w));
	if (field->value.type == VALUE_NULL)
		return OK;
	return write_run(w, (struct statement){ take, params, 2 });
}

enum error
write_insert(struct write *w)
{
	struct call *call = w->call;
	struct assignments values = { .n = 0 };

	assign(&values, connectors, "company_id",
	    value_int(call->principal.company_id));
	assign(&values, connectors, "canonical_key",
	    value_text(secret_uuid7(call->arena, time_real() / 1000)));
	for (size_t i = 0; i < connectors->n_rules; i++) {
		if (!is_root_field(&w->input.fields[i]))
			continue;
		assign_field(w, &w->input.fields[i], &values);
		write_note_changed(w, str_of(connectors->rules[i].field));
	}
	TRY(write_run(w, sql_insert(call->arena, connectors, &values)));
	w->connector_id = db_insert_id(call->service->db);
	w->connector_name = input_field(&w->input, "name")->value.text;
	TRY(write_variables(w));
	return move_certificate(w);
}

enum error
write_change(struct write *w)
{
	struct call *call = w->call;
	struct assignments values = { .n = 0 };
	bool moves = false;

	for (size_t i = 0; i < connectors->n_rules; i++) {
		const struct input_field *field = &w->input.fields[i];

		if (!is_root_field(field) ||
		    input_keeps(field, before(w, field->rule->column)))
			continue;
		assign_field(w, field, &values);
		write_note_changed(w, str_of(field->rule->field));
		moves |= strcmp(field->rule->column, "certificate_id") == 0;
	}
	TRY(write_variables(w));
	if (moves)
		TRY(move_certificate(w));
	if (w->changed.len <= 1)
		return OK;
	return write_run(w, sql_update(call->arena, connectors, &values, "id",
				w->connector_id, true));
}

enum error
write_remove(struct write *w)
{
	int64_t *ids;

	TRY(write_load_own(w, &w->stored));
	ids = ARENA_NEW(w->call->arena, int64_t, w->stored.n);
	for (size_t i = 0; i < w->stored.n; i++)
		ids[i] = w->stored.all[i].id;
	if (w->stored.n > 0)
		TRY(write_remove_variables(w, ids, w->stored.n));
	TRY(leave_certificate(w));
	TRY(write_run(w, sql_delete(w->call->arena, &resource_connector_tests,
			     "connector_id", &w->connector_id, 1)));
	return write_run(w,
	    sql_delete(w->call->arena, connectors, "id", &w->connector_id, 1));
}

enum error
write_audit(struct write *w)
{
	const struct resource *audit = &resource_audit_events;
	const struct principal *who = &w->call->principal;
	struct assignments values = { .n = 0 };

	buf_add_char(&w->changed, ']');
	assign(&values, audit, "company_id", value_int(who->company_id));
	assign(&values, audit, "api_key_id", value_int(who->key_id));
	assign(&values, audit, "user_id",
	    who->user_id == 0 ? value_null() : value_int(who->user_id));
	assign(&values, audit, "action", value_text(str_of(w->action)));
	assign(&values, audit, "connector_id", value_int(w->connector_id));
	assign(&values, audit, "connector_name", value_text(w->connector_name));
	assign(&values, audit, "changed", value_text(buf_str(&w->changed)));
	assign(&values, audit, "request_id", value_text(w->call->request->id));
	assign(&values, audit, "token", value_text(w->token));
	return write_run(w, sql_insert(w->call->arena, audit, &values));
}

enum error
write_raise_version(struct write *w)
{
	struct value company = value_int(w->call->principal.company_id);

	return write_run(w, sql_raise_version(&company));
}

enum error
write_was_committed(struct write *w, bool *ret, int64_t *ret_connector_id)
{
	/* The server may be about to do it still, or to take it back: the lock
	 * is not to be had before it has. */
	static const struct str text =
	    STR_CONST("SELECT connector_id FROM audit_events WHERE token = ? "
		      "FOR UPDATE");
	struct value token = value_text(w->token);
	struct db *db = w->call->service->db;
	struct rows rows;
	enum error error;

	/* Another member of a cluster may have been asked before. */
	TRY(db_begin_current(db, &w->call->problem));
	error = write_query(w, (struct statement){ text, &token, 1 }, &rows);
	db_rollback(db);
	if (error != OK)
		return error;
	*ret = rows.count > 0;
	if (*ret)
		*ret_connector_id = rows.cells[0].integer;
	return OK;
}
