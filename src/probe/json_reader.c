/*
 * JSON read with json-c, of which json_check.h says what it may see: strict, of
 * bounded depth, nothing behind the value.
 */
#include <config.h>

#include "probe/json_reader.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>

#include "base/numerals.h"
#include "engine/json_check.h"

static void
put_object(json_object **object)
{
	json_object_put(*object);
}

static void
free_tokener(json_tokener **tokener)
{
	json_tokener_free(*tokener);
}

#define BUF     __attribute__((cleanup(buf_done))) struct buf
#define OBJECT  __attribute__((cleanup(put_object))) json_object
#define TOKENER __attribute__((cleanup(free_tokener))) json_tokener

/* False if it is not well-formed. The value null is a NULL object; numbers are
 * strings, so that they keep the text they were written with. */
static bool
parse(struct str json, json_object **ret)
{
	TOKENER *tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
	struct json_fault fault;
	BUF quoted;
	struct str text;

	if (tokener == NULL)
		abort();
	buf_init(&quoted, INT_MAX - 1);
	if (!numerals_quote(&quoted, json, JSON_READER_MAX_VALUES) ||
	    quoted.overflow || !json_check_foreign(buf_str(&quoted), &fault))
		return false;
	/* The NUL tells the parser that a number or a word has ended. */
	buf_add_char(&quoted, '\0');
	text = buf_str(&quoted);
	*ret = json_tokener_parse_ex(tokener, text.ptr, (int)text.len);
	return json_tokener_get_error(tokener) == json_tokener_success;
}

bool
json_reader_accepts(struct str text)
{
	OBJECT *object = NULL;

	return parse(text, &object);
}

/* The text of a scalar that is not null; false for the others. Numbers are
 * strings by now. */
static bool
scalar(struct arena *a, json_object *object, struct str *ret)
{
	switch (json_object_get_type(object)) {
	case json_type_string:
		*ret = arena_copy(
		    a, (struct str){ json_object_get_string(object),
			   (size_t)json_object_get_string_len(object) });
		return true;
	case json_type_boolean:
		*ret =
		    arena_copy(a, str_of(json_object_to_json_string(object)));
		return true;
	case json_type_double:
	case json_type_int:
	case json_type_null:
	case json_type_object:
	case json_type_array:
	default:
		return false;
	}
}

static bool
read_members(struct arena *a, json_object *object,
    struct json_reader_member **ret, size_t *ret_n)
{
	struct json_reader_member *members;
	size_t n = 0;

	if (json_object_is_type(object, json_type_array) &&
	    json_object_array_length(object) == 0) {
		*ret_n = 0;
		return true;
	}
	if (!json_object_is_type(object, json_type_object) ||
	    json_object_object_length(object) > JSON_READER_MAX_MEMBERS)
		return false;
	members = ARENA_NEW(a, struct json_reader_member,
	    (size_t)json_object_object_length(object));
	json_object_object_foreach(object, name, value)
	{
		if (value == NULL)
			continue;
		members[n].name = arena_copy(a, str_of(name));
		if (!scalar(a, value, &members[n].value))
			return false;
		n++;
	}
	*ret = members;
	*ret_n = n;
	return true;
}

bool
json_reader_members(struct arena *a, struct str text,
    struct json_reader_member **ret, size_t *ret_n)
{
	OBJECT *object = NULL;

	*ret = NULL;
	*ret_n = 0;
	if (str_trim(text, STR_WHITE).len == 0)
		return true;
	return parse(text, &object) && read_members(a, object, ret, ret_n);
}

/* The member or the element of this name; NULL if there is none. */
static json_object *
child(struct arena *a, json_object *object, struct str name)
{
	json_object *found = NULL;
	uint64_t index;

	if (json_object_is_type(object, json_type_array)) {
		if (!str_to_u64(name, &index) ||
		    index >= json_object_array_length(object))
			return NULL;
		return json_object_array_get_idx(object, (size_t)index);
	}
	if (json_object_is_type(object, json_type_object))
		(void)json_object_object_get_ex(
		    object, arena_copy(a, name).ptr, &found);
	return found;
}

static struct str
find(struct arena *a, json_object *object, struct str path)
{
	struct str value = STR(""), name;

	while (object != NULL && str_next_part(&path, '.', &name))
		object = child(a, object, name);
	if (!scalar(a, object, &value))
		return STR("");
	return value;
}

void
json_reader_at_each(struct arena *a, struct str text, const struct str *paths,
    size_t n, struct str *ret)
{
	OBJECT *root = NULL;

	(void)parse(text, &root);
	for (size_t i = 0; i < n; i++)
		ret[i] = find(a, root, paths[i]);
}

struct str
json_reader_at(struct arena *a, struct str text, struct str path)
{
	struct str value;

	json_reader_at_each(a, text, &path, 1, &value);
	return value;
}
