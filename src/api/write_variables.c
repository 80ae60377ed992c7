/*
 * Runs the plan of a write: the variables of the connector, each a row, a link
 * to the connector and, if it is a secret, a sealed value.
 */
#include <config.h>

#include <string.h>

#include "api/write_store.h"
#include "db/db.h"
#include "engine/sql_text.h"
#include "schema/tables.h"
#include "secret/secret.h"

/* Of one INSERT, see sql_chunk(). */
#define FEW_ROWS  8
#define MOST_ROWS 64

/* The columns of one table that a variable is stored in. */
static void
assign_variable(const struct variables *variables, const struct variable *v,
    const struct resource *resource, struct assignments *to)
{
	const struct resource *rules = variables->rules;

	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = &rules->rules[i];

		if (rule->resource != resource || rule->item == NULL ||
		    (rule->checks & CHECK_OWN) != 0)
			continue;
		if (strcmp(rule->item, "value") == 0 &&
		    variable_is_secret(variables, v))
			assign(to, resource, rule->column, value_null());
		else
			assign(to, resource, rule->column, v->values[i]);
	}
}

/*
 * What value_sealed becomes: a new value or one that turns secret is sealed, a
 * secret that is kept stays, all others have none.
 */
static enum error
seal(struct call *call, const struct variables *variables,
    const struct variable *v, int64_t id, struct value *ret)
{
	const struct value *plain = variable_value(variables, v, "value");
	struct seal_context place = { "variables", "value", id,
		v->state == VARIABLE_ADDED ? call->principal.company_id
					   : v->company_id };
	const struct keyring *ring = call->service->keyring;

	*ret = value_null();
	if (!variable_is_secret(variables, v))
		return OK;
	if (variable_keeps_secret(variables, v)) {
		*ret = value_bytes(v->sealed);
		return OK;
	}
	if (plain->type == VALUE_NULL)
		return OK;
	if (ring == NULL)
		return problem_log(&call->problem, ERROR_INTERNAL,
		    "a secret cannot be stored: no key ring is configured");
	*ret = value_bytes(secret_seal(call->arena, ring, &place, plain->text));
	return OK;
}

/* Variables that are stored by one INSERT. */
struct chunk {
	struct write_plan *plan;
	struct variable **all;
	size_t n; /* at most MOST_ROWS */
	struct value sealed[MOST_ROWS];
	struct rows stored; /* if the plan returns them */
};

static enum error
insert_rows(struct call *call, struct chunk *chunk)
{
	const struct resource *table = &resource_variables;
	struct assignments *rows =
	    ARENA_NEW(call->arena, struct assignments, chunk->n);

	for (size_t i = 0; i < chunk->n; i++) {
		assign(&rows[i], table, "company_id",
		    value_int(call->principal.company_id));
		assign_variable(
		    &chunk->plan->variables, chunk->all[i], table, &rows[i]);
		assign(&rows[i], table, "value_sealed", chunk->sealed[i]);
	}
	if (chunk->plan->returns)
		return call_insert(call,
		    sql_insert_returning(call->arena, table, rows, chunk->n),
		    chunk->n, &chunk->stored);
	return call_run(
	    call, sql_insert_rows(call->arena, table, rows, chunk->n));
}

/* Adds a row of the relation: whose it is, the variable, the pivot. */
static void
keep_row(struct rows *to, const struct rows *variables,
    const struct rows *links, size_t row)
{
	struct value *cells = to->cells + to->count++ * to->width;
	const struct value *link = rows_cell(links, row, 0);

	cells[0] = link[0];
	memcpy(cells + 1, rows_cell(variables, row, 0),
	    variables->width * sizeof(*cells));
	memcpy(cells + 1 + variables->width, link + 1,
	    (links->width - 1) * sizeof(*cells));
}

static void
keep_rows(
    struct arena *arena, const struct chunk *chunk, const struct rows *links)
{
	struct write_plan *plan = chunk->plan;
	struct rows *to = &plan->stored_variables;

	if (to->cells == NULL) {
		to->width = chunk->stored.width + links->width;
		to->cells =
		    ARENA_NEW(arena, struct value, plan->n_added * to->width);
	}
	for (size_t i = 0; i < chunk->n; i++)
		keep_row(to, &chunk->stored, links, i);
}

static enum error
insert_links(struct call *call, const struct chunk *chunk)
{
	const struct resource *links = &resource_model_variables;
	const struct relation_link *link =
	    schema_relation(&resource_connectors, STR("variables"))->link;
	struct rows stored;
	struct assignments *rows =
	    ARENA_NEW(call->arena, struct assignments, chunk->n);

	for (size_t i = 0; i < chunk->n; i++) {
		const struct variable *v = chunk->all[i];

		assign(&rows[i], links, "variable_id", value_int(v->id));
		assign(&rows[i], links, "model_type",
		    value_text(str_of(resource_connectors.one)));
		assign(&rows[i], links, "model_id",
		    value_int(chunk->plan->connector_id));
		assign_variable(&chunk->plan->variables, v, links, &rows[i]);
	}
	if (!chunk->plan->returns)
		return call_run(
		    call, sql_insert_rows(call->arena, links, rows, chunk->n));
	TRY(call_insert(call,
	    sql_link_returning(call->arena, link, rows, chunk->n), chunk->n,
	    &stored));
	keep_rows(call->arena, chunk, &stored);
	return OK;
}

