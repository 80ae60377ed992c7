/*
 * Merging the variables of a body into those that are stored.
 */
#include <config.h>

#include "variables/variables.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/mask.h"

size_t
variables_rule(const struct resource *rules, const char *name)
{
	for (size_t i = 0; i < rules->n_rules; i++) {
		const char *item = rules->rules[i].item;

		if (item != NULL && strcmp(item, name) == 0)
			return i;
	}
	assert(false && "a field of an item");
	return 0;
}

const struct value *
variable_value(const struct variables *items, const struct variable *item,
    const char *name)
{
	return &item->values[variables_rule(items->rules, name)];
}

bool
variable_is_secret(const struct variables *items, const struct variable *item)
{
	return variable_value(items, item, "secret")->integer != 0;
}

bool
variable_keeps_secret(
    const struct variables *items, const struct variable *item)
{
	return item->state != ITEM_REMOVED && !item->given &&
	       item->sealed.ptr != NULL && variable_is_secret(items, item);
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
		struct variable *item = &ret->all[i];

		item->id = cells[0].integer;
		item->company_id = cells[1].integer;
		if (cells[2].type != VALUE_NULL)
			item->sealed = cells[2].text;
		item->stored = cells + 3;
		item->values = ARENA_NEW(arena, struct value, rules->n_rules);
		memcpy(item->values, item->stored,
		    rules->n_rules * sizeof(*item->values));
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
		struct variable *item = &ret->all[i];

		*item = stored->all[i];
		item->sealed = arena_copy_if(arena, item->sealed);
		item->values = ARENA_NEW(arena, struct value, width);
		item->stored = item->values;
		for (size_t j = 0; j < width; j++) {
			item->values[j] = stored->all[i].stored[j];
			item->values[j].text =
			    arena_copy_if(arena, item->values[j].text);
		}
	}
}

size_t
variables_size(const struct variables *stored)
{
	size_t width = stored->rules->n_rules, size = 0;

	for (size_t i = 0; i < stored->n; i++) {
		const struct variable *item = &stored->all[i];

		size += sizeof(*item) + item->sealed.len;
		for (size_t j = 0; j < width; j++)
			size += sizeof(struct value) + item->stored[j].text.len;
	}
	return size;
}

const struct variable *
variables_find(const struct variables *items, struct str key)
{
	size_t rule = variables_rule(items->rules, "key");

	for (size_t i = 0; i < items->n; i++) {
		const struct variable *item = &items->all[i];

		if (item->state != ITEM_REMOVED &&
		    str_equal(item->values[rule].text, key))
			return item;
	}
	return NULL;
}

/* Everything merging needs. */
struct merge {
	struct arena *arena;
	const struct input *input;
	struct variables *items;
	struct problem *problem;
};

static void
say(const struct merge *m, const struct variable *item, const char *field,
    const char *before, const char *what)
{
	struct str path =
	    arena_printf(m->arena, "variables.%zu.%s", item->index, field);
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
	size_t rule = variables_rule(m->items->rules, "key");

	for (size_t i = 0; i < n_stored; i++) {
		struct variable *item = &m->items->all[i];

		if (id->present
			? item->id == id->value.integer
			: key->present && str_equal(item->stored[rule].text,
					      key->value.text))
			return item;
	}
	return NULL;
}

static bool
is_mask(const struct variable *item, const struct value *value)
{
	return item->sealed.ptr != NULL && value->type == VALUE_TEXT &&
	       str_equal(value->text, STR(SECRET_MASK));
}

/* Whether a field of the body says what is stored. */
static bool
keeps(const struct variable *item, size_t rule, const struct input_field *field)
{
	return item->stored != NULL && input_keeps(field, &item->stored[rule]);
}

/* Lays what the body gives over the values of an item. */
static void
overlay(const struct merge *m, struct variable *item)
{
	const struct resource *rules = m->items->rules;
	size_t value_rule = variables_rule(rules, "value");

	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct input_field *field = &item->input->fields[i];

		if (!field->present || rules->rules[i].resource == NULL)
			continue;
		if (i == value_rule && is_mask(item, &field->value))
			continue;
		if (keeps(item, i, field) &&
		    (i != value_rule || item->sealed.ptr == NULL))
			continue;
		item->values[i] = field->value;
		item->given |= i == value_rule;
	}
}

