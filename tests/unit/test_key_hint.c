/*
 * src/api/key_hint.c
 */
#include <config.h>

#include "api/key_hint.h"

#include <criterion/criterion.h>

static struct key_hints hints;

Test(key_hint, knows_what_it_was_told_last)
{
	struct str key = STR("00112233445566778899aabbccddeeff");

	cr_expect_eq(key_hint_company(&hints, key), 0);
	key_hint_keep(&hints, key, 7);
	cr_expect_eq(key_hint_company(&hints, key), 7);
	key_hint_keep(&hints, key, 8);
	cr_expect_eq(key_hint_company(&hints, key), 8);
}

/* The same place: the lower bits of the first 64 are the same. */
Test(key_hint, two_keys_of_one_place_do_not_mix)
{
	struct str a = STR("aaaaaaaaaaaa5123"), b = STR("bbbbbbbbbbbb5123");

	key_hint_keep(&hints, a, 1);
	cr_expect_eq(key_hint_company(&hints, b), 0);
	key_hint_keep(&hints, b, 2);
	cr_expect_eq(key_hint_company(&hints, a), 0);
	cr_expect_eq(key_hint_company(&hints, b), 2);
}

Test(key_hint, zeroed_it_knows_nobody)
{
	cr_expect_eq(key_hint_company(&hints, STR("0000000000000000ff")), 0);
}
