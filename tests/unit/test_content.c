/*
 * What stands in answers: src/probe/content.c, charset.c, media.c,
 * multipart.c, transfer.c
 */
#include <config.h>

#include <criterion/criterion.h>

#include "probe/charset.h"
#include "probe/content.h"
#include "probe/media.h"
#include "probe/multipart.h"
#include "probe/transfer.h"

static const struct {
	const char *field, *name, *value;
} parameters[] = {
	{ "text/xml; charset=utf-8", "charset", "utf-8" },
	{ "text/xml;CHARSET=utf-8;a=b", "charset", "utf-8" },
	{ "text/xml; charset=\"utf-8\"", "charset", "utf-8" },
	{ "text/xml ; ;; charset = utf-8 ; a", "charset", "utf-8" },
	{ "text/xml; a=\"; charset=x\"; charset=y", "charset", "y" },
	{ "text/xml; a=\"\\\"; charset=x\"; charset=y", "charset", "y" },
	{ "text/xml; charset=\"a\\\"b\"", "charset", "a\"b" },
	{ "text/xml; charset=a; charset=b", "charset", "a" },
	{ "m/r;\r\n start=\"<a;b>\";\r\n\tcharset=x", "start", "<a;b>" },
	{ "m/r;\r\n start=\"<a;b>\";\r\n\tcharset=x", "charset", "x" },
	{ "text/xml; charset=", "charset", "" },
	{ "text/xml; charset=\"", "charset", "" },
	{ "text/xml; charset=\"\\", "charset", "\\" },
	{ "text/xml; xcharset=a", "charset", "" },
	{ "charset=utf-8", "charset", "" },
	{ "text/xml", "charset", "" },
	{ "", "charset", "" },
};

Test(media, finds_parameters)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(parameters); i++) {
		struct str value = media_parameter(
		    arena, str_of(parameters[i].field), parameters[i].name);

		cr_expect(str_equal_text(value, parameters[i].value),
		    "%s: %.*s", parameters[i].field, STR_FMT(value));
	}
	cr_expect(media_is(STR("Text/XML ; a=b"), "text/xml"));
	cr_expect(!media_is(STR("text/xmlx"), "text/xml"));
	cr_expect(!media_is(STR(""), "text/xml"));
	arena_free(arena);
}

#define TEXT(literal) STR_CONST(literal)

static const struct {
	const char *name;
	struct str bytes;
	enum charset_result result;
	const char *text;
} charsets[] = {
	{ "windows-1252", TEXT("\x80\x93"), CHARSET_OK, "\u20ac\u201c" },
	{ "Windows_1252", TEXT("\xe9"), CHARSET_OK, "\u00e9" },
	{ "ISO-8859-15", TEXT("\xa4"), CHARSET_OK, "\u20ac" },
	{ "latin1", TEXT("\xa4"), CHARSET_OK, "\u00a4" },
	{ "UTF-16", TEXT("\0a\x20\xac"), CHARSET_OK, "a\u20ac" },
	{ "utf-16", TEXT("a\0\xac\x20"), CHARSET_OK, "a\u20ac" },
	{ "utf-16le", TEXT("\xac\x20"), CHARSET_OK, "\u20ac" },
	{ "utf-32", TEXT("a\0\0\0"), CHARSET_OK, "a" },
	{ "utf-32", TEXT("\0\0\0a"), CHARSET_OK, "a" },
	{ "utf-8", TEXT("\u20ac"), CHARSET_OK, "\u20ac" },
	{ "x-own", TEXT("\u20ac"), CHARSET_OK, "\u20ac" },
	{ "", TEXT("a"), CHARSET_OK, "a" },
	{ "us-ascii", TEXT(""), CHARSET_OK, "" },
	{ "us-ascii", TEXT("a\xe9"), CHARSET_WRONG, "a" },
	{ "utf-16le", TEXT("a\0b"), CHARSET_WRONG, "a" },
	{ "utf-16be", TEXT("\xd8\0\0a"), CHARSET_WRONG, "" },
	{ "windows-1252", TEXT("a\x81"), CHARSET_WRONG, "a" },
	{ "x-own", TEXT("\xe9"), CHARSET_UNKNOWN, NULL },
	{ "UTF-7", TEXT("\xe9"), CHARSET_UNKNOWN, NULL },
	{ "ISO-2022-CN-EXT", TEXT("\xe9"), CHARSET_UNKNOWN, NULL },
	{ "latin1//IGNORE", TEXT("\xe9"), CHARSET_UNKNOWN, NULL },
	{ "a-name-that-is-longer-than-any-of-them", TEXT("\xe9"),
	    CHARSET_UNKNOWN, NULL },
};

