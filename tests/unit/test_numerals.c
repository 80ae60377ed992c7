/*
 * src/base/numerals.c
 */
#include <config.h>

#include "base/numerals.h"

#include <criterion/criterion.h>

static const struct {
	const char *json, *quoted; /* NULL: refused */
} cases[] = {
	{ "", "" },
	{ "5", "\"5\"" },
	{ "[-0,0.10, 1e400 ,1E+2]", "[\"-0\",\"0.10\", \"1e400\" ,\"1E+2\"]" },
	{ "{\"a\":98765432109876543210}", "{\"a\":\"98765432109876543210\"}" },
	{ "{\"1\":2,\"b\":{\"c\":[3]}}",
	    "{\"1\":\"2\",\"b\":{\"c\":[\"3\"]}}" },
	{ "[true,false,null]", "[true,false,null]" },
	{ "\"1\\\"2\\\\\"", "\"1\\\"2\\\\\"" },
	{ "[\"1\"]", "[\"1\"]" },
	/* What is amiss and is no number or word is left to the parser. */
	{ "\"1", "\"1" },
	{ "\"1\\", "\"1\\" },
	{ "[1,]", "[\"1\",]" },
	{ "1 2", "\"1\" \"2\"" },
	{ "{1}", "{\"1\"}" },
	{ "\"a\"1", "\"a\"\"1\"" },
	{ "{5:1}", NULL },
	{ "{\"a\":1,5 \r\n\t: 1}", NULL },
	{ "01", NULL },
	{ "-01", NULL },
	{ "1.", NULL },
	{ ".5", NULL },
	{ "+1", NULL },
	{ "-", NULL },
	{ "1e", NULL },
	{ "1e+", NULL },
	{ "1.5.5", NULL },
	{ "12-3", NULL },
	{ "0x10", NULL },
	{ "1true", NULL },
	{ "NaN", NULL },
	{ "-Infinity", NULL },
	{ "True", NULL },
	{ "nul", NULL },
};

Test(numerals, are_quoted_as_they_are_written)
{
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct buf b;
		bool good;

		buf_init(&b, 200);
		good = numerals_quote(&b, str_of(cases[i].json), SIZE_MAX);
		cr_expect_eq(
		    good, cases[i].quoted != NULL, "%s", cases[i].json);
		if (good && cases[i].quoted != NULL)
			cr_expect(str_equal_text(buf_str(&b), cases[i].quoted),
			    "%s: %.*s", cases[i].json, STR_FMT(buf_str(&b)));
		buf_done(&b);
	}
}

Test(numerals, are_not_looked_for_without_end)
{
	struct buf b;

	buf_init(&b, 200);
	cr_expect(numerals_quote(&b, STR("[1,\"a,b[{\",{}]"), 4));
	cr_expect(!numerals_quote(&b, STR("[1,\"a,b[{\",{}]"), 3));
	buf_done(&b);
}
