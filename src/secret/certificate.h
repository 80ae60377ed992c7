/*
 * Client certificates: reading them with their key, whatever they come in.
 *
 * Plain key material is only ever in the caller's arena and in OpenSSL's own
 * memory, which is wiped.
 */
#ifndef SECRET_CERTIFICATE_H
#define SECRET_CERTIFICATE_H

#include <time.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#define CERTIFICATE_MAX_CHAIN 16 /* certificates behind the first */

struct certificate {
	struct str pem; /* certificate, private key (PKCS #8, not encrypted),
			   chain; the same content always gives this text */
	struct str fingerprint_sha256; /* 64 lower-case hex digits */
	time_t expires_at;
};

/*
 * Reads PEM (certificate, key and chain in any order) or PKCS #12 in base64,
 * with the passphrase of its key (may be empty), encrypted as today or as older
 * tools did (see old_ciphers.h). Refused (ERROR_INVALID with a message that
 * names no secret and says what is amiss, as "holds no private key"): what is
 * neither, has no certificate or no key, does not open (wrong passphrase,
 * unknown cipher), or whose key does not belong to the certificate.
 */
enum error certificate_read(struct arena *, struct str content,
    struct str passphrase, struct certificate *ret, struct problem *reterr);

/* How many certificates a text in PEM holds; 0 if a part of it is broken. For
 * files that other libraries read. */
size_t certificate_count(struct str pem);

#endif
