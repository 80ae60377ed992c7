/*
 * Parts that statements of the read side share.
 */
#include <config.h>

#include "base/mask.h"
#include "engine/sql_parts.h"

#include "engine/sql_filter.h"

void
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

typedef void put_lookup(
    struct writer *, const char *alias, const struct column *);

static void
put_joined_lookup(
    struct writer *w, const char *alias, const struct column *column)
{
	(void)alias;
	buf_printf(&w->text, "x_%s.`%s`", column->name, column->lookup->value);
}

static void
put_lookup_query(
    struct writer *w, const char *alias, const struct column *column)
{
	const struct column_lookup *lookup = column->lookup;

	put(w, "(SELECT ");
	put_column(w, "x", lookup->value);
	put(w, " FROM ");
	put_name(w, lookup->table->name);
	put(w, " x WHERE ");
	put_column(w, "x", lookup->foreign);
	put(w, " = ");
	put_column(w, alias, lookup->local);
	put(w, ")");
}

static void
put_list(struct writer *w, const char *alias, const struct resource *resource,
    put_lookup *lookup)
{
	bool first = true;

	for (size_t i = 0; i < resource->n_columns; i++) {
		const struct column *column = &resource->columns[i];

		if (!column_is_selected(column))
			continue;
		put(w, first ? "" : ", ");
		if (column->lookup != NULL)
			lookup(w, alias, column);
		else if (column->type == COLUMN_MASKED)
			put_masked(w, alias, column->name);
		else
			put_column(w, alias, column->name);
		first = false;
	}
}

void
put_select_list(
    struct writer *w, const char *alias, const struct resource *resource)
{
	put_list(w, alias, resource, put_joined_lookup);
}

void
put_returned_list(struct writer *w, const struct resource *resource)
{
	put_list(w, resource->name, resource, put_lookup_query);
}

void
put_pivot(struct writer *w, const char *alias, const struct relation_link *link)
{
	if (link == NULL || link->pivot == NULL)
		return;
	for (const char *const *p = link->pivot; *p != NULL; p++) {
		put(w, ", ");
		put_column(w, alias, *p);
	}
}

