/*
 * Whose a key was when it was seen last, so that a worker can choose what to
 * ask the database before it has asked.
 *
 * A guess may be wrong, or be about a key that is revoked since: nothing may be
 * granted or answered by it. Of fixed size; of two keys with one place the last
 * is known.
 */
#ifndef API_KEY_HINT_H
#define API_KEY_HINT_H

#include <stdint.h>

#include "base/str.h"

#define GUESS_PLACES 4096 /* of 16 bytes */

/* Zeroed: it knows no key. */
struct key_hints {
	struct {
		uint64_t key; /* the first 64 bits of its hash */
		int64_t company_id;
	} places[GUESS_PLACES];
};

/* The company of a key, or 0; the hash is in hexadecimal digits. */
int64_t key_hint_company(const struct key_hints *, struct str key_hash);

/* Keeps whose a key is. */
void key_hint_keep(struct key_hints *, struct str key_hash, int64_t company_id);

#endif
