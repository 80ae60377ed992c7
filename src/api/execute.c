/*
 * Running a query: roots first, then relation by relation. Writes no SQL.
 */
#include <config.h>

#include "api/execute.h"

#include <stdlib.h>
#include <string.h>

#include "api/complete.h"
#include "api/fragments.h"

/* The different values of a column of rows, ascending; nulls left out. */
static int64_t *
collect_keys(
    struct arena *arena, const struct rows *rows, size_t column, size_t *ret_n)
{
	int64_t *keys = ARENA_NEW(arena, int64_t, rows->count);
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < rows->count; i++) {
		const struct value *cell = rows_cell(rows, i, column);

		if (cell->type == VALUE_INT)
			keys[n++] = cell->integer;
	}
	if (n > 1)
		qsort(keys, n, sizeof(*keys), result_compare_keys);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || keys[i] != keys[i - 1])
			keys[kept++] = keys[i];
	*ret_n = kept;
	return keys;
}

static void
append_rows(struct arena *arena, struct rows *all, const struct rows *more)
{
	size_t have = all->count * all->width;
	size_t add = more->count * more->width;
	struct value *cells;

	if (all->count == 0) {
		*all = *more;
		return;
	}
	cells = ARENA_NEW(arena, struct value, have + add);
	memcpy(cells, all->cells, have * sizeof(*cells));
	if (add > 0)
		memcpy(cells + have, more->cells, add * sizeof(*cells));
	all->cells = cells;
	all->count += more->count;
}

/* What all steps of one query share. */
struct run {
	struct arena *arena;
	const struct reader *reader;
	const struct query *query;
	int64_t company_id;
	struct problem *problem;
	struct sql_joined joined; /* includes that come with the roots */
};

static enum error
ask(const struct run *run, struct statement statement, struct rows *ret)
{
	return db_run(
	    run->reader->db, run->arena, &statement, ret, run->problem);
}

/* As many statements as SQL_KEYS_MAX makes of the keys: one, but for pages
 * with more than that many different parents. */
static enum error
load_relation(const struct run *run, const struct relation *relation,
    const int64_t *keys, size_t n, struct rows *ret)
{
	*ret = (struct rows){ 0 };
	for (size_t at = 0; at < n; at += SQL_KEYS_MAX) {
		size_t some = n - at < SQL_KEYS_MAX ? n - at : SQL_KEYS_MAX;
		struct rows rows;

		TRY(ask(run,
		    sql_related(
			run->arena, relation, run->company_id, keys + at, some),
		    &rows));
		append_rows(run->arena, ret, &rows);
	}
	return OK;
}

/* Cells of a relation's row begin with the key, those of a root do not. */
static size_t
key_column(const struct include *parent, const char *column)
{
	size_t position = sql_position(parent->resource, column);

	return parent->relation == NULL ? position : position + 1;
}

/* What the parents have in the column of a relation, as collect_keys(). */
static int64_t *
keys_of(const struct run *run, const struct result *parent,
    const struct relation *relation, size_t *ret_n)
{
	return collect_keys(run->arena, &parent->rows,
	    key_column(parent->include, relation->local), ret_n);
}

/* The rows of a relation that the database has for the parents. */
static enum error
load_stored(const struct run *run, const struct result *parent,
    const struct relation *relation, struct rows *ret)
{
	size_t n;
	int64_t *keys = keys_of(run, parent, relation, &n);

	return load_relation(run, relation, keys, n, ret);
}

/* All rows of a relation of which the parents are read. */
static enum error
load_include(const struct run *run, const struct result *parent,
    const struct relation *relation, struct rows *ret)
{
	const struct relation *to_type;
	struct rows types;

	TRY(load_stored(run, parent, relation, ret));
	if (relation->needs_of == NULL)
		return OK;
	to_type = schema_relation(
	    parent->include->resource, str_of(relation->needs_of));
	TRY(load_stored(run, parent, to_type, &types));
	complete_rows(run->arena, relation, parent, &types, ret);
	return OK;
}

/* Of keys that are of the roots alone, each has one: how many of its changes
 * were none of its own. */
static void
add_versions(const struct result *roots, const struct relation *relation,
    struct fragment_key *keys, size_t n)
{
	const struct resource *resource = roots->include->resource;
	size_t local = key_column(roots->include, relation->local);
	size_t version = key_column(roots->include, resource->version);
	size_t own = key_column(roots->include, relation->own_changes);

