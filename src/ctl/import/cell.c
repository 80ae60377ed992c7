/*
 * A function for each type of column, and the forms of texts.
 */
#include <config.h>

#include "ctl/import/cell.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/import/scan.h"
#include "ctl/when.h"
#include "engine/form.h"
#include "probe/lint.h"

/* Texts of a column that is as large are limited in bytes, as the database
 * does. */
#define IN_BYTES 65535

/* The forms that the test of a connector judges. */
static lint *const lints[FORM__MAX] = {
	[FORM_AUTHENTICATION_TYPE] = lint_authentication_type,
	[FORM_STATUSES] = lint_statuses,
	[FORM_MEMBER_PATH] = lint_member_path,
	[FORM_TEMPLATE] = lint_template,
	[FORM_URL] = lint_url,
	[FORM_HEADERS] = lint_headers,
	[FORM_QUERY] = lint_query,
};

static const char *
check_form(const struct import_cell *cell, struct str text)
{
	const enum column_form wanted = cell->column->form;
	const struct form *form = form_find(wanted);

	if (form != NULL)
		return form->is(text) ? NULL : form->must;
	return lints[wanted] == NULL ? NULL : lints[wanted](cell->arena, text);
}

static const char *
too_long(const struct import_cell *cell, const char *unit)
{
	return arena_printf(cell->arena, "must not be longer than %lld %s",
	    (long long)cell->column->max, unit)
	    .ptr;
}

static const char *
read_integer(const struct import_cell *cell, struct value *ret)
{
	const struct column *column = cell->column;
	int64_t number;

	if (json_object_is_type(cell->json, json_type_int)) {
		number = json_object_get_int64(cell->json);
		/* json-c turns a number beyond 64 bits into the largest or
		 * smallest one. */
		if (number >= column->min && number <= column->max &&
		    json_object_get_uint64(cell->json) < INT64_MAX) {
			*ret = value_int(number);
			return NULL;
		}
	}
	return arena_printf(cell->arena, "must be an integer from %lld to %lld",
	    (long long)column->min, (long long)column->max)
	    .ptr;
}

static const char *
read_boolean(const struct import_cell *cell, struct value *ret)
{
	if (!json_object_is_type(cell->json, json_type_boolean))
		return "must be true or false";
	*ret = value_int(json_object_get_boolean(cell->json));
	return NULL;
}

static bool
is_one_of(struct str text, const char *const *list)
{
	for (; *list != NULL; list++)
		if (str_equal_text(text, *list))
			return true;
	return false;
}

static const char *
list_allowed(struct arena *arena, const char *const *list)
{
	struct str text = STR("must be one of");

	for (; *list != NULL; list++)
		text = arena_printf(arena, "%.*s %s%s", STR_FMT(text), *list,
		    list[1] == NULL ? "" : ",");
	return text.ptr;
}

static const char *
check_length(const struct import_cell *cell, struct str text)
{
	const bool in_bytes = cell->column->max >= IN_BYTES;
	const size_t length = in_bytes ? text.len : str_utf8_length(text);

	if (length <= (size_t)cell->column->max)
		return NULL;
	return too_long(cell, in_bytes ? "bytes" : "characters");
}

/* As in a body of the API a blank text counts as none. Any other is kept as it
 * is written. */
static const char *
read_text(const struct import_cell *cell, struct value *ret)
{
	const struct column *column = cell->column;
	struct str text;
	const char *wrong;

	if (!json_object_is_type(cell->json, json_type_string))
		return "must be a string";
	text.ptr = json_object_get_string(cell->json);
	text.len = (size_t)json_object_get_string_len(cell->json);
	if ((column->flags & COLUMN_RAW) == 0 && text_trim(text).len == 0)
		return (column->flags & COLUMN_NULLABLE) != 0
			   ? NULL
			   : "must not be empty";
	*ret = value_text(arena_copy(cell->arena, text));
	wrong = check_length(cell, text);
	if (wrong != NULL)
		return wrong;
	if (column->one_of != NULL && !is_one_of(text, column->one_of))
		return list_allowed(cell->arena, column->one_of);
	return check_form(cell, text);
}

static const char *
read_time(const struct import_cell *cell, struct value *ret)
{
	char when[WHEN_SIZE];

	if (!json_object_is_type(cell->json, json_type_string) ||
	    !when_parse((struct str){ json_object_get_string(cell->json),
			    (size_t)json_object_get_string_len(cell->json) },
		when))
		return "must be a time such as 2024-01-31T23:59:59.000000Z";
	*ret = value_text(arena_copy(cell->arena, str_of(when)));
	return NULL;
}

