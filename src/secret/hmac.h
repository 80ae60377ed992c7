/*
 * Keyed hashes for signing requests to others (OAuth 1).
 */
#ifndef SECRET_HMAC_H
#define SECRET_HMAC_H

#include "base/arena.h"
#include "base/str.h"

enum hmac {
	HMAC_SHA1_BASE64,
	HMAC_SHA256_BASE64,
	HMAC__MAX
};

/* The HMAC of text under key, in base64, in the arena. */
struct str hmac_sign(
    struct arena *, enum hmac, struct str key, struct str text);

#endif
