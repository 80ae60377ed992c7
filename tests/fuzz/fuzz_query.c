/*
 * The query parser: whatever the text, it gives a query of rows of the tables
 * or a problem that a client can be told.
 */
#include <config.h>

#include "engine/query.h"
#include "fuzz.h"
#include "schema/tables.h"

static void
check_include(const struct include *include, const struct include *parent)
{
	for (; include != NULL; include = include->next) {
		require(include->parent == parent);
		require(include->resource == include->relation->target);
		check_include(include->children, include);
	}
}

static void
check_query(const struct query *query)
{
	require(query->page >= 1 && query->page <= QUERY_PAGE_MAX);
	require(query->per_page >= 1);
	require(query->per_page <= QUERY_PER_PAGE_MAX);
	check_include(query->root.children, &query->root);
	for (struct query_filter *f = query->filters; f != NULL; f = f->next) {
		require(f->n_values > 0);
		for (size_t i = 0; i < f->n_values; i++)
			require(str_is_utf8(f->values[i]));
	}
	require(str_is_utf8(query->search));
	require(str_utf8_length(query->search) <= QUERY_SEARCH_MAX);
	require(query->search.ptr == NULL || query->resource->search != NULL);
	for (struct query_sort *s = query->sorts; s != NULL; s = s->next)
		require((s->column->flags & COLUMN_SORT) != 0);
	for (size_t i = 0; i < query->resource->n_columns; i++)
		if (query->resource->columns[i].flags & COLUMN_KEY)
			require(query_keeps(query, query->resource, i));
}

static void
check_problem(enum error error, const struct problem *problem)
{
	require(error == ERROR_BAD_REQUEST || error == ERROR_INVALID);
	require(error != ERROR_INVALID || problem->fields != NULL);
	require(error != ERROR_BAD_REQUEST || problem->message.len > 0);
	require(str_is_utf8(problem->message));
}

/* One of each kind that a route is about. */
static const struct resource *const about[] = {
	&resource_connectors,
	&resource_systems,
	&resource_authentication_implementations,
	&resource_connector_tests,
};

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < N_ELEMENTS(about); i++) {
		struct arena *arena = arena_new(16384);
		struct problem problem = { .arena = arena };
		struct query query;
		enum error error = query_parse(arena, about[i], QUERY_ALL,
		    fuzz_text(arena, bytes, len), &query, &problem);

		if (error == OK)
			check_query(&query);
		else
			check_problem(error, &problem);
		arena_free(arena);
	}
	return 0;
}