/* A locked variable may only change its label and value. */
static void
check_locked(const struct merge *m, const struct variable *item)
{
	const struct resource *rules = m->items->rules;

	if (item->stored[variables_rule(rules, "locked")].integer == 0)
		return;
	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = &rules->rules[i];

		if (rule->item == NULL || rule->resource == NULL ||
		    i == variables_rule(rules, "label") ||
		    i == variables_rule(rules, "value") ||
		    value_equal(&item->stored[i], &item->values[i]))
			continue;
		say(m, item, rule->item, "",
		    "field cannot be changed, because the variable is "
		    "locked.");
	}
}

/* What was stored as a secret may become readable only by being replaced. */
static void
check_secret(const struct merge *m, const struct variable *item)
{
	if (item->sealed.ptr == NULL || item->given ||
	    variable_is_secret(m->items, item))
		return;
	say(m, item, "secret", "",
	    "field cannot become false without a new value.");
}

/* The mask stands for a stored secret: where none is stored it would itself
 * become one. */
static void
check_mask(const struct merge *m, const struct variable *item)
{
	const struct value *value = variable_value(m->items, item, "value");

	if (!item->given || !variable_is_secret(m->items, item) ||
	    value->type != VALUE_TEXT ||
	    !str_equal(value->text, STR(SECRET_MASK)))
		return;
	say(m, item, "value", "",
	    "field is the mask of a secret, but there is no stored secret "
	    "that it could keep.");
}

static void
merge_stored(const struct merge *m, struct variable *item)
{
	const struct input_field *destroy =
	    field_of(m, item->input, "_destroy");
	size_t locked = variables_rule(m->items->rules, "locked");

	if (destroy->present && destroy->value.integer != 0) {
		item->state = ITEM_REMOVED;
		if (item->stored[locked].integer != 0)
			say(m, item, "_destroy", "",
			    "field cannot remove a variable that is locked.");
		return;
	}
	item->state = ITEM_CHANGED;
	overlay(m, item);
	check_locked(m, item);
	check_secret(m, item);
	check_mask(m, item);
}

/* A new variable: what the body leaves out is false or nothing. */
static void
merge_added(const struct merge *m, struct variable *item)
{
	const struct resource *rules = m->items->rules;
	const struct input_field *destroy =
	    field_of(m, item->input, "_destroy");

	item->state = ITEM_ADDED;
	item->values = ARENA_NEW(m->arena, struct value, rules->n_rules);
	for (size_t i = 0; i < rules->n_rules; i++)
		if (rules->rules[i].kind == RULE_BOOLEAN)
			item->values[i] = value_int(0);
	if (destroy->present && destroy->value.integer != 0) {
		item->state = ITEM_REMOVED;
		say(m, item, "key", "selected ", "is invalid.");
		return;
	}
	overlay(m, item);
	item->given = true;
	check_mask(m, item);
}

/* Two variables of a connector never have one key, nor does one body name a
 * variable twice. */
static void
check_unique(const struct merge *m, const struct variable *item)
{
	struct str key = variable_value(m->items, item, "key")->text;

	if (item->input == NULL || item->state == ITEM_REMOVED)
		return;
	for (size_t i = 0; i < m->items->n; i++) {
		const struct variable *other = &m->items->all[i];

		if (other == item || other->state == ITEM_REMOVED ||
		    !str_equal(
			variable_value(m->items, other, "key")->text, key))
			continue;
		say(m, item, "key", "", "field has a duplicate value.");
		return;
	}
}

static void
merge_one(const struct merge *m, size_t index, size_t n_stored)
{
	const struct input_item *input = &m->input->items[index];
	struct variable *item = find_stored(m, input, n_stored);

	if (item == NULL) {
		item = &m->items->all[m->items->n++];
		item->index = index;
		item->input = input;
		merge_added(m, item);
		return;
	}
	if (item->input != NULL) {
		struct variable twice = { .index = index };

		say(m, &twice, field_of(m, input, "id")->present ? "id" : "key",
		    "", "field has a duplicate value.");
		return;
	}
	item->index = index;
	item->input = input;
	merge_stored(m, item);
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
