/*
 * Where a connector connects to, and what that asks of its variables: those
 * that its implementation requires are there, and no stored secret follows a
 * target that is changed. Pure: reads no database and opens no secret.
 */
#ifndef VARIABLES_TARGET_H
#define VARIABLES_TARGET_H

#include "variables/variables.h"

/* What of an authentication implementation decides the target. */
struct implementation {
	int64_t id;          /* 0: there is none */
	struct str url;      /* template; ptr NULL: none */
	struct str test_url; /* template; ptr NULL: none */
	struct str protocol;
	struct variables
	    variables; /* its variables: defaults and requirements */
};

/* Adds a message on `variables` for each variable that the implementation
 * requires and that has a value neither here nor by default. */
enum error target_check_required(struct arena *, const struct implementation *,
    const struct variables *, struct problem *reterr);

/*
 * Whether the connector will connect to another place: another implementation,
 * or another value in the scheme, host or port of its URLs (or of `host` and
 * `port` where the protocol is not HTTP, or a host key that is no longer pinned
 * or pinned to another one). Then each stored secret that the request does not
 * give anew gets a message on `variables.*`: a client that may write could
 * otherwise point the connector at a server of its own and have the secret sent
 * there.
 */
enum error target_check_secrets(struct arena *,
    const struct implementation *before, const struct variables *stored,
    const struct implementation *after, const struct variables *merged,
    struct problem *reterr);

#endif