	for (size_t i = 0; i < roots->rows.count; i++) {
		const struct value *cells = rows_cell(&roots->rows, i, 0);
		struct fragment_key *found = bsearch(&cells[local].integer,
		    keys, n, sizeof(*keys), result_compare_keys);

		if (found != NULL)
			found->version =
			    cells[version].integer - cells[own].integer;
	}
}

static struct fragment_key *
fragment_keys_of(const struct run *run, const struct result *parent,
    const struct relation *relation, size_t *ret_n)
{
	int64_t *keys = keys_of(run, parent, relation, ret_n);
	struct fragment_key *all =
	    ARENA_NEW(run->arena, struct fragment_key, *ret_n);

	for (size_t i = 0; i < *ret_n; i++)
		all[i].key = keys[i];
	if (relation->own_changes != NULL)
		add_versions(parent, relation, all, *ret_n);
	return all;
}

/* Of an include whose texts are kept: the rows that no text stands for. */
static enum error
load_missing(
    const struct run *run, const struct result *parent, struct result *child)
{
	const struct relation *relation = child->include->relation;
	size_t n;
	struct fragment_key *all = fragment_keys_of(run, parent, relation, &n);
	int64_t *keys;

	child->fragments = fragments_find(
	    run->arena, run->reader, run->query, child->include, all, n);
	keys = fragments_missing(run->arena, child->fragments, &n);
	return load_relation(run, relation, keys, n, &child->rows);
}

/* given: one whose rows are there already; NULL: none. */
static enum error
load_rows(const struct run *run, const struct result *parent,
    const struct result *given, struct result *child)
{
	if (given != NULL && given->include == child->include) {
		child->rows = given->rows;
		return OK;
	}
	if (sql_joined_rows(run->arena, run->query, &run->joined,
		child->include, &parent->rows, &child->rows))
		return OK;
	if (fragments_are_kept(run->reader, child->include))
		return load_missing(run, parent, child);
	return load_include(
	    run, parent, child->include->relation, &child->rows);
}

/* given: as in load_rows(). */
static enum error
load_children(
    const struct run *run, struct result *parent, const struct result *given)
{
	struct result **end = &parent->children;

	for (const struct include *i = parent->include->children; i != NULL;
	     i = i->next) {
		struct result *child = ARENA_NEW(run->arena, struct result, 1);

		child->include = i;
		TRY(load_rows(run, parent, given, child));
		child->spans =
		    ARENA_NEW(run->arena, struct span, child->rows.count);
		TRY(load_children(run, child, NULL));
		if (child->fragments != NULL)
			TRY(fragments_judge(run->arena, run->reader, i,
			    child->fragments, run->problem));
		*end = child;
		end = &child->next;
	}
	return OK;
}

/* A relation of the roots, be it loaded already or not. */
static enum error
find_child(const struct run *run, const struct result *roots,
    const struct relation *relation, struct result *ret)
{
	for (const struct result *r = roots->children; r != NULL; r = r->next)
		if (r->include->relation == relation) {
			*ret = *r;
			return OK;
		}
	*ret = (struct result){ 0 };
	return load_include(run, roots, relation, &ret->rows);
}

/* How many rows there are of each root, in place of what the database counted;
 * cell: of the root's row. */
static void
count_rows(const struct result *roots, const struct aggregate *aggregate,
    const struct result *child, size_t cell)
{
	size_t local = key_column(roots->include, aggregate->relation->local);

	for (size_t i = 0; i < roots->rows.count; i++) {
		struct value *cells = roots->rows.cells + i * roots->rows.width;
		int64_t n = 0;

		if (cells[local].type == VALUE_INT)
			n = result_count(child, cells[local].integer);
		cells[cell] =
		    value_int(aggregate->kind == AGGREGATE_COUNT ? n : n > 0);
	}
}

/* Counts of what is there anyway, or is listed beyond the rows of the
 * database. */
static enum error
complete_counts(const struct run *run, const struct result *roots)
{
	size_t cell = schema_n_selected(run->query->resource);

	for (const struct aggregate *a = run->query->aggregates; a != NULL;
	     a = a->next, cell++) {
		struct result child;

		if (sql_counts(run->query, a))
			continue;
		TRY(find_child(run, roots, a->relation, &child));
		count_rows(roots, a, &child, cell);
	}
	return OK;
}

/* What belongs to the roots, once they are read; given: as in load_rows(). */
static enum error
load_rest(
    const struct run *run, struct result *roots, const struct result *given)
{
	TRY(load_children(run, roots, given));
	return complete_counts(run, roots);
}

static enum error
count_roots(const struct run *run, const struct sql_root *root, int64_t *ret)
{
	struct rows rows;

	TRY(ask(run, sql_count(run->arena, run->query, root), &rows));
	*ret = rows.cells[0].integer;
	return OK;
}

