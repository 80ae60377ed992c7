/*
 * src/conn/fcgi_scan.c
 */
#include <config.h>

#include "conn/fcgi_scan.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/str.h"

/* Records as octal and hexadecimal escapes: version, type, id, length, padding,
 * reserved, content. */
#define BEGIN  "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0"
#define PARAMS "\1\4\0\1\0\5\0\0\1\2Axy"
#define NONE   "\1\4\0\1\0\0\0\0"
#define BODY   "\1\5\0\1\0\3\5\0abc     "
#define LAST   "\1\5\0\1\0\0\0\0"

static struct scan
scan(struct str text)
{
	unsigned char scratch[1024];
	unsigned char bytes[1024];

	cr_assert_leq(text.len, sizeof(bytes));
	memcpy(bytes, text.ptr, text.len);
	return scan_request(bytes, text.len, scratch);
}

Test(fcgi_scan, knows_how_far_a_request_is)
{
	struct str whole = STR(BEGIN PARAMS NONE BODY LAST);
	size_t head = sizeof(BEGIN PARAMS NONE) - 1;

	for (size_t len = 0; len <= whole.len; len++) {
		struct scan s = scan((struct str){ whole.ptr, len });
		enum scan_state expected = len < head        ? SCAN_MORE
					   : len < whole.len ? SCAN_HEAD
							     : SCAN_WHOLE;

		cr_expect_eq(s.state, expected, "%zu: %d", len, s.state);
		if (s.state != SCAN_WHOLE)
			cr_expect(s.need > len && s.need <= whole.len,
			    "%zu: need %zu", len, s.need);
	}
	cr_expect_eq(scan(whole).params, 5);
}

Test(fcgi_scan, hands_the_parameters_out)
{
	struct str text = STR(BEGIN PARAMS PARAMS NONE LAST);
	unsigned char scratch[100];
	struct scan s =
	    scan_request((const unsigned char *)text.ptr, text.len, scratch);

	cr_assert_eq(s.state, SCAN_WHOLE);
	cr_assert_eq(s.params, 10);
	cr_expect_eq(memcmp(scratch, "\1\2Axy\1\2Axy", 10), 0);
}

#define KEEP "\1\1\0\1\0\10\0\0\0\1\1\0\0\0\0\0"

Test(fcgi_scan, keeps_only_what_ends_with_its_request)
{
	cr_expect(scan(STR(KEEP PARAMS NONE BODY LAST)).keep);
	cr_expect_not(scan(STR(BEGIN PARAMS NONE BODY LAST)).keep);
	cr_expect_not(scan(STR(KEEP PARAMS NONE BODY)).keep, "not whole");
	cr_expect_not(
	    scan(STR(KEEP PARAMS NONE LAST "\1")).keep, "more behind");
	cr_expect_not(
	    scan(STR(KEEP PARAMS NONE "\1\5\0\1\0\0\2\0")).keep, "padded");
}

static const struct {
	const char *name;
	const char *bytes;
	size_t len;
} junk[] = {
#define JUNK(name, literal)                        \
	{                                          \
		name, literal, sizeof(literal) - 1 \
	}
	JUNK("text", "GET / HTTP/1.1"),
	JUNK("version", "\2\1\0\1\0\10\0\0"),
	JUNK("not a beginning", "\1\4\0\1\0\10\0\0"),
	JUNK("management", "\1\11\0\0\0\0\0\0"),
	JUNK("no request", "\1\1\0\0\0\10\0\0"),
	JUNK("short beginning", "\1\1\0\1\0\7\0\0"),
	JUNK("padded beginning", "\1\1\0\1\0\10\1\0"),
	JUNK("authorizer", "\1\1\0\1\0\10\0\0\0\2\0\0\0\0\0\0"),
	JUNK("second beginning", BEGIN BEGIN),
	JUNK("abort", BEGIN "\1\2\0\1\0\0\0\0"),
	JUNK("body at once", BEGIN BODY),
	JUNK("another's parameters", BEGIN "\1\4\0\2\0\0\0\0"),
	JUNK("padded end", BEGIN PARAMS "\1\4\0\1\0\0\1\0"),
	JUNK("parameters after the end", BEGIN NONE PARAMS),
	JUNK("another's body", BEGIN NONE "\1\5\0\2\0\0\0\0"),
	JUNK("abort in the body", BEGIN NONE BODY "\1\2\0\1\0\0\0\0"),
	JUNK("length alone", BEGIN "\1\4\0\1\0\1\0\0\1" NONE),
	JUNK("beyond the end", BEGIN "\1\4\0\1\0\5\0\0\1\3Axy" NONE),
	JUNK("too little", BEGIN "\1\4\0\1\0\5\0\0\1\1Axy" NONE),
	JUNK("nameless", BEGIN "\1\4\0\1\0\3\0\0\0\1A" NONE),
	JUNK("NUL", BEGIN "\1\4\0\1\0\5\0\0\1\2A\0y" NONE),
	JUNK("huge name",
	    BEGIN "\1\4\0\1\0\10\0\0\377\377\377\377\377\377\377\377" NONE),
	JUNK("cut length", BEGIN "\1\4\0\1\0\3\0\0\1\200\0" NONE),
};

Test(fcgi_scan, refuses_what_is_no_request)
{
	for (size_t i = 0; i < N_ELEMENTS(junk); i++)
		cr_expect_eq(
		    scan((struct str){ junk[i].bytes, junk[i].len }).state,
		    SCAN_JUNK, "%s", junk[i].name);
}

Test(fcgi_scan, reads_long_lengths)
{
	struct str text = STR(BEGIN "\1\4\0\1\0\13\0\0"
				    "\200\0\0\1\200\0\0\2Axy" NONE LAST);

	cr_expect_eq(scan(text).state, SCAN_WHOLE);
}
