/*
 * Rules that the columns of a table cannot express: an app named by its key,
 * the app of a session, versions of connectors; and the order of the checks in
 * links.c and owners.c.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "api/data_version.h"
#include "ctl/import/import.h"
#include "engine/sql_text.h"
#include "schema/tables.h"
#include "secret/sealing_keys.h"

#define TEXT_MAX_BYTES 65536

static enum error
prepare_certificates(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	import_read_certificates(batch, reterr);
	for (size_t i = 0; i < batch->n; i++)
		if (!batch->rows[i].is_partial)
			import_note_link(
			    import, batch, &batch->rows[i], reterr);
	return OK;
}

static bool
has_refused(struct import *import, const struct resource *resource)
{
	const struct import_table *table = import_table_of(import, resource);

	return table->has_unknown || table->refused.count > 0;
}

/* The app that a row names by its key. */
static enum error
find_app(struct import *import, const struct import_batch *batch,
    struct import_row *row, struct str key, struct value *ret,
    struct problem *reterr)
{
	const struct value name = value_text(key);
	const int64_t known = import_key(batch->arena, &name, 1);
	const int64_t *id = import_map_find(&import->apps, known);
	struct rows rows = { 0 };

	if (id != NULL) {
		*ret = value_int(*id);
		return OK;
	}
	TRY(db_run(import->db, batch->arena,
	    STATEMENT(
		"SELECT id, `key` FROM platform_apps WHERE `key` = ?", name),
	    &rows, reterr));
	/* The collation finds more than the same text. */
	if (rows.count == 0 || !str_equal(rows_cell(&rows, 0, 1)->text, key)) {
		row->is_refused = true;
		if (has_refused(import, &resource_platform_apps))
			return ERROR_INVALID;
		return import_row_fail(batch->resource, row, "platform_app_key",
		    reterr, "there is no such platform_app");
	}
	*ret = *rows_cell(&rows, 0, 0);
	import_map_add(&import->apps, known, ret->integer);
	return OK;
}

static enum error
prepare_app(struct import *import, struct import_batch *batch,
    struct import_row *row, struct problem *reterr)
{
	const struct resource *r = batch->resource;
	const size_t column = import_column(r, "platform_app_id");
	const struct value *key =
	    &row->values[import_column(r, "platform_app_key")];
	struct value *id = &row->values[column];
	struct value found;

	if (key->type == VALUE_NULL)
		return OK;
	TRY(find_app(import, batch, row, key->text, &found, reterr));
	if (id->type != VALUE_NULL && id->integer != found.integer)
		return import_row_fail(r, row, "platform_app_key", reterr,
		    "is not the key of the platform_app_id");
	row->given[column] = true;
	*id = found;
	return OK;
}

static enum error
prepare_connectors(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct import_row *row = &batch->rows[i];

		if (row->is_partial)
			continue;
		import_take_link(import, batch, row, reterr);
		TRY(import_go_on(prepare_app(import, batch, row, reterr)));
	}
	return OK;
}

enum error
import_prepare(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	if (batch->resource == &resource_certificates)
		return prepare_certificates(import, batch, reterr);
	if (batch->resource == &resource_connectors)
		return prepare_connectors(import, batch, reterr);
	return OK;
}

/* The sessions that rows of a batch belong to, with their apps. */
struct sessions {
	struct value ids[IMPORT_BATCH];
	size_t n;
	struct rows rows; /* id, platform_app_id */
};

static const struct value *
cell(const struct import_batch *batch, const struct import_row *row,
    const char *column)
{
	return &row->values[import_column(batch->resource, column)];
}

static bool
has_both(const struct import_batch *batch, const struct import_row *row)
{
	return cell(batch, row, "session_id")->type != VALUE_NULL &&
	       cell(batch, row, "platform_app_id")->type != VALUE_NULL;
}

/* A session that an app set up does not go with another app, as in
 * api/write_check.c. */
static void
check_session(const struct import_batch *batch, struct import_row *row,
    const struct sessions *sessions, struct problem *reterr)
{
	const struct value *id = cell(batch, row, "session_id");
	const struct value *app = cell(batch, row, "platform_app_id");

	for (size_t i = 0; i < sessions->rows.count; i++) {
		const struct value *session = rows_cell(&sessions->rows, i, 0);

		if (str_equal(session[0].text, id->text) &&
		    !value_equal(&session[1], app))
			(void)import_row_fail(batch->resource, row,
			    "session_id", reterr,
			    "the session is not of the platform_app");
	}
}

