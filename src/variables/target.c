/*
 * Variables that are required, and secrets that must not follow a changed
 * target.
 */
#include <config.h>

#include "variables/target.h"

#include "base/reference.h"
#include "base/text.h"
#include "secret/secret.h"

static bool
has_text(const struct value *value)
{
	return value->type == VALUE_TEXT && value->text.len > 0;
}

/* A stored secret counts as a value unless it is the empty text, whose sealed
 * form has no more than the overhead of sealing. */
static bool
has_value(const struct variables *variables, const struct variable *v)
{
	if (v == NULL)
		return false;
	if (variable_keeps_secret(variables, v))
		return !secret_is_empty(v->sealed);
	return has_text(variable_value(variables, v, "value"));
}

enum error
target_check_required(struct arena *arena, const struct implementation *to,
    const struct variables *variables, struct problem *reterr)
{
	for (size_t i = 0; i < to->variables.n; i++) {
		const struct variable *wanted = &to->variables.all[i];
		struct str key =
		    variable_value(&to->variables, wanted, "key")->text;
		const struct value *required =
		    variable_value(&to->variables, wanted, "pivot.required");

		if (required->integer == 0 ||
		    has_value(&to->variables, wanted) ||
		    has_value(variables, variables_find(variables, key)))
			continue;
		problem_add(reterr, STR("variables"),
		    arena_printf(arena,
			"The variable %.*s is required by the authentication "
			"implementation.",
			STR_FMT(key)));
	}
	return reterr->fields == NULL ? OK : ERROR_INVALID;
}

/* The stored or new state of the variables, to compare. */
struct side {
	const struct implementation *implementation;
	const struct variables *variables;
};

/* The variable that gives a key its value: the connector's own if it has one,
 * else the implementation's default. */
static const struct variable *
filling(const struct side *side, struct str key, const struct variables **ret)
{
	const struct variable *own = variables_find(side->variables, key);

	*ret = side->variables;
	if (own != NULL &&
	    (own->sealed.ptr != NULL || own->given ||
		variable_value(side->variables, own, "value")->type !=
		    VALUE_NULL))
		return own;
	*ret = &side->implementation->variables;
	return variables_find(*ret, key);
}

/* Secrets are not opened: one that is given anew counts as another one. */
static bool
same_filling(
    const struct side *before, const struct side *after, struct str key)
{
	const struct variables *of_a, *of_b;
	const struct variable *a = filling(before, key, &of_a);
	const struct variable *b = filling(after, key, &of_b);
	const struct value *x, *y;

	if (a == NULL || b == NULL)
		return a == b;
	if (a->sealed.ptr != NULL || b->sealed.ptr != NULL)
		return a->id == b->id && !b->given &&
		       str_equal(a->sealed, b->sealed);
	x = variable_value(of_a, a, "value");
	y = variable_value(of_b, b, "value");
	return x->type == y->type && str_equal(x->text, y->text);
}

static bool
same_url(const struct side *before, const struct side *after, struct str url)
{
	struct str rest, key;

	if (url.ptr == NULL)
		return true;
	rest = reference_authority(url);
	while (reference_next_key(&rest, &key))
		if (!same_filling(before, after, key))
			return false;
	return true;
}

/* The variables that say where a connector of other protocols connects to. A
 * pin says which server it is: adding one to none lets fewer servers in. */
static const struct {
	const char *key;
	bool is_pin;
} places[] = {
	{ "host", false },
	{ "port", false },
	{ "host_key_sha256", true },
};

/* Whether a side has a pin: blanks alone are none. */
static bool
has_pin(const struct side *side, struct str key)
{
	const struct variables *variables;
	const struct variable *v = filling(side, key, &variables);

	if (v == NULL)
		return false;
	if (v->sealed.ptr != NULL && !v->given)
		return !secret_is_empty(v->sealed);
	return text_trim(variable_value(variables, v, "value")->text).len > 0;
}

static bool
same_variables(const struct side *before, const struct side *after)
{
	for (size_t i = 0; i < N_ELEMENTS(places); i++) {
		struct str key = str_of(places[i].key);

		if (places[i].is_pin && !has_pin(before, key))
			continue;
		if (!same_filling(before, after, key))
			return false;
	}
	return true;
}

static bool
same_target(const struct side *before, const struct side *after)
{
	const struct implementation *to = after->implementation;

	if (before->implementation->id != to->id)
		return false;
	if (!str_equal(to->protocol, STR("HTTP")) &&
	    !same_variables(before, after))
		return false;
	return same_url(before, after, to->url) &&
	       same_url(before, after, to->test_url);
}

enum error
target_check_secrets(struct arena *arena, const struct implementation *before,
    const struct variables *stored, const struct implementation *after,
    const struct variables *merged, struct problem *reterr)
{
	struct side from = { before, stored }, to = { after, merged };

	if (same_target(&from, &to))
		return OK;
	for (size_t i = 0; i < merged->n; i++) {
		const struct variable *v = &merged->all[i];

		if (!variable_keeps_secret(merged, v))
			continue;
		problem_add(reterr, STR("variables.*"),
		    arena_printf(arena,
			"The secret %.*s must be sent again, because what the "
			"connector connects to changes.",
			STR_FMT(variable_value(merged, v, "key")->text)));
	}
	return reterr->fields == NULL ? OK : ERROR_INVALID;
}
