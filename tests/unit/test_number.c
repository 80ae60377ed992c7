/*
 * src/engine/number.c
 */
#include <config.h>

#include "engine/number.h"

#include <criterion/criterion.h>

static const struct {
	const char *text;
	bool is_integer, is_numeric;
	int64_t integer;
	double number;
} cases[] = {
	{ "", false, false, 0, 0 },
	{ "0", true, true, 0, 0 },
	{ "12", true, true, 12, 12 },
	{ "+12", true, true, 12, 12 },
	{ "-12", true, true, -12, -12 },
	{ "-0", true, true, 0, 0 },
	{ "+0", true, true, 0, 0 },
	{ " 7 ", true, true, 7, 7 },
	{ "\t7\n", true, true, 7, 7 },
	{ "01", false, true, 0, 1 },
	{ "00", false, true, 0, 0 },
	{ "-01", false, true, 0, -1 },
	{ "1.0", false, true, 0, 1 },
	{ "0.5", false, true, 0, 0.5 },
	{ ".5", false, true, 0, 0.5 },
	{ "5.", false, true, 0, 5 },
	{ ".", false, false, 0, 0 },
	{ "1e2", false, true, 0, 100 },
	{ "1E+2", false, true, 0, 100 },
	{ "1e-1", false, true, 0, 0.1 },
	{ "1e", false, false, 0, 0 },
	{ "1e+", false, false, 0, 0 },
	{ "e1", false, false, 0, 0 },
	{ ".e1", false, false, 0, 0 },
	{ "+", false, false, 0, 0 },
	{ "-", false, false, 0, 0 },
	{ "--1", false, false, 0, 0 },
	{ "+-1", false, false, 0, 0 },
	{ "- 1", false, false, 0, 0 },
	{ "1 2", false, false, 0, 0 },
	{ "1,2", false, false, 0, 0 },
	{ "1_000", false, false, 0, 0 },
	{ "0x10", false, false, 0, 0 },
	{ "inf", false, false, 0, 0 },
	{ "nan", false, false, 0, 0 },
	{ "abc", false, false, 0, 0 },
	{ "12abc", false, false, 0, 0 },
	{ "true", false, false, 0, 0 },
	{ "\xD9\xA1", false, false, 0, 0 },
	{ "2147483648", true, true, 2147483648, 2147483648.0 },
	{ "9223372036854775807", true, true, INT64_MAX, 0x1p63 },
	{ "9223372036854775808", false, true, 0, 0x1p63 },
	{ "-9223372036854775808", true, true, INT64_MIN, -0x1p63 },
	{ "-9223372036854775809", false, true, 0, -0x1p63 },
	{ "99999999999999999999", false, true, 0, 1e20 },
};

Test(number, reads_integers_as_the_reference_does)
{
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		int64_t value = 0;

		cr_expect_eq(number_is_integer(str_of(cases[i].text), &value),
		    cases[i].is_integer, "\"%s\"", cases[i].text);
		cr_expect_eq(value, cases[i].integer, "\"%s\"", cases[i].text);
	}
}

Test(number, reads_numeric_text_as_the_reference_does)
{
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		double value = 0;

		cr_expect_eq(number_is_numeric(str_of(cases[i].text), &value),
		    cases[i].is_numeric, "\"%s\"", cases[i].text);
		cr_expect(value >= cases[i].number && value <= cases[i].number,
		    "\"%s\" is %g", cases[i].text, value);
	}
}

Test(number, takes_no_part_of_a_text_with_a_nul)
{
	int64_t integer;
	double number;

	cr_expect_not(number_is_integer(STR("1\0"), &integer));
	cr_expect_not(number_is_numeric(STR("1\0"), &number));
	cr_expect_not(number_is_numeric(STR("1.5\0"
					    "7"),
	    &number));
}

Test(number, no_text_is_no_number)
{
	int64_t integer;
	double number;

	cr_expect_not(number_is_integer((struct str){ NULL, 0 }, &integer));
	cr_expect_not(number_is_numeric((struct str){ NULL, 0 }, &number));
}
