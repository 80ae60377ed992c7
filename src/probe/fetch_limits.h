/*
 * What the libraries of this machine cannot do.
 */
#ifndef PROBE_FETCH_LIMITS_H
#define PROBE_FETCH_LIMITS_H

#include <stdbool.h>

#include "base/str.h"

/* Whether the SSH library of this process signs with RSA keys and SHA-2 (RFC
 * 8332); without it a server of today takes no RSA key. */
bool fetch_signs_rsa_sha2(void);

/* The same of a library named as libcurl does: "libssh2/1.10.0". */
bool fetch_library_signs_rsa_sha2(struct str library);

#endif
