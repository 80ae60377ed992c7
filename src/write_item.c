/*
 * Storing one variable of a connector: its row, its sealed value, its link.
 */
#include <config.h>

#include <string.h>

#include "db/db.h"
#include "schema/tables.h"
#include "secret/secret.h"
#include "write.h"

static bool
same(const struct value *a, const struct value *b)
{
	if (a->type == VALUE_NULL || b->type == VALUE_NULL)
		return a->type == b->type;
	return a->type == VALUE_INT ? a->integer == b->integer
				    : str_equal(a->text, b->text);
}

/* A secret that is given again counts as changed: nobody opens the old one to
 * compare. */
bool
write_item_differs(const struct write *w, const struct item *item)
{
	const struct items *items = &w->merged;

	if (item->given && item_is_secret(items, item))
		return true;
	if (item->given && item->sealed.ptr != NULL)
		return true;
	for (size_t i = 0; i < items->rules->n_rules; i++)
		if (!same(&item->stored[i], &item->values[i]))
			return true;
	return false;
}

/* The columns of one table that the rules of an item store. */
static void
assign_item(const struct write *w, const struct item *item,
    const struct resource *resource, struct assignments *to)
{
	const struct resource *rules = w->merged.rules;

	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = &rules->rules[i];
		bool is_value = strcmp(rule->field, "variables.*.value") == 0;

		if (rule->resource != resource ||
		    strchr(rule->field, '*') == NULL ||
		    (rule->checks & CHECK_OWN) != 0)
			continue;
		if (is_value && item_is_secret(&w->merged, item))
			assign(to, resource, rule->column, value_null());
		else
			assign(to, resource, rule->column, item->values[i]);
	}
}

static enum error
insert_variable(struct write *w, const struct item *item, int64_t *ret)
{
	struct assignments values = { .n = 0 };

	assign(&values, &resource_variables, "company_id",
	    value_int(w->call->principal.company_id));
	assign_item(w, item, &resource_variables, &values);
	TRY(write_run(
	    w, sql_insert(w->call->arena, &resource_variables, &values)));
	*ret = db_insert_id(w->call->service->db);
	return OK;
}

static enum error
insert_link(struct write *w, const struct item *item, int64_t variable_id)
{
	const struct resource *links = &resource_model_variables;
	struct assignments values = { .n = 0 };

	assign(&values, links, "variable_id", value_int(variable_id));
	assign(&values, links, "model_type",
	    value_text(str_of(resource_connectors.one)));
	assign(&values, links, "model_id", value_int(w->connector_id));
	assign_item(w, item, links, &values);
	return write_run(w, sql_insert(w->call->arena, links, &values));
}

/*
 * What value_sealed becomes: a new value or one that turns secret is sealed,
 * a secret that is kept stays, all others have none.
 */
static enum error
sealed_value(
    struct write *w, const struct item *item, int64_t id, struct value *ret)
{
	const struct value *plain = item_value(&w->merged, item, "value");
	struct seal_context place = { "variables", "value", id,
		item->state == ITEM_ADDED ? w->call->principal.company_id
					  : item->company_id };
	const struct keyring *ring = w->call->service->keyring;

	*ret = value_null();
	if (!item_is_secret(&w->merged, item))
		return OK;
	if (item_keeps_secret(&w->merged, item)) {
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
add_item(struct write *w, const struct item *item)
{
	struct assignments sealed = { .n = 0 };
	struct value value;
	int64_t id;

	TRY(insert_variable(w, item, &id));
	TRY(sealed_value(w, item, id, &value));
	if (value.type != VALUE_NULL) {
		/* Sealed values are bound to their row, whose id is known
		 * only now. */
		assign(&sealed, &resource_variables, "value_sealed", value);
		TRY(write_run(w, sql_update(w->call->arena, &resource_variables,
				     &sealed, "id", id, false)));
	}
	return insert_link(w, item, id);
}

static enum error
change_item(struct write *w, const struct item *item)
{
	struct assignments variable = { .n = 0 }, link = { .n = 0 };
	struct arena *arena = w->call->arena;
	struct value sealed;

	assign_item(w, item, &resource_variables, &variable);
	TRY(sealed_value(w, item, item->id, &sealed));
	assign(&variable, &resource_variables, "value_sealed", sealed);
	TRY(write_run(w, sql_update(arena, &resource_variables, &variable, "id",
			     item->id, false)));
	assign_item(w, item, &resource_model_variables, &link);
	return write_run(w, sql_update(arena, &resource_model_variables, &link,
				"variable_id", item->id, false));
}

enum error
write_item(struct write *w, const struct item *item)
{
	write_note_changed(
	    w, arena_printf(w->call->arena, "variables.%.*s",
		   STR_FMT(item_value(&w->merged, item, "key")->text)));
	if (item->state == ITEM_ADDED)
		return add_item(w, item);
	return change_item(w, item);
}

enum error
write_remove_items(struct write *w, const int64_t *ids, size_t n)
{
	TRY(write_run(w, sql_delete(w->call->arena, &resource_model_variables,
			     "variable_id", ids, n)));
	return write_run(
	    w, sql_delete(w->call->arena, &resource_variables, "id", ids, n));
}
