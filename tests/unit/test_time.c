/*
 * src/base/time.c
 */
#include <config.h>

#include "base/time.h"

#include <criterion/criterion.h>
#include <limits.h>

#define MINUTE UINT64_C(60000000)

Test(time, what_is_left_ends_at_zero)
{
	uint64_t now = time_monotonic();
	static const uint64_t ago[] = { 0, 1, 1000, MINUTE };

	for (size_t i = 0; i < sizeof(ago) / sizeof(ago[0]); i++) {
		uint64_t moment = now > ago[i] ? now - ago[i] : 0;

		cr_expect_eq(time_left(moment), 0);
		cr_expect_eq(time_left_ms(moment), 0);
	}
	cr_expect_eq(time_left(0), 0);
	cr_expect_eq(time_left_ms(0), 0);
}

Test(time, what_is_left_is_no_more_than_was_given)
{
	uint64_t until = time_monotonic() + MINUTE;

	cr_expect_leq(time_left(until), MINUTE);
	cr_expect_gt(time_left(until), MINUTE / 2);
	cr_expect_leq(time_left_ms(until), 60000);
	cr_expect_gt(time_left_ms(until), 30000);
}

/* poll() would turn at once otherwise, again and again. */
Test(time, part_of_a_millisecond_is_a_whole_one)
{
	static const uint64_t us[] = { 1, 999 };

	for (size_t i = 0; i < sizeof(us) / sizeof(us[0]); i++) {
		uint64_t until = time_monotonic() + us[i];
		int left = time_left_ms(until);

		cr_expect(left == 1 || time_monotonic() >= until);
	}
}

Test(time, wait_without_end_fits_into_an_int)
{
	cr_expect_eq(time_left_ms(UINT64_MAX), INT_MAX);
	cr_expect_eq(
	    time_left_ms(time_monotonic() + (uint64_t)INT_MAX * 2000), INT_MAX);
}

Test(time, clocks_go_forward)
{
	uint64_t first = time_monotonic(), second = time_monotonic();

	cr_expect_leq(first, second);
	cr_expect_gt(time_real(), UINT64_C(1700000000) * 1000000);
}
