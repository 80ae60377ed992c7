/*
 * Reading a row's members by the table of columns.
 */
#include <config.h>

#include "ctl/import/row.h"

#include <assert.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/numerals.h"
#include "ctl/import/cell.h"
#include "engine/json_check.h"

#define FAULT_MAX 1024 /* bytes of what is wrong with a row */

struct import_reader {
	struct json_tokener *tokener;
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
import_row_fail(const struct resource *resource, struct import_row *row,
    const char *column, struct problem *reterr, const char *format, ...)
{
	char text[FAULT_MAX];
	va_list args;

	row->is_refused = true;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (reterr->n_texts >= IMPORT_MAX_FAULTS)
		return ERROR_INVALID;
	return problem_add(reterr,
	    arena_printf(reterr->arena, "%s[%zu]%s%.*s", resource->name,
		row->index, column == NULL ? "" : ".", IMPORT_NAME_MAX,
		column == NULL ? "" : column),
	    str_of(text));
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

/* Notes what is wrong with a member, and whether it has no value therefore. */
static void
read_member(struct import_cell *cell, const struct resource *resource,
    const char *name, struct import_row *row, struct problem *reterr)
{
	const size_t i = import_find_column(resource, name);
	const char *wrong;

	if (i == resource->n_columns) {
		(void)import_row_fail(
		    resource, row, name, reterr, "there is no such column");
		return;
	}
	cell->column = &resource->columns[i];
	wrong = import_cell_read(cell, &row->values[i], &row->given[i]);
	if (wrong == NULL)
		return;
	row->is_partial |= row->values[i].type == VALUE_NULL;
	(void)import_row_fail(resource, row, name, reterr, "%s", wrong);
}

static enum error
read_members(struct arena *arena, const struct resource *resource,
    struct json_object *json, struct str text, struct import_row *row,
    struct problem *reterr)
{
	struct import_cell cell = { .arena = arena, .row = text };

	if (!json_object_is_type(json, json_type_object)) {
		row->is_partial = row->is_unknown = true;
		return import_row_fail(
		    resource, row, NULL, reterr, "must be an object");
	}
	json_object_object_foreach(json, name, value)
	{
		cell.json = value;
		read_member(&cell, resource, name, row, reterr);
	}
	return row->is_refused ? ERROR_INVALID : OK;
}

/* Strictly checked first: json-c forgives much. A value that is no object
 * needs no reading: NULL, and the caller says what it must be. */
static enum error
parse(struct import_reader *reader, const struct resource *resource,
    struct str text, struct import_row *row, struct json_object **ret,
    struct problem *reterr)
{
	struct json_fault fault;

	row->is_partial = row->is_unknown = true;
	if (text.len > IMPORT_MAX_ROW)
		return import_row_fail(resource, row, NULL, reterr,
		    "must not be longer than %d bytes", IMPORT_MAX_ROW);
	if (!json_check(text, &fault))
		return import_row_fail(resource, row, NULL, reterr,
		    "is no JSON at byte %zu: %s", fault.offset, fault.what);
	json_tokener_reset(reader->tokener);
	*ret = json_tokener_parse_ex(reader->tokener, text.ptr, (int)text.len);
	if (*ret == NULL && text.ptr[0] == '{')
		return import_row_fail(resource, row, NULL, reterr,
		    "cannot be read: %s",
		    json_tokener_error_desc(
			json_tokener_get_error(reader->tokener)));
	row->is_partial = row->is_unknown = false;
	return OK;
}

enum error
import_row_read(struct import_reader *reader, struct arena *arena,
    const struct resource *resource, struct str text, size_t index,
    struct import_row *ret, struct problem *reterr)
{
	struct json_object *json = NULL;
	enum error error;

	*ret = (struct import_row){
		.index = index,
		.values = ARENA_NEW(arena, struct value, resource->n_columns),
		.given = ARENA_NEW(arena, bool, resource->n_columns),
	};
	TRY(parse(reader, resource, text, ret, &json, reterr));
	error = read_members(arena, resource, json, text, ret, reterr);
	json_object_put(json);
	return error;
}

enum error
import_row_check_complete(const struct resource *resource,
    struct import_row *row, struct problem *reterr)
{
	enum error error = OK;

	/* What is no object has been reported as that. */
	if (row->is_unknown)
		return ERROR_INVALID;
	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];
		const unsigned optional = COLUMN_NULLABLE | COLUMN_DEFAULTED |
					  COLUMN_DERIVED | COLUMN_IMPORT;

		if (!row->given[i] && (column->flags & optional) == 0 &&
		    column->lookup == NULL)
			error = import_row_fail(
			    resource, row, column->name, reterr, "is missing");
	}
	return error;
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
