/*
 * The stored rows of a batch: reading them by key, inserting, updating.
 *
 * New rows go in by statements of many rows, and changed ones are updated by
 * their key one by one: "insert or update" could hit another row that holds
 * the same unique value. Must not decide what changes (import_row_compare).
 */
#include <config.h>

#include <string.h>

#include "ctl/import/import.h"
#include "engine/sql_text.h"

/* Bytes of the longest statement: rows times places, and names. */
#define TEXT_MAX_BYTES (1024 * 1024)
#define DUPLICATE      1062 /* error number of the server */

static size_t
count_keys(const struct resource *resource)
{
	size_t n = 0;

	for (size_t i = 0; i < resource->n_columns; i++)
		n += (resource->columns[i].flags & COLUMN_KEY) != 0;
	return n;
}

static size_t
count_written(const struct resource *resource)
{
	size_t n = 0;

	for (size_t i = 0; i < resource->n_columns; i++)
		n += import_is_written(&resource->columns[i]);
	return n;
}

/* "(?,?,?)" */
static void
add_places(struct buf *buf, size_t n)
{
	buf_add_char(buf, '(');
	sql_add_list(buf, "?", n);
	buf_add_char(buf, ')');
}

static void
add_place_rows(struct buf *buf, size_t width, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_char(buf, ',');
		add_places(buf, width);
	}
}

/* The values of a row's written or key columns; returns how many. */
static size_t
take_values(const struct resource *resource, const struct import_row *row,
    bool only_keys, struct value *out)
{
	size_t n = 0;

	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];

		if (import_is_written(column) &&
		    (!only_keys || (column->flags & COLUMN_KEY) != 0))
			out[n++] = row->values[i];
	}
	return n;
}

static void
build_select(struct buf *buf, const struct resource *resource, size_t places)
{
	const size_t n_keys = count_keys(resource);

	buf_add_text(buf, "SELECT ");
	import_add_columns(buf, resource, false);
	buf_add_text(buf, " FROM ");
	sql_add_name(buf, resource->name);
	buf_add_text(buf, " WHERE (");
	import_add_columns(buf, resource, true);
	buf_add_text(buf, ") IN (");
	if (n_keys == 1)
		sql_add_list(buf, "?", places);
	else
		add_place_rows(buf, n_keys, places);
	buf_add_text(buf, ") FOR UPDATE");
}

/* The cells of a result's row as an array by column of the resource. */
static const struct value *
spread(struct arena *arena, const struct resource *resource,
    const struct value *cells)
{
	struct value *values =
	    ARENA_NEW(arena, struct value, resource->n_columns);

	for (size_t i = 0; i < resource->n_columns; i++)
		if (import_is_written(&resource->columns[i]))
			values[i] = *cells++;
	return values;
}

static void
attach(struct import_batch *batch, const struct rows *rows)
{
	const struct resource *resource = batch->resource;
	struct import_map by_key = { 0 };

	for (size_t i = 0; i < batch->n; i++)
		import_map_add(&by_key,
		    import_row_key(
			batch->arena, resource, batch->rows[i].values),
		    (int64_t)i);
	for (size_t i = 0; i < rows->count; i++) {
		const struct value *stored =
		    spread(batch->arena, resource, rows_cell(rows, i, 0));
		const int64_t *place = import_map_find(
		    &by_key, import_row_key(batch->arena, resource, stored));

		if (place != NULL)
			batch->rows[*place].stored = stored;
	}
	import_map_done(&by_key);
}

enum error
import_look_for_rows(struct import *import, struct arena *arena,
    const struct resource *resource, struct problem *reterr)
{
	const struct statement select = {
		.text = arena_printf(
		    arena, "SELECT 1 FROM `%s` LIMIT 1", resource->name),
	};
	struct rows rows = { 0 };

	TRY(db_run(import->db, arena, &select, &rows, reterr));
	import->is_empty = rows.count == 0;
	return OK;
}

enum error
import_load_stored(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	const struct resource *resource = batch->resource;
	const size_t n_keys = count_keys(resource);
	const size_t places = sql_padded(batch->n);
	struct value *params =
	    ARENA_NEW(batch->arena, struct value, places * n_keys);
	struct rows rows = { 0 };
	enum error error;
	struct buf text;

	if (import->is_empty)
		return OK;
	for (size_t i = 0; i < places; i++)
		take_values(resource,
		    &batch->rows[i < batch->n ? i : batch->n - 1], true,
		    params + i * n_keys);
	buf_init(&text, TEXT_MAX_BYTES);
	build_select(&text, resource, places);
	error = db_run(import->db, batch->arena,
	    &(struct statement){ buf_str(&text), params, places * n_keys },
	    &rows, reterr);
	buf_done(&text);
	TRY(error);
	attach(batch, &rows);
	return OK;
}

