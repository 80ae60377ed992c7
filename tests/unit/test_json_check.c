/*
 * src/engine/json_check.c
 */
#include <config.h>

#include "engine/json_check.h"

#include <criterion/criterion.h>
#include <string.h>

#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const char *const good[] = {
	"{}",
	" \t\r\n{ } \n",
	"{\"a\":1}",
	"{\"a\" : [ ] , \"b\" : { } }",
	"{\"a\":[1,-1,0,-0,1.5,1e3,1E-3,0.0,1.0e+10]}",
	"{\"a\":[true,false,null]}",
	"{\"a\":1,\"a\":2}",
	"{\"\":\"\"}",
	"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"}",
	"{\"a\":\"\xC3\xA9\xF0\x9F\x98\x80\x7F\"}",
	"{\"a\":123456789012345678901234567890}",
	"{\"a\":1e308}",
	"{\"a\":1e-400}",
};

Test(json_check, takes_objects)
{
	for (size_t i = 0; i < N_ELEMENTS(good); i++) {
		struct json_fault fault = { "", 0 };

		cr_expect(json_check_object(str_of(good[i]), &fault),
		    "%s: %s at %zu", good[i], fault.what, fault.offset);
	}
}

static const struct {
	struct str text;
	size_t offset;
} bad[] = {
	{ BYTES(""), 0 },
	{ BYTES("  "), 2 },
	{ BYTES("{"), 1 },
	{ BYTES("}"), 0 },
	{ BYTES("{]"), 1 },
	{ BYTES("{\"a\"}"), 4 },
	{ BYTES("{\"a\":}"), 5 },
	{ BYTES("{\"a\":1,}"), 7 },
	{ BYTES("{,}"), 1 },
	{ BYTES("{\"a\":1 \"b\":2}"), 7 },
	{ BYTES("{\"a\":[1,]}"), 8 },
	{ BYTES("{\"a\":[1 2]}"), 8 },
	{ BYTES("{\"a\":[1}"), 7 },
	{ BYTES("{a:1}"), 1 },
	{ BYTES("{'a':1}"), 1 },
	{ BYTES("{1:1}"), 1 },
	{ BYTES("{\"a\":tru}"), 5 },
	{ BYTES("{\"a\":True}"), 5 },
	{ BYTES("{\"a\":truex}"), 9 },
	{ BYTES("{\"a\":NaN}"), 5 },
	{ BYTES("{\"a\":Infinity}"), 5 },
	{ BYTES("{\"a\":undefined}"), 5 },
	{ BYTES("{\"a\":01}"), 6 },
	{ BYTES("{\"a\":-}"), 6 },
	{ BYTES("{\"a\":+1}"), 5 },
	{ BYTES("{\"a\":.5}"), 5 },
	{ BYTES("{\"a\":1.}"), 7 },
	{ BYTES("{\"a\":1e}"), 7 },
	{ BYTES("{\"a\":0x1}"), 6 },
	{ BYTES("{\"a\":1e400}"), 5 },
	{ BYTES("{\"a\":-1e400}"), 5 },
	{ BYTES("{\"a\":\"x}"), 8 },
	{ BYTES("{\"a\":\"\n\"}"), 6 },
	{ BYTES("{\"a\":\"\t\"}"), 6 },
	{ BYTES("{\"a\":\"\0\"}"), 6 },
	{ BYTES("{\"a\":\"\\u0000\"}"), 12 },
	{ BYTES("{\"a\\u0000b\":1}"), 9 },
	{ BYTES("{\"a\":\"\\x\"}"), 7 },
	{ BYTES("{\"a\":\"\\\0\"}"), 7 },
	{ BYTES("{\"a\":\"\\u12\"}"), 10 },
	{ BYTES("{\"a\":\"\\u12G4\"}"), 10 },
	{ BYTES("{\"a\":\"\\uD83D\"}"), 12 },
	{ BYTES("{\"a\":\"\\uD83Dx\"}"), 12 },
	{ BYTES("{\"a\":\"\\uD83D\\n\"}"), 12 },
	{ BYTES("{\"a\":\"\\uD83D\\uD83D\"}"), 18 },
	{ BYTES("{\"a\":\"\\uDE00\"}"), 12 },
	{ BYTES("{\"a\":\"\\"), 7 },
	{ BYTES("{\"a\":\"\\u"), 8 },
	{ BYTES("{\"a\":\"\xFF\"}"), 6 },
	{ BYTES("{\"a\":\"\xC3\"}"), 6 },
	{ BYTES("{\"a\":\"\xED\xA0\x80\"}"), 6 },
	{ BYTES("\xEF\xBB\xBF{}"), 0 },
	{ BYTES("{}{}"), 2 },
	{ BYTES("{} x"), 3 },
	{ BYTES("{}\0"), 2 },
	{ BYTES("{}//"), 2 },
	{ BYTES("/**/{}"), 0 },
	{ BYTES("[]"), 0 },
	{ BYTES(" [{}]"), 1 },
	{ BYTES("null"), 0 },
	{ BYTES("5"), 0 },
	{ BYTES("\"{}\""), 0 },
};

