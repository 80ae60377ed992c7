/*
 * Merging the variables of a body into those that are stored.
 */
#include <config.h>

#include "variables/variables.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/mask.h"
#include "schema/tables.h"

size_t
variables_rule(const struct resource *rules, const char *name)
{
	for (size_t i = 0; i < rules->n_rules; i++) {
		const char *end = rules->rules[i].item;

		if (end != NULL && strcmp(end, name) == 0)
			return i;
	}
	assert(false && "a field of a variable");
	return 0;
}

const struct value *
variable_value(const struct variables *variables, const struct variable *v,
    const char *name)
{
	return &v->values[variables_rule(variables->rules, name)];
}

bool
variable_is_secret(const struct variables *variables, const struct variable *v)
{
	return variable_value(variables, v, "secret")->integer != 0;
}

bool
variable_keeps_secret(
    const struct variables *variables, const struct variable *v)
{
	return v->state != VARIABLE_REMOVED && !v->given &&
	       v->sealed.ptr != NULL && variable_is_secret(variables, v);
}

void
variables_read(struct arena *arena, const struct resource *rules,
    const struct rows *rows, struct variables *ret)
{
	*ret = (struct variables){ .rules = rules,
		.all = ARENA_NEW(arena, struct variable, rows->count),
		.n = rows->count };
	for (size_t i = 0; i < rows->count; i++) {
		const struct value *cells = rows_cell(rows, i, 0);
		struct variable *v = &ret->all[i];

		v->id = cells[0].integer;
		v->company_id = cells[1].integer;
		if (cells[2].type != VALUE_NULL)
			v->sealed = cells[2].text;
		v->stored = cells + 3;
		v->values = ARENA_NEW(arena, struct value, rules->n_rules);
		memcpy(
		    v->values, v->stored, rules->n_rules * sizeof(*v->values));
	}
}

void
variables_copy(
    struct arena *arena, const struct variables *stored, struct variables *ret)
{
	size_t width = stored->rules->n_rules;

	*ret = (struct variables){ .rules = stored->rules,
		.all = ARENA_NEW(arena, struct variable, stored->n),
		.n = stored->n };
	for (size_t i = 0; i < stored->n; i++) {
		struct variable *v = &ret->all[i];

		*v = stored->all[i];
		v->sealed = arena_copy_if(arena, v->sealed);
		v->values = ARENA_NEW(arena, struct value, width);
		v->stored = v->values;
		for (size_t j = 0; j < width; j++) {
			v->values[j] = stored->all[i].stored[j];
			v->values[j].text =
			    arena_copy_if(arena, v->values[j].text);
		}
	}
}

size_t
variables_size(const struct variables *stored)
{
	size_t width = stored->rules->n_rules, size = 0;

	for (size_t i = 0; i < stored->n; i++) {
		const struct variable *v = &stored->all[i];

		size += sizeof(*v) + v->sealed.len;
		for (size_t j = 0; j < width; j++)
			size += sizeof(struct value) + v->stored[j].text.len;
	}
	return size;
}

const struct variable *
variables_find(const struct variables *variables, struct str key)
{
	size_t rule = variables_rule(variables->rules, "key");

	for (size_t i = 0; i < variables->n; i++) {
		const struct variable *v = &variables->all[i];

		if (v->state != VARIABLE_REMOVED &&
		    str_equal(v->values[rule].text, key))
			return v;
	}
	return NULL;
}

/* Whether a column of one table becomes different. */
static bool
table_differs(const struct variables *variables, const struct variable *v,
    const struct resource *table)
{
	const struct resource *rules = variables->rules;

	for (size_t i = 0; i < rules->n_rules; i++)
		if (rules->rules[i].item != NULL &&
		    rules->rules[i].resource == table &&
		    !value_equal(&v->stored[i], &v->values[i]))
			return true;
	return false;
}

bool
variable_link_differs(
    const struct variables *variables, const struct variable *v)
{
	return table_differs(variables, v, &resource_model_variables);
}

