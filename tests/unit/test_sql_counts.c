/*
 * src/engine/sql_parts.c: what of a list the database counts.
 */
#include <config.h>

#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/sql.h"
#include "querying.h"
#include "schema/tables.h"

static struct querying *
parse(const char *text)
{
	struct querying *f = querying(text);

	cr_assert_eq(f->error, OK, "%s", text);
	return f;
}

static struct statement
roots(struct querying *f)
{
	struct sql_root root = { .company_id = 42 };

	return sql_roots(
	    f->arena, &f->query, &root, (struct sql_page){ .limit = 15 });
}

/* What a company may not see is not counted, on whichever side of a link it
 * says so. */
Test(sql_counts, counts_what_an_include_lists)
{
	struct querying *f =
	    querying_about(&resource_authentication_implementations,
		"include=endpoints_count");
	struct statement s = roots(f);

	cr_expect(contains(s.text,
	    " JOIN `endpoints` r ON r.`id` = l.`endpoint_id` WHERE "
	    "l.`authentication_implementation_id` = t.`id` AND EXISTS "
	    "(SELECT 1 FROM `systems` p WHERE p.`id` = r.`system_id`"));
	cr_expect_eq(count_marks(s.text), s.n_params);
	querying_done(f);
	f = parse("include=variables_count");
	s = roots(f);
	cr_expect(contains(s.text, "p.`id` = l.`variable_id`"));
	cr_expect_eq(count_marks(s.text), s.n_params);
	querying_done(f);
}

/* Whoever reads the rows counts them, and what is listed beyond the rows. */
Test(sql_counts, counts_nothing_that_is_read_anyway)
{
	static const char *const read[] = { "variables,variables_count",
		"variablesExists,variables",
		"certificate.user,certificate_count,certificateExists" };
	struct querying *f;

	for (size_t i = 0; i < N_ELEMENTS(read); i++) {
		char text[100];

		snprintf(text, sizeof(text), "include=%s", read[i]);
		f = parse(text);
		cr_expect_not(
		    contains(roots(f).text, "(SELECT"), "%s", read[i]);
		querying_done(f);
	}
	f = querying_about(&resource_authentication_implementations,
	    "include=variables_count");
	cr_expect_not(contains(roots(f).text, "variable_id"));
	querying_done(f);
}
