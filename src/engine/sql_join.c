/*
 * Joined includes stand behind the other cells of a root's row, in order.
 */
#include <config.h>

#include "engine/sql_join.h"

#include <stdlib.h>
#include <string.h>

#include "engine/result.h"
#include "engine/sql.h"

bool
sql_can_join(const struct include *include)
{
	const struct relation *relation = include->relation;
	const struct resource *target = include->resource;

	if (include->parent->relation != NULL ||
	    relation->kind != RELATION_TO_ONE || relation->needs_of != NULL)
		return false;
	for (size_t i = 0; i < target->n_columns; i++)
		if (target->columns[i].lookup != NULL)
			return false;
	return true;
}

/* Where the cells of a joined include begin in a root's row; false: it is not
 * joined. */
static bool
find_cells(const struct query *query, const struct sql_joined *joined,
    const struct include *include, size_t *ret)
{
	size_t at = sql_root_width(query);

	for (size_t i = 0; i < joined->n; i++) {
		if (joined->all[i] == include) {
			*ret = at;
			return true;
		}
		at += schema_n_selected(joined->all[i]->resource);
	}
	return false;
}

/* A root's row that has one of the include, and its key. */
struct joined_row {
	int64_t key;
	const struct value *cells;
};

/* Those there are, ascending by key; returns how many. id: the cell that is
 * null where there is none. */
static size_t
collect(const struct rows *roots, size_t key, size_t at, size_t id,
    struct joined_row *to)
{
	size_t n = 0;

	for (size_t i = 0; i < roots->count; i++) {
		const struct value *cells = rows_cell(roots, i, 0);

		if (cells[at + id].type != VALUE_NULL)
			to[n++] = (struct joined_row){ cells[key].integer,
				cells + at };
	}
	if (n > 1)
		qsort(to, n, sizeof(*to), result_compare_keys);
	return n;
}

bool
sql_joined_rows(struct arena *arena, const struct query *query,
    const struct sql_joined *joined, const struct include *include,
    const struct rows *roots, struct rows *ret)
{
	const struct relation *relation = include->relation;
	size_t width = schema_n_selected(include->resource), at, n;
	struct joined_row *found;

	if (!find_cells(query, joined, include, &at))
		return false;
	found = ARENA_NEW(arena, struct joined_row, roots->count);
	n = collect(roots, sql_position(query->resource, relation->local), at,
	    sql_position(include->resource, relation->foreign), found);
	*ret = (struct rows){ .width = 1 + width,
		.cells = ARENA_NEW(arena, struct value, n * (1 + width)) };
	for (size_t i = 0; i < n; i++) {
		struct value *cells = ret->cells + ret->count * ret->width;

		if (i > 0 && found[i].key == found[i - 1].key)
			continue;
		cells[0] = value_int(found[i].key);
		memcpy(cells + 1, found[i].cells, width * sizeof(*cells));
		ret->count++;
	}
	return true;
}
