/*
 * src/http/etag.c
 */
#include <config.h>

#include "http/etag.h"

#include <criterion/criterion.h>

static const struct {
	const char *field;
	bool matches;     /* the tag "7-ab" */
	bool has_version; /* 7 */
} cases[] = {
	{ "", false, false },
	{ "*", true, true },
	{ " *", true, true },
	{ "\"7-ab\"", true, true },
	{ "W/\"7-ab\"", true, true },
	{ "W/\"7\"", false, true },
	{ "W/\"7-other\"", false, true },
	{ "W/\"70-ab\"", false, false },
	{ "W/\"6-ab\"", false, false },
	{ "\"6-ab\", W/\"7-ab\"", true, true },
	{ "\"7\"", false, true },
	{ "\"7-\"", false, true },
	{ "\"7-other\"", false, true },
	{ "\"70-ab\"", false, false },
	{ "\"6-ab\"", false, false },
	{ "\"\"", false, false },
	{ "\"-7\"", false, false },
	{ "\"x7-ab\"", false, false },
	{ "\" 7-ab\"", false, false },
	{ "\"1\", \"7-ab\"", true, true },
	{ "\"1\",\"7-ab\",\"2\"", true, true },
	{ "\"1\" , W/\"7-ab\"", true, true },
	{ "W/\"7-ab\", \"7-x\"", true, true },
	{ "\"a,b\", \"7-ab\"", true, true },
	{ "7-ab", false, false },
	{ "\"7-ab", false, false },
	{ "\"", false, false },
	{ "W/", false, false },
	{ "w/\"7-ab\"", false, false },
	{ "junk \"7-ab\"", false, false },
	{ "\"99999999999999999999-ab\"", false, false },
};

Test(etag, compares_lists_and_versions_weakly)
{
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct str field = str_of(cases[i].field);

		cr_expect_eq(etag_matches(field, STR("\"7-ab\"")),
		    cases[i].matches, "%s", cases[i].field);
		cr_expect_eq(etag_has_version(field, 7), cases[i].has_version,
		    "%s as version", cases[i].field);
	}
}

Test(etag, tells_of_versions_that_are_newer)
{
	static const struct {
		const char *field;
		bool newer; /* than 7 */
	} newer[] = {
		{ "\"8-ab\"", true },
		{ "W/\"70-ab\"", true },
		{ "\"6-ab\", \"8\"", true },
		{ "\"7-ab\"", false },
		{ "\"6-ab\"", false },
		{ "*", false },
		{ "", false },
		{ "\"99999999999999999999-ab\"", false },
	};

	for (size_t i = 0; i < N_ELEMENTS(newer); i++)
		cr_expect_eq(etag_is_newer(str_of(newer[i].field), 7),
		    newer[i].newer, "%s", newer[i].field);
}
