/*
 * One table: its rows in batches, each batch through the steps of import.h.
 */
#include <config.h>

#include "ctl/import/import.h"
#include "ctl/import/scan.h"

#define ARENA_CHUNK (1024 * 1024)
/* Text of the rows of a batch: what a statement carries must fit into a packet
 * of the server (16 MiB by default), sealed and with the longest row behind. */
#define BATCH_BYTES (4 * 1024 * 1024)

/* The import of one table. */
struct pass {
	struct import *import;
	struct import_table *table;
	struct import_batch *batch;
	struct import_scan scan;
	size_t next_index;
};

struct import_table *
import_table_of(struct import *import, const struct resource *resource)
{
	size_t i = 0;

	while (resources[i] != resource)
		i++;
	return &import->tables[i];
}

bool
import_may_be_refused(
    struct import *import, const struct resource *resource, int64_t key)
{
	const struct import_table *table = import_table_of(import, resource);

	return table->has_unknown ||
	       import_map_find(&table->refused, key) != NULL;
}

static bool
has_key(const struct resource *resource, const struct import_row *row)
{
	for (size_t i = 0; i < resource->n_columns; i++)
		if ((resource->columns[i].flags & COLUMN_KEY) != 0 &&
		    row->values[i].type == VALUE_NULL)
			return false;
	return !row->is_unknown;
}

/* Takes the refused rows out of the batch and remembers their keys, so that
 * rows that refer to them are not reported as well. */
static void
drop_refused(struct pass *pass)
{
	struct import_batch *batch = pass->batch;
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++) {
		const struct import_row *row = &batch->rows[i];

		if (!row->is_refused)
			batch->rows[n++] = *row;
		else if (has_key(batch->resource, row))
			import_map_add(&pass->table->refused,
			    import_row_key(
				batch->arena, batch->resource, row->values),
			    0);
		else
			pass->table->has_unknown = true;
	}
	batch->n = n;
}

/* The company of a row never changes: rows that refer to it would belong to
 * another one. */
static void
check_company(struct import_batch *batch, struct problem *reterr)
{
	const struct resource *r = batch->resource;
	const size_t company = import_find_column(r, "company_id");

	if (company == r->n_columns)
		return;
	for (size_t i = 0; i < batch->n; i++) {
		struct import_row *row = &batch->rows[i];
		const struct value *a = &row->values[company];
		const struct value *b;

		if (row->stored == NULL || !row->given[company])
			continue;
		b = &row->stored[company];
		if (a->type != b->type || a->integer != b->integer)
			(void)import_row_fail(r, row, "company_id", reterr,
			    "cannot change: the stored row belongs to another "
			    "company");
	}
}

/* A second row with the same key: it cannot be told which one is meant. */
static void
check_key(struct pass *pass, struct import_row *row, struct problem *reterr)
{
	const struct import_batch *batch = pass->batch;
	struct import_map *seen = &pass->table->seen;
	const int64_t key =
	    import_row_key(batch->arena, batch->resource, row->values);

	if (import_map_add(seen, key, (int64_t)row->index))
		return;
	row->is_unknown = true;
	(void)import_row_fail(batch->resource, row, NULL, reterr,
	    "is the same row as %s[%lld]", batch->resource->name,
	    (long long)*import_map_find(seen, key));
}

static void
check_rows(struct pass *pass, struct problem *reterr)
{
	struct import_batch *batch = pass->batch;

	for (size_t i = 0; i < batch->n; i++) {
		struct import_row *row = &batch->rows[i];

		(void)import_row_check_complete(batch->resource, row, reterr);
		if (has_key(batch->resource, row))
			check_key(pass, row, reterr);
	}
}

static void
compare(struct pass *pass)
{
	struct import_batch *batch = pass->batch;

	for (size_t i = 0; i < batch->n; i++) {
		import_row_compare(pass->import->reader, batch->resource,
		    &batch->rows[i], str_of(pass->import->now));
		pass->table->counts[batch->rows[i].fate]++;
	}
}

static enum error
run_batch(struct pass *pass, struct problem *reterr)
{
	struct import *import = pass->import;
	struct import_batch *batch = pass->batch;

	TRY(import_prepare(import, batch, reterr));
	check_rows(pass, reterr);
	TRY(import_check_references(import, batch, reterr));
	TRY(import_drop_provided(import, batch, reterr));
	TRY(import_load_stored(import, batch, reterr));
	check_company(batch, reterr);
	for (size_t i = 0; i < batch->n; i++)
		import_row_fill(batch->arena, batch->resource, &batch->rows[i],
		    str_of(import->now));
	TRY(import_check_filled(import, batch, reterr));
	TRY(import_seal(import, batch, reterr));
	drop_refused(pass);
	compare(pass);
	TRY(import_store(import, batch, reterr));
	drop_refused(pass);
	return import_note_touched(import, batch, reterr);
}

/* Fills the batch; *ret_more says whether the array goes on. */
static enum error
read_batch(struct pass *pass, bool *ret_more, struct problem *reterr)
{
	struct import_batch *batch = pass->batch;
	enum import_scan_result result = IMPORT_SCAN_FOUND;
	size_t bytes = 0;
	struct str text;

	while (batch->n < IMPORT_BATCH && bytes < BATCH_BYTES) {
		result = import_scan_item(&pass->scan, &text);
		if (result != IMPORT_SCAN_FOUND)
			break;
		bytes += text.len;
		TRY(import_go_on(import_row_read(pass->import->reader,
		    batch->arena, batch->resource, text, pass->next_index++,
		    &batch->rows[batch->n++], reterr)));
	}
	if (result == IMPORT_SCAN_WRONG)
		return problem_set(reterr, ERROR_INVALID, "%s[%zu]: is no JSON",
		    batch->resource->name, pass->next_index);
	*ret_more = result == IMPORT_SCAN_FOUND;
	return OK;
}

static enum error
run_pass(struct pass *pass, void (*after_batch)(struct import *, const char *),
    struct problem *reterr)
{
	bool has_more = true;

	TRY(import_look_for_rows(
	    pass->import, pass->batch->arena, pass->batch->resource, reterr));
	while (has_more) {
		TRY(read_batch(pass, &has_more, reterr));
		if (pass->batch->n > 0)
			TRY(run_batch(pass, reterr));
		if (reterr->n_texts >= IMPORT_MAX_FAULTS)
			return ERROR_INVALID;
		after_batch(pass->import, pass->scan.p);
		pass->batch->n = 0;
		arena_reset(pass->batch->arena);
	}
	return OK;
}

enum error
import_table(struct import *import, const struct resource *resource,
    struct import_table *table,
    void (*after_batch)(struct import *, const char *), struct problem *reterr)
{
	struct arena *arena = arena_new(ARENA_CHUNK);
	struct import_batch batch = { .arena = arena, .resource = resource };
	struct pass pass = { import, table, &batch, { 0 }, 0 };
	enum error error;

	if (import_scan_open(&pass.scan, table->array, '['))
		error = run_pass(&pass, after_batch, reterr);
	else
		error = problem_set(reterr, ERROR_INVALID,
		    "%s: must be an array of rows", resource->name);
	arena_free(arena);
	return error;
}
