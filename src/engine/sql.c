/*
 * Statements of the read side. Prints identifiers of the static tables only.
 */
#include <config.h>

#include "engine/sql.h"

#include <assert.h>
#include <string.h>

#include "engine/sql_writer.h"

/* From this offset on a page looks up its ids first and the rows after, so
 * that skipped rows are read from the index alone. */
#define LATE_LOOKUP_OFFSET 100

/* The other tables that columns of the resource stand in, each under the name
 * of its column: joined, which costs the server less than a subquery. */
static void
put_lookups(
    struct writer *w, const char *alias, const struct resource *resource)
{
	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];
		const struct column_lookup *lookup = column->lookup;

		if (lookup == NULL || !column_is_selected(column))
			continue;
		put(w, " LEFT JOIN ");
		put_name(w, lookup->table->name);
		buf_printf(&w->text, " x_%s ON x_%s.`%s` = ", column->name,
		    column->name, lookup->foreign);
		put_column(w, alias, lookup->local);
	}
}

/* A secret shows only whether one is stored; its ciphertext stays inside. */
static void
put_masked(struct writer *w, const char *alias, const char *name)
{
	put(w, "IF(");
	put(w, alias);
	put(w, ".`secret`, IF(");
	put(w, alias);
	buf_printf(&w->text, ".`%s_sealed` IS NULL, NULL, '********'), ", name);
	put_column(w, alias, name);
	put(w, ")");
}

static void
put_selected(struct writer *w, const char *alias, const struct column *column)
{
	if (column->lookup != NULL)
		buf_printf(
		    &w->text, "x_%s.`%s`", column->name, column->lookup->value);
	else if (column->type == COLUMN_MASKED)
		put_masked(w, alias, column->name);
	else
		put_column(w, alias, column->name);
}

static void
put_select_list(
    struct writer *w, const char *alias, const struct resource *resource)
{
	bool first = true;

	for (size_t i = 0; i < resource->n_columns; i++) {
		if (!column_is_selected(&resource->columns[i]))
			continue;
		if (!first)
			put(w, ", ");
		put_selected(w, alias, &resource->columns[i]);
		first = false;
	}
}

size_t
sql_position(const struct resource *resource, const char *column)
{
	size_t position = 0;

	for (size_t i = 0; i < resource->n_columns; i++) {
		if (strcmp(resource->columns[i].name, column) == 0)
			return position;
		if (column_is_selected(&resource->columns[i]))
			position++;
	}
	assert(false && "column of the tables");
	return 0;
}

/* Whether a value is one that the filter compares with this column. */
static bool
value_fits(const struct filter *filter, bool as_digits, struct str value)
{
	bool digits = str_is_digits(value);

	if (value.ptr == NULL)
		return false;
	if (strcmp(filter->digits, filter->text == NULL ? "" : filter->text) ==
	    0)
		return !as_digits;
	return digits == as_digits;
}

static struct value
filter_value(bool as_number, struct str value)
{
	int64_t number;

	if (!as_number)
		return value_text(value);
	/* Beyond 64 bits no id is left that could match. */
	return str_to_id(value, &number) ? value_int(number) : value_null();
}

/* alias.column IN (the values that fit), or FALSE if there is none. */
static void
put_filter_values(struct writer *w, const char *alias,
    const struct query_filter *use, bool as_digits)
{
	const struct filter *filter = use->filter;
	const char *column = as_digits ? filter->digits : filter->text;
	struct value last = value_null();
	size_t n = 0;

	for (size_t i = 0; i < use->n_values; i++)
		n += value_fits(filter, as_digits, use->values[i]);
	if (n == 0 || column == NULL) {
		put(w, "FALSE");
		return;
	}
	put_column(w, alias, column);
	put_marks(w, padded(n));
	for (size_t i = 0; i < use->n_values; i++) {
		if (!value_fits(filter, as_digits, use->values[i]))
			continue;
		last = filter_value(as_digits, use->values[i]);
		put_param(w, last);
	}
	for (size_t i = n; i < padded(n); i++)
		put_param(w, last);
}

static void
put_filter_match(
    struct writer *w, const char *alias, const struct query_filter *use)
{
	put(w, "(");
	put_filter_values(w, alias, use, false);
	put(w, " OR ");
	put_filter_values(w, alias, use, true);
	put(w, ")");
}

static const char *const hop_aliases[] = { "t", "f1", "f2", "f3", "f4" };

