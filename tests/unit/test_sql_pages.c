/*
 * src/engine/sql.c: the pages of lists.
 */
#include <config.h>

#include <criterion/criterion.h>

#include "engine/sql.h"
#include "querying.h"
#include "schema/tables.h"

#define COMPANY 42

static struct querying *
parse(const char *text)
{
	struct querying *f = querying(text);

	cr_assert_eq(f->error, OK, "%s", text);
	return f;
}

/* From a row on that is known to stand before the page, or where it begins. */
Test(sql_pages, rows_before_a_start_are_not_counted_off)
{
	static const struct {
		const char *query;
		struct sql_page page;
		const char *order;
		int64_t limit, offset;
	} cases[] = {
		{ "", { 15, 3000, 100000, { 3000, 7001 } },
		    "t.`id` >= ? ORDER BY t.`id` LIMIT", 15, 0 },
		{ "", { 15, 3000, 0, { 2990, 7001 } },
		    "t.`id` >= ? ORDER BY t.`id` LIMIT", 15, 10 },
		{ "filter[system]=1", { 15, 3000, 100000, { 3000, 7001 } },
		    "t.`id` >= ? ORDER BY t.`id` LIMIT", 15, 0 },
		/* The end may be nearer all the same. */
		{ "", { 15, 3000, 3020, { 2000, 7001 } },
		    "t.`id` >= ? ORDER BY t.`id` DESC LIMIT", 15, 5 },
	};
	static const struct sql_root all = { .company_id = COMPANY };

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct querying *f = parse(cases[i].query);
		struct statement s =
		    sql_roots(f->arena, &f->query, &all, cases[i].page);

		cr_expect_eq(count_marks(s.text), s.n_params);
		cr_expect(contains(s.text, cases[i].order), "%zu: %.*s", i,
		    STR_FMT(s.text));
		cr_expect(has_int_param(&s, 7001), "%zu", i);
		cr_expect(has_int_param(&s, cases[i].limit), "%zu", i);
		cr_expect(has_int_param(&s, cases[i].offset), "%zu", i);
		querying_done(f);
	}
}

Test(sql_pages, order_of_ids)
{
	static const struct {
		const struct resource *resource;
		const char *query;
		bool by_id;
	} cases[] = {
		{ &resource_connectors, "", true },
		{ &resource_connectors, "filter[system]=1", true },
		{ &resource_connectors, "sort=name", false },
		{ &resource_connector_tests, "", false },
		{ &resource_connector_tests, "sort=id", true },
		{ &resource_connector_tests, "sort=id,-created_at", true },
		{ &resource_connector_tests, "sort=-id", false },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct querying *f =
		    querying_about(cases[i].resource, cases[i].query);

		cr_expect_eq(sql_is_by_id(&f->query), cases[i].by_id, "%zu", i);
		querying_done(f);
	}
}

/* The ids of a page near the end are found from there, in any order; the page
 * has the order that was asked for. */
Test(sql_pages, deep_pages_are_found_from_the_nearer_end)
{
	static const struct {
		const char *query;
		struct sql_page page;
		const char *ids;
		int64_t limit, offset; /* of the ids */
	} cases[] = {
		{ "", { 15, 90000, 100000, { 0 } },
		    "ORDER BY t.`id` DESC LIMIT", 15, 9985 },
		{ "", { 15, 99990, 100000, { 0 } },
		    "ORDER BY t.`id` DESC LIMIT", 10, 0 },
		{ "", { 15, 50000, 100000, { 0 } }, "ORDER BY t.`id` LIMIT", 15,
		    50000 },
		{ "", { 15, 50001, 100000, { 0 } },
		    "ORDER BY t.`id` DESC LIMIT", 15, 49984 },
		{ "sort=name", { 15, 900, 1000, { 0 } },
		    "ORDER BY t.`name` DESC, t.`id` DESC LIMIT", 15, 85 },
		{ "sort=-name", { 15, 900, 1000, { 0 } },
		    "ORDER BY t.`name`, t.`id` DESC LIMIT", 15, 85 },
		/* Not known, or less than is asked for. */
		{ "", { 15, 90000, 0, { 0 } }, "ORDER BY t.`id` LIMIT", 15,
		    90000 },
		{ "", { 15, 900, 900, { 0 } }, "ORDER BY t.`id` LIMIT", 15,
		    900 },
	};
	static const struct sql_root all = { .company_id = COMPANY };

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct querying *f = parse(cases[i].query);
		struct statement s =
		    sql_roots(f->arena, &f->query, &all, cases[i].page);

		cr_expect(contains(s.text, cases[i].ids), "%zu: %.*s", i,
		    STR_FMT(s.text));
		cr_expect(has_int_param(&s, cases[i].limit), "%zu", i);
		cr_expect(has_int_param(&s, cases[i].offset), "%zu", i);
		cr_expect_not(str_ends_with(s.text, STR("DESC")) &&
				  cases[i].query[0] == '\0',
		    "%zu: %.*s", i, STR_FMT(s.text));
		querying_done(f);
	}
}
