/*
 * The refresh token that the remote side gave in exchange for the one of a
 * test: it becomes the value of the connector's own variable, sealed, whether
 * the old one was that variable's or the implementation's default.
 */
#include <config.h>

#include <string.h>

#include "api/connector_test_record.h"
#include "api/find_variables.h"
#include "api/write_store.h"
#include "schema/tables.h"

#define KEY "refresh_token"

static struct value *
value_of(struct variable *v, const char *name)
{
	return &v->values[variables_rule(&resource_connectors, name)];
}

/* Whether the variable is as the test found it: a change that was made
 * meanwhile stays. NULL: there is or was none. */
static bool
is_unchanged(const struct variable *used, const struct variable *now)
{
	size_t value = variables_rule(&resource_connectors, "value");

	if (used == NULL || now == NULL)
		return used == now;
	return used->id == now->id && str_equal(used->sealed, now->sealed) &&
	       str_equal(used->values[value].text, now->values[value].text);
}

/* A new variable: its label and its link's flags are those of the default. It
 * is not locked, or its owner could never remove it again. NULL: the default
 * was removed meanwhile. */
static enum error
added_variable(struct test *t, struct variable **ret)
{
	struct arena *arena = t->call->arena;
	size_t n = resource_connectors.n_rules;
	const struct variable *from;
	struct variables defaults;
	struct variable *v;

	TRY(find_defaults(t->call, t->implementation_id,
	    t->implementation_company, &defaults));
	from = variables_find(&defaults, STR(KEY));
	*ret = NULL;
	if (from == NULL)
		return OK;
	*ret = v = ARENA_NEW(arena, struct variable, 1);
	v->state = VARIABLE_ADDED;
	v->values = ARENA_NEW(arena, struct value, n);
	memcpy(v->values, from->values, n * sizeof(*v->values));
	*value_of(v, "locked") = value_int(0);
	return OK;
}

/* The variable that is to have the token: the connector's own if it has one.
 * NULL: somebody else changed it meanwhile. */
static enum error
find_variable(struct test *t, struct variable **ret)
{
	const struct variable *used = variables_find(&t->variables, STR(KEY));
	const struct variable *own;
	struct variables now;

	*ret = NULL;
	TRY(find_variables(t->call, t->connector_id, &now));
	own = variables_find(&now, STR(KEY));
	if (!is_unchanged(used, own))
		return OK;
	if (own == NULL)
		return added_variable(t, ret);
	*ret = &now.all[own - now.all];
	(*ret)->state = VARIABLE_CHANGED;
	return OK;
}

/* Without a key ring it is lost, as secrets cannot be stored then. */
static bool
can_store(struct test *t)
{
	struct call *call = t->call;

	if (call->service->keyring != NULL)
		return true;
	call->response->warning = arena_printf(call->arena,
	    "the refresh token that connector %lld was given is lost: no key "
	    "ring is configured",
	    (long long)t->connector_id);
	return false;
}

enum error
test_store_token(struct test *t, struct write_plan *ret)
{
	struct str token = t->result.rotated_refresh_token;
	struct variable *v;

	if (token.len == 0 || !can_store(t))
		return OK;
	TRY(find_variable(t, &v));
	if (v == NULL)
		return OK;
	v->given = true;
	*value_of(v, "value") = value_text(token);
	*value_of(v, "secret") = value_int(1);
	write_plan_variable(
	    t->call->arena, t->connector_id, &resource_connectors, v, ret);
	return write_store(t->call, ret);
}