/* EXISTS over the relations of the filter's path, each seen in scope. */
static void
put_filter_path(struct writer *w, const struct resource *resource,
    const struct query_filter *use)
{
	struct str rest = str_of(use->filter->path), part;
	const struct relation *hops[N_ELEMENTS(hop_aliases) - 1];
	size_t n = 0;

	while (str_next_part(&rest, '.', &part)) {
		assert(n < N_ELEMENTS(hops));
		hops[n] = schema_relation(resource, part);
		resource = hops[n++]->target;
	}
	put(w, "EXISTS (SELECT 1 FROM ");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			put(w, " JOIN ");
		put_name(w, hops[i]->target->name);
		buf_printf(&w->text, " %s", hop_aliases[i + 1]);
		if (i == 0)
			continue;
		put(w, " ON ");
		put_column(w, hop_aliases[i + 1], hops[i]->foreign);
		put(w, " = ");
		put_column(w, hop_aliases[i], hops[i]->local);
	}
	put(w, " WHERE ");
	put_column(w, "f1", hops[0]->foreign);
	put(w, " = ");
	put_column(w, "t", hops[0]->local);
	for (size_t i = 0; i < n; i++)
		if (hops[i]->target->scope != SCOPE_PARENT)
			put_scope(w, hop_aliases[i + 1], hops[i]->target);
	put(w, " AND ");
	put_filter_match(w, hop_aliases[n], use);
	put(w, ")");
}

/* Which rows t are roots: the company's, filtered. */
static void
put_condition(
    struct writer *w, const struct query *query, const struct sql_root *root)
{
	put_own(w, "t", false);
	if (root->by_id) {
		put(w, " AND t.`id` = ");
		put_value(w, value_int(root->id));
	}
	if (root->by_key) {
		put(w, " AND t.`canonical_key` = ");
		put_value(w, value_text(root->key));
	}
	if (root->parent != NULL) {
		put(w, " AND ");
		put_column(w, "t", root->parent);
		put(w, " = ");
		put_value(w, value_int(root->parent_id));
	}
	for (const struct query_filter *f = query->filters; f != NULL;
	     f = f->next) {
		put(w, " AND ");
		if (f->filter->path[0] == '\0')
			put_filter_match(w, "t", f);
		else
			put_filter_path(w, query->resource, f);
	}
}

/* FROM and WHERE of the roots; whole: with what their columns stand in. */
static void
put_roots(struct writer *w, const struct query *query,
    const struct sql_root *root, bool whole)
{
	put(w, " FROM ");
	put_name(w, query->resource->name);
	put(w, " t");
	if (whole)
		put_lookups(w, "t", query->resource);
	put(w, " WHERE ");
	put_condition(w, query, root);
}

/* The rows of a relation that belong to root t, as "FROM ... WHERE ...". */
static void
put_aggregate_rows(struct writer *w, const struct relation *relation)
{
	const struct relation_link *link = relation->link;
	const struct resource *rows =
	    link == NULL ? relation->target : link->table;
	const char *morph = link == NULL ? relation->morph : link->morph;

	put(w, " FROM ");
	put_name(w, rows->name);
	put(w, " r WHERE ");
	put_column(w, "r", link == NULL ? relation->foreign : link->near);
	put(w, " = ");
	put_column(w, "t", relation->local);
	if (morph != NULL)
		buf_printf(&w->text, " AND r.`model_type` = '%s'", morph);
	put_scope(w, "r", rows);
}

static void
put_aggregates(struct writer *w, const struct query *query)
{
	for (const struct aggregate *a = query->aggregates; a != NULL;
	     a = a->next) {
		if (a->kind == AGGREGATE_COUNT)
			put(w, ", (SELECT COUNT(*)");
		else
			put(w, ", EXISTS (SELECT 1");
		put_aggregate_rows(w, a->relation);
		put(w, ")");
	}
}

static void
put_order(
    struct writer *w, const struct query *query, const struct sql_root *root)
{
	put(w, " ORDER BY ");
	for (const struct query_sort *s = query->sorts; s != NULL;
	     s = s->next) {
		put_column(w, "t", s->column->name);
		put(w, s->descending ? " DESC, " : ", ");
	}
	put(w, root->newest_first ? "t.`id` DESC" : "t.`id`");
}

static void
put_limit(struct writer *w, int64_t limit, int64_t offset)
{
	put(w, " LIMIT ");
	put_value(w, value_int(limit));
	put(w, " OFFSET ");
	put_value(w, value_int(offset));
}

struct statement
sql_count(
    struct arena *arena, const struct query *query, const struct sql_root *root)
{
	struct writer w = writer_open(arena, root->company_id);

	put(&w, "SELECT COUNT(*)");
	put_roots(&w, query, root, false);
	return writer_close(&w);
}

