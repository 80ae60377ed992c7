/*
 * Answers to the challenges of MySQL and MariaDB, against those of others.
 */
#include <config.h>

#include <criterion/criterion.h>
#include <sodium.h>

#include "db/scramble.h"

#define NONCE_20 "0123456789abcdefghij"
#define NONCE_32 "0123456789abcdefghijklmnopqrstuv"

static const unsigned char *
bytes(const char *text)
{
	return (const unsigned char *)text;
}

/* Found with Python's hashlib, from the descriptions of the methods. */
Test(scramble, answers_as_others_do)
{
	static const struct {
		enum scramble kind;
		const char *password, *hex;
	} cases[] = {
		{ SCRAMBLE_NATIVE, "secret",
		    "f5cac3f3b3df2133feb57db682c71e6ed433a988" },
		{ SCRAMBLE_NATIVE, "", "" },
		{ SCRAMBLE_SHA2, "secret",
		    "7e4adda2f2d5ef09b4147518becb0cee"
		    "2939376203650a8c2bb2815959364bd0" },
		{ SCRAMBLE_SHA2, "", "" },
	};
	unsigned char out[SCRAMBLE_MAX];
	char hex[2 * SCRAMBLE_MAX + 1];

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		size_t len = scramble_answer(cases[i].kind,
		    str_of(cases[i].password), bytes(NONCE_20), out);

		sodium_bin2hex(hex, sizeof(hex), out, len);
		cr_expect_str_eq(hex, cases[i].hex);
	}
}

/* The public key that MariaDB's manual gives for the password "secret". */
Test(scramble, signs_for_a_public_key_of_mariadb)
{
	static const char key[] = "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY";
	unsigned char public[32], out[SCRAMBLE_MAX];
	size_t len = 0;

	cr_assert_eq(
	    sodium_base642bin(public, sizeof(public), key, sizeof(key) - 1,
		NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING),
	    0);
	cr_assert_eq(scramble_answer(
			 SCRAMBLE_ED25519, STR("secret"), bytes(NONCE_32), out),
	    64);
	cr_expect_eq(
	    crypto_sign_verify_detached(out, bytes(NONCE_32), 32, public), 0);
}

/* A password of 32 bytes is a key as RFC 8032 has them. */
Test(scramble, signs_as_libsodium_does)
{
	static const struct str passwords[] = {
		STR_CONST("0123456789abcdef0123456789ABCDEF"),
		STR_CONST("\377\376\375not at all like the first one"),
		STR_CONST("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
	};
	unsigned char public[32], secret[64], want[64], out[SCRAMBLE_MAX];

	for (size_t i = 0; i < N_ELEMENTS(passwords); i++) {
		cr_assert_eq(passwords[i].len, 32);
		crypto_sign_seed_keypair(
		    public, secret, bytes(passwords[i].ptr));
		crypto_sign_detached(want, NULL, bytes(NONCE_32), 32, secret);
		scramble_answer(
		    SCRAMBLE_ED25519, passwords[i], bytes(NONCE_32), out);
		cr_expect_arr_eq(out, want, sizeof(want));
	}
}

Test(scramble, encrypts_under_no_key_that_is_none)
{
	static const char *const keys[] = { "", "x",
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		/* of Ed25519 */
		"-----BEGIN PUBLIC KEY-----\n"
		"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
		"-----END PUBLIC KEY-----\n",
		/* of RSA, 512 bits: too short for the password */
		"-----BEGIN PUBLIC KEY-----\n"
		"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAM3s9pIAkI00vDuX0nDx128QYIzTCN"
		"5W\n"
		"dfNZGKsLZr5j/"
		"cYsx7tjkCj7nya+K1CIij6p5tihSTKDrVvuLXa8x3kCAwEAAQ==\n"
		"-----END PUBLIC KEY-----\n" };
	struct buf b;

	for (size_t i = 0; i < N_ELEMENTS(keys); i++) {
		buf_init(&b, 4096);
		cr_expect(!scramble_encrypt(str_of(keys[i]),
			      STR("a password of more than twenty-two bytes"),
			      bytes(NONCE_20), &b),
		    "%zu", i);
		buf_done(&b);
	}
}
