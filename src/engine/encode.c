/*
 * Rows to JSON text. Only reads; knows no SQL and no HTTP.
 *
 * A row that many parents share (the implementation of a page of connectors)
 * is encoded once; its text is copied the other times. One whose text was kept
 * from an earlier answer is not encoded at all.
 */
#include <config.h>

#include "engine/encode.h"

#include <string.h>

#include "base/json.h"
#include "engine/result.h"
#include "engine/sql.h"

/* What encoding needs beside the rows. */
struct encoder {
	struct arena *arena;
	struct buf *b;
	const struct query *query;
};

static void
put_time(struct buf *b, struct str time)
{
	/* "2024-01-31 23:59:59.000000" -> "2024-01-31T23:59:59.000000Z" */
	char *p = buf_extend(b, time.len + 3);

	if (p == NULL)
		return;
	p[0] = '"';
	memcpy(p + 1, time.ptr, time.len);
	p[1 + 10] = 'T';
	memcpy(p + 1 + time.len, "Z\"", 2);
}

static void
put_cell(struct buf *b, enum column_type type, const struct value *cell)
{
	if (cell->type == VALUE_NULL) {
		json_null(b);
		return;
	}
	switch (type) {
	case COLUMN_INT:
		if (cell->type == VALUE_INT)
			json_int(b, cell->integer);
		else
			json_string(b, cell->text);
		break;
	case COLUMN_BOOL:
		json_bool(b, cell->integer != 0);
		break;
	case COLUMN_TIME:
		put_time(b, cell->text);
		break;
	case COLUMN_JSON:
	case COLUMN_OBJECT:
		json_raw(b, cell->text);
		break;
	case COLUMN_TEXT:
	case COLUMN_MASKED:
	case COLUMN_SEALED:
	case COLUMN__MAX:
		json_string(b, cell->text);
		break;
	}
}

/* The columns of a resource; cells point to the first selected one. */
static void
put_columns(const struct encoder *e, const struct resource *resource,
    const struct value *cells)
{
	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];

		if (!column_is_selected(column))
			continue;
		if (column_is_visible(column) &&
		    query_keeps(e->query, resource, i)) {
			json_key(e->b, column->name);
			put_cell(e->b, column->type, cells);
		}
		cells++;
	}
}

static void
put_pivot(const struct encoder *e, const struct relation_link *link,
    const struct value *cells)
{
	if (link == NULL || link->pivot == NULL)
		return;
	json_key(e->b, "pivot");
	json_object_open(e->b);
	for (size_t i = 0; link->pivot[i] != NULL; i++) {
		json_key(e->b, link->pivot[i]);
		put_cell(e->b,
		    schema_column(link->table, str_of(link->pivot[i]))->type,
		    &cells[i]);
	}
	json_object_close(e->b);
}

static bool
row_has_key(const struct rows *rows, size_t row, int64_t key)
{
	return row < rows->count && rows_cell(rows, row, 0)->integer == key;
}

static void put_relations(const struct encoder *, const struct result *parent,
    const struct value *cells);

static void
put_related_row(
    const struct encoder *e, const struct result *result, size_t row)
{
	const struct relation *relation = result->include->relation;
	const struct value *cells = rows_cell(&result->rows, row, 1);

	json_object_open(e->b);
	put_columns(e, relation->target, cells);
	put_pivot(
	    e, relation->link, cells + schema_n_selected(relation->target));
	put_relations(e, result, cells);
	json_object_close(e->b);
}

/* The row's text, copied if it was written before. */
static void
put_shared_row(const struct encoder *e, const struct result *result, size_t row)
{
	struct span *span = &result->spans[row];
	size_t begin;

	if (span->len > 0) {
		json_repeat(e->b, span->at, span->len);
		return;
	}
	begin = e->b->len;
	put_related_row(e, result, row);
	if (!e->b->overflow) {
		span->at = begin + (e->b->ptr[begin] == ',');
		span->len = e->b->len - span->at;
	}
}

/* The rows of a key, from its first one on. */
static void
put_many(const struct encoder *e, const struct result *result, int64_t key)
{
	size_t row = result_first_row(&result->rows, key);

	json_array_open(e->b);
	for (; row_has_key(&result->rows, row, key); row++)
		put_shared_row(e, result, row);
	json_array_close(e->b);
}

static void
put_one(const struct encoder *e, const struct result *result, int64_t key)
{
	size_t row = result_first_row(&result->rows, key);

	if (row_has_key(&result->rows, row, key))
		put_shared_row(e, result, row);
	else
		json_null(e->b);
}

static void
put_rows(const struct encoder *e, const struct result *result, int64_t key)
{
	enum relation_kind kind = result->include->relation->kind;

	if (kind == RELATION_HAS_MANY || kind == RELATION_MANY)
		put_many(e, result, key);
	else
		put_one(e, result, key);
}

/* The member of a parent whose key has a fragment; its value follows a colon,
 * so there is no comma before it. */
static void
put_fragment(const struct encoder *e, const struct result *result, int64_t key)
{
	struct fragment *f = result_fragment(result->fragments, key);
	size_t at = e->b->len;

	if (f->span.len > 0) {
		json_repeat(e->b, f->span.at, f->span.len);
		return;
	}
	if (f->stored.ptr != NULL)
		result->fragments->unpack(f->stored, f->size, e->b);
	else
		put_rows(e, result, key);
	if (!e->b->overflow)
		f->span = (struct span){ at, e->b->len - at };
}

/* No key: it refers to no row. Relations to many go by the id. */
static void
put_relation(const struct encoder *e, const struct result *result,
    const struct value *key)
{
	json_key(e->b, result->include->relation->member);
	if (key->type != VALUE_INT)
		json_null(e->b);
	else if (result->fragments != NULL)
		put_fragment(e, result, key->integer);
	else
		put_rows(e, result, key->integer);
}

static void
put_relations(const struct encoder *e, const struct result *parent,
    const struct value *cells)
{
	for (const struct result *r = parent->children; r != NULL;
	     r = r->next) {
		size_t position = sql_position(
		    parent->include->resource, r->include->relation->local);

		put_relation(e, r, &cells[position]);
	}
}

static void
put_aggregates(const struct encoder *e, const struct value *cells)
{
	for (const struct aggregate *a = e->query->aggregates; a != NULL;
	     a = a->next, cells++) {
		bool count = a->kind == AGGREGATE_COUNT;
		struct str key = arena_printf(e->arena, "%s_%s",
		    a->relation->member, count ? "count" : "exists");

		json_key_str(e->b, key);
		if (count)
			json_int(e->b, cells->integer);
		else
			json_bool(e->b, cells->integer != 0);
	}
}

void
encode_root(struct arena *arena, struct buf *b, const struct query *query,
    const struct result *result, size_t row)
{
	struct encoder e = { arena, b, query };
	const struct value *cells = rows_cell(&result->rows, row, 0);

	json_object_open(b);
	put_columns(&e, query->resource, cells);
	put_aggregates(&e, cells + schema_n_selected(query->resource));
	put_relations(&e, result, cells);
	json_object_close(b);
}
