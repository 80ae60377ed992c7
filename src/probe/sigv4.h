/*
 * AWS's signature of version 4 in the Authorization header (IAM User Guide,
 * "Create a signed AWS API request"; Amazon S3 API Reference, "Signature
 * Calculations for the Authorization Header"). Pure: the clock is given.
 */
#ifndef PROBE_SIGV4_H
#define PROBE_SIGV4_H

#include "probe/url.h"

struct sigv4 {
	struct str access_key_id;
	struct str secret_access_key;
	struct str region;
	struct str service;
	struct str date; /* of sigv4_date() */
};

/*
 * A request as it will be sent. The URL is one of url_encode_anew(); the
 * headers, each with another name, are "Name: value", or "Name;" for one
 * without a value, and Host, X-Amz-Date and all else that AWS wants signed are
 * among them.
 */
struct sigv4_request {
	const char *method;
	const struct url *url;
	const struct str *headers;
	size_t n_headers;
	struct str body;
};

/* Seconds since 1970 as X-Amz-Date has them: "20150830T123600Z". */
struct str sigv4_date(struct arena *, int64_t time);

/* Whether the service wants the hash of the body in X-Amz-Content-Sha256. */
bool sigv4_wants_hash(struct str service);

/* The canonical request: what is signed, in the form that is hashed. */
struct str sigv4_canonical(
    struct arena *, struct str service, const struct sigv4_request *);

/* The value of the Authorization header. */
struct str sigv4_header(
    struct arena *, const struct sigv4 *, const struct sigv4_request *);

#endif
