/*
 * src/secret/ssh_key*.c: reading keys that were cut or altered anywhere. What
 * keys there are is tested with real ones by tests/system/.
 */
#include <config.h>

#include "secret/ssh_key.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----\n"
#define END   "-----END OPENSSH PRIVATE KEY-----\n"

/* Made for this test; nobody lets it in. */
static const char key[] = BEGIN
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
    "QyNTUxOQAAACB1vwxYUK7ozyDFEbJDBCS0BmuDr6XJxtJVjReOnYkTpAAAAIjfCRYr3wkW\n"
    "KwAAAAtzc2gtZWQyNTUxOQAAACB1vwxYUK7ozyDFEbJDBCS0BmuDr6XJxtJVjReOnYkTpA\n"
    "AAAECu3ZFvr2PZT1ghzHDkwKcsO3tLMaejDvBGDXDZ0xXsg3W/DFhQrujPIMURskMEJLQG\n"
    "a4OvpcnG0lWNF46diROkAAAAAXQBAgME\n" END;

static enum ssh_key_fault
read_key(struct arena *arena, struct str text, struct ssh_key *ret)
{
	/* Exactly so long, so that a sanitizer sees a byte too many. */
	char *copy = malloc(text.len + 1);
	enum ssh_key_fault fault;

	memcpy(copy, text.ptr, text.len);
	fault = ssh_key_read(
	    arena, (struct str){ copy, text.len }, STR("word"), ret);
	free(copy);
	return fault;
}

Test(ssh_key, reads_the_form_of_openssh)
{
	struct arena *arena = arena_new(4096);
	struct ssh_key ret;

	cr_assert_eq(read_key(arena, str_of(key), &ret), SSH_KEY_GOOD);
	cr_expect_eq(ret.kind, SSH_KEY_ED25519);
	cr_expect_not(ret.is_sealed);
	cr_expect(str_equal(ret.text, str_of(key)));
	arena_free(arena);
}

Test(ssh_key, is_cut_anywhere)
{
	struct arena *arena = arena_new(4096);
	size_t end = sizeof(key) - sizeof(END);
	struct ssh_key ret;

	for (size_t i = 0; i < end; i++) {
		enum ssh_key_fault fault =
		    read_key(arena, (struct str){ key, i }, &ret);

		cr_expect(fault == SSH_KEY_NOT_ONE || fault == SSH_KEY_CUT ||
			      fault == SSH_KEY_ONE_LINE,
		    "%zu: %d", i, (int)fault);
		arena_reset(arena);
	}
	arena_free(arena);
}

/* The text of the key with its data cut to n digits of base64. */
static struct str
shortened(struct arena *arena, size_t n)
{
	return arena_printf(
	    arena, "%.*s\n%s", (int)(sizeof(BEGIN) - 1 + n), key, END);
}

Test(ssh_key, has_data_of_any_length)
{
	struct arena *arena = arena_new(4096);
	size_t end = sizeof(key) - sizeof(BEGIN) - sizeof(END);
	struct ssh_key ret;

	for (size_t n = 0; n + 2 < end; n++) {
		cr_expect_eq(read_key(arena, shortened(arena, n), &ret),
		    SSH_KEY_DAMAGED, "%zu", n);
		arena_reset(arena);
	}
	arena_free(arena);
}

Test(ssh_key, is_altered_anywhere)
{
	static const char digits[] = "AZaz09+/=\\\n -";
	struct arena *arena = arena_new(4096);
	struct ssh_key ret;
	char text[sizeof(key)];

	for (size_t i = 0; i < sizeof(key) - 1; i++)
		for (size_t j = 0; j < sizeof(digits) - 1; j++) {
			memcpy(text, key, sizeof(key));
			text[i] = digits[j];
			cr_expect(read_key(arena,
				      (struct str){ text, sizeof(text) - 1 },
				      &ret) < SSH_KEY_FAULT__MAX);
			arena_reset(arena);
		}
	arena_free(arena);
}