static enum error
insert(struct import *import, struct import_batch *batch,
    struct import_row *const *rows, size_t n, struct problem *reterr)
{
	const struct resource *resource = batch->resource;
	const size_t width = count_written(resource);
	struct value *params = ARENA_NEW(batch->arena, struct value, n * width);
	enum error error;
	struct buf text;

	for (size_t i = 0; i < n; i++)
		take_values(resource, rows[i], false, params + i * width);
	buf_init(&text, TEXT_MAX_BYTES);
	buf_add_text(&text, "INSERT INTO ");
	sql_add_name(&text, resource->name);
	buf_add_text(&text, " (");
	import_add_columns(&text, resource, false);
	buf_add_text(&text, ") VALUES ");
	add_place_rows(&text, width, n);
	error = db_run(import->db, batch->arena,
	    &(struct statement){ buf_str(&text), params, n * width }, NULL,
	    reterr);
	buf_done(&text);
	return error;
}

/* The database refused a row: reports its message behind the row's path. */
static enum error
refuse(struct import *import, const struct resource *resource,
    struct import_row *row, struct problem *reterr)
{
	const char *what = "the database refuses it";

	if (db_errno(import->db) == DUPLICATE) {
		what = "another row has a value that must be unique";
		import->is_contested = true;
	}
	return import_row_fail(resource, row, NULL, reterr, "%s (%.*s)", what,
	    STR_FMT(reterr->log));
}

static bool
is_refusal(struct import *import, enum error error)
{
	return error == ERROR_CONFLICT ||
	       (error == ERROR_INTERNAL && !db_should_retry(import->db));
}

/* A statement of many rows failed and changed nothing. Inserts them one by one,
 * to find the rows that are to blame. */
static enum error
insert_singly(struct import *import, struct import_batch *batch,
    struct import_row *const *rows, size_t n, struct problem *reterr)
{
	for (size_t i = 0; i < n; i++) {
		enum error error = insert(import, batch, &rows[i], 1, reterr);

		if (error != OK && is_refusal(import, error))
			error =
			    refuse(import, batch->resource, rows[i], reterr);
		TRY(import_go_on(error));
	}
	return OK;
}

static enum error
insert_all(struct import *import, struct import_batch *batch,
    struct import_row **rows, size_t n, struct problem *reterr)
{
	while (n > 0) {
		const size_t chunk = sql_chunk(n, 1, IMPORT_BATCH);
		enum error error = insert(import, batch, rows, chunk, reterr);

		if (error != OK && is_refusal(import, error))
			error =
			    insert_singly(import, batch, rows, chunk, reterr);
		TRY(error);
		rows += chunk;
		n -= chunk;
	}
	return OK;
}

static void
build_update(struct buf *buf, const struct resource *resource)
{
	bool is_first = true;

	buf_add_text(buf, "UPDATE ");
	sql_add_name(buf, resource->name);
	buf_add_text(buf, " SET ");
	for (size_t i = 0; i < resource->n_columns; i++) {
		if (!import_is_written(&resource->columns[i]))
			continue;
		if (!is_first)
			buf_add_char(buf, ',');
		sql_add_name(buf, resource->columns[i].name);
		buf_add_text(buf, "=?");
		is_first = false;
	}
	buf_add_text(buf, " WHERE (");
	import_add_columns(buf, resource, true);
	buf_add_text(buf, ") = ");
	add_places(buf, count_keys(resource));
}

static enum error
update(struct import *import, struct import_batch *batch,
    struct import_row *row, struct problem *reterr)
{
	const struct resource *resource = batch->resource;
	struct value *params =
	    ARENA_NEW(batch->arena, struct value, 2 * resource->n_columns);
	size_t n = take_values(resource, row, false, params);
	enum error error;
	struct buf text;

	n += take_values(resource, row, true, params + n);
	buf_init(&text, TEXT_MAX_BYTES);
	build_update(&text, resource);
	error = db_run(import->db, batch->arena,
	    &(struct statement){ buf_str(&text), params, n }, NULL, reterr);
	buf_done(&text);
	if (error != OK && is_refusal(import, error))
		return refuse(import, resource, row, reterr);
	return error;
}

enum error
import_store(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	struct import_row *fresh[IMPORT_BATCH];
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++) {
		struct import_row *row = &batch->rows[i];

		if (row->fate == IMPORT_INSERTED)
			fresh[n++] = row;
		else if (row->fate == IMPORT_UPDATED)
			TRY(import_go_on(update(import, batch, row, reterr)));
	}
	return insert_all(import, batch, fresh, n, reterr);
}
