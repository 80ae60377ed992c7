/*
 * Statements of the read side. Prints identifiers of the static tables only.
 */
#include <config.h>

#include "engine/sql.h"

#include <assert.h>
#include <string.h>

#include "engine/sql_filter.h"
#include "engine/sql_parts.h"
#include "engine/sql_text.h"

/* From this offset on a page looks up its ids first and the rows after; see
 * looks_up_late(). */
#define LATE_LOOKUP_OFFSET 100

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

bool
sql_root_can_exist(const struct resource *resource, const struct sql_root *root)
{
	return !root->by_key ||
	       (resource->key != NULL && str_is_utf8(root->key));
}

/* Ends in the id. Rows that come newest first are in the order of their times,
 * too, so that the id goes the way of the column before it: one index gives
 * both, read from either end. */
static void
put_order(struct writer *w, const struct query *query, bool backwards)
{
	bool newest_first = query->resource->newest_first;
	bool down = newest_first;

	put(w, " ORDER BY ");
	for (const struct query_sort *s = query->sorts; s != NULL;
	     s = s->next) {
		put_column(w, "t", s->column->name);
		put(w, s->descending != backwards ? " DESC" : "");
		if (strcmp(s->column->name, "id") == 0)
			return;
		put(w, ", ");
		down = newest_first && s->descending;
	}
	put(w, down != backwards ? "t.`id` DESC" : "t.`id`");
}

bool
sql_can_start(const struct query *query, const struct sql_root *root)
{
	return query->resource->scope == SCOPE_OWN &&
	       !query->resource->newest_first && query->sorts == NULL &&
	       is_of_all_rows(query, root);
}

/* The index that the roots are to be read from, or NULL. */
static const char *
list_index(const struct query *query, const struct sql_root *root)
{
	return sql_can_start(query, root) ? query->resource->list_index : NULL;
}

static void
put_start(struct writer *w, struct sql_start start)
{
	if (start.first == 0)
		return;
	put(w, " AND t.`id` >= ");
	put_value(w, value_int(start.first));
	put(w, " AND t.`id` <= ");
	put_value(w, value_int(start.last));
}

static bool
is_nearer_to_the_end(struct sql_page page)
{
	return page.total > page.offset &&
	       page.total - page.offset < page.offset;
}

/* The same rows, counted from the end. */
static struct sql_page
from_the_end(struct sql_page page)
{
	int64_t left = page.total - page.offset;

	page.limit = page.limit < left ? page.limit : left;
	page.offset = left - page.limit;
	return page;
}

static void
put_limit(struct writer *w, struct sql_page page)
{
	put(w, " LIMIT ");
	put_value(w, value_int(page.limit));
	put(w, " OFFSET ");
	put_value(w, value_int(page.offset));
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

	put(&w, "SELECT ");
	put_count(&w, query, root);
	return writer_close(&w);
}

/* Whether most rows that are found are not shown: then they are read from an
 * index alone. A filter through other tables finds rows in their order, all of
 * which have to be sorted; a search looks at all names, and the newest of each
 * come in no order. */
static bool
looks_up_late(
    const struct query *query, const struct sql_root *root, int64_t offset)
{
	bool late = offset >= LATE_LOOKUP_OFFSET || query->search.ptr != NULL ||
		    sql_newest_filter(query) != NULL;

	for (const struct query_filter *f = query->filters; f != NULL;
	     f = f->next)
		late |= f->filter->path[0] != '\0';
	return late && !root->by_id && !root->by_key;
}

/* The ids of a page, of which the rows are looked up then. */
static void
put_page_ids(struct writer *w, const struct query *query,
    const struct sql_root *root, struct sql_page page)
{
	bool backwards = is_nearer_to_the_end(page);

	put(w, "SELECT t.`id`");
	put_roots(w, query, root,
	    (struct beside){ .index = list_index(query, root) });
	put_order(w, query, backwards);
	put_limit(w, backwards ? from_the_end(page) : page);
}

struct statement
sql_roots(struct arena *arena, const struct query *query,
    const struct sql_root *root, struct sql_page page)
{
	struct writer w = writer_open(arena, root->company_id);
	bool late;

	if (page.start.first != 0)
		page.offset = 0;
	late = looks_up_late(query, root, page.offset);
	put(&w, "SELECT ");
	put_select_list(&w, "t", query->resource);
	put_aggregates(&w, query);
	put_joined_columns(&w, page.joined);
	if (late) {
		put(&w, " FROM (");
		put_page_ids(&w, query, root, page);
		put(&w, ") page JOIN ");
		put_name(&w, query->resource->name);
		put(&w, " t ON t.`id` = page.`id`");
		put_joins(&w, query, page.joined);
	} else {
		put_roots(&w, query, root,
		    (struct beside){
			list_index(query, root), true, page.joined });
		put_start(&w, page.start);
	}
	put_order(&w, query, false);
	if (!late)
		put_limit(&w, page);
	return writer_close(&w);
}

/* What is read of each row: whose it is, its columns, those of its link. */
static void
put_related_list(struct writer *w, const struct relation *relation,
    const struct owner *owner)
{
	put_column(w, owner->alias, owner->column);
	put(w, ", ");
	put_select_list(w, "r", relation->target);
	put_pivot(w, "l", relation->link);
}

/* What of a link's key tells two links of the same rows apart. */
static void
put_link_order(struct writer *w, const struct relation_link *link)
{
	for (size_t i = 0; i < link->table->n_columns; i++) {
		const struct column *column = &link->table->columns[i];

		if ((column->flags & COLUMN_KEY) == 0 ||
		    strcmp(column->name, "id") == 0 ||
		    strcmp(column->name, link->near) == 0 ||
		    strcmp(column->name, link->far) == 0)
			continue;
		put(w, ", ");
		put_column(w, "l", column->name);
	}
}

/* One order whatever else is read with them: answers are compared. */
static void
put_related_order(struct writer *w, const struct owner *owner,
    const struct relation *relation)
{
	put(w, " ORDER BY ");
	put_column(w, owner->alias, owner->column);
	if (relation->kind != RELATION_TO_ONE)
		put(w, ", r.`id`");
	if (relation->link != NULL)
		put_link_order(w, relation->link);
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
		put_linked(&w, relation, "r", "l");
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
	put_of_row(&w, relation, &owner, "t");
	if (relation->link != NULL)
		put_linked(&w, relation, "r", "l");
	put_scope(&w, "r", relation->target);
	put(&w, " WHERE ");
	put_condition(&w, query, root);
	put(&w, " ORDER BY r.`id`");
	return writer_close(&w);
}
