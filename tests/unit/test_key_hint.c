/*
 * src/api/key_hint.c
 */
#include <config.h>

#include "api/key_hint.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

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

Test(key_hint, keeps_no_company_that_its_place_cannot_hold)
{
	struct str key = STR("0123456789abcdef");

	key_hint_keep(&hints, key, INT64_C(1) << 47);
	cr_expect_eq(key_hint_company(&hints, key), INT64_C(1) << 47);
	key_hint_keep(&hints, key, INT64_C(1) << 48);
	cr_expect_eq(key_hint_company(&hints, key), INT64_C(1) << 47);
	key_hint_keep(&hints, key, -5);
	cr_expect_eq(key_hint_company(&hints, key), INT64_C(1) << 47);
}

/* As many as a large installation has: most of them keep their places. */
Test(key_hint, knows_ten_thousand_keys)
{
	struct key_hints *many = key_hints_new();
	unsigned known = 0;
	char text[17];

	for (int round = 0; round < 2; round++)
		for (uint64_t i = 1; i <= 10000; i++) {
			snprintf(text, sizeof(text), "%016llx",
			    (unsigned long long)(i * 0x9e3779b97f4a7c15));
			if (round == 0)
				key_hint_keep(many, str_of(text), (int64_t)i);
			else
				known += key_hint_company(many, str_of(text)) ==
					 (int64_t)i;
		}
	cr_expect_gt(known, 8000);
	key_hints_free(many);
}

Test(key_hint, what_one_process_learns_others_know)
{
	struct key_hints *shared = key_hints_new();
	struct str key = STR("0123456789abcdef0123");
	pid_t pid = fork();

	if (pid == 0) {
		key_hint_keep(shared, key, 7);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	cr_expect_eq(key_hint_company(shared, key), 7);
	key_hints_free(shared);
}

Test(key_hint, without_memory_nobody_is_known)
{
	key_hint_keep(NULL, STR("0123456789abcdef0123"), 7);
	cr_expect_eq(key_hint_company(NULL, STR("0123456789abcdef0123")), 0);
	key_hints_free(NULL);
}
