/*
 * src/base/str.c
 */
#include <config.h>

#include "base/str.h"

#include <criterion/criterion.h>

/* For texts with a NUL inside. */
#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

Test(str, of_null_is_the_empty_text)
{
	cr_expect_eq(str_of(NULL).len, 0);
	cr_expect_eq(str_of("").len, 0);
	cr_expect_eq(str_of("abc").len, 3);
}

Test(str, compares_byte_for_byte)
{
	cr_expect(str_equal(STR(""), (struct str){ NULL, 0 }));
	cr_expect(str_equal(STR("a\0b"), STR("a\0b")));
	cr_expect_not(str_equal(STR("a\0b"), STR("a\0c")));
	cr_expect_not(str_equal(STR("a"), STR("A")));
	cr_expect_not(str_equal(STR("a"), STR("ab")));
	cr_expect(str_equal_text(STR("ab"), "ab"));
	cr_expect_not(str_equal_text(STR("ab"), "abc"));
	cr_expect_not(str_equal_text(STR("ab\0"), "ab"));
}

Test(str, compares_without_ascii_case)
{
	cr_expect(str_equal_nocase(STR("BeareR"), STR("bEARER")));
	cr_expect(str_equal_nocase((struct str){ NULL, 0 }, STR("")));
	cr_expect_not(str_equal_nocase(STR("@"), STR("`")));
	cr_expect_not(str_equal_nocase(STR("\xC3\x84"), STR("\xC3\xA4")));
}

Test(str, finds_the_ends)
{
	cr_expect(str_starts_with(STR("abc"), STR("ab")));
	cr_expect(str_starts_with(STR("abc"), STR("")));
	cr_expect(str_starts_with(STR("abc"), STR("abc")));
	cr_expect_not(str_starts_with(STR("abc"), STR("abcd")));
	cr_expect_not(str_starts_with(STR("abc"), STR("bc")));
	cr_expect(str_ends_with(STR("abc"), STR("bc")));
	cr_expect(str_ends_with(STR("abc"), STR("")));
	cr_expect_not(str_ends_with(STR("abc"), STR("ab")));
	cr_expect_not(str_ends_with(STR("c"), STR("bc")));
	cr_expect(str_starts_with((struct str){ NULL, 0 }, STR("")));
	cr_expect(str_ends_with((struct str){ NULL, 0 }, STR("")));
}

Test(str, finds_a_byte_or_the_length)
{
	cr_expect_eq(str_find(STR("a=b=c"), '='), 1);
	cr_expect_eq(str_find(STR("abc"), '='), 3);
	cr_expect_eq(str_find(STR("ab\0c"), '\0'), 2);
	cr_expect_eq(str_find((struct str){ NULL, 0 }, '='), 0);
}

Test(str, rest_never_passes_the_end)
{
	cr_expect(str_equal_text(str_from(STR("abc"), 1), "bc"));
	cr_expect_eq(str_from(STR("abc"), 3).len, 0);
	cr_expect_eq(str_from(STR("abc"), 99).len, 0);
	cr_expect_eq(str_from((struct str){ NULL, 0 }, 1).len, 0);
}

static const struct {
	const char *text;
	size_t n;
	const char *parts[4];
} part_cases[] = {
	{ "", 1, { "" } },
	{ "a", 1, { "a" } },
	{ ",", 2, { "", "" } },
	{ "a,,b", 3, { "a", "", "b" } },
	{ "a,b,", 3, { "a", "b", "" } },
	{ " a , b", 2, { " a ", " b" } },
};

static const struct {
	const char *text, *bytes, *both, *start, *end;
} trims[] = {
	{ " \ta b\t ", STR_BLANKS, "a b", "a b\t ", " \ta b" },
	{ "\na\r", STR_BLANKS, "\na\r", "\na\r", "\na\r" },
	{ "\na\r", STR_WHITE, "a", "a\r", "\na" },
	{ "\v1\f", STR_WHITE, "\v1\f", "\v1\f", "\v1\f" },
	{ "\v1\f", STR_SPACES, "1", "1\f", "\v1" },
	{ " \t ", STR_BLANKS, "", "", "" },
	{ "", STR_BLANKS, "", "", "" },
	{ ", ,a,", " ,", "a", "a,", ", ,a" },
	{ " a ", "", " a ", " a ", " a " },
};

Test(str, trims_the_bytes_that_are_named)
{
	for (size_t i = 0; i < N_ELEMENTS(trims); i++) {
		struct str s = str_of(trims[i].text);
		const char *bytes = trims[i].bytes;

		cr_expect(str_equal_text(str_trim(s, bytes), trims[i].both));
		cr_expect(
		    str_equal_text(str_trim_start(s, bytes), trims[i].start));
		cr_expect(str_equal_text(str_trim_end(s, bytes), trims[i].end));
	}
	cr_expect_eq(str_trim((struct str){ NULL, 0 }, STR_SPACES).len, 0);
}

Test(str, nul_is_never_trimmed)
{
	struct str s = { "\0 a \0", 5 };

	cr_expect_eq(str_trim(s, STR_SPACES).len, 5);
	cr_expect_not(str_is_one_of('\0', STR_SPACES));
	cr_expect(str_is_one_of(' ', STR_SPACES));
}

Test(str, parts_keep_the_empty_ones)
{
	for (size_t i = 0; i < N_ELEMENTS(part_cases); i++) {
		struct str rest = str_of(part_cases[i].text), part;
		size_t n = 0;

		while (str_next_part(&rest, ',', &part)) {
			cr_assert_lt(
			    n, part_cases[i].n, "\"%s\"", part_cases[i].text);
			cr_expect(str_equal_text(part, part_cases[i].parts[n]),
			    "\"%s\", part %zu", part_cases[i].text, n);
			n++;
		}
		cr_expect_eq(n, part_cases[i].n, "\"%s\"", part_cases[i].text);
	}
}