static enum error
read_roots(const struct run *run, const struct sql_root *root, int64_t total,
    struct sql_start start, struct rows *ret)
{
	const struct query *query = run->query;
	struct sql_page page = { query->per_page, query_offset(query), total,
		start, &run->joined };

	return ask(run, sql_roots(run->arena, query, root, page), ret);
}

/* What has one row of each root, unless its text may be kept. */
static void
join_includes(struct run *run)
{
	struct sql_joined *joined = &run->joined;

	for (const struct include *i = run->query->root.children;
	     i != NULL && joined->n < SQL_JOINED_MAX; i = i->next)
		if (sql_can_join(i) && !fragments_are_kept(run->reader, i))
			joined->all[joined->n++] = i;
}

/* With a start that may be all of the page, or not. */
static bool
is_whole(const struct query *query, const struct known *known, size_t n)
{
	int64_t left = known->total - query_offset(query);

	return (int64_t)n >= (left < query->per_page ? left : query->per_page);
}

static enum error
read_page(const struct run *run, const struct sql_root *root,
    const struct known *known, struct rows *ret)
{
	static const struct sql_start none = { 0 };

	if (known->start.first != 0) {
		TRY(read_roots(run, root, known->total, known->start, ret));
		if (is_whole(run->query, known, ret->count))
			return OK;
	}
	return read_roots(run, root, known->total, none, ret);
}

enum error
execute_list(struct arena *arena, const struct reader *reader,
    const struct query *query, const struct sql_root *root, struct known *known,
    struct result *ret, struct problem *reterr)
{
	struct run run = { arena, reader, query, root->company_id, reterr,
		{ .n = 0 } };
	int64_t offset = query_offset(query), end;

	*ret = (struct result){ .include = &query->root };
	if (!known->is_counted)
		TRY(count_roots(&run, root, &known->total));
	/* A number that is stored may lack rows that came by SQL. */
	if (offset >= known->total && !sql_count_is_stored(query, root))
		return OK;
	join_includes(&run);
	TRY(read_page(&run, root, known, &ret->rows));
	end = offset + (int64_t)ret->rows.count;
	if (ret->rows.count > 0 && known->total < end)
		known->total = end;
	return load_rest(&run, ret, NULL);
}

enum error
execute_show(struct arena *arena, const struct reader *reader,
    const struct query *query, const struct sql_root *root,
    struct at_hand at_hand, struct result *ret, struct problem *reterr)
{
	struct run run = { arena, reader, query, root->company_id, reterr,
		{ .n = 0 } };
	size_t id = sql_position(query->resource, "id");

	*ret = (struct result){ .include = &query->root };
	if (at_hand.root != NULL) {
		ret->rows = *at_hand.root;
		if (ret->rows.cells[id].type == VALUE_NULL)
			ret->rows.count = 0;
	} else {
		TRY(ask(&run,
		    sql_roots(
			arena, query, root, (struct sql_page){ .limit = 1 }),
		    &ret->rows));
	}
	return load_rest(&run, ret, at_hand.include);
}

/* Of rows that each have first a root and then a row of its include: what
 * stands behind the first root_width cells. */
static struct rows
rows_behind(struct arena *arena, const struct rows *rows, size_t root_width)
{
	size_t width = rows->width - root_width;
	struct value *cells =
	    ARENA_NEW(arena, struct value, rows->count * width);

	for (size_t i = 0; i < rows->count; i++)
		memcpy(cells + i * width, rows_cell(rows, i, root_width),
		    width * sizeof(*cells));
	return (struct rows){
		.cells = cells, .count = rows->count, .width = width
	};
}

enum error
execute_show_with(struct arena *arena, const struct reader *reader,
    const struct query *query, const struct sql_root *root,
    const struct include *with, struct result *ret, struct problem *reterr)
{
	struct run run = { arena, reader, query, root->company_id, reterr,
		{ .n = 0 } };
	struct result given = { .include = with };
	struct at_hand nothing = { 0 };
	struct rows rows;

	TRY(ask(
	    &run, sql_root_with(arena, query, root, with->relation), &rows));
	if (rows.count == 0)
		return execute_show(
		    arena, reader, query, root, nothing, ret, reterr);
	*ret = (struct result){ .include = &query->root };
	ret->rows = (struct rows){
		.cells = rows.cells, .count = 1, .width = sql_root_width(query)
	};
	given.rows = rows_behind(arena, &rows, ret->rows.width);
	return load_rest(&run, ret, &given);
}
