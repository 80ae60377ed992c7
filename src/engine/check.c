/*
 * The rules of one field.
 */
#include <config.h>

#include "engine/check.h"

#include <string.h>

#include "engine/form.h"
#include "engine/number.h"

/* A rule of an item has the field "<list>.*.<item>". */
struct str
check_path(const struct check *check)
{
	const struct rule *rule = check->rule;
	struct str list = str_of(rule->field);

	if (rule->item == NULL)
		return list;
	list.len -= strlen(".*.") + strlen(rule->item);
	return arena_printf(check->arena, "%.*s.%zu.%s", STR_FMT(list),
	    check->index, rule->item);
}

/* The field's name in messages: blanks for underscores, but not in items. */
static struct str
title_of(const struct check *check)
{
	struct str title = check_path(check);
	char *text;

	if (check->rule->item != NULL)
		return title;
	title = arena_copy(check->arena, title);
	text = (char *)(uintptr_t)title.ptr;
	for (size_t i = 0; i < title.len; i++)
		if (text[i] == '_')
			text[i] = ' ';
	return title;
}

void
check_say(const struct check *check, const char *text)
{
	struct str title = title_of(check);

	problem_add(check->problem, check_path(check),
	    arena_printf(check->arena, "The %.*s %s", STR_FMT(title), text));
}

void
check_say_invalid(const struct check *check)
{
	struct str title = title_of(check);

	problem_add(check->problem, check_path(check),
	    arena_printf(
		check->arena, "The selected %.*s is invalid.", STR_FMT(title)));
}

void
check_say_without_id(const struct check *check)
{
	struct str item = check_path(check);

	while (item.len > 0 && item.ptr[item.len - 1] != '.')
		item.len--;
	check_say(check,
	    arena_printf(check->arena,
		"field is required when %.*sid is not present.", STR_FMT(item))
		.ptr);
}

static void
say_number(const struct check *check, const char *text, int64_t number,
    const char *unit)
{
	check_say(check, arena_printf(check->arena, "field must %s %lld%s.",
			     text, (long long)number, unit)
			     .ptr);
}

static void
check_form(const struct check *check)
{
	const struct form *form = form_find(check->column->form);
	const struct node *node = check->node;

	if (form == NULL)
		return;
	if (node->kind != NODE_TEXT || node->text.ptr == NULL ||
	    !form->is(node->text))
		check_say(check, form->says);
}

static bool
is_raw(const struct check *check)
{
	return (check->column->flags & COLUMN_RAW) != 0;
}

static bool
is_one_of(const char *const *list, const struct node *node)
{
	if (node->kind != NODE_TEXT)
		return false;
	for (; *list != NULL; list++)
		if (str_equal_text(node->text, *list))
			return true;
	return false;
}

static void
check_text_limits(const struct check *check, struct str text)
{
	size_t length = is_raw(check) ? text.len : str_utf8_length(text);

	/* What is too long to exist is just unknown. */
	if ((check->rule->checks & CHECK_EXISTS) != 0)
		return;
	if (check->column->max > 0 && length > (size_t)check->column->max)
		say_number(check, "not be greater than", check->column->max,
		    " characters");
}

static bool
check_string(const struct check *check, struct value *ret)
{
	const struct node *node = check->node;
	bool raw = is_raw(check);
	struct str text = raw ? node->raw : node->text;
	bool is_text = node->kind == NODE_TEXT && (raw || text.ptr != NULL);

	if (!is_text)
		check_say(check, "field must be a string.");
	else
		check_text_limits(check, text);
	if (check->column->one_of != NULL &&
	    !is_one_of(check->column->one_of, node))
		check_say_invalid(check);
	check_form(check);
	*ret = value_text(text);
	return is_text;
}

static bool
node_integer(const struct node *node, int64_t *ret)
{
	if (node->kind == NODE_INT) {
		*ret = node->integer;
		return true;
	}
	return node->kind == NODE_TEXT && node->text.ptr != NULL &&
	       number_is_integer(node->text, ret);
}

