/*
 * src/guess.c
 */
#include <config.h>

#include "guess.h"

#include <criterion/criterion.h>

static struct guesses guesses;

Test(guess, knows_what_it_was_told_last)
{
	struct str key = STR("00112233445566778899aabbccddeeff");

	cr_expect_eq(guess_company(&guesses, key), 0);
	guess_keep(&guesses, key, 7);
	cr_expect_eq(guess_company(&guesses, key), 7);
	guess_keep(&guesses, key, 8);
	cr_expect_eq(guess_company(&guesses, key), 8);
}

/* The same place: the lower bits of the first 64 are the same. */
Test(guess, two_keys_of_one_place_do_not_mix)
{
	struct str a = STR("aaaaaaaaaaaa5123"), b = STR("bbbbbbbbbbbb5123");

	guess_keep(&guesses, a, 1);
	cr_expect_eq(guess_company(&guesses, b), 0);
	guess_keep(&guesses, b, 2);
	cr_expect_eq(guess_company(&guesses, a), 0);
	cr_expect_eq(guess_company(&guesses, b), 2);
}

Test(guess, zeroed_it_knows_nobody)
{
	cr_expect_eq(guess_company(&guesses, STR("0000000000000000ff")), 0);
}