static enum error
check_sessions(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	struct sessions *sessions = ARENA_NEW(batch->arena, struct sessions, 1);

	for (size_t i = 0; i < batch->n; i++)
		if (has_both(batch, &batch->rows[i]))
			sessions->ids[sessions->n++] =
			    *cell(batch, &batch->rows[i], "session_id");
	if (sessions->n == 0)
		return OK;
	TRY(import_ask(import, batch->arena,
	    "SELECT id, platform_app_id FROM sessions WHERE id IN (", ")",
	    sessions->ids, sessions->n, &sessions->rows, reterr));
	for (size_t i = 0; i < batch->n; i++)
		if (has_both(batch, &batch->rows[i]))
			check_session(batch, &batch->rows[i], sessions, reterr);
	return OK;
}

enum error
import_check_filled(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	if (batch->resource == &resource_connectors)
		return check_sessions(import, batch, reterr);
	return OK;
}

static void
note_added(struct import *import, const struct import_row *row)
{
	const size_t id = import_column(&resource_connectors, "id");
	const size_t company =
	    import_column(&resource_connectors, "company_id");
	const int64_t key = row->values[company].integer;

	import_map_add(&import->made, row->values[id].integer, 0);
	import_map_add(&import->added, key, 0);
	(*import_map_find(&import->added, key))++;
}

static void
note_connectors(struct import *import, const struct import_batch *batch)
{
	const size_t id = import_column(batch->resource, "id");

	for (size_t i = 0; i < batch->n; i++) {
		const struct import_row *row = &batch->rows[i];

		if (row->fate == IMPORT_INSERTED)
			note_added(import, row);
		else if (row->fate == IMPORT_UPDATED)
			import_map_add(
			    &import->touched, row->values[id].integer, 0);
	}
}

enum error
import_note_touched(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	if (batch->resource == &resource_connectors)
		note_connectors(import, batch);
	return import_note_owners(import, batch, reterr);
}

static enum error
raise_row_versions(struct import *import, struct arena *arena,
    const struct value *ids, size_t n, struct problem *reterr)
{
	enum error error;
	struct buf text;

	buf_init(&text, TEXT_MAX_BYTES);
	buf_add_text(
	    &text, "UPDATE connectors SET version = version + 1 WHERE id IN (");
	sql_add_list(&text, "?", n);
	buf_add_char(&text, ')');
	error = db_run(import->db, arena,
	    &(struct statement){ buf_str(&text), ids, n }, NULL, reterr);
	buf_done(&text);
	return error;
}

static enum error
raise_all_versions(
    struct import *import, struct arena *arena, struct problem *reterr)
{
	const struct import_map *touched = &import->touched;
	struct value ids[IMPORT_BATCH];
	size_t n = 0;

	for (size_t i = 0; i < touched->capacity; i++) {
		const int64_t id = touched->entries[i].key;

		if (touched->is_used[i] == 0 ||
		    import_map_find(&import->made, id) != NULL)
			continue;
		ids[n++] = value_int(id);
		if (n < IMPORT_BATCH)
			continue;
		TRY(raise_row_versions(import, arena, ids, n, reterr));
		n = 0;
	}
	return n == 0 ? OK : raise_row_versions(import, arena, ids, n, reterr);
}

static bool
has_changed(const struct import *import)
{
	size_t n = import->touched.count;

	for (size_t i = 0; i < n_resources; i++)
		n += import->tables[i].counts[IMPORT_INSERTED] +
		     import->tables[i].counts[IMPORT_UPDATED];
	return n > 0;
}

/* The numbers of connectors of the companies that have new ones. */
static enum error
raise_numbers(
    struct import *import, struct arena *arena, struct problem *reterr)
{
	const struct import_map *added = &import->added;

	for (size_t i = 0; i < added->capacity; i++)
		if (added->is_used[i] != 0)
			TRY(data_version_raise(import->db, arena,
			    added->entries[i].key, added->entries[i].value,
			    reterr));
	return OK;
}

enum error
import_finish(struct import *import, struct problem *reterr)
{
	struct arena *arena = import->ctl->arena;

	TRY(import_check_links(import, reterr));
	TRY(import_check_owners(import, reterr));
	if (reterr->n_texts > 0)
		return ERROR_INVALID;
	TRY(import_store_links(import, reterr));
	TRY(raise_all_versions(import, arena, reterr));
	if (import->ctl->keyring != NULL)
		TRY(sealing_keys_check(
		    arena, import->db, import->ctl->keyring, reterr));
	TRY(raise_numbers(import, arena, reterr));
	/* That of all companies: the catalogue belongs to all. */
	return has_changed(import)
		   ? data_version_raise(import->db, arena, 0, 0, reterr)
		   : OK;
}
