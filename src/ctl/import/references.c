/*
 * References: each names a row that is there, and what it names belongs to the
 * company of the row that names it, or to all.
 *
 * One statement a reference column and batch (and kind of owner, where
 * model_type says which table model_id means). Must not change a value.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "ctl/import/import.h"
#include "engine/sql_text.h"
#include "schema/tables.h"

#define TEXT_MAX_BYTES 65536

/* Rows of one table that a batch names. */
struct targets {
	const struct resource *resource;
	struct value ids[IMPORT_BATCH]; /* each once */
	struct value owners[IMPORT_BATCH];
	bool is_found[IMPORT_BATCH];
	size_t n;
	struct import_map places; /* of ids, by their key */
};

/* Which rows of a batch name what by one column. */
struct reference {
	size_t column;
	const char *morph; /* only rows of this model_type; NULL: all */
	const struct resource *target;
};

/* The company a row belongs to, as far as it is known yet. */
struct owner {
	bool is_known;
	struct value company;
};

/* The table that a row's own company is read from: itself, or along
 * scope_relation; NULL: it belongs to all. */
static const struct resource *
owner_of(const struct resource *resource, const struct relation **ret_by)
{
	*ret_by = NULL;
	if (resource->scope == SCOPE_OWN || resource->scope == SCOPE_SHARED ||
	    import_find_column(resource, "company_id") < resource->n_columns)
		return resource;
	if (resource->scope != SCOPE_PARENT)
		return NULL;
	*ret_by = schema_relation(resource, str_of(resource->scope_relation));
	return (*ret_by)->target;
}

/* SELECT t.id, its company FROM the table WHERE t.id IN (...) */
static void
build_select(struct buf *buf, const struct resource *resource, size_t places)
{
	const struct relation *by;
	const struct resource *owner = owner_of(resource, &by);

	buf_add_text(buf, "SELECT t.id, ");
	if (owner == NULL)
		buf_add_text(buf, "NULL");
	else
		buf_add_text(buf, by == NULL ? "t.company_id" : "p.company_id");
	buf_add_text(buf, " FROM ");
	sql_add_name(buf, resource->name);
	buf_add_text(buf, " t");
	if (by != NULL) {
		buf_add_text(buf, " JOIN ");
		sql_add_name(buf, owner->name);
		buf_add_text(buf, " p ON p.id = t.");
		sql_add_name(buf, by->local);
	}
	buf_add_text(buf, " WHERE t.id IN (");
	sql_add_list(buf, "?", places);
	buf_add_char(buf, ')');
}

static void
note_found(
    struct targets *targets, struct arena *arena, const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct value *row = rows_cell(rows, i, 0);
		const int64_t *place = import_map_find(
		    &targets->places, import_key(arena, row, 1));

		if (place == NULL)
			continue;
		targets->is_found[*place] = true;
		targets->owners[*place] = row[1];
	}
}

static enum error
find_targets(struct import *import, struct arena *arena,
    struct targets *targets, struct problem *reterr)
{
	const size_t places = sql_padded(targets->n);
	struct rows rows = { 0 };
	enum error error;
	struct buf text;

	for (size_t i = targets->n; i < places; i++)
		targets->ids[i] = targets->ids[targets->n - 1];
	buf_init(&text, TEXT_MAX_BYTES);
	build_select(&text, targets->resource, places);
	error = db_run(import->db, arena,
	    &(struct statement){ buf_str(&text), targets->ids, places }, &rows,
	    reterr);
	buf_done(&text);
	TRY(error);
	note_found(targets, arena, &rows);
	return OK;
}

static bool
names(const struct import_batch *batch, const struct import_row *row,
    const struct reference *reference)
{
	const struct value *type;

	if (!row->given[reference->column] ||
	    row->values[reference->column].type == VALUE_NULL)
		return false;
	if (reference->morph == NULL)
		return true;
	type = &row->values[import_column(batch->resource, "model_type")];
	return str_equal_text(type->text, reference->morph);
}

static void
collect(struct import_batch *batch, const struct reference *reference,
    struct targets *targets)
{
	for (size_t i = 0; i < batch->n; i++) {
		const struct import_row *row = &batch->rows[i];
		const struct value *id = &row->values[reference->column];

		if (names(batch, row, reference) &&
		    import_map_add(&targets->places,
			import_key(batch->arena, id, 1), (int64_t)targets->n))
			targets->ids[targets->n++] = *id;
	}
}

