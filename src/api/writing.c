/*
 * Handlers that write: store, update, destroy. Each is one transaction.
 */
#include <config.h>

#include "api/execute.h"
#include "api/write.h"
#include "base/json.h"
#include "schema/tables.h"

/* The rows of the variables in an answer. */
static const struct result *
variables_of(const struct result *result)
{
	const struct result *child = result->children;

	while (child != NULL && child->include->resource != &resource_variables)
		child = child->next;
	return child;
}

static bool
is_in(const struct result *variables, int64_t id, struct str key)
{
	const struct resource *resource = &resource_variables;
	size_t id_at = 1 + sql_position(resource, "id");
	size_t key_at = 1 + sql_position(resource, "key");

	for (size_t i = 0; i < variables->rows.count; i++)
		if (rows_cell(&variables->rows, i, id_at)->integer == id)
			return str_equal(
			    rows_cell(&variables->rows, i, key_at)->text, key);
	return false;
}

/* New variables have the ids that their links and seals were made for. */
static enum error
check_ids(struct write *w, const struct result *result)
{
	const struct result *variables = variables_of(result);

	for (size_t i = 0; i < w->merged.n; i++) {
		const struct variable *item = &w->merged.all[i];
		struct str key = variable_value(&w->merged, item, "key")->text;

		if (item->state == VARIABLE_ADDED &&
		    !is_in(variables, item->id, key))
			return problem_log(&w->call->problem, ERROR_INTERNAL,
			    "the ids of one insert do not follow each other");
	}
	return OK;
}

static bool
has_variables(const struct variables *items)
{
	for (size_t i = 0; i < items->n; i++)
		if (items->all[i].state != VARIABLE_REMOVED)
			return true;
	return false;
}

/* As show would. */
static enum error
read_back(struct write *w, struct result *ret)
{
	struct call *call = w->call;
	struct db *db = call->service->db;
	struct sql_root root = { .company_id = call->principal.company_id,
		.by_id = true,
		.id = w->connector_id };
	const struct include *variables =
	    query_add_include(call->arena, &call->query, STR("variables"));

	if (!has_variables(&w->merged))
		return execute_show(call->arena, db, &call->query, &root, NULL,
		    ret, &call->problem);
	return execute_show_with(call->arena, db, &call->query, &root,
	    variables, ret, &call->problem);
}

/* Reads the connector back and answers with it. */
static enum error
answer_written(struct write *w)
{
	struct result result;

	TRY(read_back(w, &result));
	call_answer(w->call, &result);
	return check_ids(w, &result);
}

static enum error
store_step(struct write *w)
{
	struct call *call = w->call;

	TRY(idempotency_begin(w, &w->replayed));
	if (w->replayed)
		return OK;
	TRY(write_check(w));
	TRY(write_insert(w));
	TRY(write_audit(w));
	TRY(answer_written(w));
	response_header(call->response, "Content-Location",
	    arena_printf(call->arena, "%s/%lld", call->routed.route->path,
		(long long)w->connector_id));
	return idempotency_end(w, OK);
}

enum error
serve_store(struct call *call)
{
	struct write w = {
		.call = call, .action = "store", .body = call->body
	};

	return write_transaction(&w, store_step);
}

static enum error
update_step(struct write *w)
{
	TRY(write_lock(w));
	TRY(write_check(w));
	TRY(write_change(w));
	TRY(write_audit(w));
	return answer_written(w);
}

enum error
serve_update(struct call *call)
{
	struct write w = {
		.call = call, .action = "update", .body = call->body
	};

	return write_transaction(&w, update_step);
}

static enum error
destroy_step(struct write *w)
{
	struct buf *body = w->call->response->body;

	TRY(write_lock(w));
	TRY(write_remove(w));
	TRY(write_audit(w));
	json_object_open(body);
	json_key(body, "message");
	json_string(body, STR("Connector deleted."));
	json_object_close(body);
	return OK;
}

enum error
serve_destroy(struct call *call)
{
	struct write w = { .call = call, .action = "destroy" };

	return write_transaction(&w, destroy_step);
}
