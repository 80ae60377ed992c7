/*
 * Answers to the challenges of MySQL and MariaDB at a login: each proves
 * knowledge of the password and shows it neither to the server nor to an
 * eavesdropper.
 *
 * secret_start() must have been called. Keeps nothing.
 */
#ifndef DB_SCRAMBLE_H
#define DB_SCRAMBLE_H

#include "base/buf.h"
#include "base/str.h"

#define SCRAMBLE_MAX 64 /* bytes of the longest answer */

enum scramble {
	SCRAMBLE_NATIVE,  /* mysql_native_password: SHA-1 */
	SCRAMBLE_SHA2,    /* caching_sha2_password, its fast way: SHA-256 */
	SCRAMBLE_ED25519, /* client_ed25519: a signature */
	SCRAMBLE__MAX
};

/* Bytes of the challenge (the nonce) that this kind answers. */
size_t scramble_nonce_size(enum scramble);

/*
 * Answers a nonce of that size; returns the length of the answer. It is 0 for
 * an empty password where the protocol says so.
 */
size_t scramble_answer(enum scramble, struct str password,
    const unsigned char *nonce, unsigned char out[static SCRAMBLE_MAX]);

/*
 * Not a challenge: appends the password, with its NUL, encrypted for the owner
 * of an RSA key (PEM), as sha256_password and caching_sha2_password want it
 * where there is no TLS. The owner of the private key can read it. nonce has
 * the size of SCRAMBLE_SHA2's. False if that is no such key, or one too short
 * for the password.
 */
bool scramble_encrypt(struct str key, struct str password,
    const unsigned char *nonce, struct buf *ret);

#endif
