/*
 * src/base/json.c
 */
#include <config.h>

#include "base/json.h"

#include <criterion/criterion.h>
#include <string.h>

Test(json, sets_commas_by_itself)
{
	struct buf b;

	buf_init(&b, 1000);
	json_object_open(&b);
	json_key(&b, "a");
	json_int(&b, 1);
	json_key(&b, "b");
	json_array_open(&b);
	json_null(&b);
	json_bool(&b, true);
	json_bool(&b, false);
	json_object_open(&b);
	json_object_close(&b);
	json_array_open(&b);
	json_array_close(&b);
	json_array_close(&b);
	json_key_str(&b, STR("c\""));
	json_raw(&b, STR("{\"x\":[]}"));
	json_key(&b, "d");
	json_string(&b, STR("t"));
	json_key(&b, "e");
	json_object_open(&b);
	json_object_close(&b);
	json_object_close(&b);
	cr_expect(str_equal_text(buf_str(&b),
		      "{\"a\":1,\"b\":[null,true,false,{},[]],"
		      "\"c\\\"\":{\"x\":[]},\"d\":\"t\",\"e\":{}}"),
	    "%.*s", STR_FMT(buf_str(&b)));
	buf_done(&b);
}

/* The byte before a value may be the last of a string: no separator then. */
Test(json, strings_that_end_like_a_container_are_no_trap)
{
	static const char *const texts[] = { "{", "[", ":", "a:", "\\", "\"" };

	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		struct buf b;

		buf_init(&b, 100);
		json_array_open(&b);
		json_string(&b, str_of(texts[i]));
		json_int(&b, 1);
		json_array_close(&b);
		cr_expect(str_ends_with(buf_str(&b), STR("\",1]")), "%.*s",
		    STR_FMT(buf_str(&b)));
		buf_done(&b);
	}
}

#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	const char *name;
	struct str text;
	const char *json;
} string_cases[] = {
	{ "no text", { NULL, 0 }, "\"\"" },
	{ "empty", BYTES(""), "\"\"" },
	{ "plain", BYTES("abc /'<>&"), "\"abc /'<>&\"" },
	{ "quotes", BYTES("\"\\\""), "\"\\\"\\\\\\\"\"" },
	{ "short escapes", BYTES("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
	{ "control bytes", BYTES("\0\x01\x0B\x1F"),
	    "\"\\u0000\\u0001\\u000b\\u001f\"" },
	{ "delete", BYTES("\x7F"), "\"\x7F\"" },
	{ "UTF-8", BYTES("\xC3\xA9\xF0\x9F\x98\x80"),
	    "\"\xC3\xA9\xF0\x9F\x98\x80\"" },
	{ "line separator", BYTES("\xE2\x80\xA8"), "\"\xE2\x80\xA8\"" },
	{ "one bad byte", BYTES("a\xFFz"), "\"a\xEF\xBF\xBDz\"" },
	{ "bad bytes and escapes", BYTES("\xC3\"\x80\n"),
	    "\"\xEF\xBF\xBD\\\"\xEF\xBF\xBD\\n\"" },
	{ "cut sequence", BYTES("a\xE6\x97"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"" },
	{ "surrogate", BYTES("\xED\xA0\x80"),
	    "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
};

Test(json, strings_are_valid_text_whatever_the_bytes)
{
	for (size_t i = 0; i < N_ELEMENTS(string_cases); i++) {
		struct buf b;

		buf_init(&b, 1000);
		json_string(&b, string_cases[i].text);
		cr_expect(str_equal_text(buf_str(&b), string_cases[i].json),
		    "%s: %.*s", string_cases[i].name, STR_FMT(buf_str(&b)));
		buf_done(&b);
	}
}

/* Every byte at every place of a text, against the rule for one byte. */
Test(json, an_escape_is_seen_at_any_place)
{
	for (size_t len = 1; len <= 20; len++)
		for (unsigned c = 0; c < 0x80 * len; c++) {
			char text[] = "abcdefghij0123456789";
			char byte = (char)(c % 0x80);
			bool plain =
			    byte >= 0x20 && byte != '"' && byte != '\\';
			struct buf b;

			text[c / 0x80] = byte;
			buf_init(&b, 100);
			json_string(&b, (struct str){ text, len });
			cr_assert_eq(b.len == len + 2, plain, "%u", c);
			if (plain)
				cr_assert_eq(
				    memcmp(b.ptr + 1, text, len), 0, "%u", c);
			else
				cr_assert_eq(b.ptr[1 + c / 0x80], '\\');
			buf_done(&b);
		}
}

Test(json, a_bad_byte_is_repaired_at_any_place)
{
	for (size_t at = 0; at < 20; at++) {
		char text[] = "abcdefghij0123456789";
		struct buf b;

		text[at] = '\xFF';
		buf_init(&b, 100);
		json_string(&b, str_of(text));
		cr_expect_eq(b.len, 2 + 19 + 3);
		cr_expect_eq(memcmp(b.ptr + 1 + at, "\xEF\xBF\xBD", 3), 0);
		buf_done(&b);
	}
}

Test(json, a_value_is_repeated)
{
	struct buf b;

	buf_init(&b, 100);
	json_array_open(&b);
	json_int(&b, 12);
	json_repeat(&b, 1, 2);
	json_array_close(&b);
	cr_expect(str_equal_text(buf_str(&b), "[12,12]"));
	buf_done(&b);
}

Test(json, overflow_is_left_to_the_buffer)
{
	struct buf b;

	buf_init(&b, 5);
	json_array_open(&b);
	json_string(&b, STR("\n\n\n"));
	json_int(&b, 1);
	json_array_close(&b);
	cr_expect(b.overflow);
	cr_expect_leq(b.len, 5);
	buf_done(&b);
}