/* The row that is named is not stored: a fault, unless a row of the file with
 * that key was refused. */
static enum error
miss(struct import *import, const struct import_batch *batch,
    struct import_row *row, const struct reference *reference, int64_t key,
    struct problem *reterr)
{
	row->is_refused = true;
	if (import_may_be_refused(import, reference->target, key))
		return ERROR_INVALID;
	return import_row_fail(batch->resource, row,
	    batch->resource->columns[reference->column].name, reterr,
	    "there is no such %s", reference->target->one);
}

static enum error
check_row(struct import *import, const struct import_batch *batch,
    struct import_row *row, const struct reference *reference,
    const struct targets *targets, struct owner *owner, struct problem *reterr)
{
	const struct column *column =
	    &batch->resource->columns[reference->column];
	const int64_t key =
	    import_key(batch->arena, &row->values[reference->column], 1);
	const size_t place = (size_t)*import_map_find(&targets->places, key);
	const struct value *company = &targets->owners[place];

	if (!targets->is_found[place])
		return miss(import, batch, row, reference, key, reterr);
	if (!owner->is_known) {
		owner->is_known = true;
		owner->company = *company;
	}
	if (company->type == VALUE_NULL ||
	    (owner->company.type == VALUE_INT &&
		owner->company.integer == company->integer))
		return OK;
	return import_row_fail(batch->resource, row, column->name, reterr,
	    "the %s belongs to another company", reference->target->one);
}

static enum error
check_reference(struct import *import, struct import_batch *batch,
    const struct reference *reference, struct owner *owners,
    struct targets *targets, struct problem *reterr)
{
	collect(batch, reference, targets);
	if (targets->n == 0)
		return OK;
	TRY(find_targets(import, batch->arena, targets, reterr));
	for (size_t i = 0; i < batch->n; i++)
		if (names(batch, &batch->rows[i], reference))
			(void)check_row(import, batch, &batch->rows[i],
			    reference, targets, &owners[i], reterr);
	return OK;
}

static enum error
run_reference(struct import *import, struct import_batch *batch,
    const struct reference *reference, struct owner *owners,
    struct problem *reterr)
{
	struct targets *targets = ARENA_NEW(batch->arena, struct targets, 1);
	enum error error;

	targets->resource = reference->target;
	error =
	    check_reference(import, batch, reference, owners, targets, reterr);
	import_map_done(&targets->places);
	return error;
}

/* model_id names a row of the table that model_type says. It goes first: such
 * rows belong to the company of what they name. */
static enum error
check_morphs(struct import *import, struct import_batch *batch,
    struct owner *owners, struct problem *reterr)
{
	const struct resource *resource = batch->resource;
	const size_t type = import_find_column(resource, "model_type");
	const char *const *one;

	if (type == resource->n_columns)
		return OK;
	for (one = resource->columns[type].one_of; *one != NULL; one++) {
		struct reference reference = {
			.column = import_column(resource, "model_id"),
			.morph = *one,
		};

		for (size_t i = 0; i < n_resources; i++)
			if (strcmp(resources[i]->one, *one) == 0)
				reference.target = resources[i];
		TRY(run_reference(import, batch, &reference, owners, reterr));
	}
	return OK;
}

/* A row's company is the one that it names itself; else that of the first row
 * that it refers to. */
static void
start_owners(const struct import_batch *batch, struct owner *owners)
{
	const size_t company =
	    import_find_column(batch->resource, "company_id");

	if (company == batch->resource->n_columns)
		return;
	for (size_t i = 0; i < batch->n; i++)
		owners[i] =
		    (struct owner){ true, batch->rows[i].values[company] };
}

enum error
import_check_references(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	struct owner *owners = ARENA_NEW(batch->arena, struct owner, batch->n);

	start_owners(batch, owners);
	TRY(check_morphs(import, batch, owners, reterr));
	for (size_t i = 0; i < batch->resource->n_columns; i++) {
		const struct column *column = &batch->resource->columns[i];
		const struct reference reference = { i, NULL, column->refers };

		if (column->refers == NULL || column->lookup != NULL)
			continue;
		TRY(run_reference(import, batch, &reference, owners, reterr));
	}
	return OK;
}
