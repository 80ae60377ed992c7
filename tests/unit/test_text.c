/*
 * src/base/text.c
 */
#include <config.h>

#include "base/text.h"

#include <criterion/criterion.h>

#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	const char *name;
	struct str text;
	const char *trimmed;
} cases[] = {
	{ "nothing to trim", BYTES("a b"), "a b" },
	{ "spaces", BYTES("  a  "), "a" },
	{ "ASCII white space", BYTES("\t\n\v\f\r a\r\f\v\n\t"), "a" },
	{ "NUL", BYTES("\0a\0"), "a" },
	{ "other control bytes stay",
	    BYTES("\x01"
		  "a\x1F\x7F"),
	    "\x01"
	    "a\x1F\x7F" },
	{ "blanks inside stay", BYTES(" a\t\xC2\xA0\xE2\x80\x8B b "),
	    "a\t\xC2\xA0\xE2\x80\x8B b" },
	{ "no-break space", BYTES("\xC2\xA0z\xC2\xA0"), "z" },
	{ "soft hyphen", BYTES("\xC2\xADz\xC2\xAD"), "z" },
	{ "combining grapheme joiner", BYTES("\xCD\x8Fz"), "z" },
	{ "Arabic letter mark", BYTES("z\xD8\x9C"), "z" },
	{ "Hangul fillers", BYTES("\xE1\x85\x9F\xE1\x85\xA0z\xE3\x85\xA4"),
	    "z" },
	{ "halfwidth filler", BYTES("\xEF\xBE\xA0z"), "z" },
	{ "Khmer vowels", BYTES("\xE1\x9E\xB4z\xE1\x9E\xB5"), "z" },
	{ "Mongolian separator", BYTES("\xE1\xA0\x8Ez"), "z" },
	{ "em space", BYTES("\xE2\x80\x83z\xE2\x80\x83"), "z" },
	{ "zero width space", BYTES("\xE2\x80\x8Bz"), "z" },
	{ "right-to-left mark", BYTES("z\xE2\x80\x8F"), "z" },
	{ "hyphen stays", BYTES("\xE2\x80\x90z"), "\xE2\x80\x90z" },
	{ "narrow no-break space", BYTES("\xE2\x80\xAFz"), "z" },
	{ "word joiner", BYTES("z\xE2\x81\xA0"), "z" },
	{ "U+2066 stays", BYTES("\xE2\x81\xA6z"), "\xE2\x81\xA6z" },
	{ "U+206A", BYTES("\xE2\x81\xAAz\xE2\x81\xAF"), "z" },
	{ "Braille blank", BYTES("\xE2\xA0\x80z"), "z" },
	{ "ideographic space", BYTES("\xE3\x80\x80z"), "z" },
	{ "byte order mark", BYTES("\xEF\xBB\xBFz"), "z" },
	{ "musical symbols",
	    BYTES("\xF0\x9D\x85\x99z\xF0\x9D\x85\xB3\xF0\x9D\x85\xBA"), "z" },
	{ "tag space", BYTES("\xF3\xA0\x80\xA0z"), "z" },
	{ "tag exclamation mark stays", BYTES("\xF3\xA0\x80\xA1z"),
	    "\xF3\xA0\x80\xA1z" },
	{ "letters stay", BYTES(" \xC3\xA9\xF0\x9F\x98\x80 "),
	    "\xC3\xA9\xF0\x9F\x98\x80" },
	{ "not UTF-8: ASCII only", BYTES(" \xC2\xA0\xFF \v\0"),
	    "\xC2\xA0\xFF" },
	{ "not UTF-8: form feed stays", BYTES("\f\xFF\f"), "\f\xFF\f" },
};

Test(text, trims_what_cannot_be_seen)
{
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct str trimmed = text_trim(cases[i].text);

		cr_expect(str_equal_text(trimmed, cases[i].trimmed),
		    "%s: \"%.*s\"", cases[i].name, STR_FMT(trimmed));
	}
}

Test(text, nothing_left_is_no_text)
{
	static const struct str blanks[] = {
		{ NULL, 0 },
		BYTES(""),
		BYTES(" "),
		BYTES(" \t\r\n\0"),
		BYTES("\xC2\xA0\xE2\x80\x83\xE3\x80\x80\xEF\xBB\xBF"),
	};

	for (size_t i = 0; i < N_ELEMENTS(blanks); i++) {
		struct str trimmed = text_trim(blanks[i]);

		cr_expect_null(trimmed.ptr, "%zu", i);
		cr_expect_eq(trimmed.len, 0, "%zu", i);
	}
}