Test(str, parts_of_no_text_are_none)
{
	struct str rest = { NULL, 0 }, part;

	cr_expect_not(str_next_part(&rest, ',', &part));
}

static const struct {
	const char *text;
	bool is_number, is_id;
	uint64_t value;
} number_cases[] = {
	{ "", false, false, 0 },
	{ "0", true, false, 0 },
	{ "1", true, true, 1 },
	{ "007", true, false, 7 },
	{ "+1", false, false, 0 },
	{ "-1", false, false, 0 },
	{ " 1", false, false, 0 },
	{ "1 ", false, false, 0 },
	{ "1.0", false, false, 0 },
	{ "0x1", false, false, 0 },
	{ "\xD9\xA1", false, false, 0 },
	{ "9223372036854775807", true, true, INT64_MAX },
	{ "9223372036854775808", true, false, (uint64_t)INT64_MAX + 1 },
	{ "18446744073709551615", true, false, UINT64_MAX },
	{ "18446744073709551616", false, false, 0 },
	{ "99999999999999999999", false, false, 0 },
	{ "000000000000000000000000001", true, false, 1 },
};

Test(str, reads_numbers_and_ids)
{
	for (size_t i = 0; i < N_ELEMENTS(number_cases); i++) {
		const char *text = number_cases[i].text;
		uint64_t number = 0;
		int64_t id = 0;

		cr_expect_eq(str_to_u64(str_of(text), &number),
		    number_cases[i].is_number, "\"%s\"", text);
		cr_expect_eq(number, number_cases[i].value, "\"%s\"", text);
		cr_expect_eq(str_to_id(str_of(text), &id),
		    number_cases[i].is_id, "\"%s\" as id", text);
		cr_expect_eq((uint64_t)id,
		    number_cases[i].is_id ? number_cases[i].value : 0,
		    "\"%s\" as id", text);
	}
}

Test(str, digits_are_ascii_and_at_least_one)
{
	cr_expect(str_is_digits(STR("0129")));
	cr_expect_not(str_is_digits(STR("")));
	cr_expect_not(str_is_digits((struct str){ NULL, 0 }));
	cr_expect_not(str_is_digits(STR("1a")));
	cr_expect_not(str_is_digits(STR("1\0")));
}

static const struct {
	const char *name;
	struct str text;
	size_t prefix, length;
} utf8_cases[] = {
	{ "empty", BYTES(""), 0, 0 },
	{ "ASCII", BYTES("abc"), 3, 3 },
	{ "NUL", BYTES("a\0b"), 3, 3 },
	{ "two bytes", BYTES("\xC3\xA9"), 2, 1 },
	{ "three bytes", BYTES("\xE6\x97\xA5"), 3, 1 },
	{ "four bytes", BYTES("\xF0\x9F\x98\x80"), 4, 1 },
	{ "first of two", BYTES("\xC2\x80"), 2, 1 },
	{ "last of two", BYTES("\xDF\xBF"), 2, 1 },
	{ "first of three", BYTES("\xE0\xA0\x80"), 3, 1 },
	{ "before the surrogates", BYTES("\xED\x9F\xBF"), 3, 1 },
	{ "behind the surrogates", BYTES("\xEE\x80\x80"), 3, 1 },
	{ "first of four", BYTES("\xF0\x90\x80\x80"), 4, 1 },
	{ "last of all", BYTES("\xF4\x8F\xBF\xBF"), 4, 1 },
	{ "overlong two", BYTES("x\xC0\xAF"), 1, 0 },
	{ "overlong two, high", BYTES("x\xC1\xBF"), 1, 0 },
	{ "overlong three", BYTES("x\xE0\x9F\xBF"), 1, 0 },
	{ "overlong four", BYTES("x\xF0\x8F\xBF\xBF"), 1, 0 },
	{ "surrogate", BYTES("x\xED\xA0\x80"), 1, 0 },
	{ "past U+10FFFF", BYTES("x\xF4\x90\x80\x80"), 1, 0 },
	{ "F5", BYTES("x\xF5\x80\x80\x80"), 1, 0 },
	{ "FF", BYTES("\xFF"), 0, 0 },
	{ "continuation alone", BYTES("x\x80"), 1, 0 },
	{ "cut after one of two", BYTES("x\xC3"), 1, 0 },
	{ "cut after two of three", BYTES("x\xE6\x97"), 1, 0 },
	{ "cut after three of four", BYTES("x\xF0\x9F\x98"), 1, 0 },
	{ "third is no continuation", BYTES("\xE6\x97z"), 0, 0 },
	{ "fourth is no continuation", BYTES("\xF0\x9F\x98z"), 0, 0 },
	{ "good behind bad", BYTES("a\xFF\xC3\xA9"), 1, 0 },
};

Test(str, knows_well_formed_utf8)
{
	for (size_t i = 0; i < N_ELEMENTS(utf8_cases); i++) {
		struct str text = utf8_cases[i].text;
		bool good = utf8_cases[i].prefix == text.len;

		cr_expect_eq(str_utf8_prefix(text), utf8_cases[i].prefix, "%s",
		    utf8_cases[i].name);
		cr_expect_eq(str_is_utf8(text), good, "%s", utf8_cases[i].name);
		if (good)
			cr_expect_eq(str_utf8_length(text),
			    utf8_cases[i].length, "%s", utf8_cases[i].name);
	}
}
