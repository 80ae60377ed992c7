/*
 * src/engine/sql_owners.c
 */
#include <config.h>

#include "engine/sql_owners.h"

#include <criterion/criterion.h>
#include <string.h>

#include "querying.h"
#include "schema/tables.h"

static struct statement
owners(struct arena *arena, size_t n)
{
	static const int64_t keys[] = { 5, 6, 7 };

	return sql_owners(arena, &resource_connectors,
	    schema_relation(
		&resource_connectors, STR("authenticationImplementation")),
	    keys, n);
}

static size_t
count(struct str text, const char *part)
{
	size_t n = 0;

	for (const char *at = text.ptr; (at = strstr(at, part)) != NULL;
	     at += strlen(part))
		n++;
	return n;
}

Test(sql_owners, has_one_value_a_mark)
{
	struct arena *arena = arena_new(16384);

	for (size_t n = 1; n <= 3; n++) {
		struct statement s = owners(arena, n);

		cr_expect_eq(count_marks(s.text), s.n_params);
		cr_expect_eq(s.n_params, n == 3 ? 4 : n);
		cr_expect_eq(s.params[s.n_params - 1].integer, 4 + (int64_t)n);
	}
	arena_free(arena);
}

/* The implementation itself and its system; the endpoints, theirs, and their
 * variables. */
Test(sql_owners, looks_at_each_row_that_may_be_of_a_company)
{
	struct arena *arena = arena_new(16384);
	struct str text = owners(arena, 1).text;

	cr_expect_eq(
	    count(text, ".`company_id` IS NOT NULL"), 5, "%s", text.ptr);
	cr_expect_eq(count(text, "`variables`"), 1, "%s", text.ptr);
	cr_expect_eq(
	    count(text, "`model_type` = 'endpoint'"), 1, "%s", text.ptr);
	arena_free(arena);
}

/* Rows that are everybody's are not looked at. */
Test(sql_owners, looks_at_no_other_row)
{
	static const char *const tables[] = { "`logos`", "`filters`",
		"`endpoint_schemas`", "`entity_types`", "`field_tags`",
		"`system_types`", "`authentication_types`" };
	struct arena *arena = arena_new(16384);
	struct str text = owners(arena, 1).text;

	for (size_t i = 0; i < N_ELEMENTS(tables); i++)
		cr_expect_eq(count(text, tables[i]), 0, "%s", tables[i]);
	arena_free(arena);
}