bool
variable_differs(const struct variables *variables, const struct variable *v)
{
	if (v->given &&
	    (v->sealed.ptr != NULL || variable_is_secret(variables, v)))
		return true;
	return table_differs(variables, v, &resource_variables) ||
	       variable_link_differs(variables, v);
}

bool
variables_differ(const struct variables *variables)
{
	for (size_t i = 0; i < variables->n; i++) {
		const struct variable *v = &variables->all[i];

		if (v->state == VARIABLE_ADDED ||
		    v->state == VARIABLE_REMOVED ||
		    (v->state == VARIABLE_CHANGED &&
			variable_differs(variables, v)))
			return true;
	}
	return false;
}

/* Everything merging needs. */
struct merge {
	struct arena *arena;
	const struct input *input;
	struct variables *variables;
	struct problem *problem;
};

static void
say(const struct merge *m, const struct variable *v, const char *field,
    const char *before, const char *what)
{
	struct str path =
	    arena_printf(m->arena, "variables.%zu.%s", v->index, field);
	struct buf text;

	buf_init(&text, 4096);
	buf_printf(&text, "The %s%.*s %s", before, STR_FMT(path), what);
	problem_add(m->problem, path, buf_str(&text));
	buf_done(&text);
}

static const struct input_field *
field_of(
    const struct merge *m, const struct input_item *input, const char *name)
{
	return input_item_field(m->input, input, name);
}

/* The stored variable that an item of the body means. */
static struct variable *
find_stored(
    const struct merge *m, const struct input_item *input, size_t n_stored)
{
	const struct input_field *id = field_of(m, input, "id");
	const struct input_field *key = field_of(m, input, "key");
	size_t rule = variables_rule(m->variables->rules, "key");

	for (size_t i = 0; i < n_stored; i++) {
		struct variable *v = &m->variables->all[i];

		if (id->present
			? v->id == id->value.integer
			: key->present &&
			      str_equal(v->stored[rule].text, key->value.text))
			return v;
	}
	return NULL;
}

static bool
is_mask(const struct variable *v, const struct value *value)
{
	return v->sealed.ptr != NULL && value->type == VALUE_TEXT &&
	       str_equal(value->text, STR(SECRET_MASK));
}

/* Whether a field of the body says what is stored. */
static bool
keeps(const struct variable *v, size_t rule, const struct input_field *field)
{
	return v->stored != NULL && input_keeps(field, &v->stored[rule]);
}

/* Lays what the body gives over the values of a variable. */
static void
overlay(const struct merge *m, struct variable *v)
{
	const struct resource *rules = m->variables->rules;
	size_t value_rule = variables_rule(rules, "value");

	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct input_field *field = &v->input->fields[i];

		if (!field->present || rules->rules[i].resource == NULL)
			continue;
		if (i == value_rule && is_mask(v, &field->value))
			continue;
		if (keeps(v, i, field) &&
		    (i != value_rule || v->sealed.ptr == NULL))
			continue;
		v->values[i] = field->value;
		v->given |= i == value_rule;
	}
}

/* A locked variable may only change its label and value. */
static void
check_locked(const struct merge *m, const struct variable *v)
{
	const struct resource *rules = m->variables->rules;

	if (v->stored[variables_rule(rules, "locked")].integer == 0)
		return;
	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = &rules->rules[i];

		if (rule->item == NULL || rule->resource == NULL ||
		    i == variables_rule(rules, "label") ||
		    i == variables_rule(rules, "value") ||
		    value_equal(&v->stored[i], &v->values[i]))
			continue;
		say(m, v, rule->item, "",
		    "field cannot be changed, because the variable is "
		    "locked.");
	}
}

/* What was stored as a secret may become readable only by being replaced. */
static void
check_secret(const struct merge *m, const struct variable *v)
{
	if (v->sealed.ptr == NULL || v->given ||
	    variable_is_secret(m->variables, v))
		return;
	say(m, v, "secret", "",
	    "field cannot become false without a new value.");
}

/* The mask stands for a stored secret: where none is stored it would itself
 * become one. */
