/*
 * `export`: all data as an import reads it, secrets masked.
 *
 * Rows are read in pages by key, all from one snapshot: memory does not grow,
 * and every reference finds its row. API keys, audit, versions and ciphertext
 * are never exported.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mask.h"
#include "ctl/ctl.h"
#include "ctl/import/import.h"
#include "ctl/import/row.h"
#include "ctl/list.h"
#include "ctl/progress.h"
#include "ctl/when.h"
#include "schema/tables.h"

#define PAGE          1000
#define ARENA_CHUNK   (1024 * 1024)
#define TEXT_MAX      65536
#define ROW_MAX_BYTES (64u * 1024 * 1024)
#define MAX_KEYS      8

/* The export of one table. */
struct export
{
	struct ctl *ctl;
	const struct resource *resource;
	struct arena *arena; /* of one page */
	struct buf row;
	struct value key[MAX_KEYS]; /* of the last row */
	size_t n_keys;
	size_t n_rows; /* that were written */
	bool has_rows;
};

static bool
is_exported(const struct resource *resource)
{
	return !resource->internal;
}

/* SELECT the columns FROM the table WHERE (key) > (?, ...) ORDER BY key */
static void
build_select(struct buf *buf, const struct export *e)
{
	buf_add_text(buf, "SELECT ");
	import_add_columns(buf, e->resource, false);
	buf_printf(buf, " FROM `%s` WHERE %s", e->resource->name,
	    e->resource == &resource_authentication_types ? "NOT (" TYPES_UNUSED
							    ")"
							  : "TRUE");
	if (e->has_rows) {
		buf_add_text(buf, " AND (");
		import_add_columns(buf, e->resource, true);
		buf_add_text(buf, ") > (?");
		for (size_t i = 1; i < e->n_keys; i++)
			buf_add_text(buf, ",?");
		buf_add_char(buf, ')');
	}
	buf_add_text(buf, " ORDER BY ");
	import_add_columns(buf, e->resource, true);
	buf_printf(buf, " LIMIT %d", PAGE);
}

static enum error
read_page(struct export *e, struct rows *ret, struct problem *reterr)
{
	enum error error;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	build_select(&text, e);
	error = db_run(e->ctl->db, e->arena,
	    &(struct statement){
		buf_str(&text), e->key, e->has_rows ? e->n_keys : 0 },
	    ret, reterr);
	buf_done(&text);
	return error;
}

static void
add_time(struct buf *buf, struct str stored)
{
	char when[WHEN_SIZE];

	if (when_format(stored, when))
		json_string(buf, str_of(when));
	else
		json_null(buf);
}

static void
add_value(
    struct buf *buf, const struct column *column, const struct value *value)
{
	if (value->type == VALUE_NULL)
		json_null(buf);
	else if (column->type == COLUMN_BOOL)
		json_bool(buf, value->integer != 0);
	else if (column->type == COLUMN_INT)
		json_int(buf, value->integer);
	else if (column->type == COLUMN_TIME)
		add_time(buf, value->text);
	else if (column->type == COLUMN_JSON || column->type == COLUMN_OBJECT)
		json_raw(buf, value->text);
	else
		json_string(buf, value->text);
}

/* "value_sealed" shows as the mask under "value". A variable that is not
 * secret has its value there already. */
static void
add_sealed(
    struct buf *buf, const struct column *column, const struct value *value)
{
	static const char suffix[] = "_sealed";
	const size_t len = strlen(column->name) - (sizeof(suffix) - 1);

	if (value->type == VALUE_NULL)
		return;
	json_key_str(buf, (struct str){ column->name, len });
	json_string(buf, STR(SECRET_MASK));
}

static void
add_cell(struct buf *buf, const struct column *column,
    const struct value *value, bool is_masked)
{
	if (column->type == COLUMN_SEALED) {
		add_sealed(buf, column, value);
		return;
	}
	if (column->type == COLUMN_MASKED && is_masked)
		return;
	json_key(buf, column->name);
	add_value(buf, column, value);
}

static bool
has_sealed(const struct resource *resource, const struct value *cells)
{
	bool found = false;

	for (size_t i = 0; i < resource->n_columns; i++) {
		if (!import_is_written(&resource->columns[i]))
			continue;
		found = found || (resource->columns[i].type == COLUMN_SEALED &&
				     cells->type != VALUE_NULL);
		cells++;
	}
	return found;
}

static void
write_row(struct export *e, const struct value *cells)
{
	const struct resource *resource = e->resource;
	const bool is_masked = has_sealed(resource, cells);

	e->n_keys = 0;
	buf_reset(&e->row);
	json_object_open(&e->row);
	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];

		if (!import_is_written(column))
			continue;
		add_cell(&e->row, column, cells, is_masked);
		if ((column->flags & COLUMN_KEY) != 0 && e->n_keys < MAX_KEYS)
			e->key[e->n_keys++] = *cells;
		cells++;
	}
	json_object_close(&e->row);
	ctl_print("%s", e->has_rows ? ",\n" : "\n");
	fwrite(e->row.ptr, 1, e->row.len, stdout);
	e->has_rows = true;
}

/* The key of the last row must outlive its page. */
static void
keep_key(struct export *e, struct arena *next)
{
	for (size_t i = 0; i < e->n_keys; i++)
		if (e->key[i].type == VALUE_TEXT)
			e->key[i].text = arena_copy(next, e->key[i].text);
}

static enum error
write_pages(struct export *e, struct arena *pages[2], struct problem *reterr)
{
	struct rows rows = { 0 };
	size_t turn = 0;

	do {
		e->arena = pages[turn];
		TRY(read_page(e, &rows, reterr));
		for (size_t i = 0; i < rows.count; i++)
			write_row(e, rows_cell(&rows, i, 0));
		if (e->row.overflow)
			return problem_log(reterr, ERROR_INTERNAL,
			    "a row of %s is too long", e->resource->name);
		turn = 1 - turn;
		arena_reset(pages[turn]);
		keep_key(e, pages[turn]);
		e->n_rows += rows.count;
		progress_count(e->n_rows, e->resource->name);
	} while (rows.count == PAGE && !list_is_over());
	return OK;
}

static enum error
write_table(
    struct ctl *ctl, const struct resource *resource, struct problem *reterr)
{
	struct export e = { .ctl = ctl, .resource = resource };
	struct arena *pages[2] = { arena_new(ARENA_CHUNK),
		arena_new(ARENA_CHUNK) };
	enum error error;

	buf_init(&e.row, ROW_MAX_BYTES);
	ctl_print("\"%s\": [", resource->name);
	error = write_pages(&e, pages, reterr);
	ctl_print("%s]", e.has_rows ? "\n" : "");
	buf_done(&e.row);
	arena_free(pages[0]);
	arena_free(pages[1]);
	return error;
}

static enum error
write_tables(struct ctl *ctl, struct problem *reterr)
{
	bool is_first = true;

	for (size_t i = 0; i < n_resources; i++) {
		if (!is_exported(resources[i]) || list_is_over())
			continue;
		ctl_print("%s", is_first ? "{\n" : ",\n");
		TRY(write_table(ctl, resources[i], reterr));
		is_first = false;
	}
	ctl_print("\n}\n");
	return OK;
}

enum error
export_command(struct ctl *ctl, struct problem *reterr)
{
	enum error error;

	TRY(ctl_database(ctl, reterr));
	TRY(db_execute(ctl->db,
	    STR("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"),
	    reterr));
	TRY(db_begin_read(ctl->db, reterr));
	error = write_tables(ctl, reterr);
	db_rollback(ctl->db);
	return error;
}
