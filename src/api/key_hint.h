/*
 * Which company a key belonged to when the worker saw it last, so that it can
 * choose what to ask the database before the database has said so.
 *
 * A hint may be wrong, or be about a key that was revoked since: nothing may be
 * granted or answered by it. Of fixed size; of two keys with one place only the
 * last is known.
 */
#ifndef API_KEY_HINT_H
#define API_KEY_HINT_H

#include <stdint.h>

#include "base/str.h"

#define KEY_HINT_PLACES 4096 /* of 16 bytes */

/* Zeroed: it knows no key. */
struct key_hints {
	struct {
		uint64_t key; /* the first 64 bits of its hash */
		int64_t company_id;
	} places[KEY_HINT_PLACES];
};

/* The company that a key belonged to, or 0: not known. The hash is in
 * hexadecimal digits. */
int64_t key_hint_company(const struct key_hints *, struct str key_hash);

/* Notes the company of a key. */
void key_hint_keep(struct key_hints *, struct str key_hash, int64_t company_id);

#endif
