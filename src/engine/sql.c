/*
 * Statements of the read side. Prints identifiers of the static tables only.
 */
#include <config.h>

#include "engine/sql.h"

#include <assert.h>
#include <string.h>

#include "base/mask.h"
#include "engine/sql_filter.h"
#include "engine/sql_text.h"
#include "engine/sql_writer.h"

/* From this offset on a page looks up its ids first and the rows after; see
 * looks_up_late(). */
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
	buf_printf(
	    &w->text, ".`%s_sealed` IS NULL, NULL, '" SECRET_MASK "'), ", name);
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
	put_filters(w, query);
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

/* Where the rows of a relation say whose they are. */
struct owner {
	const struct resource *table;
	const char *alias;
	const char *column; /* has the owner's value of relation->local */
	const char *morph;  /* and model_type this; NULL: there is none */
};

static struct owner
owner_of(const struct relation *relation)
{
	const struct relation_link *link = relation->link;

	if (link == NULL)
		return (struct owner){ relation->target, "r", relation->foreign,
			relation->morph };
	return (struct owner){ link->table, "l", link->near, link->morph };
}

static void
put_owned(struct writer *w, const struct owner *owner)
{
	put_name(w, owner->table->name);
	put(w, " ");
	put(w, owner->alias);
}

static void
put_morph(struct writer *w, const struct owner *owner)
{
	if (owner->morph != NULL)
		buf_printf(&w->text, " AND %s.`model_type` = '%s'",
		    owner->alias, owner->morph);
}

/* Rows that belong to root t: what is to hold of them. */
static void
put_of_root(struct writer *w, const struct relation *relation,
    const struct owner *owner)
{
	put_column(w, owner->alias, owner->column);
	put(w, " = ");
	put_column(w, "t", relation->local);
	put_morph(w, owner);
}

/* The rows of a relation that belong to root t, as "FROM ... WHERE ...". */
static void
put_aggregate_rows(struct writer *w, const struct relation *relation)
{
	struct owner owner = owner_of(relation);

	put(w, " FROM ");
	put_owned(w, &owner);
	put(w, " WHERE ");
	put_of_root(w, relation, &owner);
	put_scope(w, owner.alias, owner.table);
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

size_t
sql_root_width(const struct query *query)
{
	size_t width = schema_n_selected(query->resource);

	for (const struct aggregate *a = query->aggregates; a != NULL;
	     a = a->next)
		width++;
	return width;
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

/* Whether most rows that are found are not shown: then they are read from an
 * index alone. A filter through other tables finds rows in their order, all of
 * which have to be sorted. */
static bool
looks_up_late(
    const struct query *query, const struct sql_root *root, int64_t offset)
{
	bool late = offset >= LATE_LOOKUP_OFFSET;

	for (const struct query_filter *f = query->filters; f != NULL;
	     f = f->next)
		late |= f->filter->path[0] != '\0';
	return late && !root->by_id && !root->by_key;
}

struct statement
sql_roots(struct arena *arena, const struct query *query,
    const struct sql_root *root, int64_t limit, int64_t offset)
{
	struct writer w = writer_open(arena, root->company_id);
	bool late = looks_up_late(query, root, offset);

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

/* What is read of each row: whose it is, its columns, those of its link. */
static void
put_related_list(struct writer *w, const struct relation *relation,
    const struct owner *owner)
{
	put_column(w, owner->alias, owner->column);
	put(w, ", ");
	put_select_list(w, "r", relation->target);
	put_pivot(w, relation->link);
}

/* The target, joined to the link that was named before. */
static void
put_linked(struct writer *w, const struct relation *relation)
{
	put(w, " JOIN ");
	put_name(w, relation->target->name);
	put(w, " r ON ");
	put_column(w, "r", relation->foreign);
	put(w, " = ");
	put_column(w, "l", relation->link->far);
}

static void
put_related_order(struct writer *w, const struct owner *owner,
    const struct relation *relation)
{
	put(w, " ORDER BY ");
	put_column(w, owner->alias, owner->column);
	if (relation->kind != RELATION_TO_ONE)
		put(w, ", r.`id`");
}

struct statement
sql_related(struct arena *arena, const struct relation *relation,
    int64_t company_id, const int64_t *keys, size_t n)
{
	struct writer w = writer_open(arena, company_id);
	struct owner owner = owner_of(relation);

	put(&w, "SELECT ");
	put_related_list(&w, relation, &owner);
	put(&w, " FROM ");
	put_owned(&w, &owner);
	if (relation->link != NULL)
		put_linked(&w, relation);
	put_lookups(&w, "r", relation->target);
	put(&w, " WHERE ");
	put_column(&w, owner.alias, owner.column);
	put_marks(&w, sql_padded(n));
	for (size_t i = 0; i < sql_padded(n); i++)
		put_param(&w, value_int(keys[i < n ? i : n - 1]));
	put_morph(&w, &owner);
	put_scope(&w, "r", relation->target);
	put_related_order(&w, &owner, relation);
	return writer_close(&w);
}

/* Not joined from the left, or the server sorts by itself what an index has in
 * order already. */
struct statement
sql_root_with(struct arena *arena, const struct query *query,
    const struct sql_root *root, const struct relation *relation)
{
	struct writer w = writer_open(arena, root->company_id);
	struct owner owner = owner_of(relation);

	put(&w, "SELECT ");
	put_select_list(&w, "t", query->resource);
	put_aggregates(&w, query);
	put(&w, ", ");
	put_related_list(&w, relation, &owner);
	put(&w, " FROM ");
	put_name(&w, query->resource->name);
	put(&w, " t");
	put_lookups(&w, "t", query->resource);
	put(&w, " JOIN ");
	put_owned(&w, &owner);
	put(&w, " ON ");
	put_of_root(&w, relation, &owner);
	if (relation->link != NULL)
		put_linked(&w, relation);
	put_scope(&w, "r", relation->target);
	put(&w, " WHERE ");
	put_condition(&w, query, root);
	put(&w, " ORDER BY r.`id`");
	return writer_close(&w);
}