void
put_condition(
    struct writer *w, const struct query *query, const struct sql_root *root)
{
	put_visible(w, "t", query->resource);
	if (root->by_id) {
		put(w, " AND t.`id` = ");
		if (root->id_column != NULL)
			put(w, root->id_column);
		else
			put_value(w, value_int(root->id));
	}
	if (root->by_key) {
		put(w, " AND ");
		put_column(w, "t", query->resource->key);
		put(w, " = ");
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

/* The newest rows of all are found one by one, each at the end of its part of
 * an index; only then are they judged. Left to itself, the server looks at all
 * rows. */
static bool
put_candidates(
    struct writer *w, const struct query *query, const struct sql_root *root)
{
	const struct query_filter *newest = sql_newest_filter(query);

	if (newest == NULL || root->by_id || root->by_key)
		return false;
	put_newest_ids(w, query->resource, newest, root);
	put(w, " newest STRAIGHT_JOIN ");
	return true;
}

static const char *
joined_alias(struct writer *w, size_t number)
{
	return arena_printf(w->arena, "j%zu", number).ptr;
}

void
put_joined_columns(struct writer *w, const struct sql_joined *joined)
{
	for (size_t i = 0; joined != NULL && i < joined->n; i++) {
		put(w, ", ");
		put_select_list(
		    w, joined_alias(w, i), joined->all[i]->resource);
	}
}

void
put_joins(struct writer *w, const struct query *query,
    const struct sql_joined *joined)
{
	put_lookups(w, "t", query->resource);
	for (size_t i = 0; joined != NULL && i < joined->n; i++) {
		const struct relation *relation = joined->all[i]->relation;
		const char *alias = joined_alias(w, i);

		put(w, " LEFT JOIN ");
		put_name(w, relation->target->name);
		buf_printf(&w->text, " %s ON ", alias);
		put_column(w, alias, relation->foreign);
		put(w, " = ");
		put_column(w, "t", relation->local);
		put_scope(w, alias, relation->target);
	}
}

void
put_roots(struct writer *w, const struct query *query,
    const struct sql_root *root, struct beside beside)
{
	bool chosen;

	put(w, " FROM ");
	chosen = put_candidates(w, query, root);
	put_name(w, query->resource->name);
	put(w, chosen ? " t ON t.`id` = newest.id" : " t");
	if (beside.index != NULL) {
		put(w, " FORCE INDEX (");
		put_name(w, beside.index);
		put(w, ")");
	}
	if (beside.joins)
		put_joins(w, query, beside.joined);
	put(w, " WHERE ");
	put_condition(w, query, root);
}

struct owner
owner_of(const struct relation *relation)
{
	const struct relation_link *link = relation->link;

	if (link == NULL)
		return (struct owner){ relation->target, "r", relation->foreign,
			relation->morph };
	return (struct owner){ link->table, "l", link->near, link->morph };
}

void
put_owned(struct writer *w, const struct owner *owner)
{
	put_name(w, owner->table->name);
	put(w, " ");
	put(w, owner->alias);
}

void
put_linked(struct writer *w, const struct relation *relation, const char *row,
    const char *link)
{
	put(w, " JOIN ");
	put_name(w, relation->target->name);
	buf_printf(&w->text, " %s ON ", row);
	put_column(w, row, relation->foreign);
	put(w, " = ");
	put_column(w, link, relation->link->far);
}

void
put_morph(struct writer *w, const struct owner *owner)
{
	if (owner->morph != NULL)
		buf_printf(&w->text, " AND %s.`model_type` = '%s'",
		    owner->alias, owner->morph);
}

void
put_of_row(struct writer *w, const struct relation *relation,
    const struct owner *owner, const char *row)
{
	put_column(w, owner->alias, owner->column);
	put(w, " = ");
	put_column(w, row, relation->local);
	put_morph(w, owner);
}

/* The rows of a relation that belong to root t, as "FROM ... WHERE ...". */
static void
put_aggregate_rows(struct writer *w, const struct relation *relation)
{
	struct owner owner = owner_of(relation);
	/* A link is seen as what it leads to, unless it says itself. */
	bool judged_by_target = owner.table->scope == SCOPE_GLOBAL &&
				relation->target->scope != SCOPE_GLOBAL;

	put(w, " FROM ");
	put_owned(w, &owner);
	if (judged_by_target && relation->link != NULL)
		put_linked(w, relation, "r", "l");
	put(w, " WHERE ");
	put_of_row(w, relation, &owner, "t");
	if (judged_by_target)
		put_scope(w, "r", relation->target);
	else
		put_scope(w, owner.alias, owner.table);
}

bool
sql_counts(const struct query *query, const struct aggregate *aggregate)
{
	const struct relation *relation = aggregate->relation;

	for (const struct include *i = query->root.children; i != NULL;
	     i = i->next)
		if (i->relation == relation)
			return false;
	return relation->needs_of == NULL;
}

void
put_aggregates(struct writer *w, const struct query *query)
{
	for (const struct aggregate *a = query->aggregates; a != NULL;
	     a = a->next) {
		if (!sql_counts(query, a)) {
			put(w, ", 0");
			continue;
		}
		if (a->kind == AGGREGATE_COUNT)
			put(w, ", (SELECT COUNT(*)");
		else
			put(w, ", EXISTS (SELECT 1");
		put_aggregate_rows(w, a->relation);
		put(w, ")");
	}
}

bool
is_of_all_rows(const struct query *query, const struct sql_root *root)
{
	return !query_narrows(query) && root->parent == NULL && !root->by_id &&
	       !root->by_key;
}

bool
sql_count_is_stored(const struct query *query, const struct sql_root *root)
{
	return query->resource->counted && is_of_all_rows(query, root);
}

void
put_count(
    struct writer *w, const struct query *query, const struct sql_root *root)
{
	if (sql_count_is_stored(query, root)) {
		put(w, "(SELECT CAST(COALESCE(SUM(v.");
		put_name(w, query->resource->name);
		put(w, "), 0) AS SIGNED) FROM data_versions v WHERE ");
		put_visible(w, "v", query->resource);
	} else {
		put(w, "(SELECT COUNT(*)");
		put_roots(w, query, root, (struct beside){ 0 });
	}
	put(w, ")");
}
