/*
 * What the variables of one owner must be together: each key once, and no more
 * of them than a body may have.
 *
 * Only the database has both those of the file and those stored before. So it
 * is asked once everything is stored, for the owners whose variables the file
 * changes.
 */
#include <config.h>

#include <string.h>

#include "ctl/import/import.h"
#include "schema/lists.h"
#include "schema/tables.h"

#define ARENA_CHUNK 65536

static struct import_map *
owners_of(struct import *import, struct str type)
{
	for (size_t i = 0; list_model_types[i] != NULL; i++)
		if (i < IMPORT_OWNERS &&
		    str_equal_text(type, list_model_types[i]))
			return &import->owners[i];
	return NULL;
}

/* A connector's version goes up when its variables change. */
static void
note_owner(struct import *import, struct str type, int64_t id)
{
	struct import_map *owners = owners_of(import, type);

	if (owners != NULL)
		import_map_add(owners, id, 0);
	if (str_equal_text(type, resource_connectors.one))
		import_map_add(&import->touched, id, 0);
}

static void
note_link(struct import *import, const struct resource *resource,
    const struct value *values)
{
	note_owner(import, values[import_column(resource, "model_type")].text,
	    values[import_column(resource, "model_id")].integer);
}

/* If a link moves a variable away from a connector, that one changes too. */
static void
note_links(struct import *import, const struct import_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		const struct import_row *row = &batch->rows[i];

		if (row->fate == IMPORT_UNCHANGED)
			continue;
		note_link(import, batch->resource, row->values);
		if (row->stored != NULL)
			note_link(import, batch->resource, row->stored);
	}
}

/* The owners of the variables that changed. */
static enum error
note_variables(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	const size_t id = import_column(batch->resource, "id");
	struct value ids[IMPORT_BATCH];
	struct rows rows = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++)
		if (batch->rows[i].fate == IMPORT_UPDATED)
			ids[n++] = batch->rows[i].values[id];
	if (n == 0)
		return OK;
	TRY(import_ask(import, batch->arena,
	    "SELECT model_type, model_id FROM model_variables "
	    "WHERE variable_id IN (",
	    ")", ids, n, &rows, reterr));
	for (size_t i = 0; i < rows.count; i++)
		note_owner(import, rows_cell(&rows, i, 0)->text,
		    rows_cell(&rows, i, 1)->integer);
	return OK;
}

enum error
import_note_owners(
    struct import *import, struct import_batch *batch, struct problem *reterr)
{
	if (batch->resource == &resource_model_variables)
		note_links(import, batch);
	if (batch->resource == &resource_variables)
		return note_variables(import, batch, reterr);
	return OK;
}

/* Owners of one kind on their way through the checks. */
struct check {
	struct import *import;
	struct arena *arena;
	const char *type;
	size_t max; /* variables of one of them; 0: any number */
	struct value ids[IMPORT_BATCH];
	size_t n;
	struct problem *problem;
};

static const int64_t *
index_of(const struct check *check, const struct resource *resource, int64_t id)
{
	return import_map_find(
	    &import_table_of(check->import, resource)->seen, id);
}

/* Refuses the row with this id, if it is a row of the file. A fault of stored
 * rows alone is not the file's. */
static bool
blame(const struct check *check, const struct resource *resource,
    const char *column, const struct value *id, const char *what)
{
	const int64_t *index = index_of(check, resource, id->integer);
	struct import_row row = { 0 };

	if (index == NULL)
		return false;
	row.index = (size_t)*index;
	(void)import_row_fail(
	    resource, &row, column, check->problem, "%s", what);
	return true;
}

/* cells: the owner, then the first and last variable and the first and last
 * link of those that have one key. */
