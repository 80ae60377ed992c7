/*
 * The engine of the rules: one pass over the rules of a resource, rules with a
 * `*` after all others and each over all items.
 */
#include <config.h>

#include "engine/validate.h"

#include <assert.h>
#include <string.h>

#include "engine/check.h"

/* Everything the checks of one body need. */
struct pass {
	struct arena *arena;
	const struct resource *resource;
	bool update;
	const struct node *body;
	const struct node *items; /* the list, or NULL */
	const struct validate_known *known;
	struct input *input;
	struct problem *problem;
};

static unsigned
rule_use(const struct rule *rule, bool update)
{
	return update ? rule->update : rule->store;
}

static const struct column *
rule_column(const struct rule *rule)
{
	if (rule->resource == NULL)
		return NULL;
	return schema_column(rule->resource, str_of(rule->column));
}

static bool
is_nothing(const struct check *check)
{
	if (check->column != NULL && (check->column->flags & COLUMN_RAW) != 0)
		return check->node->kind == NODE_NULL;
	return node_is_null(check->node);
}

static bool
is_empty(const struct check *check)
{
	const struct node *node = check->node;

	if (node == NULL || is_nothing(check))
		return true;
	return (node->kind == NODE_LIST || node->kind == NODE_OBJECT) &&
	       node->n_children == 0;
}

static bool
is_destroyed(const struct pass *pass, const struct node *item)
{
	const struct node *flag = node_member(item, "_destroy");
	bool value;

	return pass->update && flag != NULL && check_boolean(flag, &value) &&
	       value;
}

/* Whether an item without an id names a stored variable by its key. */
static bool
is_stored_key(const struct pass *pass, const struct node *item)
{
	const struct node *key = node_member(item, "key");

	if (key == NULL || key->kind != NODE_TEXT)
		return false;
	for (size_t i = 0; i < pass->known->n_items; i++)
		if (str_equal(pass->known->item_keys[i], key->text))
			return true;
	return false;
}

/* Whether an item may leave out what a new variable needs. */
static bool
is_stored_item(const struct pass *pass, unsigned use, const struct node *item)
{
	const struct node *id = node_member(item, "id");

	if (id != NULL && !node_is_null(id))
		return true;
	return (use & RULE_UNLESS_STORED) != 0 &&
	       (is_destroyed(pass, item) || is_stored_key(pass, item));
}

/* Presence rules; false when the rest of the field's rules do not run. */
static bool
check_presence(
    struct pass *pass, const struct check *check, const struct node *item)
{
	unsigned use = rule_use(check->rule, pass->update);
	bool empty = is_empty(check);

	if ((use & RULE_REQUIRED) != 0 && empty &&
	    (!pass->update || check->node != NULL || item != NULL)) {
		check_say(check, "field is required.");
		return false;
	}
	if ((use & RULE_WITHOUT_ID) != 0 && empty &&
	    !is_stored_item(pass, use, item)) {
		check_say_without_id(check);
		return false;
	}
	return check->node != NULL;
}

static bool
is_known_item(const struct pass *pass, int64_t id)
{
	for (size_t i = 0; i < pass->known->n_items; i++)
		if (pass->known->item_ids[i] == id)
			return true;
	return false;
}

static const struct reference *
find_reference(const struct pass *pass, const struct rule *rule)
{
	const struct references *references = pass->known->references;

	for (size_t i = 0; i < references->n; i++)
		if (references->items[i].rule == rule)
			return &references->items[i];
	return NULL;
}

/* The checks that ask for other rows; skipped once the field has a message. */
static void
check_rows(
    struct pass *pass, const struct check *check, struct input_field *field)
{
	const struct reference *reference;

	if ((check->rule->checks & (CHECK_OWN | CHECK_EXISTS)) == 0 ||
	    problem_has(pass->problem, check_path(check)))
		return;
	if ((check->rule->checks & CHECK_OWN) != 0 &&
	    !is_known_item(pass, field->value.integer))
		check_say_invalid(check);
	if ((check->rule->checks & CHECK_EXISTS) == 0)
		return;
	reference = find_reference(pass, check->rule);
	if (reference == NULL || !reference->found)
		check_say_invalid(check);
}

static bool
same_text(const struct node *a, const struct node *b)
{
	return a != NULL && b != NULL && a->kind == NODE_TEXT &&
	       b->kind == NODE_TEXT && a->text.ptr != NULL &&
	       str_equal(a->text, b->text);
}

static void
check_distinct(struct pass *pass, const struct check *check)
{
	size_t same = 0;

	for (const struct node *item = pass->items->children; item != NULL;
	     item = item->next)
		same +=
		    same_text(node_at(item, check->rule->item), check->node);
	if (same > 1)
		check_say(check, "field has a duplicate value.");
}

