/*
 * Variables that are needed though no row lists them.
 */
#include <config.h>

#include "api/complete.h"

#include <stdlib.h>
#include <string.h>

#include "engine/sql.h"
#include "probe/needs.h"

/* A row of the parents and the key that its rows have. */
struct owner {
	int64_t key;
	size_t row;
};

/* Rows being written, none of them longer than the relation's. */
struct builder {
	struct arena *arena;
	const struct relation *relation;
	struct rows rows;
	size_t capacity;
};

/* Cells of a relation's row begin with the key, those of a root do not. */
static const struct value *
parent_cell(const struct result *parent, size_t row, const char *column)
{
	size_t first = parent->include->relation == NULL ? 0 : 1;

	return rows_cell(&parent->rows, row,
	    first + sql_position(parent->include->resource, column));
}

static size_t
n_pivot(const struct relation_link *link)
{
	size_t n = 0;

	while (link->pivot[n] != NULL)
		n++;
	return n;
}

/* Room for one more row, at its end. */
static struct value *
extend(struct builder *b)
{
	struct rows *rows = &b->rows;
	struct value *cells;

	if (rows->count == b->capacity) {
		b->capacity = b->capacity == 0 ? 64 : b->capacity * 2;
		cells = ARENA_NEW(
		    b->arena, struct value, b->capacity * rows->width);
		if (rows->count > 0)
			memcpy(cells, rows->cells,
			    rows->count * rows->width * sizeof(*cells));
		rows->cells = cells;
	}
	return rows->cells + rows->count++ * rows->width;
}

static void
set(const struct builder *b, struct value *cells, const char *column,
    struct value value)
{
	cells[1 + sql_position(b->relation->target, column)] = value;
}

static void
set_pivot(const struct builder *b, struct value *cells, const char *column,
    struct value value)
{
	const struct relation_link *link = b->relation->link;
	size_t i = 0;

	while (strcmp(link->pivot[i], column) != 0)
		i++;
	cells[1 + schema_n_selected(b->relation->target) + i] = value;
}

static void
add_need(struct builder *b, int64_t key, const struct need *need)
{
	struct value *cells = extend(b);

	for (size_t i = 0; i < b->rows.width; i++)
		cells[i] = value_null();
	cells[0] = value_int(key);
	set(b, cells, "key", value_text(str_of(need->key)));
	set(b, cells, "label", value_text(str_of(need->label)));
	if (need->fallback != NULL)
		set(b, cells, "value", value_text(str_of(need->fallback)));
	set(b, cells, "secret", value_int(need->secret));
	set(b, cells, "locked", value_int(false));
	set_pivot(b, cells, "model_type",
	    value_text(str_of(b->relation->link->morph)));
	set_pivot(b, cells, "model_id", value_int(key));
	set_pivot(b, cells, "configurable", value_int(true));
	set_pivot(b, cells, "required", value_int(need->required));
	set_pivot(b, cells, "advanced", value_int(need->advanced));
}

static struct str
type_key(const struct relation *to_type, const struct rows *types,
    const struct value *id)
{
	size_t key = 1 + sql_position(to_type->target, "key");

	for (size_t i = 0; i < types->count; i++)
		if (value_equal(rows_cell(types, i, 0), id))
			return rows_cell(types, i, key)->text;
	return STR("");
}

/* What of an implementation says what it needs. */
static struct probe_target
target_of(const struct result *parent, const struct relation *relation,
    const struct rows *types, size_t row)
{
	const struct relation *to_type = schema_relation(
	    parent->include->resource, str_of(relation->needs_of));

	return (struct probe_target){
		.type = type_key(
		    to_type, types, parent_cell(parent, row, to_type->local)),
		.url = parent_cell(parent, row, "url")->text,
		.test_url = parent_cell(parent, row, "test_url")->text,
		.headers = parent_cell(parent, row, "headers")->text,
		.query = parent_cell(parent, row, "query")->text,
		.body = parent_cell(parent, row, "body")->text,
	};
}

static bool
is_listed(const struct builder *b, size_t from, const char *key)
{
	size_t column = 1 + sql_position(b->relation->target, "key");

	for (size_t i = from; i < b->rows.count; i++)
		if (str_equal_text(rows_cell(&b->rows, i, column)->text, key))
			return true;
	return false;
}

/* The parents ascending by key, each key once. */
static size_t
collect_owners(struct arena *arena, const struct result *parent,
    const struct relation *relation, struct owner **ret)
{
	size_t n = parent->rows.count, kept = 0;
	struct owner *owners = ARENA_NEW(arena, struct owner, n);

	for (size_t i = 0; i < n; i++)
		owners[i] = (struct owner){
			parent_cell(parent, i, relation->local)->integer, i
		};
	if (n > 1)
		qsort(owners, n, sizeof(*owners), result_compare_keys);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || owners[i].key != owners[kept - 1].key)
			owners[kept++] = owners[i];
	*ret = owners;
	return kept;
}

/* The rows that an owner has, from *at on, which moves behind them. */
static void
copy_rows(struct builder *b, int64_t key, const struct rows *rows, size_t *at)
{
	for (; *at < rows->count && rows_cell(rows, *at, 0)->integer == key;
	     (*at)++)
		memcpy(extend(b), rows_cell(rows, *at, 0),
		    rows->width * sizeof(struct value));
}

void
complete_rows(struct arena *arena, const struct relation *relation,
    const struct result *parent, const struct rows *types, struct rows *rows)
{
	struct builder b = { .arena = arena, .relation = relation };
	struct owner *owners;
	size_t n = collect_owners(arena, parent, relation, &owners), at = 0;

	b.rows.width =
	    1 + schema_n_selected(relation->target) + n_pivot(relation->link);
	for (size_t i = 0; i < n; i++) {
		struct probe_target target =
		    target_of(parent, relation, types, owners[i].row);
		struct need needs[NEEDS_MAX];
		size_t from = b.rows.count;
		size_t n_needs = needs_of(arena, &target, needs);

		copy_rows(&b, owners[i].key, rows, &at);
		for (size_t k = 0; k < n_needs; k++)
			if (!is_listed(&b, from, needs[k].key))
				add_need(&b, owners[i].key, &needs[k]);
	}
	*rows = b.rows;
}