static bool
node_numeric(const struct node *node, double *ret)
{
	if (node->kind == NODE_INT)
		*ret = (double)node->integer;
	else if (node->kind == NODE_NUMBER)
		*ret = node->number;
	else
		return node->kind == NODE_TEXT && node->text.ptr != NULL &&
		       number_is_numeric(node->text, ret);
	return true;
}

/* A field that refers to another table is limited by what exists there. */
static void
check_range(const struct check *check)
{
	const struct column *column = check->column;
	double number;

	if (column->refers != NULL || !node_numeric(check->node, &number))
		return;
	if (number < (double)column->min)
		say_number(check, "be at least", column->min, "");
	if (number > (double)column->max)
		say_number(check, "not be greater than", column->max, "");
}

static bool
check_integer(const struct check *check, struct value *ret)
{
	int64_t number = 0;
	bool is_integer = node_integer(check->node, &number);

	if (!is_integer)
		check_say(check, "field must be an integer.");
	check_range(check);
	*ret = value_int(number);
	return is_integer;
}

/* Digits of any length are an id; those beyond 64 bits are nobody's. */
static bool
node_id(const struct node *node, int64_t *ret)
{
	uint64_t number;

	if (node->kind == NODE_INT) {
		*ret = node->integer;
		return true;
	}
	if (node->kind != NODE_TEXT || node->text.ptr == NULL ||
	    !str_to_u64(node->text, &number) || number > INT64_MAX)
		return false;
	*ret = (int64_t)number;
	return true;
}

static bool
check_id(const struct check *check, struct value *ret)
{
	int64_t id = 0;
	bool is_id = node_id(check->node, &id);

	if (!is_id)
		check_say_invalid(check);
	*ret = value_int(id);
	return is_id;
}

bool
check_boolean(const struct node *node, bool *ret)
{
	*ret = false;
	if (node->kind == NODE_BOOL) {
		*ret = node->boolean;
		return true;
	}
	if (node->kind == NODE_INT) {
		*ret = node->integer == 1;
		return node->integer == 0 || node->integer == 1;
	}
	if (node->kind != NODE_TEXT)
		return false;
	*ret = str_equal(node->text, STR("1"));
	return *ret || str_equal(node->text, STR("0"));
}

static bool
check_flag(const struct check *check, struct value *ret)
{
	bool flag, is_flag = check_boolean(check->node, &flag);

	if (!is_flag)
		check_say(check, "field must be true or false.");
	*ret = value_int(flag);
	return is_flag;
}

static bool
check_container(const struct check *check, struct value *ret)
{
	bool is_list =
	    check->node->kind == NODE_LIST ||
	    (check->rule->kind == RULE_MAP && check->node->kind == NODE_OBJECT);

	*ret = value_null();
	if (!is_list)
		check_say(check, "field must be an array.");
	else if (check->rule->max > 0 &&
		 check->node->n_children > check->rule->max &&
		 check->node->n_children > check->n_stored)
		check_say(check, arena_printf(check->arena,
				     "field must not have more than %zu items.",
				     check->rule->max)
				     .ptr);
	return is_list;
}

bool
check_type(const struct check *check, struct value *ret)
{
	switch (check->rule->kind) {
	case RULE_STRING:
		return check_string(check, ret);
	case RULE_INTEGER:
		return check_integer(check, ret);
	case RULE_BOOLEAN:
		return check_flag(check, ret);
	case RULE_ID:
		return check_id(check, ret);
	case RULE_LIST:
	case RULE_MAP:
		return check_container(check, ret);
	}
	return false;
}

bool
check_reference_value(
    const struct rule *rule, const struct node *node, struct value *ret)
{
	int64_t number;
	bool found;

	if (rule->kind == RULE_STRING) {
		*ret = value_text(node->text);
		return node->kind == NODE_TEXT;
	}
	found = rule->kind == RULE_ID ? node_id(node, &number)
				      : node_integer(node, &number);
	if (!found || number < 1)
		return false;
	*ret = value_int(number);
	return true;
}