static void
check_mask(const struct merge *m, const struct variable *v)
{
	const struct value *value = variable_value(m->variables, v, "value");

	if (!v->given || !variable_is_secret(m->variables, v) ||
	    value->type != VALUE_TEXT ||
	    !str_equal(value->text, STR(SECRET_MASK)))
		return;
	say(m, v, "value", "",
	    "field is the mask of a secret, but there is no stored secret "
	    "that it could keep.");
}

static void
merge_stored(const struct merge *m, struct variable *v)
{
	const struct input_field *destroy = field_of(m, v->input, "_destroy");
	size_t locked = variables_rule(m->variables->rules, "locked");

	if (destroy->present && destroy->value.integer != 0) {
		v->state = VARIABLE_REMOVED;
		if (v->stored[locked].integer != 0)
			say(m, v, "_destroy", "",
			    "field cannot remove a variable that is locked.");
		return;
	}
	v->state = VARIABLE_CHANGED;
	overlay(m, v);
	check_locked(m, v);
	check_secret(m, v);
	check_mask(m, v);
}

/* A new variable: what the body leaves out is false or nothing. */
static void
merge_added(const struct merge *m, struct variable *v)
{
	const struct resource *rules = m->variables->rules;
	const struct input_field *destroy = field_of(m, v->input, "_destroy");

	v->state = VARIABLE_ADDED;
	v->values = ARENA_NEW(m->arena, struct value, rules->n_rules);
	for (size_t i = 0; i < rules->n_rules; i++)
		if (rules->rules[i].kind == RULE_BOOLEAN)
			v->values[i] = value_int(0);
	if (destroy->present && destroy->value.integer != 0) {
		v->state = VARIABLE_REMOVED;
		say(m, v, "key", "selected ", "is invalid.");
		return;
	}
	overlay(m, v);
	v->given = true;
	check_mask(m, v);
}

/* Two variables of a connector never have one key, nor does one body name a
 * variable twice. */
static void
check_unique(const struct merge *m, const struct variable *v)
{
	struct str key = variable_value(m->variables, v, "key")->text;

	if (v->input == NULL || v->state == VARIABLE_REMOVED)
		return;
	for (size_t i = 0; i < m->variables->n; i++) {
		const struct variable *other = &m->variables->all[i];

		if (other == v || other->state == VARIABLE_REMOVED ||
		    !str_equal(
			variable_value(m->variables, other, "key")->text, key))
			continue;
		say(m, v, "key", "", "field has a duplicate value.");
		return;
	}
}

static void
merge_one(const struct merge *m, size_t index, size_t n_stored)
{
	const struct input_item *input = &m->input->items[index];
	struct variable *v = find_stored(m, input, n_stored);

	if (v == NULL) {
		v = &m->variables->all[m->variables->n++];
		v->index = index;
		v->input = input;
		merge_added(m, v);
		return;
	}
	if (v->input != NULL) {
		struct variable twice = { .index = index };

		say(m, &twice, field_of(m, input, "id")->present ? "id" : "key",
		    "", "field has a duplicate value.");
		return;
	}
	v->index = index;
	v->input = input;
	merge_stored(m, v);
}

enum error
variables_merge(struct arena *arena, const struct variables *stored,
    const struct input *input, struct variables *ret, struct problem *reterr)
{
	struct merge m = { arena, input, ret, reterr };

	*ret = *stored;
	ret->all =
	    ARENA_NEW(arena, struct variable, stored->n + input->n_items);
	for (size_t i = 0; i < stored->n; i++) {
		/* Values of its own: what is stored is compared with later. */
		ret->all[i] = stored->all[i];
		ret->all[i].values =
		    ARENA_NEW(arena, struct value, stored->rules->n_rules);
		memcpy(ret->all[i].values, stored->all[i].values,
		    stored->rules->n_rules * sizeof(struct value));
	}
	for (size_t i = 0; i < input->n_items; i++)
		merge_one(&m, i, stored->n);
	for (size_t i = 0; i < ret->n; i++)
		check_unique(&m, &ret->all[i]);
	return reterr->fields == NULL ? OK : ERROR_INVALID;
}
