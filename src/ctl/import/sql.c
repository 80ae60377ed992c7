/*
 * Statements about some ids, the columns of a statement, and keys of rows. Only
 * names of the schema's tables and numbers of places get into a text.
 */
#include <config.h>

#include <stdlib.h>

#include "ctl/import/import.h"
#include "engine/sql_text.h"

#define TEXT_MAX_BYTES 65536

enum error
import_ask(struct import *import, struct arena *arena, const char *before,
    const char *behind, struct value *ids, size_t n, struct rows *ret,
    struct problem *reterr)
{
	const size_t places = sql_padded(n);
	enum error error;
	struct buf text;

	for (; n < places; n++)
		ids[n] = ids[0];
	buf_init(&text, TEXT_MAX_BYTES);
	buf_add_text(&text, before);
	sql_add_list(&text, "?", places);
	buf_add_text(&text, behind);
	error = db_run(import->db, arena,
	    &(struct statement){ buf_str(&text), ids, places }, ret, reterr);
	buf_done(&text);
	return error;
}

int64_t
import_key(struct arena *arena, const struct value *values, size_t n)
{
	struct str text = STR("");

	if (n == 1 && values[0].type == VALUE_INT)
		return values[0].integer;
	for (size_t i = 0; i < n; i++) {
		if (values[i].type == VALUE_INT)
			text = arena_printf(arena, "%.*s%lld,", STR_FMT(text),
			    (long long)values[i].integer);
		else
			text =
			    arena_printf(arena, "%.*s%zu:%.*s,", STR_FMT(text),
				values[i].text.len, STR_FMT(values[i].text));
	}
	text = secret_hash_hex(arena, text);
	return (int64_t)strtoull(
	    arena_printf(arena, "%.16s", text.ptr).ptr, NULL, 16);
}

int64_t
import_row_key(struct arena *arena, const struct resource *resource,
    const struct value *values)
{
	struct value key[8];
	size_t n = 0;

	for (size_t i = 0; i < resource->n_columns; i++)
		if ((resource->columns[i].flags & COLUMN_KEY) != 0 &&
		    n < N_ELEMENTS(key))
			key[n++] = values[i];
	return import_key(arena, key, n);
}

void
import_add_columns(
    struct buf *buf, const struct resource *resource, bool only_keys)
{
	bool is_first = true;

	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];

		if (!import_is_written(column) ||
		    (only_keys && (column->flags & COLUMN_KEY) == 0))
			continue;
		if (!is_first)
			buf_add_char(buf, ',');
		sql_add_name(buf, column->name);
		is_first = false;
	}
}
