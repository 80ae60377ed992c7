/*
 * What the tables cannot say about single tables: certificates and connectors
 * that name each other, an app named by its key, versions of connectors.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "ctl/import.h"
#include "schema/tables.h"
#include "sealing_keys.h"

#define TEXT_MAX_BYTES 65536

static void
add_link(struct import *import, const struct import_link *link)
{
	struct import_link *grown;

	/* In steps of a power of two. */
	if ((import->n_links & (import->n_links - 1)) == 0) {
		size_t n = import->n_links == 0 ? 1 : import->n_links * 2;

		grown = realloc(import->links, n * sizeof(*grown));
		if (grown == NULL)
			abort();
		import->links = grown;
	}
	import->links[import->n_links++] = *link;
}

/* A certificate row names its connector: remembered until that one comes. */
static enum error
prepare_certificate(struct import *import, const struct import_batch *batch,
    const struct import_row *row, struct problem *reterr)
{
	const struct resource *r = batch->resource;
	const struct value *connector =
	    &row->values[import_column(r, "connector_id")];
	const struct import_link link = {
		.connector = connector->integer,
		.certificate = row->values[import_column(r, "id")].integer,
		.company = row->values[import_column(r, "company_id")].integer,
		.index = row->index,
	};
	const int64_t *other;

	if (connector->type == VALUE_NULL)
		return OK;
	other = import_map_find(&import->link_by_connector, link.connector);
	if (other != NULL)
		return import_row_fail(r, row, "connector_id", reterr,
		    "certificates[%zu] names the same connector",
		    import->links[*other].index);
	import_map_add(&import->link_by_connector, link.connector,
	    (int64_t)import->n_links);
	import_map_add(&import->link_by_certificate, link.certificate,
	    (int64_t)import->n_links);
	add_link(import, &link);
	return OK;
}

static enum error
prepare_certificates(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	TRY(import_read_certificates(import, batch, reterr));
	for (size_t i = 0; i < batch->n; i++)
		TRY(prepare_certificate(
		    import, batch, &batch->rows[i], reterr));
	return OK;
}

/* The certificate that names the connector and the one that it names itself
 * must agree; one of both is enough. */
static enum error
prepare_certificate_id(struct import *import, const struct import_batch *batch,
    struct import_row *row, struct problem *reterr)
{
	const struct resource *r = batch->resource;
	const size_t column = import_column(r, "certificate_id");
	const int64_t id = row->values[import_column(r, "id")].integer;
	struct value *certificate = &row->values[column];
	const int64_t *place;

	place = import_map_find(&import->link_by_connector, id);
	if (place != NULL) {
		struct import_link *link = &import->links[*place];

		link->is_met = true;
		if (certificate->type == VALUE_NULL) {
			row->given[column] = true;
			*certificate = value_int(link->certificate);
		} else if (certificate->integer != link->certificate) {
			return import_row_fail(r, row, "certificate_id", reterr,
			    "certificates[%zu] names this connector too",
			    link->index);
		}
	}
	if (certificate->type == VALUE_NULL)
		return OK;
	place =
	    import_map_find(&import->link_by_certificate, certificate->integer);
	if (place == NULL || import->links[*place].connector == id)
		return OK;
	return import_row_fail(r, row, "certificate_id", reterr,
	    "certificates[%zu] names another connector",
	    import->links[*place].index);
}

/* The app that a row names by its key. */
static enum error
find_app(struct import *import, const struct import_batch *batch,
    const struct import_row *row, struct str key, struct value *ret,
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
	    CTL_STATEMENT(
		"SELECT id, `key` FROM platform_apps WHERE `key` = ?", name),
	    &rows, reterr));
	/* The collation finds more than the same text. */
	if (rows.count == 0 || !str_equal(rows_cell(&rows, 0, 1)->text, key))
		return import_row_fail(batch->resource, row, "platform_app_key",
		    reterr, "there is no such platform_app");
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

		TRY(prepare_certificate_id(import, batch, row, reterr));
		TRY(prepare_app(import, batch, row, reterr));
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

static void
note_connectors(struct import *import, const struct import_batch *batch)
{
	const size_t id = import_column(batch->resource, "id");

	for (size_t i = 0; i < batch->n; i++) {
		const struct import_row *row = &batch->rows[i];

		if (row->fate == IMPORT_INSERTED)
			import_map_add(
			    &import->made, row->values[id].integer, 0);
		else if (row->fate == IMPORT_UPDATED)
			import_map_add(
			    &import->touched, row->values[id].integer, 0);
	}
}

static void
note_owner(struct import *import, const struct resource *resource,
    const struct value *values)
{
	const struct value *type =
	    &values[import_column(resource, "model_type")];

	if (str_equal(type->text, STR("connector")))
		import_map_add(&import->touched,
		    values[import_column(resource, "model_id")].integer, 0);
}

