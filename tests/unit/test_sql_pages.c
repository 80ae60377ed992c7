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

/* In an index that begins with the company, whatever the offset and the end. */
Test(sql_pages, rows_before_a_start_are_not_counted_off)
{
	static const struct sql_page pages[] = {
		{ 15, 3000, 100000, { 7001, 7060 }, NULL },
		{ 15, 99990, 100000, { 7001, 7060 }, NULL },
		{ 15, 3000, 0, { 7001, 7060 }, NULL },
	};
	static const struct sql_root all = { .company_id = COMPANY };

	for (size_t i = 0; i < N_ELEMENTS(pages); i++) {
		struct querying *f = parse("");
		struct statement s =
		    sql_roots(f->arena, &f->query, &all, pages[i]);

		cr_expect_eq(count_marks(s.text), s.n_params);
		cr_expect(contains(s.text,
			      "t.`company_id` = ? AND t.`id` >= ? AND t.`id` "
			      "<= ? ORDER BY t.`id` LIMIT"),
		    "%.*s", STR_FMT(s.text));
		cr_expect(has_int_param(&s, 7001));
		cr_expect(has_int_param(&s, 7060));
		cr_expect_eq(s.params[s.n_params - 1].integer, 0);
		querying_done(f);
	}
}

/* Left to itself the server may look for the first rows of a company from the
 * beginning of the table. */
Test(sql_pages, lists_by_id_are_read_from_the_index_of_the_company)
{
	static const struct {
		const struct resource *resource;
		const char *query;
		struct sql_root root;
		const char *index;
	} cases[] = {
		{ &resource_connectors, "", { 0 }, "`connectors_company`" },
		{ &resource_connectors, "page=90&include=variables", { 0 },
		    "`connectors_company`" },
		{ &resource_certificates, "", { 0 }, "`certificates_company`" },
		{ &resource_connection_pools, "", { 0 },
		    "`connection_pools_company`" },
		{ &resource_connectors, "sort=name", { 0 }, NULL },
		{ &resource_connectors, "filter[system]=1", { 0 }, NULL },
		{ &resource_connectors, "", { .by_id = true, .id = 7 }, NULL },
		{ &resource_connectors, "",
		    { .by_key = true, .key = STR_CONST("k") }, NULL },
		{ &resource_systems, "", { 0 }, NULL },
		{ &resource_connector_tests, "",
		    { .parent = "connector_id", .parent_id = 7 }, NULL },
	};
	static const int64_t offsets[] = { 0, 90, 9000 };

	for (size_t i = 0; i < N_ELEMENTS(cases) * 3; i++) {
		const size_t c = i / 3;
		struct querying *f =
		    querying_about(cases[c].resource, cases[c].query);
		struct statement s = sql_roots(f->arena, &f->query,
		    &cases[c].root,
		    (struct sql_page){ .limit = 15, .offset = offsets[i % 3] });

		cr_expect_eq(contains(s.text, "FORCE INDEX"),
		    cases[c].index != NULL, "%zu: %.*s", c, STR_FMT(s.text));
		if (cases[c].index != NULL)
			cr_expect(contains(s.text, cases[c].index));
		querying_done(f);
	}
}

Test(sql_pages, all_rows_of_a_company_by_id_can_have_a_start)
{
	static const struct {
		const struct resource *resource;
		const char *query;
		struct sql_root root;
		bool can;
	} cases[] = {
		{ &resource_connectors, "", { 0 }, true },
		{ &resource_connectors, "include=variables&page=7", { 0 },
		    true },
		{ &resource_connectors, "filter[system]=1", { 0 }, false },
		{ &resource_connectors, "search=x", { 0 }, false },
		{ &resource_connectors, "sort=name", { 0 }, false },
		{ &resource_connectors, "", { .by_id = true, .id = 7 }, false },
		{ &resource_certificates, "",
		    { .parent = "connector_id", .parent_id = 7 }, false },
		{ &resource_connector_tests, "", { 0 }, false },
		{ &resource_systems, "", { 0 }, false },
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct querying *f =
		    querying_about(cases[i].resource, cases[i].query);

		cr_expect_eq(sql_can_start(&f->query, &cases[i].root),
		    cases[i].can, "%zu", i);
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
		{ "", { 15, 90000, 100000, { 0 }, NULL },
		    "ORDER BY t.`id` DESC LIMIT", 15, 9985 },
		{ "", { 15, 99990, 100000, { 0 }, NULL },
		    "ORDER BY t.`id` DESC LIMIT", 10, 0 },
		{ "", { 15, 50000, 100000, { 0 }, NULL },
		    "ORDER BY t.`id` LIMIT", 15, 50000 },
		{ "", { 15, 50001, 100000, { 0 }, NULL },
		    "ORDER BY t.`id` DESC LIMIT", 15, 49984 },
		{ "sort=name", { 15, 900, 1000, { 0 }, NULL },
		    "ORDER BY t.`name` DESC, t.`id` DESC LIMIT", 15, 85 },
		{ "sort=-name", { 15, 900, 1000, { 0 }, NULL },
		    "ORDER BY t.`name`, t.`id` DESC LIMIT", 15, 85 },
		/* Not known, or less than is asked for. */
		{ "", { 15, 90000, 0, { 0 }, NULL }, "ORDER BY t.`id` LIMIT",
		    15, 90000 },
		{ "", { 15, 900, 900, { 0 }, NULL }, "ORDER BY t.`id` LIMIT",
		    15, 900 },
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
