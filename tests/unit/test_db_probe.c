/*
 * Greetings of databases that are tried out, whole and cut anywhere.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "db/probe_session.h"

/* Of MariaDB 10.11 and MySQL 8.4. */
static const struct str greetings[] = {
	STR_CONST("\x0a"
		  "5.5.5-10.11.19-MariaDB\0\1\0\0\0abcdefgh\0\xfe\xff\x2d\2\0"
		  "\xff\x81\x15\0\0\0\0\0\0\x1d\0\0\0ijklmnopqrst\0"
		  "mysql_native_password\0"),
	STR_CONST("\x0a"
		  "8.4.3\0\1\0\0\0abcdefgh\0\xff\xff\xff\2\0"
		  "\xff\xdf\x15\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0"
		  "caching_sha2_password\0"),
};

static const char *const methods[] = { "mysql_native_password",
	"caching_sha2_password" };

Test(greeting, is_read)
{
	struct greeting greeting;

	for (size_t i = 0; i < N_ELEMENTS(greetings); i++) {
		cr_assert(greeting_parse(greetings[i], &greeting));
		cr_expect_arr_eq(greeting.nonce, "abcdefghijklmnopqrst", 20);
		cr_expect_str_eq(greeting.method, methods[i]);
		cr_expect((greeting.capabilities & CLIENT_PLUGIN_AUTH) != 0);
		cr_expect((greeting.capabilities & CLIENT_SSL) != 0);
	}
}

/* Each beginning in memory of its own, so that a sanitizer sees a step over
 * its end. */
Test(greeting, may_end_anywhere)
{
	for (size_t i = 0; i < N_ELEMENTS(greetings); i++) {
		/* The name of the method may be shorter, or not be there. */
		size_t whole = greetings[i].len - strlen(methods[i]) - 1;

		for (size_t len = 1; len < greetings[i].len; len++) {
			struct greeting greeting;
			char *copy = malloc(len);

			memcpy(copy, greetings[i].ptr, len);
			cr_expect_eq(greeting_parse(
					 (struct str){ copy, len }, &greeting),
			    len >= whole, "%zu", len);
			free(copy);
		}
	}
}

Test(greeting, of_another_kind_is_none)
{
	struct greeting greeting;
	char copy[256];

	cr_expect(!greeting_parse(STR(""), &greeting));
	memcpy(copy, greetings[0].ptr, greetings[0].len);
	copy[0] = 9;
	cr_expect(
	    !greeting_parse((struct str){ copy, greetings[0].len }, &greeting));
	/* A name that is longer than any. */
	memcpy(copy, greetings[0].ptr, greetings[0].len);
	memset(copy + greetings[0].len - 1, 'x', 100);
	cr_expect(!greeting_parse(
	    (struct str){ copy, greetings[0].len + 99 }, &greeting));
}