static void
tell_twice(const struct check *check, const struct value *cells)
{
	const struct resource *variables = &resource_variables;
	const struct resource *links = &resource_model_variables;
	const char *what = arena_printf(check->arena,
	    "the %s %lld has another variable with this key", check->type,
	    (long long)cells[0].integer)
			       .ptr;

	(void)(blame(check, variables, "key", &cells[2], what) ||
	       blame(check, variables, "key", &cells[1], what) ||
	       blame(check, links, "variable_id", &cells[4], what) ||
	       blame(check, links, "variable_id", &cells[3], what));
}

#define OF_OWNERS(type)                                            \
	" FROM model_variables m JOIN variables v "                \
	"ON v.id = m.variable_id WHERE m.model_type = '" type "' " \
	"AND m.model_id IN ("

/* Keys are compared byte for byte, as those of a body. */
static enum error
check_keys(struct check *check, struct problem *reterr)
{
	struct rows rows = { 0 };
	const char *before = arena_printf(check->arena,
	    "SELECT m.model_id, MIN(v.id), MAX(v.id), MIN(m.id), "
	    "MAX(m.id)" OF_OWNERS("%s"),
	    check->type)
				 .ptr;

	TRY(import_ask(check->import, check->arena, before,
	    ") GROUP BY m.model_id, CAST(v.`key` AS BINARY) "
	    "HAVING COUNT(*) > 1 ORDER BY 1, 2",
	    check->ids, check->n, &rows, reterr));
	for (size_t i = 0; i < rows.count; i++)
		tell_twice(check, rows_cell(&rows, i, 0));
	return OK;
}

static enum error
check_counts(struct check *check, struct problem *reterr)
{
	struct rows rows = { 0 };
	const char *before = arena_printf(check->arena,
	    "SELECT m.model_id, COUNT(*), MAX(m.id)" OF_OWNERS("%s"),
	    check->type)
				 .ptr;

	TRY(import_ask(check->import, check->arena, before,
	    arena_printf(check->arena,
		") GROUP BY m.model_id HAVING COUNT(*) > %zu ORDER BY 1",
		check->max)
		.ptr,
	    check->ids, check->n, &rows, reterr));
	for (size_t i = 0; i < rows.count; i++) {
		const struct value *cells = rows_cell(&rows, i, 0);

		(void)blame(check, &resource_model_variables, "model_id",
		    &cells[2],
		    arena_printf(check->arena,
			"the %s %lld has %lld variables; it may have %zu",
			check->type, (long long)cells[0].integer,
			(long long)cells[1].integer, check->max)
			.ptr);
	}
	return OK;
}

static enum error
check_some(struct check *check, struct problem *reterr)
{
	if (check->n == 0)
		return OK;
	TRY(check_keys(check, reterr));
	if (check->max > 0)
		TRY(check_counts(check, reterr));
	check->n = 0;
	arena_reset(check->arena);
	return OK;
}

/* The most variables that a body of the owner may have (0: any number). */
static size_t
most_of(const char *type)
{
	for (size_t i = 0; i < n_resources; i++)
		if (strcmp(resources[i]->one, type) == 0)
			return schema_most_items(resources[i]);
	return 0;
}

static enum error
check_owners(struct check *check, const struct import_map *owners,
    struct problem *reterr)
{
	for (size_t i = 0; i < owners->capacity; i++) {
		if (owners->is_used[i] == 0)
			continue;
		check->ids[check->n++] = value_int(owners->entries[i].key);
		if (check->n == IMPORT_BATCH)
			TRY(check_some(check, reterr));
	}
	return check_some(check, reterr);
}

enum error
import_check_owners(struct import *import, struct problem *reterr)
{
	struct check check = { .import = import, .problem = reterr };
	enum error error = OK;

	check.arena = arena_new(ARENA_CHUNK);
	for (size_t i = 0; error == OK && list_model_types[i] != NULL; i++) {
		check.type = list_model_types[i];
		check.max = most_of(check.type);
		error = check_owners(&check, &import->owners[i], reterr);
	}
	arena_free(check.arena);
	return error;
}