Test(json_check, refuses_the_rest_and_names_the_byte)
{
	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		struct json_fault fault = { NULL, 999 };

		cr_expect_not(json_check_object(bad[i].text, &fault), "%.*s",
		    STR_FMT(bad[i].text));
		cr_expect_not_null(fault.what, "%.*s", STR_FMT(bad[i].text));
		cr_expect_eq(fault.offset, bad[i].offset, "%.*s: %zu",
		    STR_FMT(bad[i].text), fault.offset);
	}
}

/* What others may write, and still may not. */
static const struct {
	struct str text;
	bool is_taken;
} foreign[] = {
	{ BYTES("{\"a\":1}"), true },
	{ BYTES("[\"\\u0000\"]"), true },
	{ BYTES("[\"\\uD83D\"]"), true },
	{ BYTES("[\"\\uDE00x\"]"), true },
	{ BYTES("[\"\\uD83D\\n\"]"), true },
	{ BYTES("[\"a\tb\n\x01\"]"), true },
	{ BYTES("[\"a\0b\"]"), false },
	{ BYTES("[\"\\u00\"]"), false },
	{ BYTES("[\"\\x\"]"), false },
	{ BYTES("[\"\xED\xA0\x80\"]"), false },
	{ BYTES("[1,]"), false },
	{ BYTES("['a']"), false },
	{ BYTES("[1]/**/"), false },
	{ BYTES("[True]"), false },
	{ BYTES("[1]\0"), false },
	{ BYTES(""), false },
};

Test(json_check, takes_more_of_others)
{
	for (size_t i = 0; i < N_ELEMENTS(foreign); i++) {
		struct json_fault fault;

		cr_expect_eq(json_check_foreign(foreign[i].text, &fault),
		    foreign[i].is_taken, "%.*s", STR_FMT(foreign[i].text));
	}
}

Test(json_check, no_text_is_no_value)
{
	struct json_fault fault;

	cr_expect_not(json_check((struct str){ NULL, 0 }, &fault));
}

Test(json_check, other_values_are_values)
{
	static const char *const values[] = { "[]", "null", "5", "\"x\"",
		" true " };
	struct json_fault fault;

	for (size_t i = 0; i < N_ELEMENTS(values); i++)
		cr_expect(
		    json_check(str_of(values[i]), &fault), "%s", values[i]);
}

/* {"a":[[[...]]]} with that many brackets in all. */
static struct str
nested(char *text, size_t depth)
{
	size_t n = 0;

	memcpy(text, "{\"a\":", 5);
	n += 5;
	for (size_t i = 1; i < depth; i++)
		text[n++] = '[';
	if (depth == 1)
		text[n++] = '1';
	for (size_t i = 1; i < depth; i++)
		text[n++] = ']';
	text[n++] = '}';
	return (struct str){ text, n };
}

Test(json_check, depth_ends_at_the_limit)
{
	static char text[1 << 20];
	struct json_fault fault;

	cr_expect(json_check(nested(text, 1), &fault));
	cr_expect(json_check(nested(text, JSON_DEPTH_MAX), &fault));
	cr_expect_not(json_check(nested(text, JSON_DEPTH_MAX + 1), &fault));
	cr_expect_not(json_check(nested(text, 500000), &fault));
}

Test(json_check, depth_counts_what_is_open_only)
{
	static char text[100000];
	struct json_fault fault;
	size_t n = 0;

	text[n++] = '[';
	for (int i = 0; i < 1000; i++) {
		memcpy(text + n, "[{}],", 5);
		n += 5;
	}
	text[n++] = '1';
	text[n++] = ']';
	cr_expect(json_check((struct str){ text, n }, &fault));
}

Test(json_check, overlong_numbers_are_out_of_range)
{
	static char text[2000];
	struct json_fault fault;

	memset(text, '1', sizeof(text));
	cr_expect(json_check((struct str){ text, 300 }, &fault));
	cr_expect_not(json_check((struct str){ text, 310 }, &fault));
	cr_expect_not(json_check((struct str){ text, 2000 }, &fault));
	cr_expect_eq(fault.offset, 0);
}
