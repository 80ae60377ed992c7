/*
 * Statements of the write side.
 */
#include <config.h>

#include "engine/sql_write.h"

#include <assert.h>
#include <string.h>

#include "engine/sql_parts.h"
#include "engine/sql_text.h"

#define NOW "UTC_TIMESTAMP(6)"

void
assign(struct assignments *to, const struct resource *resource,
    const char *column, struct value value)
{
	const struct column *c = schema_column(resource, str_of(column));

	assert(c != NULL && to->n < ASSIGNMENTS_MAX);
	to->items[to->n++] = (struct assignment){ c, value };
}

struct statement
sql_lock(struct arena *arena, const struct resource *resource,
    const struct sql_root *root)
{
	struct writer w = writer_open(arena, root->company_id);

	put(&w, "SELECT ");
	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];

		put(&w, i == 0 ? "" : ", ");
		if (column_is_stored(column) && column->type != COLUMN_SEALED)
			put_column(&w, "t", column->name);
		else
			put(&w, "NULL");
	}
	put(&w, " FROM ");
	put_name(&w, resource->name);
	put(&w, " t WHERE ");
	put_visible(&w, "t", resource);
	put(&w, " AND ");
	put_column(&w, "t", root->by_id ? "id" : resource->key);
	put(&w, " = ");
	put_value(
	    &w, root->by_id ? value_int(root->id) : value_text(root->key));
	put(&w, " FOR UPDATE");
	return writer_close(&w);
}

/* The table and column that a reference looks in. */
static const struct resource *
reference_table(const struct column *column, const char **ret_column)
{
	if (column->lookup != NULL) {
		*ret_column = column->lookup->value;
		return column->lookup->table;
	}
	*ret_column = "id";
	return column->refers;
}

static void
put_reference(struct writer *w, const struct reference *reference, size_t i)
{
	const char *column;
	const struct resource *table =
	    reference_table(reference->column, &column);
	const struct column *id = schema_column(table, STR("id"));

	put(w, "SELECT ");
	buf_add_int(&w->text, (int64_t)i);
	if (id->type == COLUMN_INT)
		put(w, ", r.`id` FROM ");
	else
		put(w, ", 0 FROM ");
	put_name(w, table->name);
	put(w, " r WHERE ");
	put_column(w, "r", column);
	put(w, " = ");
	put_value(w, reference->value);
	put_scope(w, "r", table);
}

struct statement
sql_references(struct arena *arena, const struct references *references,
    int64_t company_id)
{
	struct writer w = writer_open(arena, company_id);

	for (size_t i = 0; i < references->n; i++) {
		if (references->items[i].found)
			continue;
		put(&w, w.text.len == 0 ? "" : " UNION ALL ");
		put_reference(&w, &references->items[i], i);
	}
	return writer_close(&w);
}

static void
put_item_column(
    struct writer *w, const struct relation *relation, const struct rule *rule)
{
	if (rule->item == NULL || rule->resource == NULL)
		put(w, ", NULL");
	else if (rule->resource == relation->target) {
		put(w, ", ");
		put_column(w, "r", rule->column);
	} else {
		put(w, ", ");
		put_column(w, "l", rule->column);
	}
}

struct statement
sql_variables(struct arena *arena, const struct resource *rules,
    const struct relation *relation, int64_t owner_id)
{
	const struct relation_link *link = relation->link;
	struct writer w = writer_open(arena, 0);

	put(&w, "SELECT r.`id`, r.`company_id`, r.`value_sealed`");
	for (size_t i = 0; i < rules->n_rules; i++)
		put_item_column(&w, relation, &rules->rules[i]);
	put(&w, " FROM ");
	put_name(&w, link->table->name);
	put(&w, " l JOIN ");
	put_name(&w, relation->target->name);
	put(&w, " r ON r.`id` = ");
	put_column(&w, "l", link->far);
	buf_printf(&w.text, " WHERE l.`model_type` = '%s' AND ", link->morph);
	put_column(&w, "l", link->near);
	put(&w, " = ");
	put_value(&w, value_int(owner_id));
	put(&w, " ORDER BY r.`id`");
	return writer_close(&w);
}

static bool
has_times(const struct resource *resource)
{
	return schema_column(resource, STR("updated_at")) != NULL;
}

static void
put_row(struct writer *w, const struct assignments *values, bool times)
{
	put(w, "(");
	for (size_t i = 0; i < values->n; i++) {
		put_value(w, values->items[i].value);
		put(w, ", ");
	}
	put(w, NOW);
	put(w, times ? ", " NOW ")" : ")");
}

static void
put_insert(struct writer *w, const struct resource *resource,
    const struct assignments *rows, size_t n)
{
	bool times = has_times(resource);

	put(w, "INSERT INTO ");
	put_name(w, resource->name);
	put(w, " (");
	for (size_t i = 0; i < rows[0].n; i++) {
		put_name(w, rows[0].items[i].column->name);
		put(w, ", ");
	}
	put(w, "`created_at`");
	put(w, times ? ", `updated_at`) VALUES " : ") VALUES ");
	for (size_t i = 0; i < n; i++) {
		put(w, i == 0 ? "" : ", ");
		put_row(w, &rows[i], times);
	}
}

