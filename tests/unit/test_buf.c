/*
 * src/base/buf.c
 */
#include <config.h>

#include "base/buf.h"

#include <criterion/criterion.h>
#include <string.h>

static void
expect_text(const struct buf *b, const char *text)
{
	cr_expect(
	    str_equal_text(buf_str(b), text), "\"%.*s\"", STR_FMT(buf_str(b)));
}

Test(buf, appends_in_order)
{
	struct buf b;

	buf_init(&b, 1000);
	expect_text(&b, "");
	buf_add(&b, "abc", 2);
	buf_add_char(&b, '-');
	buf_add_str(&b, STR("str"));
	buf_add_text(&b, "-text-");
	buf_add_int(&b, -7);
	buf_printf(&b, "-%s%d", "p", 1);
	expect_text(&b, "ab-str-text--7-p1");
	cr_expect_not(b.overflow);
	buf_done(&b);
}

Test(buf, appends_nothing_without_harm)
{
	struct buf b;

	buf_init(&b, 0);
	buf_add(&b, NULL, 0);
	buf_add_str(&b, (struct str){ NULL, 0 });
	buf_add_text(&b, "");
	buf_truncate(&b, 0);
	buf_reset(&b);
	cr_expect_not(b.overflow);
	buf_done(&b);
}

static const struct {
	int64_t value;
	const char *text;
} int_cases[] = {
	{ 0, "0" },
	{ 7, "7" },
	{ -1, "-1" },
	{ 1234567890, "1234567890" },
	{ INT64_MAX, "9223372036854775807" },
	{ INT64_MIN, "-9223372036854775808" },
};

Test(buf, writes_integers_to_the_limits)
{
	for (size_t i = 0; i < N_ELEMENTS(int_cases); i++) {
		struct buf b;

		buf_init(&b, 100);
		buf_add_int(&b, int_cases[i].value);
		expect_text(&b, int_cases[i].text);
		buf_done(&b);
	}
}

Test(buf, grows_and_keeps_what_it_has)
{
	struct buf b;

	buf_init(&b, 100000);
	for (int i = 0; i < 10000; i++)
		buf_add_char(&b, (char)('0' + i % 10));
	cr_assert_eq(b.len, 10000);
	for (size_t i = 0; i < b.len; i++)
		cr_assert_eq(b.ptr[i], '0' + (char)(i % 10));
	buf_done(&b);
}

Test(buf, holds_exactly_its_maximum)
{
	struct buf b;

	buf_init(&b, 3);
	buf_add_text(&b, "abc");
	expect_text(&b, "abc");
	cr_expect_not(b.overflow);
	buf_done(&b);
}

Test(buf, prints_exactly_to_its_maximum)
{
	struct buf b;

	buf_init(&b, 3);
	buf_printf(&b, "%s", "abc");
	expect_text(&b, "abc");
	cr_expect_not(b.overflow);
	buf_printf(&b, "%s", "");
	cr_expect_not(b.overflow);
	buf_printf(&b, "%d", 1);
	cr_expect(b.overflow);
	buf_done(&b);
}

Test(buf, drops_what_passes_the_maximum)
{
	struct buf b;

	buf_init(&b, 4);
	buf_add_text(&b, "abc");
	buf_add_text(&b, "de");
	cr_expect(b.overflow);
	expect_text(&b, "abc");
	buf_add_char(&b, 'd');
	expect_text(&b, "abc");
	buf_reset(&b);
	cr_expect_not(b.overflow);
	buf_add_text(&b, "abcd");
	expect_text(&b, "abcd");
	buf_done(&b);
}

Test(buf, extends_within_its_maximum)
{
	struct buf b;
	char *p;

	buf_init(&b, 5000);
	cr_expect_not_null(buf_extend(&b, 0));
	p = buf_extend(&b, 4999);
	cr_assert_not_null(p);
	memset(p, 'x', 4999);
	cr_expect_eq(b.len, 4999);
	cr_expect_null(buf_extend(&b, 2));
	cr_expect(b.overflow);
	cr_expect_null(buf_extend(&b, 1));
	cr_expect_eq(b.len, 4999);
	buf_done(&b);
}

/* Also when it moves to make room. */
Test(buf, repeats_its_own_bytes)
{
	struct buf b;

	buf_init(&b, 100000);
	buf_add_text(&b, "-abc");
	buf_repeat(&b, 1, 3);
	buf_repeat(&b, 0, 0);
	expect_text(&b, "-abcabc");
	while (b.len < 50000)
		buf_repeat(&b, 1, b.len - 1);
	for (size_t i = 1; i < b.len; i++)
		cr_assert_eq(b.ptr[i], "abc"[(i - 1) % 3]);
	buf_repeat(&b, 0, b.len);
	cr_expect(b.overflow);
	buf_done(&b);
}

Test(buf, a_huge_append_does_not_wrap_around)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	buf_add_char(&b, 'x');
	buf_add(&b, "", SIZE_MAX);
	cr_expect(b.overflow);
	cr_expect_eq(b.len, 1);
	buf_done(&b);
}

Test(buf, cuts_back_and_wipes)
{
	struct buf b;

	buf_init(&b, 100);
	buf_add_text(&b, "abcdef");
	buf_truncate(&b, 99);
	expect_text(&b, "abcdef");
	buf_truncate(&b, 2);
	expect_text(&b, "ab");
	cr_expect_eq(memcmp(b.ptr, "ab\0\0\0\0", 6), 0);
	buf_reset(&b);
	cr_expect_eq(memcmp(b.ptr, "\0\0", 2), 0);
	buf_done(&b);
	cr_expect_null(b.ptr);
}
