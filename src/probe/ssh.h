/*
 * Logging in by SSH: the key and the host's fingerprint, checked before
 * anything is sent. Only for files.c.
 */
#ifndef PROBE_SSH_H
#define PROBE_SSH_H

#include "probe/attempt.h"
#include "secret/ssh_key.h"

struct fetch_answer;
struct fetch_request;

/* Puts private_key and passphrase into the request. Ends the test if they
 * cannot be used. */
enum error ssh_add_key(
    struct attempt *, struct fetch_request *, struct ssh_key *ret);

/* Puts host_key_sha256 into the request, or a note into the attempt. */
enum error ssh_add_host_key(struct attempt *, struct fetch_request *);

/*
 * After a login with this key has failed: replaces the result if this side is
 * at fault. Returns `error` (of attempt_fetch()) otherwise.
 */
enum error ssh_blame(struct attempt *, enum error, const struct ssh_key *,
    const struct fetch_answer *);

#endif