/* Everything about one field; sets its value if it has one that counts. */
static void
check_field(struct pass *pass, const struct rule *rule, const struct node *node,
    const struct node *item, size_t index, struct input_field *field)
{
	unsigned use = rule_use(rule, pass->update);
	struct check check = { pass->arena, pass->problem, rule,
		rule_column(rule), node, index, 0 };

	/* What is shown can be sent back, though updates added it up. */
	if (pass->update && rule->item == NULL)
		check.n_stored = pass->known->n_items;
	field->rule = rule;
	if (node != NULL && node->kind == NODE_TEXT)
		field->raw = node->raw;
	if ((use & RULE_READ) == 0 || !check_presence(pass, &check, item))
		return;
	if (is_nothing(&check) && (use & RULE_NULLABLE) != 0) {
		/* An id of null is no id. */
		field->present = (rule->checks & CHECK_OWN) == 0;
		return;
	}
	field->present = check_type(&check, &field->value);
	if ((rule->checks & CHECK_DISTINCT) != 0)
		check_distinct(pass, &check);
	check_rows(pass, &check, field);
}

static void
check_roots(struct pass *pass)
{
	for (size_t i = 0; i < pass->resource->n_rules; i++) {
		const struct rule *rule = &pass->resource->rules[i];

		if (rule->item != NULL)
			continue;
		check_field(pass, rule, node_member(pass->body, rule->field),
		    NULL, 0, &pass->input->fields[i]);
	}
}

static void
check_items(struct pass *pass)
{
	for (size_t i = 0; i < pass->resource->n_rules; i++) {
		const struct rule *rule = &pass->resource->rules[i];
		size_t n = 0;

		if (rule->item == NULL)
			continue;
		for (const struct node *item = pass->items->children;
		     item != NULL; item = item->next, n++)
			check_field(pass, rule, node_at(item, rule->item), item,
			    n, &pass->input->items[n].fields[i]);
	}
}

static void
make_items(struct pass *pass)
{
	struct input *input = pass->input;

	input->n_items = pass->items->n_children;
	input->items =
	    ARENA_NEW(pass->arena, struct input_item, input->n_items);
	for (size_t i = 0; i < input->n_items; i++)
		input->items[i].fields = ARENA_NEW(
		    pass->arena, struct input_field, pass->resource->n_rules);
}

/* The list of the body whose items have rules; NULL: there is none, or one
 * beyond the limit of items, which has its message already. */
static const struct node *
find_items(const struct pass *pass)
{
	const struct rule *list = schema_list(pass->resource);
	const struct node *items;

	if (list == NULL || problem_has(pass->problem, str_of(list->field)))
		return NULL;
	items = node_member(pass->body, list->field);
	return items != NULL && items->kind == NODE_LIST ? items : NULL;
}

enum error
validate(struct arena *arena, const struct resource *resource, bool update,
    const struct node *body, const struct validate_known *known,
    struct input *ret, struct problem *reterr)
{
	struct pass pass = { arena, resource, update, body, NULL, known, ret,
		reterr };

	*ret = (struct input){ .resource = resource, .update = update };
	ret->fields = ARENA_NEW(arena, struct input_field, resource->n_rules);
	check_roots(&pass);
	pass.items = find_items(&pass);
	if (pass.items != NULL) {
		make_items(&pass);
		check_items(&pass);
	}
	return reterr->fields == NULL ? OK : ERROR_INVALID;
}

void
validate_references(const struct resource *resource, bool update,
    const struct node *body, struct references *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < resource->n_rules; i++) {
		const struct rule *rule = &resource->rules[i];
		const struct node *node;
		struct value value;

		if ((rule->checks & CHECK_EXISTS) == 0 ||
		    (rule_use(rule, update) & RULE_READ) == 0)
			continue;
		node = node_member(body, rule->field);
		if (node == NULL || node_is_null(node) ||
		    !check_reference_value(rule, node, &value))
			continue;
		assert(ret->n < REFERENCES_MAX);
		ret->items[ret->n++] = (struct reference){ .rule = rule,
			.column = rule_column(rule),
			.value = value };
	}
}

bool
input_keeps(const struct input_field *field, const struct value *stored)
{
	if (value_equal(&field->value, stored))
		return true;
	return field->raw.ptr != NULL && stored->type == VALUE_TEXT &&
	       str_equal(field->raw, stored->text);
}

const struct input_field *
input_field(const struct input *input, const char *name)
{
	for (size_t i = 0; i < input->resource->n_rules; i++)
		if (strcmp(input->resource->rules[i].field, name) == 0)
			return &input->fields[i];
	assert(false); /* the rules have no such field */
	return NULL;
}

const struct input_field *
input_item_field(
    const struct input *input, const struct input_item *item, const char *name)
{
	for (size_t i = 0; i < input->resource->n_rules; i++) {
		const struct rule *rule = &input->resource->rules[i];

		if (rule->item != NULL && strcmp(rule->item, name) == 0)
			return &item->fields[i];
	}
	assert(false); /* the rules have no such field */
	return NULL;
}
