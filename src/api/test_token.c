/*
 * The refresh token that the remote side gave in exchange for the one of a
 * test: it becomes the value of the connector's own variable, sealed, whether
 * the old one was that variable's or the implementation's default.
 */
#include <config.h>

#include <string.h>

#include "api/test_record.h"
#include "schema/tables.h"

#define KEY "refresh_token"

static struct value *
value_of(const struct variables *items, struct variable *item, const char *name)
{
	return &item->values[variables_rule(items->rules, name)];
}

/* Whether the variable is as the test found it: whoever changed it meanwhile
 * knows better. NULL: there is or was none. */
static bool
is_unchanged(const struct variables *used_items, const struct variable *used,
    const struct variables *items, const struct variable *item)
{
	if (used == NULL || item == NULL)
		return used == item;
	return used->id == item->id && str_equal(used->sealed, item->sealed) &&
	       str_equal(variable_value(used_items, used, "value")->text,
		   variable_value(items, item, "value")->text);
}

/* The variable with the token, one that the connector has. */
static struct variable *
changed_item(struct variables *items, const struct variable *own)
{
	struct variable *item = &items->all[own - items->all];

	item->state = ITEM_CHANGED;
	return item;
}

/* A new one: its label and its links' flags are those of the default. Locked it
 * is not, or its owner could never remove it again. */
static enum error
added_item(struct test *t, struct variables *items, struct variable **ret)
{
	struct arena *arena = t->write.call->arena;
	size_t n = items->rules->n_rules;
	struct variable *item = ARENA_NEW(arena, struct variable, 1);
	const struct variable *from;
	struct variables defaults;

	TRY(write_load_defaults(&t->write, t->implementation_id,
	    t->implementation_company, &defaults));
	from = variables_find(&defaults, STR(KEY));
	if (from == NULL)
		return OK; /* it was removed meanwhile */
	item->state = ITEM_ADDED;
	item->values = ARENA_NEW(arena, struct value, n);
	memcpy(item->values, from->values, n * sizeof(*item->values));
	*value_of(items, item, "locked") = value_int(0);
	items->all = item;
	items->n = 1;
	*ret = item;
	return OK;
}

static enum error
write_item(struct write *w, struct variable *item, struct str token)
{
	struct assignments none = { .n = 0 };

	item->given = true;
	*value_of(&w->merged, item, "value") = value_text(token);
	*value_of(&w->merged, item, "secret") = value_int(1);
	if (item->state == ITEM_ADDED)
		TRY(write_add_variables(w, &item, 1));
	else
		TRY(write_change_variable(w, item));
	return write_run(w, sql_update(w->call->arena, &resource_connectors,
				&none, "id", w->connector_id, true));
}

/* Without a key ring it is lost, as secrets cannot be stored then. */
static bool
can_store(struct test *t)
{
	struct call *call = t->write.call;

	if (call->service->keyring != NULL)
		return true;
	call->response->warning = arena_printf(call->arena,
	    "the refresh token that connector %lld was given is lost: no key "
	    "ring is configured",
	    (long long)t->write.connector_id);
	return false;
}

enum error
test_store_token(struct test *t)
{
	struct write *w = &t->write;
	const struct variable *used = variables_find(&t->items, STR(KEY)), *own;
	struct variable *item = NULL;

	if (t->result.rotated_refresh_token.len == 0 || !can_store(t))
		return OK;
	TRY(write_load_own(w, &w->merged));
	own = variables_find(&w->merged, STR(KEY));
	if (!is_unchanged(&t->items, used, &w->merged, own))
		return OK;
	if (own != NULL)
		item = changed_item(&w->merged, own);
	else
		TRY(added_item(t, &w->merged, &item));
	if (item == NULL)
		return OK;
	return write_item(w, item, t->result.rotated_refresh_token);
}
