/*
 * Reading a row's members by the table of columns.
 */
#include <config.h>

#include "ctl/import_row.h"

#include <assert.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/numerals.h"
#include "ctl/import_scan.h"
#include "ctl/when.h"
#include "engine/json_check.h"

struct import_reader {
	struct json_tokener *tokener;
};

/* One value on its way from JSON into a column. */
struct cell {
	struct arena *arena;
	const struct column *column;
	struct json_object *json;
	struct str row; /* text of the row the value is of */
};

struct import_reader *
import_reader_new(void)
{
	struct import_reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		abort();
	reader->tokener = json_tokener_new_ex(IMPORT_MAX_DEPTH);
	if (reader->tokener == NULL)
		abort();
	json_tokener_set_flags(
	    reader->tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	return reader;
}

void
import_reader_free(struct import_reader *reader)
{
	if (reader == NULL)
		return;
	json_tokener_free(reader->tokener);
	free(reader);
}

enum error
import_row_fail(const struct resource *resource, const struct import_row *row,
    const char *column, struct problem *reterr, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return problem_set(reterr, ERROR_INVALID, "%s[%zu]%s%s: %s",
	    resource->name, row->index, column == NULL ? "" : ".",
	    column == NULL ? "" : column, text);
}

size_t
import_find_column(const struct resource *resource, const char *name)
{
	for (size_t i = 0; i < resource->n_columns; i++)
		if (strcmp(resource->columns[i].name, name) == 0)
			return i;
	return resource->n_columns;
}

size_t
import_column(const struct resource *resource, const char *name)
{
	const size_t i = import_find_column(resource, name);

	assert(i < resource->n_columns);
	return i;
}

bool
import_is_written(const struct column *column)
{
	return column_is_stored(column) &&
	       ((column->flags & COLUMN_DERIVED) == 0 ||
		   column->type == COLUMN_SEALED);
}

/* The readers: each sets *ret, or returns what is wrong. */

static const char *
read_integer(const struct cell *cell, struct value *ret)
{
	const struct column *column = cell->column;
	int64_t number;

	if (json_object_is_type(cell->json, json_type_int)) {
		number = json_object_get_int64(cell->json);
		/* json-c cuts what is past 64 bits down to its ends. */
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
read_boolean(const struct cell *cell, struct value *ret)
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

/* Long texts are limited in bytes, as the database does. */
static size_t
measure(struct str text, int64_t max)
{
	return max >= 65535 ? text.len : str_utf8_length(text);
}

static const char *
read_text(const struct cell *cell, struct value *ret)
{
	const struct column *column = cell->column;
	struct str text;

	if (!json_object_is_type(cell->json, json_type_string))
		return "must be a string";
	text.ptr = json_object_get_string(cell->json);
	text.len = (size_t)json_object_get_string_len(cell->json);
	if (measure(text, column->max) > (size_t)column->max)
		return arena_printf(cell->arena, "must not be longer than %lld",
		    (long long)column->max)
		    .ptr;
	if (column->one_of != NULL && !is_one_of(text, column->one_of))
		return list_allowed(cell->arena, column->one_of);
	*ret = value_text(arena_copy(cell->arena, text));
	return NULL;
}

static const char *
read_time(const struct cell *cell, struct value *ret)
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

/* The text as it stands in the file, so that it is kept as it was written. */
static struct str
find_source(const struct cell *cell)
{
	struct str found = { NULL, 0 };
	struct str name, value;
	struct scan scan;

	if (!scan_open(&scan, cell->row, '{'))
		return found;
	while (scan_member(&scan, &name, &value) == SCAN_FOUND)
		if (is_named(name, cell->column->name))
			found = value;
	return found;
}

static const char *
read_json(const struct cell *cell, struct value *ret)
{
	*ret = value_text(arena_copy(cell->arena, find_source(cell)));
	return NULL;
}

static const char *
read_object(const struct cell *cell, struct value *ret)
{
	if (!json_object_is_type(cell->json, json_type_object))
		return "must be an object";
	return read_json(cell, ret);
}

static const char *
read_nothing(const struct cell *cell, struct value *ret)
{
	(void)cell;
	(void)ret;
	return "is the server's own";
}

static const char *(*const readers[])(const struct cell *, struct value *) = {
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
	*ret = value_null();
	*given = (column->flags & COLUMN_DEFAULTED) == 0;
	if (column->type == COLUMN_JSON) {
		*ret = value_text(STR("null"));
		return NULL;
	}
	if (*given && (column->flags & (COLUMN_NULLABLE | COLUMN_IMPORT)) == 0)
		return "must not be null";
	return NULL;
}

static enum error
read_member(struct cell *cell, const struct resource *resource,
    const char *name, struct import_row *row, struct problem *reterr)
{
	const size_t i = import_find_column(resource, name);
	const char *wrong;

	if (i == resource->n_columns)
		return import_row_fail(
		    resource, row, name, reterr, "there is no such column");
	cell->column = &resource->columns[i];
	row->given[i] = true;
	if ((cell->column->flags & COLUMN_DERIVED) != 0)
		wrong = "is the server's own";
	else if (cell->json == NULL)
		wrong =
		    read_null(cell->column, &row->values[i], &row->given[i]);
	else
		wrong = readers[cell->column->type](cell, &row->values[i]);
	if (wrong != NULL)
		return import_row_fail(
		    resource, row, name, reterr, "%s", wrong);
	return OK;
}

static enum error
read_members(struct arena *arena, const struct resource *resource,
    struct json_object *json, struct str text, struct import_row *row,
    struct problem *reterr)
{
	struct cell cell = { .arena = arena, .row = text };

	if (!json_object_is_type(json, json_type_object))
		return import_row_fail(
		    resource, row, NULL, reterr, "must be an object");
	json_object_object_foreach(json, name, value)
	{
		cell.json = value;
		TRY(read_member(&cell, resource, name, row, reterr));
	}
	return OK;
}

/* Strictly checked first: json-c forgives much. */
static enum error
parse(struct import_reader *reader, const struct resource *resource,
    struct str text, const struct import_row *row, struct json_object **ret,
    struct problem *reterr)
{
	struct json_fault fault;

	if (text.len > IMPORT_MAX_ROW)
		return import_row_fail(resource, row, NULL, reterr,
		    "must not be longer than %d bytes", IMPORT_MAX_ROW);
	if (!json_check(text, &fault))
		return import_row_fail(resource, row, NULL, reterr,
		    "is no JSON at byte %zu: %s", fault.offset, fault.what);
	json_tokener_reset(reader->tokener);
	*ret = json_tokener_parse_ex(reader->tokener, text.ptr, (int)text.len);
	return OK;
}

enum error
import_row_read(struct import_reader *reader, struct arena *arena,
    const struct resource *resource, struct str text, size_t index,
    struct import_row *ret, struct problem *reterr)
{
	struct json_object *json = NULL;
	struct import_row row = {
		.index = index,
		.values = ARENA_NEW(arena, struct value, resource->n_columns),
		.given = ARENA_NEW(arena, bool, resource->n_columns),
	};
	enum error error;

	TRY(parse(reader, resource, text, &row, &json, reterr));
	error = read_members(arena, resource, json, text, &row, reterr);
	json_object_put(json);
	TRY(error);
	*ret = row;
	return OK;
}

enum error
import_row_check_complete(const struct resource *resource,
    const struct import_row *row, struct problem *reterr)
{
	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];
		const unsigned optional = COLUMN_NULLABLE | COLUMN_DEFAULTED |
					  COLUMN_DERIVED | COLUMN_IMPORT;

		if (!row->given[i] && (column->flags & optional) == 0 &&
		    column->lookup == NULL)
			return import_row_fail(
			    resource, row, column->name, reterr, "is missing");
	}
	return OK;
}

static struct value
fallback(struct arena *arena, const struct column *column, struct str now)
{
	if (column->fallback == NULL && column->type == COLUMN_TIME &&
	    (column->flags & COLUMN_DEFAULTED) != 0)
		return value_text(arena_copy(arena, now));
	if (column->fallback == NULL)
		return value_null();
	if (column->type == COLUMN_INT || column->type == COLUMN_BOOL)
		return value_int(strtoll(column->fallback, NULL, 10));
	return value_text(str_of(column->fallback));
}

void
import_row_fill(struct arena *arena, const struct resource *resource,
    struct import_row *row, struct str now)
{
	for (size_t i = 0; i < resource->n_columns; i++) {
		if (row->given[i])
			continue;
		row->values[i] =
		    row->stored != NULL
			? row->stored[i]
			: fallback(arena, &resource->columns[i], now);
	}
}

static bool
is_same_tree(struct import_reader *reader, struct str a, struct str b)
{
	struct json_object *x, *y = NULL;
	bool is_same;

	json_tokener_reset(reader->tokener);
	x = json_tokener_parse_ex(reader->tokener, a.ptr, (int)a.len);
	json_tokener_reset(reader->tokener);
	y = json_tokener_parse_ex(reader->tokener, b.ptr, (int)b.len);
	is_same = x != NULL && y != NULL && json_object_equal(x, y) != 0;
	json_object_put(x);
	json_object_put(y);
	return is_same;
}

/*
 * Whether two texts are the same JSON, however they are written; but numbers
 * must be written alike: they are sent as they are written, and json-c takes
 * different ones for the same when they are large.
 */
static bool
is_same_json(struct import_reader *reader, struct str a, struct str b)
{
	struct buf x, y;
	bool is_same = is_same_tree(reader, a, b);

	if (!is_same)
		return false;
	buf_init(&x, 3 * (size_t)IMPORT_MAX_ROW);
	buf_init(&y, 3 * (size_t)IMPORT_MAX_ROW);
	is_same = numerals_quote(&x, a, SIZE_MAX) &&
		  numerals_quote(&y, b, SIZE_MAX) &&
		  is_same_tree(reader, buf_str(&x), buf_str(&y));
	buf_done(&x);
	buf_done(&y);
	return is_same;
}

static bool
is_same(struct import_reader *reader, const struct column *column,
    const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == VALUE_NULL)
		return true;
	if (a->type == VALUE_INT)
		return a->integer == b->integer;
	if (str_equal(a->text, b->text))
		return true;
	return (column->type == COLUMN_JSON || column->type == COLUMN_OBJECT) &&
	       is_same_json(reader, a->text, b->text);
}

void
import_row_compare(struct import_reader *reader,
    const struct resource *resource, struct import_row *row, struct str now)
{
	const size_t updated = import_find_column(resource, "updated_at");

	row->fate = IMPORT_INSERTED;
	if (row->stored == NULL)
		return;
	row->fate = IMPORT_UNCHANGED;
	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];

		if (import_is_written(column) &&
		    !is_same(reader, column, &row->values[i], &row->stored[i]))
			row->fate = IMPORT_UPDATED;
	}
	if (row->fate == IMPORT_UPDATED && updated < resource->n_columns &&
	    !row->given[updated])
		row->values[updated] = value_text(now);
}