/* The first of the ids that n rows probably get: those after the last ones of
 * the pool. The guess may be wrong, so it is only compared and sealed for. */
static int64_t
guess_first_id(struct call *call, size_t n)
{
	int64_t guess = atomic_fetch_add(call->service->next_variable,
	    (int64_t)n * db_insert_step(call->service->db));

	return guess < 0 || guess > INT64_MAX / 2 ? 0 : guess;
}

/* Gives the variables ids that follow each other. */
static void
number_from(struct chunk *chunk, int64_t first, int64_t step)
{
	for (size_t i = 0; i < chunk->n; i++)
		chunk->all[i]->id = first + (int64_t)i * step;
}

/* The ids that the rows have; true: they are those that the variables had.
 * The ids of one insert follow each other; where no rows come back the handler
 * reads them and checks that they do. */
static bool
take_ids(const struct call *call, struct chunk *chunk)
{
	const struct db *db = call->service->db;
	int64_t guess = chunk->all[0]->id;
	size_t at = sql_position(&resource_variables, "id");
	bool same = true;

	if (!chunk->plan->returns) {
		number_from(chunk, db_insert_id(db), db_insert_step(db));
		return chunk->all[0]->id == guess;
	}
	for (size_t i = 0; i < chunk->n; i++) {
		int64_t id = rows_cell(&chunk->stored, i, at)->integer;

		same &= chunk->all[i]->id == id;
		chunk->all[i]->id = id;
	}
	return same;
}

/* Seals the values for the ids that the variables have. */
static enum error
seal_all(struct call *call, struct chunk *chunk)
{
	for (size_t i = 0; i < chunk->n; i++)
		TRY(seal(call, &chunk->plan->variables, chunk->all[i],
		    chunk->all[i]->id, &chunk->sealed[i]));
	return OK;
}

/* All sealed values that are not null, in one statement. */
static enum error
store_sealed(struct call *call, const struct chunk *chunk)
{
	int64_t ids[MOST_ROWS];
	struct value values[MOST_ROWS];
	size_t n = 0;

	for (size_t i = 0; i < chunk->n; i++) {
		if (chunk->sealed[i].type == VALUE_NULL)
			continue;
		ids[n] = chunk->all[i]->id;
		values[n++] = chunk->sealed[i];
	}
	if (n == 0)
		return OK;
	chunk->plan->returns = false; /* what came back is no longer so */
	return call_run(call, sql_update_each(call->arena, &resource_variables,
				  "value_sealed", ids, values, n));
}

/* Sealed values are bound to their row, whose id is known only after it was
 * made. Mostly it can be guessed, which saves changing the row. */
static enum error
insert_variables(struct call *call, struct chunk *chunk)
{
	int64_t step = db_insert_step(call->service->db);

	number_from(chunk, guess_first_id(call, chunk->n), step);
	TRY(seal_all(call, chunk));
	TRY(insert_rows(call, chunk));
	if (take_ids(call, chunk))
		return OK;
	atomic_store(
	    call->service->next_variable, chunk->all[chunk->n - 1]->id + step);
	TRY(seal_all(call, chunk));
	return store_sealed(call, chunk);
}

static enum error
add(struct call *call, struct write_plan *plan)
{
	struct chunk chunk = { .plan = plan, .all = plan->added };
	size_t left = plan->n_added;

	for (; left > 0; left -= chunk.n, chunk.all += chunk.n) {
		chunk.n = sql_chunk(left, FEW_ROWS, MOST_ROWS);
		TRY(insert_variables(call, &chunk));
		TRY(insert_links(call, &chunk));
	}
	return OK;
}

/* The row as a whole; the link, which most changes leave alone, if it differs.
 */
static enum error
change(struct call *call, const struct variables *variables,
    const struct variable *v)
{
	struct assignments row = { .n = 0 }, link = { .n = 0 };
	struct arena *arena = call->arena;
	struct value sealed;

	assign_variable(variables, v, &resource_variables, &row);
	TRY(seal(call, variables, v, v->id, &sealed));
	assign(&row, &resource_variables, "value_sealed", sealed);
	TRY(call_run(call, sql_update(arena, &resource_variables, &row, "id",
			       v->id, COUNTED_NOT)));
	if (!variable_link_differs(variables, v))
		return OK;
	assign_variable(variables, v, &resource_model_variables, &link);
	return call_run(call, sql_update(arena, &resource_model_variables,
				  &link, "variable_id", v->id, COUNTED_NOT));
}

static enum error
remove_all(struct call *call, const int64_t *ids, size_t n)
{
	if (n == 0)
		return OK;
	TRY(call_run(call, sql_delete(call->arena, &resource_model_variables,
			       "variable_id", ids, n)));
	return call_run(
	    call, sql_delete(call->arena, &resource_variables, "id", ids, n));
}

enum error
write_variables(struct call *call, struct write_plan *plan)
{
	TRY(remove_all(call, plan->removed, plan->n_removed));
	for (size_t i = 0; i < plan->n_changed; i++)
		TRY(change(call, &plan->variables, plan->changed[i]));
	return add(call, plan);
}