struct statement
sql_insert_rows(struct arena *arena, const struct resource *resource,
    const struct assignments *rows, size_t n)
{
	struct writer w = writer_open(arena, 0);

	put_insert(&w, resource, rows, n);
	return writer_close(&w);
}

struct statement
sql_insert_returning(struct arena *arena, const struct resource *resource,
    const struct assignments *rows, size_t n)
{
	struct writer w = writer_open(arena, 0);

	put_insert(&w, resource, rows, n);
	put(&w, " RETURNING ");
	put_returned_list(&w, resource);
	return writer_close(&w);
}

struct statement
sql_link_returning(struct arena *arena, const struct relation_link *link,
    const struct assignments *rows, size_t n)
{
	struct writer w = writer_open(arena, 0);

	put_insert(&w, link->table, rows, n);
	put(&w, " RETURNING ");
	put_column(&w, link->table->name, link->near);
	put_pivot(&w, link->table->name, link);
	return writer_close(&w);
}

struct statement
sql_insert(struct arena *arena, const struct resource *resource,
    const struct assignments *values)
{
	return sql_insert_rows(arena, resource, values, 1);
}

static bool
refers(const struct resource *resource, const struct column *column)
{
	for (size_t i = 0; i < resource->n_relations; i++)
		if (resource->relations[i].kind == RELATION_TO_ONE &&
		    strcmp(resource->relations[i].local, column->name) == 0)
			return true;
	return column->refers != NULL || column->lookup != NULL;
}

static void
put_update(struct writer *w, const struct resource *resource,
    const struct assignments *values)
{
	bool keeps = true;

	for (size_t i = 0; i < values->n; i++)
		keeps &= !refers(resource, values->items[i].column);
	put(w, keeps ? "UPDATE " SQL_KEEPS_REFERENCES : "UPDATE ");
	put_name(w, resource->name);
	put(w, " SET ");
}

struct statement
sql_update(struct arena *arena, const struct resource *resource,
    const struct assignments *values, const char *key, int64_t id,
    enum counted counted)
{
	struct writer w = writer_open(arena, 0);

	put_update(&w, resource, values);
	for (size_t i = 0; i < values->n; i++) {
		put_name(&w, values->items[i].column->name);
		put(&w, " = ");
		put_value(&w, values->items[i].value);
		put(&w, ", ");
	}
	if (counted != COUNTED_NOT)
		put(&w, "`version` = `version` + 1, ");
	if (counted == COUNTED_OWN)
		put(&w, "`own_changes` = `own_changes` + 1, ");
	put(&w, "`updated_at` = " NOW " WHERE ");
	put_name(&w, key);
	put(&w, " = ");
	put_value(&w, value_int(id));
	return writer_close(&w);
}

/* Padded with the last one, so that few texts are prepared. */
static void
put_ids(struct writer *w, const int64_t *ids, size_t n)
{
	put_marks(w, sql_padded(n));
	for (size_t i = 0; i < sql_padded(n); i++)
		put_param(w, value_int(ids[i < n ? i : n - 1]));
}

struct statement
sql_update_each(struct arena *arena, const struct resource *resource,
    const char *column, const int64_t *ids, const struct value *values,
    size_t n)
{
	struct writer w = writer_open(arena, 0);
	struct assignments one = { .n = 0 };

	assign(&one, resource, column, value_null());
	put_update(&w, resource, &one);
	put_name(&w, column);
	put(&w, " = CASE `id`");
	for (size_t i = 0; i < sql_padded(n); i++) {
		size_t at = i < n ? i : n - 1;

		put(&w, " WHEN ");
		put_value(&w, value_int(ids[at]));
		put(&w, " THEN ");
		put_value(&w, values[at]);
	}
	put(&w, " END, `updated_at` = " NOW " WHERE `id`");
	put_ids(&w, ids, n);
	return writer_close(&w);
}

struct statement
sql_delete(struct arena *arena, const struct resource *resource,
    const char *column, const int64_t *values, size_t n)
{
	struct writer w = writer_open(arena, 0);

	put(&w, "DELETE FROM ");
	put_name(&w, resource->name);
	put(&w, " WHERE ");
	put_name(&w, column);
	put_ids(&w, values, n);
	return writer_close(&w);
}

/* A row of the node's own: see the migrations. */
struct statement
sql_raise_data_version(struct arena *arena, int64_t company_id, int64_t added)
{
	static const struct str text = STR_CONST(
	    "INSERT INTO data_versions (company_id, node, version, connectors) "
	    "VALUES (?, @@auto_increment_offset, 1, ?) ON DUPLICATE KEY UPDATE "
	    "version = version + 1, "
	    "connectors = connectors + VALUES(connectors)");
	struct value *params = ARENA_NEW(arena, struct value, 2);

	params[0] = value_int(company_id);
	params[1] = value_int(added);
	return (struct statement){ text, params, 2 };
}

struct statement
sql_tell_node(void)
{
	return (struct statement){ .text = STR_CONST(
				       "UPDATE data_versions SET one_node = 0 "
				       "WHERE company_id = 0 AND node = 1 "
				       "AND one_node = 1 "
				       "AND @@auto_increment_offset <> 1") };
}
