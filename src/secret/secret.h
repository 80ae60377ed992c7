/*
 * Secrets at rest: the key ring, sealing and opening, hashing.
 *
 * A sealed value is bound to where it
 * stands (table, column, row, company) and names its key; moved elsewhere or
 * altered in one bit it does not open. Nothing here writes plain text
 * anywhere but to the caller's memory.
 */
#ifndef SECRET_SECRET_H
#define SECRET_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct keyring;

/* Where a sealed value stands: the associated data of its encryption. */
struct seal_context {
	const char *table;
	const char *column;
	int64_t row_id;
	int64_t company_id; /* 0: a global row */
};

#define SECRET_KEY_ID_MAX 32 /* bytes of a key id, [0-9A-Za-z_-] */

/* Must be called once in a process before anything else here. */
enum error secret_start(struct problem *reterr);

/*
 * Reads a key ring: text, one key a line, `id:base64 of 32 bytes`; the first is
 * the one that seals, all open; `#` begins a comment. The keys live in locked
 * memory. Errors (ERROR_INTERNAL) name the line, never its content.
 */
enum error keyring_load(
    const char *path, struct keyring **ret, struct problem *reterr);
void keyring_free(struct keyring *); /* wipes; NULL is accepted */

/* Writes a new ring with one fresh key to path (mode 0600); refuses to
 * overwrite. */
enum error keyring_create(const char *path, struct problem *reterr);

/* Puts a fresh key in front of a ring file (written anew and renamed). */
enum error keyring_add_key(const char *path, struct problem *reterr);

/* The id of the key that seals, NUL-terminated; valid as long as the ring. */
const char *keyring_sealing_id(const struct keyring *);
bool keyring_has(const struct keyring *, struct str key_id);

/*
 * Seals plain (may be empty) for a place. The result is binary:
 * version, key id, wrapped data key, nonce, ciphertext and tag.
 */
struct str secret_seal(struct arena *, const struct keyring *,
    const struct seal_context *, struct str plain);

/*
 * Opens a sealed value. ERROR_INTERNAL with reterr->log when its key is not in
 * the ring (named) or it does not authenticate at this place.
 */
enum error secret_open(struct arena *, const struct keyring *,
    const struct seal_context *, struct str sealed, struct str *ret,
    struct problem *reterr);

/* The key id inside a sealed value; empty if it is malformed. */
struct str secret_key_id(struct str sealed);

/* Whether a sealed value holds the empty text; told by its length, without
 * opening it. */
bool secret_is_empty(struct str sealed);

/* SHA-256 as 64 lower-case hex digits. */
struct str secret_sha256_hex(struct arena *, struct str bytes);

/* A 128-bit BLAKE2b hash as 32 hex digits: not for secrets. */
struct str secret_hash_hex(struct arena *, struct str bytes);

/* A 256-bit BLAKE2b hash of bytes under a key of any length, as 64 hex digits:
 * shows whether two bodies are the same, and without the key nothing. */
struct str secret_keyed_hash_hex(
    struct arena *, struct str key, struct str bytes);

/* 32 random hex digits. */
struct str secret_random_hex(struct arena *);

/* A UUID of version 7 (RFC 9562, section 5.7) for a Unix time in milliseconds,
 * lower case. */
struct str secret_uuid7(struct arena *, uint64_t unix_ms);

/* Fills out with random bytes. */
void secret_random(void *out, size_t len);

/* A fresh API key: "cak_" and 40 random characters of [0-9A-Za-z]. */
struct str secret_api_key(struct arena *);

/* Compares two texts of equal length in constant time. */
bool secret_equal(struct str a, struct str b);

#endif
