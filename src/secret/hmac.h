/*
 * Keyed hashes for signing requests to others (OAuth 1, AWS).
 */
#ifndef SECRET_HMAC_H
#define SECRET_HMAC_H

#include "base/arena.h"
#include "base/str.h"

enum hmac {
	HMAC_SHA1_BASE64,
	HMAC_SHA256_BASE64,
	HMAC_SHA256_BYTES, /* 32 of them */
	HMAC_SHA256_HEX,   /* 64 digits, lower case */
	HMAC__MAX
};

/* The HMAC (RFC 2104) of text under key, written as its kind says, in the
 * arena. */
struct str hmac_sign(
    struct arena *, enum hmac, struct str key, struct str text);

#endif