/* Where a variable is taken from a connector, that one changes too. */
static void
note_owners(struct import *import, const struct import_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		const struct import_row *row = &batch->rows[i];

		if (row->fate == IMPORT_UNCHANGED)
			continue;
		note_owner(import, batch->resource, row->values);
		if (row->stored != NULL)
			note_owner(import, batch->resource, row->stored);
	}
}

/* The connectors of the variables that changed. */
static enum error
note_variables(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	const size_t id = import_column(batch->resource, "id");
	struct value ids[IMPORT_BATCH];
	struct rows rows = { 0 };
	enum error error;
	struct buf text;
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++)
		if (batch->rows[i].fate == IMPORT_UPDATED)
			ids[n++] = batch->rows[i].values[id];
	if (n == 0)
		return OK;
	for (; n < import_padded(n); n++)
		ids[n] = ids[0];
	buf_init(&text, TEXT_MAX_BYTES);
	buf_add_text(&text,
	    "SELECT model_id FROM model_variables "
	    "WHERE model_type = 'connector' AND variable_id IN (");
	import_add_list(&text, "?", n);
	buf_add_char(&text, ')');
	error = db_run(import->db, batch->arena,
	    &(struct statement){ buf_str(&text), ids, n }, &rows, reterr);
	buf_done(&text);
	TRY(error);
	for (size_t i = 0; i < rows.count; i++)
		import_map_add(
		    &import->touched, rows_cell(&rows, i, 0)->integer, 0);
	return OK;
}

enum error
import_note_touched(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	if (batch->resource == &resource_connectors)
		note_connectors(import, batch);
	if (batch->resource == &resource_model_variables)
		note_owners(import, batch);
	if (batch->resource == &resource_variables)
		return note_variables(import, batch, reterr);
	return OK;
}

/* A certificate names a connector that is not in the file. */
static enum error
finish_link(struct import *import, struct arena *arena,
    const struct import_link *link, struct problem *reterr)
{
	const struct import_row row = { .index = link->index };
	struct rows rows = { 0 };
	const struct value *stored;

	TRY(db_run(import->db, arena,
	    CTL_STATEMENT("SELECT company_id, certificate_id FROM connectors "
			  "WHERE id = ? FOR UPDATE",
		value_int(link->connector)),
	    &rows, reterr));
	if (rows.count == 0)
		return import_row_fail(&resource_certificates, &row,
		    "connector_id", reterr, "there is no such connector");
	stored = rows_cell(&rows, 0, 0);
	if (stored[0].integer != link->company)
		return import_row_fail(&resource_certificates, &row,
		    "connector_id", reterr,
		    "the connector belongs to another company");
	if (stored[1].type == VALUE_INT &&
	    stored[1].integer == link->certificate)
		return OK;
	import_map_add(&import->touched, link->connector, 0);
	return db_run(import->db, arena,
	    CTL_STATEMENT("UPDATE connectors SET certificate_id = ?, "
			  "updated_at = ? WHERE id = ?",
		value_int(link->certificate), value_text(str_of(import->now)),
		value_int(link->connector)),
	    NULL, reterr);
}

static enum error
raise_versions(struct import *import, struct arena *arena,
    const struct value *ids, size_t n, struct problem *reterr)
{
	enum error error;
	struct buf text;

	buf_init(&text, TEXT_MAX_BYTES);
	buf_add_text(
	    &text, "UPDATE connectors SET version = version + 1 WHERE id IN (");
	import_add_list(&text, "?", n);
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
		TRY(raise_versions(import, arena, ids, n, reterr));
		n = 0;
	}
	return n == 0 ? OK : raise_versions(import, arena, ids, n, reterr);
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

/* Answers that workers keep are of an older version from now on. Row 0 stands
 * for all companies. */
static enum error
raise_data_version(
    struct import *import, struct arena *arena, struct problem *reterr)
{
	return db_run(import->db, arena,
	    CTL_STATEMENT("INSERT INTO data_versions (company_id, version) "
			  "VALUES (?, 1) "
			  "ON DUPLICATE KEY UPDATE version = version + 1",
		value_int(0)),
	    NULL, reterr);
}

enum error
import_finish(struct import *import, struct problem *reterr)
{
	struct arena *arena = import->ctl->arena;

	for (size_t i = 0; i < import->n_links; i++)
		if (!import->links[i].is_met)
			TRY(finish_link(
			    import, arena, &import->links[i], reterr));
	TRY(raise_all_versions(import, arena, reterr));
	if (import->ctl->keyring != NULL)
		TRY(sealing_keys_check(
		    arena, import->db, import->ctl->keyring, reterr));
	return has_changed(import) ? raise_data_version(import, arena, reterr)
				   : OK;
}