struct statement
sql_roots(struct arena *arena, const struct query *query,
    const struct sql_root *root, int64_t limit, int64_t offset)
{
	struct writer w = writer_open(arena, root->company_id);
	bool late = offset >= LATE_LOOKUP_OFFSET;

	put(&w, "SELECT ");
	put_select_list(&w, "t", query->resource);
	put_aggregates(&w, query);
	if (late) {
		put(&w, " FROM (SELECT t.`id`");
		put_roots(&w, query, root, false);
		put_order(&w, query, root);
		put_limit(&w, limit, offset);
		put(&w, ") page JOIN ");
		put_name(&w, query->resource->name);
		put(&w, " t ON t.`id` = page.`id`");
		put_lookups(&w, "t", query->resource);
	} else {
		put_roots(&w, query, root, true);
	}
	put_order(&w, query, root);
	if (!late)
		put_limit(&w, limit, offset);
	return writer_close(&w);
}

/* The caller's columns, and the company that all others are bound to. */
static struct writer
open_for_caller(struct arena *arena, const struct sql_caller *caller)
{
	struct writer w = writer_open(arena, 0);

	w.company = caller->company;
	put(&w, "SELECT ");
	put(&w, caller->columns);
	put(&w, ", ");
	return w;
}

static struct statement
close_for_caller(struct writer *w, const struct sql_caller *caller)
{
	put(w, caller->valid);
	put_param(w, caller->param);
	return writer_close(w);
}

struct statement
sql_count_of(struct arena *arena, const struct sql_caller *caller,
    const struct query *query, const struct sql_root *root)
{
	struct writer w = open_for_caller(arena, caller);

	put(&w, "(SELECT COUNT(*)");
	put_roots(&w, query, root, false);
	put(&w, ")");
	put(&w, caller->tables);
	return close_for_caller(&w, caller);
}

/* Joined from the left: the caller is found whether the root is or not. */
struct statement
sql_root_of(struct arena *arena, const struct sql_caller *caller,
    const struct query *query, const struct sql_root *root)
{
	struct writer w = open_for_caller(arena, caller);

	put_select_list(&w, "t", query->resource);
	put_aggregates(&w, query);
	put(&w, caller->tables);
	put(&w, " LEFT JOIN ");
	put_name(&w, query->resource->name);
	put(&w, " t ON ");
	put_condition(&w, query, root);
	put_lookups(&w, "t", query->resource);
	return close_for_caller(&w, caller);
}

static void
put_pivot(struct writer *w, const struct relation_link *link)
{
	if (link == NULL || link->pivot == NULL)
		return;
	for (const char *const *p = link->pivot; *p != NULL; p++) {
		put(w, ", ");
		put_column(w, "l", *p);
	}
}

static void
put_related_from(struct writer *w, const struct relation *relation)
{
	const struct relation_link *link = relation->link;

	put(w, " FROM ");
	if (link != NULL) {
		put_name(w, link->table->name);
		put(w, " l JOIN ");
	}
	put_name(w, relation->target->name);
	put(w, " r");
	if (link != NULL) {
		put(w, " ON ");
		put_column(w, "r", relation->foreign);
		put(w, " = ");
		put_column(w, "l", link->far);
	}
}

static void
put_related_order(struct writer *w, const char *alias, const char *key,
    const struct relation *relation)
{
	put(w, " ORDER BY ");
	put_column(w, alias, key);
	if (relation->kind != RELATION_TO_ONE)
		put(w, ", r.`id`");
}

struct statement
sql_related(struct arena *arena, const struct relation *relation,
    int64_t company_id, const int64_t *keys, size_t n)
{
	struct writer w = writer_open(arena, company_id);
	const struct relation_link *link = relation->link;
	const char *alias = link == NULL ? "r" : "l";
	const char *key = link == NULL ? relation->foreign : link->near;
	const char *morph = link == NULL ? relation->morph : link->morph;

	put(&w, "SELECT ");
	put_column(&w, alias, key);
	put(&w, ", ");
	put_select_list(&w, "r", relation->target);
	put_pivot(&w, link);
	put_related_from(&w, relation);
	put_lookups(&w, "r", relation->target);
	put(&w, " WHERE ");
	put_column(&w, alias, key);
	put_marks(&w, padded(n));
	for (size_t i = 0; i < padded(n); i++)
		put_param(&w, value_int(keys[i < n ? i : n - 1]));
	if (morph != NULL)
		buf_printf(
		    &w.text, " AND %s.`model_type` = '%s'", alias, morph);
	put_scope(&w, "r", relation->target);
	put_related_order(&w, alias, key, relation);
	return writer_close(&w);
}
