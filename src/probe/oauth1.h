/*
 * The signature of OAuth 1 (RFC 5849, 3.4). Pure: clock and nonce are given.
 */
#ifndef PROBE_OAUTH1_H
#define PROBE_OAUTH1_H

#include "probe/url.h"

/* Method by HMAC-SHA256 or HMAC-SHA1. */
struct oauth1 {
	struct str consumer_key;
	struct str consumer_secret;
	struct str token;
	struct str token_secret;
	struct str realm;  /* empty: none */
	struct str method; /* "HMAC-SHA256", "HMAC-SHA1" */
	struct str nonce;
	struct str timestamp; /* seconds since 1970 */
};

/* Whether the signature method is one of the two. */
bool oauth1_is_method(struct str method);

/*
 * The value of the Authorization header for a request; form is its body if it
 * is a form, else empty.
 */
struct str oauth1_header(struct arena *, const struct oauth1 *,
    const char *http_method, const struct url *, struct str form);

#endif
