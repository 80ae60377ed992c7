/*
 * Storing one variable of a connector: its row, its sealed value, its link.
 */
#include <config.h>

#include <string.h>

#include "api/write.h"
#include "db/db.h"
#include "engine/sql_text.h"
#include "schema/tables.h"
#include "secret/secret.h"

/* Of one INSERT, see sql_chunk(). */
#define FEW_ROWS  8
#define MOST_ROWS 64

/* Whether a column of one table becomes different. */
static bool
table_differs(const struct write *w, const struct variable *item,
    const struct resource *resource)
{
	const struct resource *rules = w->merged.rules;

	for (size_t i = 0; i < rules->n_rules; i++)
		if (rules->rules[i].item != NULL &&
		    rules->rules[i].resource == resource &&
		    !value_equal(&item->stored[i], &item->values[i]))
			return true;
	return false;
}

/* A secret that is given again counts as changed: nobody opens the old one to
 * compare. */
bool
write_variable_differs(const struct write *w, const struct variable *item)
{
	const struct variables *items = &w->merged;

	if (item->given && variable_is_secret(items, item))
		return true;
	if (item->given && item->sealed.ptr != NULL)
		return true;
	return table_differs(w, item, &resource_variables) ||
	       table_differs(w, item, &resource_model_variables);
}

bool
write_variables_differ(const struct write *w)
{
	for (size_t i = 0; i < w->merged.n; i++) {
		const struct variable *item = &w->merged.all[i];

		if (item->state == ITEM_ADDED || item->state == ITEM_REMOVED ||
		    (item->state == ITEM_CHANGED &&
			write_variable_differs(w, item)))
			return true;
	}
	return false;
}

/* The columns of one table that the rules of an item store. */
static void
assign_item(const struct write *w, const struct variable *item,
    const struct resource *resource, struct assignments *to)
{
	const struct resource *rules = w->merged.rules;

	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = &rules->rules[i];

		if (rule->resource != resource || rule->item == NULL ||
		    (rule->checks & CHECK_OWN) != 0)
			continue;
		if (strcmp(rule->item, "value") == 0 &&
		    variable_is_secret(&w->merged, item))
			assign(to, resource, rule->column, value_null());
		else
			assign(to, resource, rule->column, item->values[i]);
	}
}

/*
 * What value_sealed becomes: a new value or one that turns secret is sealed,
 * a secret that is kept stays, all others have none.
 */
static enum error
sealed_value(
    struct write *w, const struct variable *item, int64_t id, struct value *ret)
{
	const struct value *plain = variable_value(&w->merged, item, "value");
	struct seal_context place = { "variables", "value", id,
		item->state == ITEM_ADDED ? w->call->principal.company_id
					  : item->company_id };
	const struct keyring *ring = w->call->service->keyring;

	*ret = value_null();
	if (!variable_is_secret(&w->merged, item))
		return OK;
	if (variable_keeps_secret(&w->merged, item)) {
		*ret = value_bytes(item->sealed);
		return OK;
	}
	if (plain->type == VALUE_NULL)
		return OK;
	if (ring == NULL)
		return problem_log(&w->call->problem, ERROR_INTERNAL,
		    "a secret cannot be stored: no key ring is configured");
	*ret =
	    value_bytes(secret_seal(w->call->arena, ring, &place, plain->text));
	return OK;
}

static enum error
insert_rows(struct write *w, const struct resource *resource,
    const struct assignments *rows, size_t n)
{
	return write_run(w, sql_insert_rows(w->call->arena, resource, rows, n));
}

/* The rows, with these sealed values. */
static enum error
insert_variables(struct write *w, struct variable **items, size_t n,
    const struct value *sealed)
{
	const struct resource *variables = &resource_variables;
	struct assignments *rows =
	    ARENA_NEW(w->call->arena, struct assignments, n);

	for (size_t i = 0; i < n; i++) {
		assign(&rows[i], variables, "company_id",
		    value_int(w->call->principal.company_id));
		assign_item(w, items[i], variables, &rows[i]);
		assign(&rows[i], variables, "value_sealed", sealed[i]);
	}
	return insert_rows(w, variables, rows, n);
}