/* Whether a name, as it stands between its quotes, is this one. */
static bool
is_named(struct str raw, const char *name)
{
	struct json_tokener *tokener;
	struct json_object *json;
	bool is_it;

	if (str_find(raw, '\\') == raw.len)
		return str_equal_text(raw, name);
	tokener = json_tokener_new();
	if (tokener == NULL)
		abort();
	/* With its quotes, which stand around it. */
	json = json_tokener_parse_ex(tokener, raw.ptr - 1, (int)raw.len + 2);
	is_it = json != NULL && strcmp(json_object_get_string(json), name) == 0;
	json_object_put(json);
	json_tokener_free(tokener);
	return is_it;
}

/* The text as it stands in the file, so that it is kept as it was written: of
 * two members with one name the last, as json-c takes it. */
static struct str
find_source(const struct import_cell *cell)
{
	struct str found = { NULL, 0 };
	struct str name, value;
	struct import_scan scan;

	if (!import_scan_open(&scan, cell->row, '{'))
		return found;
	while (import_scan_member(&scan, &name, &value) == IMPORT_SCAN_FOUND)
		if (is_named(name, cell->column->name))
			found = value;
	return found;
}

static struct str
json_text(const struct import_cell *cell)
{
	struct str text = find_source(cell);

	if (text.ptr == NULL)
		text = str_of(json_object_to_json_string_ext(cell->json,
		    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	return arena_copy(cell->arena, text);
}

/* How deep lists and objects stand in each other; 0 for a scalar. */
static int64_t
depth_of(struct json_object *json)
{
	int64_t most = 0;

	if (json_object_is_type(json, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(json); i++) {
			struct json_object *item =
			    json_object_array_get_idx(json, i);
			const int64_t depth = depth_of(item);

			most = depth > most ? depth : most;
		}
		return most + 1;
	}
	if (!json_object_is_type(json, json_type_object))
		return 0;
	json_object_object_foreach(json, name, value)
	{
		const int64_t depth = depth_of(value);

		(void)name;
		most = depth > most ? depth : most;
	}
	return most + 1;
}

static const char *
read_json(const struct import_cell *cell, struct value *ret)
{
	*ret = value_text(json_text(cell));
	if (depth_of(cell->json) <= cell->column->max)
		return NULL;
	return arena_printf(cell->arena, "must not nest deeper than %lld",
	    (long long)cell->column->max)
	    .ptr;
}

static const char *
read_object(const struct import_cell *cell, struct value *ret)
{
	if (!json_object_is_type(cell->json, json_type_object))
		return "must be an object";
	*ret = value_text(json_text(cell));
	if (ret->text.len > (size_t)cell->column->max)
		return too_long(cell, "bytes");
	return check_form(cell, ret->text);
}

static const char *
read_nothing(const struct import_cell *cell, struct value *ret)
{
	(void)cell;
	(void)ret;
	return "is the server's own";
}

static const char *(*const readers[])(
    const struct import_cell *, struct value *) = {
	[COLUMN_INT] = read_integer,
	[COLUMN_BOOL] = read_boolean,
	[COLUMN_TEXT] = read_text,
	[COLUMN_TIME] = read_time,
	[COLUMN_JSON] = read_json,
	[COLUMN_OBJECT] = read_object,
	[COLUMN_MASKED] = read_text,
	[COLUMN_SEALED] = read_nothing,
};
_Static_assert(N_ELEMENTS(readers) == COLUMN__MAX, "one reader a type");

/* Null: nothing where that may be, the default where there is one. In a
 * column of any JSON it is a value. */
static const char *
read_null(const struct column *column, struct value *ret, bool *given)
{
	*given = (column->flags & COLUMN_DEFAULTED) == 0;
	if (column->type == COLUMN_JSON) {
		*ret = value_text(STR("null"));
		return NULL;
	}
	if (*given && (column->flags & (COLUMN_NULLABLE | COLUMN_IMPORT)) == 0)
		return "must not be null";
	return NULL;
}

const char *
import_cell_read(const struct import_cell *cell, struct value *ret, bool *given)
{
	const struct column *column = cell->column;

	*ret = value_null();
	*given = true;
	if ((column->flags & COLUMN_DERIVED) != 0)
		return "is the server's own";
	if (cell->json == NULL)
		return read_null(column, ret, given);
	return readers[column->type](cell, ret);
}
