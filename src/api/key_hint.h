/*
 * Which company an API key belonged to when it was seen last, so that a worker
 * can choose what to ask the database before it has asked.
 *
 * A hint may be wrong, or be about a key that was revoked since: nothing may be
 * granted or answered by it. Of fixed size; of two keys that share a place the
 * last one is known.
 */
#ifndef API_KEY_HINT_H
#define API_KEY_HINT_H

#include <stdint.h>

#include "base/str.h"

#define KEY_HINT_PLACES 4096 /* of 16 bytes */

/* Zeroed: no key is known. */
struct key_hints {
	struct {
		uint64_t key; /* the first 64 bits of its hash */
		int64_t company_id;
	} places[KEY_HINT_PLACES];
};

/* The company that the key of a hash (hexadecimal digits) belonged to, or 0. */
int64_t key_hint_company(const struct key_hints *, struct str key_hash);

/* Keeps the company of a key. */
void key_hint_keep(struct key_hints *, struct str key_hash, int64_t company_id);

#endif