static enum error
insert_links(struct write *w, struct variable **items, size_t n)
{
	const struct resource *links = &resource_model_variables;
	struct assignments *rows =
	    ARENA_NEW(w->call->arena, struct assignments, n);

	for (size_t i = 0; i < n; i++) {
		assign(&rows[i], links, "variable_id", value_int(items[i]->id));
		assign(&rows[i], links, "model_type",
		    value_text(str_of(resource_connectors.one)));
		assign(&rows[i], links, "model_id", value_int(w->connector_id));
		assign_item(w, items[i], links, &rows[i]);
	}
	return insert_rows(w, links, rows, n);
}

/* The ids that n rows probably get: those behind the last ones of the pool. It
 * may be anything, so it is only compared and sealed for. */
static int64_t
guess_ids(struct write *w, size_t n)
{
	int64_t guess = atomic_fetch_add(w->call->service->next_variable,
	    (int64_t)n * db_insert_step(w->call->service->db));

	return guess < 0 || guess > INT64_MAX / 2 ? 0 : guess;
}

/* Gives the items ids, and seals their values for these. The ids of one insert
 * follow each other; answer_written() makes sure that they do. */
static enum error
seal_items(struct write *w, struct variable **items, size_t n, int64_t first,
    struct value *ret)
{
	int64_t step = db_insert_step(w->call->service->db);

	for (size_t i = 0; i < n; i++) {
		items[i]->id = first + (int64_t)i * step;
		TRY(sealed_value(w, items[i], items[i]->id, &ret[i]));
	}
	return OK;
}

/* All that are not null, in one statement. */
static enum error
store_sealed(struct write *w, struct variable **items, size_t n,
    const struct value *sealed)
{
	int64_t ids[MOST_ROWS];
	struct value values[MOST_ROWS];
	size_t some = 0;

	for (size_t i = 0; i < n; i++) {
		if (sealed[i].type == VALUE_NULL)
			continue;
		ids[some] = items[i]->id;
		values[some++] = sealed[i];
	}
	if (some == 0)
		return OK;
	return write_run(w, sql_update_each(w->call->arena, &resource_variables,
				"value_sealed", ids, values, some));
}

/* Sealed values are bound to their row, whose id is known only after it was
 * made. Mostly it can be guessed, which saves changing the row. */
static enum error
make_variables(struct write *w, struct variable **items, size_t n)
{
	const struct db *db = w->call->service->db;
	struct value sealed[MOST_ROWS];
	int64_t guess = guess_ids(w, n), first;

	TRY(seal_items(w, items, n, guess, sealed));
	TRY(insert_variables(w, items, n, sealed));
	first = db_insert_id(db);
	if (first == guess)
		return OK;
	atomic_store(w->call->service->next_variable,
	    first + (int64_t)n * db_insert_step(db));
	TRY(seal_items(w, items, n, first, sealed));
	return store_sealed(w, items, n, sealed);
}

static void
note_item(struct write *w, const struct variable *item)
{
	write_note_changed(
	    w, arena_printf(w->call->arena, "variables.%.*s",
		   STR_FMT(variable_value(&w->merged, item, "key")->text)));
}

enum error
write_add_variables(struct write *w, struct variable **items, size_t n)
{
	for (size_t at = 0, some; at < n; at += some) {
		some = sql_chunk(n - at, FEW_ROWS, MOST_ROWS);
		TRY(make_variables(w, items + at, some));
		TRY(insert_links(w, items + at, some));
	}
	for (size_t i = 0; i < n; i++)
		note_item(w, items[i]);
	return OK;
}

enum error
write_change_variable(struct write *w, const struct variable *item)
{
	struct assignments variable = { .n = 0 }, link = { .n = 0 };
	struct arena *arena = w->call->arena;
	struct value sealed;

	note_item(w, item);
	assign_item(w, item, &resource_variables, &variable);
	TRY(sealed_value(w, item, item->id, &sealed));
	assign(&variable, &resource_variables, "value_sealed", sealed);
	TRY(write_run(w, sql_update(arena, &resource_variables, &variable, "id",
			     item->id, false)));
	if (!table_differs(w, item, &resource_model_variables))
		return OK;
	assign_item(w, item, &resource_model_variables, &link);
	return write_run(w, sql_update(arena, &resource_model_variables, &link,
				"variable_id", item->id, false));
}

enum error
write_remove_variables(struct write *w, const int64_t *ids, size_t n)
{
	TRY(write_run(w, sql_delete(w->call->arena, &resource_model_variables,
			     "variable_id", ids, n)));
	return write_run(
	    w, sql_delete(w->call->arena, &resource_variables, "id", ids, n));
}
