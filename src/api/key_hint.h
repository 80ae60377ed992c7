/*
 * Which company an API key belonged to when any worker of the lane saw it last,
 * so that a worker can choose what to ask the database before it has asked.
 *
 * A hint may be wrong, or be about a key that was revoked since: nothing may be
 * granted or answered by it. Of fixed size; of two keys that share a place the
 * last one is known.
 */
#ifndef API_KEY_HINT_H
#define API_KEY_HINT_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/str.h"

#define KEY_HINT_PLACES \
	65536 /* of 8 bytes; pages that nothing is in are free */

/* Zeroed: no key is known. */
struct key_hints {
	/* 16 bits of a key's hash, beside those that say the place, and 48 of
	 * the id of its company. */
	atomic_uint_fast64_t places[KEY_HINT_PLACES];
};

/* Of no key, for all processes that are forked since; to be freed by
 * key_hints_free() in each. NULL: there is no memory. */
struct key_hints *key_hints_new(void);
void key_hints_free(struct key_hints *); /* NULL is accepted */

/* The company that the key of a hash (hexadecimal digits) belonged to, or 0.
 * NULL knows none. */
int64_t key_hint_company(const struct key_hints *, struct str key_hash);

/* Keeps the company of a key; one with an id of more than 48 bits is not, and
 * NULL keeps none. */
void key_hint_keep(struct key_hints *, struct str key_hash, int64_t company_id);

#endif
