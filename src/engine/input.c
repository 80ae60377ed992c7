/*
 * Bodies: json-c's tree copied into nodes of the arena.
 */
#include <config.h>

#include "engine/input.h"

#include <string.h>

#include <json-c/json.h>

#include "base/text.h"
#include "engine/json_check.h"

static bool
is_json_type(struct str content_type)
{
	struct str type = { content_type.ptr, str_find(content_type, ';') };
	struct str tail;

	type = str_trim_end(type, " ");
	if (str_equal_nocase(type, STR("application/json")))
		return true;
	if (type.len < sizeof("application/+json") - 1)
		return false;
	tail = str_from(type, type.len - (sizeof("+json") - 1));
	type.len = sizeof("application/") - 1;
	return str_equal_nocase(type, STR("application/")) &&
	       str_equal_nocase(tail, STR("+json"));
}

static void copy_node(struct arena *, struct json_object *, struct node *ret);

static struct node *
append(struct arena *arena, struct node *parent, struct node **last)
{
	struct node *node = ARENA_NEW(arena, struct node, 1);

	if (*last == NULL)
		parent->children = node;
	else
		(*last)->next = node;
	*last = node;
	parent->n_children++;
	return node;
}

static void
copy_members(struct arena *arena, struct json_object *object, struct node *ret)
{
	struct node *last = NULL;

	ret->kind = NODE_OBJECT;
	json_object_object_foreach(object, name, value)
	{
		struct node *node = append(arena, ret, &last);

		node->name = arena_copy(arena, str_of(name));
		copy_node(arena, value, node);
	}
}

static void
copy_items(struct arena *arena, struct json_object *list, struct node *ret)
{
	struct node *last = NULL;
	size_t n = json_object_array_length(list);

	ret->kind = NODE_LIST;
	for (size_t i = 0; i < n; i++)
		copy_node(arena, json_object_array_get_idx(list, i),
		    append(arena, ret, &last));
}

static void
copy_text(struct arena *arena, struct json_object *text, struct node *ret)
{
	struct str all = { json_object_get_string(text),
		(size_t)json_object_get_string_len(text) };

	ret->kind = NODE_TEXT;
	ret->raw = arena_copy(arena, all);
	ret->text = text_trim(ret->raw);
}

/* json-c clamps integers that do not fit; at the clamp a value is taken for
 * one that did not. */
static void
copy_integer(struct json_object *number, struct node *ret)
{
	ret->integer = json_object_get_int64(number);
	ret->kind = NODE_INT;
	if (ret->integer != INT64_MAX && ret->integer != INT64_MIN)
		return;
	ret->kind = NODE_NUMBER;
	ret->number = (double)ret->integer;
}

static void
copy_node(struct arena *arena, struct json_object *value, struct node *ret)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		ret->kind = NODE_NULL;
		break;
	case json_type_boolean:
		ret->kind = NODE_BOOL;
		ret->boolean = json_object_get_boolean(value);
		break;
	case json_type_int:
		copy_integer(value, ret);
		break;
	case json_type_double:
		ret->kind = NODE_NUMBER;
		ret->number = json_object_get_double(value);
		break;
	case json_type_string:
		copy_text(arena, value, ret);
		break;
	case json_type_array:
		copy_items(arena, value, ret);
		break;
	case json_type_object:
		copy_members(arena, value, ret);
		break;
	}
}

/* The texts of a json-c tree are wiped before it is freed: they may be
 * secrets. */
static void
wipe(struct json_object *value)
{
	if (json_object_is_type(value, json_type_string)) {
		char *text = (char *)(uintptr_t)json_object_get_string(value);

		explicit_bzero(text, (size_t)json_object_get_string_len(value));
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			wipe(json_object_array_get_idx(value, i));
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			(void)name;
			wipe(member);
		}
	}
}

static enum error
build(struct arena *arena, struct str body, struct node *ret,
    struct problem *reterr)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
	struct json_object *object =
	    json_tokener_parse_ex(tokener, body.ptr, (int)body.len);
	enum json_tokener_error wrong = json_tokener_get_error(tokener);

	json_tokener_free(tokener);
	if (object == NULL)
		return problem_set(reterr, ERROR_BAD_REQUEST,
		    "The body is not JSON that can be read: %s.",
		    json_tokener_error_desc(wrong));
	copy_node(arena, object, ret);
	wipe(object);
	json_object_put(object);
	return OK;
}

enum error
input_parse(struct arena *arena, struct str content_type, struct str body,
    struct node *ret, struct problem *reterr)
{
	struct json_fault fault;

	*ret = (struct node){ .kind = NODE_OBJECT };
	if (body.len == 0)
		return OK;
	if (!is_json_type(content_type))
		return ERROR_MEDIA_TYPE;
	if (!json_check_object(body, &fault))
		return problem_set(reterr, ERROR_BAD_REQUEST,
		    "The body is not a JSON object: %s at byte %zu.",
		    fault.what, fault.offset);
	return build(arena, body, ret, reterr);
}

static const struct node *
find_member(const struct node *node, struct str name)
{
	if (node == NULL || node->kind != NODE_OBJECT)
		return NULL;
	for (const struct node *m = node->children; m != NULL; m = m->next)
		if (str_equal(m->name, name))
			return m;
	return NULL;
}

const struct node *
node_member(const struct node *node, const char *name)
{
	return find_member(node, str_of(name));
}

const struct node *
node_at(const struct node *node, const char *path)
{
	struct str rest = str_of(path), name;

	while (str_next_part(&rest, '.', &name))
		node = find_member(node, name);
	return node;
}

bool
node_is_null(const struct node *node)
{
	return node->kind == NODE_NULL ||
	       (node->kind == NODE_TEXT && node->text.ptr == NULL);
}
