/*
 * The database's tables against the schema's: each stored column is there,
 * with a type that holds what the schema allows. Must not change anything.
 */
#include <config.h>

#include <string.h>

#include "ctl/ctl.h"
#include "schema/schema.h"

#define MAX_TYPES 8

/* Data types of the database that hold a type of column. */
static const char *const fitting[COLUMN__MAX][MAX_TYPES] = {
	[COLUMN_INT] = { "bigint", "int" },
	[COLUMN_BOOL] = { "tinyint" },
	[COLUMN_TEXT] = { "varchar", "varbinary", "char", "text", "mediumtext",
	    "longtext" },
	[COLUMN_TIME] = { "datetime" },
	[COLUMN_JSON] = { "longtext", "json" },
	[COLUMN_OBJECT] = { "longtext", "json" },
	[COLUMN_MASKED] = { "text", "mediumtext", "longtext" },
	[COLUMN_SEALED] = { "blob", "mediumblob", "longblob" },
};

/* One row of information_schema.columns. */
enum cell {
	CELL_TABLE,
	CELL_NAME,
	CELL_TYPE,
	CELL_NULLABLE,
	CELL_LENGTH
};

static const struct value *
find(const struct rows *rows, const char *table, const char *name)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct value *row = rows_cell(rows, i, 0);

		if (str_equal_text(row[CELL_TABLE].text, table) &&
		    str_equal_text(row[CELL_NAME].text, name))
			return row;
	}
	return NULL;
}

static bool
is_fitting(const struct column *column, struct str type)
{
	for (size_t i = 0; i < MAX_TYPES; i++)
		if (fitting[column->type][i] != NULL &&
		    str_equal_text(type, fitting[column->type][i]))
			return true;
	return false;
}

static bool
is_too_small(const struct column *column, const struct value *row)
{
	if (column->type == COLUMN_INT)
		return column->max > INT32_MAX &&
		       !str_equal_text(row[CELL_TYPE].text, "bigint");
	return column->type == COLUMN_TEXT &&
	       row[CELL_LENGTH].type == VALUE_INT &&
	       row[CELL_LENGTH].integer < column->max;
}

/* What is wrong with a column of the database; NULL: nothing. */
static const char *
find_fault(const struct column *column, const struct value *row)
{
	const bool may_be_null = (column->flags & COLUMN_NULLABLE) != 0;

	if (row == NULL)
		return "is missing";
	if (!is_fitting(column, row[CELL_TYPE].text))
		return "has a type that does not fit";
	if (is_too_small(column, row))
		return "is too small";
	if (may_be_null != str_equal_text(row[CELL_NULLABLE].text, "YES"))
		return may_be_null ? "must allow NULL" : "must not allow NULL";
	return NULL;
}

static enum error
check_resource(const struct resource *resource, const struct rows *rows,
    size_t *count, struct problem *reterr)
{
	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];
		const char *fault;

		if (!column_is_stored(column))
			continue;
		fault = find_fault(
		    column, find(rows, resource->name, column->name));
		if (fault != NULL)
			return problem_log(reterr, ERROR_INTERNAL,
			    "column %s.%s %s", resource->name, column->name,
			    fault);
		(*count)++;
	}
	return OK;
}

enum error
check_schema(struct ctl *ctl, size_t *ret, struct problem *reterr)
{
	struct rows rows = { 0 };
	size_t count = 0;

	TRY(ctl_database(ctl, reterr));
	TRY(db_run(ctl->db, ctl->arena,
	    &(struct statement){
		.text = STR("SELECT table_name, column_name, data_type, "
			    "is_nullable, character_maximum_length "
			    "FROM information_schema.columns "
			    "WHERE table_schema = DATABASE()") },
	    &rows, reterr));
	for (size_t i = 0; i < n_resources; i++)
		TRY(check_resource(resources[i], &rows, &count, reterr));
	*ret = count;
	return OK;
}