Test(charset, decodes_those_that_are_known)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(charsets); i++) {
		struct str text;

		cr_expect_eq(charset_decode(arena, charsets[i].bytes,
				 str_of(charsets[i].name), &text),
		    charsets[i].result, "%s", charsets[i].name);
		if (charsets[i].text != NULL)
			cr_expect(str_equal_text(text, charsets[i].text),
			    "%s: %.*s", charsets[i].name, STR_FMT(text));
	}
	arena_free(arena);
}

static const struct {
	const char *encoding, *bytes, *decoded; /* NULL: refused */
} transfers[] = {
	{ "", "a=20", "a=20" },
	{ "8BIT", "a", "a" },
	{ "base64", "YWJj", "abc" },
	{ "Base64", " YW\r\nI=\r\n", "ab" },
	{ "base64", "YQ==", "a" },
	{ "base64", "", "" },
	{ "base64", "YW!j", NULL },
	{ "quoted-printable", "a=3D=c3=A9", "a=\u00e9" },
	{ "quoted-printable", "a=\r\nb= \t\nc", "abc" },
	{ "quoted-printable", "a=", "a=" },
	{ "quoted-printable", "a=4", "a=4" },
	{ "quoted-printable", "a=XY", "a=XY" },
	{ "x-uuencode", "a", NULL },
};

Test(transfer, undoes_encodings)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(transfers); i++) {
		struct str out = STR("");
		bool good = transfer_decode(arena, str_of(transfers[i].bytes),
		    str_of(transfers[i].encoding), &out);

		cr_expect_eq(good, transfers[i].decoded != NULL, "%s",
		    transfers[i].bytes);
		if (good && transfers[i].decoded != NULL)
			cr_expect(str_equal_text(out, transfers[i].decoded),
			    "%s: %.*s", transfers[i].bytes, STR_FMT(out));
	}
	arena_free(arena);
}

#define FIRST  "--b\r\nContent-ID: <1>\r\n\r\none"
#define SECOND "\r\n--b \t\r\ncontent-id:\r\n 2\r\nContent-Type: t\r\n\r\ntwo"

static const struct {
	const char *body, *start, *root; /* NULL: there is none */
} related[] = {
	{ FIRST SECOND "\r\n--b--\r\n", "", "one" },
	{ FIRST SECOND "\r\n--b--\r\n", "<2>", "two" },
	{ FIRST SECOND "\r\n--b--\r\n", "1", "one" },
	{ FIRST SECOND, "2", "two" },
	{ "preamble --b\r\n" FIRST "\r\n--b--", "", "one" },
	{ "--b\n\none\n--bc\n--b--\n", "", "one\n--bc" },
	{ "--b\n\n\n--b--\n", "", "" },
	{ FIRST SECOND "\r\n--b--\r\n", "3", NULL },
	{ FIRST "\r\n--b--" SECOND, "2", NULL },
	{ "--b--\r\n" FIRST, "", NULL },
	{ "--b\r\nContent-ID: 1\r\n--b--", "", NULL },
	{ "--b", "", NULL },
	{ "", "", NULL },
};

Test(multipart, finds_the_root)
{
	struct arena *arena = arena_new(4096);

	for (size_t i = 0; i < N_ELEMENTS(related); i++) {
		struct part part = { 0 };
		bool found = multipart_root(arena, str_of(related[i].body),
		    STR("b"), str_of(related[i].start), &part);

		cr_expect_eq(
		    found, related[i].root != NULL, "%s", related[i].body);
		if (found && related[i].root != NULL)
			cr_expect(str_equal_text(part.bytes, related[i].root),
			    "%s: %.*s", related[i].body, STR_FMT(part.bytes));
	}
	cr_expect(!multipart_root(
	    arena, STR(FIRST), STR(""), STR(""), &(struct part){ 0 }));
	arena_free(arena);
}

Test(content, unpacks_as_much_as_it_may)
{
	/* "aaaaaaaaaa" */
	static const struct str packed =
	    STR_CONST("\x78\x9c\x4b\x4c\x84\x01\x00\x14\xe1\x03\xcb");
	struct arena *arena = arena_new(4096);
	struct str out;

	cr_expect_eq(content_unpack(arena, packed, STR("deflate"), 10, &out),
	    CONTENT_OK);
	cr_expect(str_equal_text(out, "aaaaaaaaaa"));
	cr_expect_eq(content_unpack(arena, packed, STR("deflate"), 4, &out),
	    CONTENT_TOO_LARGE);
	cr_expect(str_equal_text(out, "aaaa"));
	cr_expect_eq(content_unpack(arena, (struct str){ packed.ptr, 9 },
			 STR("deflate"), 10, &out),
	    CONTENT_CUT);
	cr_expect(str_equal_text(out, "aaaaaaaaaa"));
	cr_expect_eq(content_unpack(arena, packed, STR("gzip"), 10, &out),
	    CONTENT_BROKEN);
	cr_expect_eq(content_unpack(arena, packed, STR("br"), 10, &out),
	    CONTENT_CODING_UNKNOWN);
	cr_expect(str_equal(out, packed));
	arena_free(arena);
}
