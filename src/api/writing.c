/*
 * Handlers that write: store, update, destroy. Each is one transaction, whose
 * steps read, decide, store and answer in this order.
 */
#include <config.h>

#include "api/audit.h"
#include "api/execute.h"
#include "api/transaction.h"
#include "api/write_find.h"
#include "api/write_plan.h"
#include "api/write_store.h"
#include "base/json.h"
#include "base/time.h"
#include "db/db.h"
#include "schema/tables.h"
#include "secret/secret.h"

/* Reads what the decision needs and makes a plan of the body. row: the locked
 * connector; NULL: a new one. */
static enum error
decide(struct call *call, const struct value *row, struct write_plan *ret)
{
	struct arena *arena = call->arena;
	struct problem *problem = &call->problem;
	struct write_facts facts;
	struct write_wanted wanted;
	struct write_answers answers = { 0 };
	struct write_origin origin;

	TRY(write_find_facts(call, row, &facts));
	TRY(write_check_body(arena, &facts, &call->body, &wanted, problem));
	TRY(write_find_answers(call, &wanted.questions, &answers));
	TRY(write_check_answers(arena, &facts, &wanted, &answers, problem));
	if (row != NULL) {
		write_plan_change(arena, &facts, &wanted, ret);
		return OK;
	}
	origin.company_id = call->principal.company_id;
	origin.canonical_key = secret_uuid7(arena, time_real() / 1000);
	write_plan_insert(arena, &origin, &facts, &wanted, ret);
	return OK;
}

/* Runs the plan and leaves its audit row. */
static enum error
store(struct transaction *t, struct write_plan *plan, const char *action)
{
	struct audit_entry entry = { .action = action,
		.connector_name = plan->connector_name,
		.changed = plan->names,
		.n_changed = plan->n_names };

	TRY(write_store(t->call, plan));
	t->run.connector_id = entry.connector_id = plan->connector_id;
	return audit_leave(t->call, t->token, &entry);
}

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

/* Whether new variables have the ids that their links and seals were made for.
 */
static enum error
check_ids(struct call *call, const struct write_plan *plan,
    const struct result *result)
{
	const struct result *variables = variables_of(result);

	for (size_t i = 0; i < plan->n_added; i++) {
		const struct variable *v = plan->added[i];
		struct str key =
		    variable_value(&plan->variables, v, "key")->text;

		if (!is_in(variables, v->id, key))
			return problem_log(&call->problem, ERROR_INTERNAL,
			    "the ids of one insert do not follow each other");
	}
	return OK;
}

static bool
will_have_variables(const struct write_plan *plan)
{
	return plan->variables.n > plan->n_removed;
}

/* As show would: what is not known yet is read. */
static enum error
read_back(struct call *call, const struct write_plan *plan, struct result *ret)
{
	struct reader reader = call_reader(call);
	struct sql_root root = { .company_id = call->principal.company_id,
		.by_id = true,
		.id = plan->connector_id };
	const struct include *variables = query_add_include(
	    call->arena, &call->query, str_of(call->facts->always));

	const struct result stored = { .include = variables,
		.rows = plan->stored_variables };
	struct at_hand at_hand = { 0 };

	if (plan->returns)
		at_hand = (struct at_hand){ &plan->stored, &stored };
	if (plan->returns || !will_have_variables(plan))
		return execute_show(call->arena, &reader, &call->query, &root,
		    at_hand, ret, &call->problem);
	return execute_show_with(call->arena, &reader, &call->query, &root,
	    variables, ret, &call->problem);
}

/* Answers with the connector as it is stored. */
static enum error
answer_written(struct call *call, const struct write_plan *plan)
{
	struct result result;

	TRY(read_back(call, plan, &result));
	call_answer(call, &result);
	return check_ids(call, plan, &result);
}

static enum error
store_steps(struct transaction *t, void *context)
{
	struct call *call = t->call;
	struct write_plan plan;

	(void)context;
	TRY(idempotency_begin(call, t->again, &t->run.key));
	if (t->run.key.replayed)
		return OK;
	TRY(decide(call, NULL, &plan));
	/* What is counted of a row is none of its columns. */
	plan.returns = db_returns_rows(call->service->db) &&
		       call->query.aggregates == NULL;
	TRY(store(t, &plan, "store"));
	t->run.added = 1;
	TRY(answer_written(call, &plan));
	response_header(call->response, "Content-Location",
	    arena_printf(call->arena, "%s/%lld", call->routed.route->path,
		(long long)plan.connector_id));
	return idempotency_end(call, &t->run.key, OK);
}

enum error
serve_store(struct call *call)
{
	return transaction_run(call, store_steps, NULL);
}

static enum error
update_steps(struct transaction *t, void *context)
{
	const struct value *row;
	struct write_plan plan;

	(void)context;
	TRY(write_lock(t, &row));
	TRY(decide(t->call, row, &plan));
	TRY(store(t, &plan, "update"));
	return answer_written(t->call, &plan);
}

enum error
serve_update(struct call *call)
{
	return transaction_run(call, update_steps, NULL);
}

static enum error
destroy_steps(struct transaction *t, void *context)
{
	struct buf *body = t->call->response->body;
	const struct value *row;
	struct write_facts facts;
	struct write_plan plan;

	(void)context;
	TRY(write_lock(t, &row));
	TRY(write_find_stored(t->call, row, &facts));
	write_plan_remove(t->call->arena, &facts, &plan);
	TRY(store(t, &plan, "destroy"));
	t->run.added = -1;
	json_object_open(body);
	json_key(body, "message");
	json_string(body, STR("Connector deleted."));
	json_object_close(body);
	return OK;
}

enum error
serve_destroy(struct call *call)
{
	return transaction_run(call, destroy_steps, NULL);
}
