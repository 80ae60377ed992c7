/*
 * src/engine/sql_join.c, and what sql.c makes of it.
 */
#include <config.h>

#include "engine/sql_join.h"

#include <criterion/criterion.h>

#include "engine/sql.h"
#include "querying.h"
#include "schema/tables.h"

#define COMPANY 42

static struct sql_joined
join_all(const struct query *query)
{
	struct sql_joined joined = { .n = 0 };

	for (const struct include *i = query->root.children; i != NULL;
	     i = i->next)
		if (sql_can_join(i))
			joined.all[joined.n++] = i;
	return joined;
}

static const struct {
	const struct resource *resource;
	const char *include;
	size_t n; /* that can be joined */
} cases[] = {
	{ &resource_connectors, "", 0 },
	{ &resource_connectors, "include=variables", 0 },
	{ &resource_connectors, "include=certificate", 1 },
	{ &resource_connectors, "include=certificate.user,variables", 1 },
	{ &resource_systems, "include=logo,systemType,endpoints", 2 },
	{ &resource_certificates, "include=user", 1 },
	/* The connector of a test has a column of another table. */
	{ &resource_connector_tests, "include=connector", 0 },
};

Test(sql_join, what_each_root_has_one_of_comes_with_it)
{
	static const struct sql_root all = { .company_id = COMPANY };

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct querying *f =
		    querying_about(cases[i].resource, cases[i].include);
		struct sql_joined joined = join_all(&f->query);

		cr_assert_eq(f->error, OK, "%s", cases[i].include);
		cr_expect_eq(joined.n, cases[i].n, "%s", cases[i].include);
		for (int64_t offset = 0; offset <= 1000; offset += 1000) {
			struct statement s =
			    sql_roots(f->arena, &f->query, &all,
				(struct sql_page){ .limit = 15,
				    .offset = offset,
				    .joined = &joined });

			cr_expect_eq(count_marks(s.text), s.n_params);
			cr_expect_eq(contains(s.text, " j0 ON j0.`id` = t.`"),
			    joined.n > 0, "%.*s", STR_FMT(s.text));
		}
		querying_done(f);
	}
}

/* A row of another company is not read, whatever refers to it. */
Test(sql_join, rows_of_a_company_are_its_own)
{
	static const struct sql_root all = { .company_id = COMPANY };
	struct querying *f = querying("include=certificate");
	struct sql_joined joined = join_all(&f->query);
	struct statement s = sql_roots(f->arena, &f->query, &all,
	    (struct sql_page){ .limit = 15, .joined = &joined });

	cr_expect(contains(s.text,
		      "j0.`id` = t.`certificate_id` AND j0.`company_id` = ?"),
	    "%.*s", STR_FMT(s.text));
	cr_expect_eq(s.params[0].integer, COMPANY);
	querying_done(f);
}

Test(sql_join, rows_are_ascending_by_key_and_each_key_once)
{
	static const int64_t keys[] = { 9, 4, 0, 9, 2 };
	struct querying *f = querying("include=certificate");
	struct sql_joined joined = join_all(&f->query);
	size_t key = sql_position(&resource_connectors, "certificate_id");
	size_t at = sql_root_width(&f->query);
	struct value cells[5 * 40] = { { 0 } };
	struct rows roots = { .count = 5, .width = 40, .cells = cells }, rows;

	for (size_t i = 0; i < 5; i++) {
		cells[i * 40 + key] = value_int(keys[i]);
		cells[i * 40 + at] =
		    keys[i] == 0 ? value_null() : value_int(keys[i]);
	}
	cr_assert(sql_joined_rows(f->arena, &f->query, &joined,
	    f->query.root.children, &roots, &rows));
	cr_assert_eq(rows.count, 3);
	for (size_t i = 0; i < 3; i++) {
		static const int64_t found[] = { 2, 4, 9 };

		cr_expect_eq(rows_cell(&rows, i, 0)->integer, found[i]);
		cr_expect_eq(rows_cell(&rows, i, 1)->integer, found[i]);
	}
	joined.n = 0;
	cr_expect_not(sql_joined_rows(f->arena, &f->query, &joined,
	    f->query.root.children, &roots, &rows));
	querying_done(f);
}
