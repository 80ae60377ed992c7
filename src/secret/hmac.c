/*
 * HMAC by OpenSSL's libcrypto: libsodium has none with SHA-1.
 */
#include <config.h>

#include "secret/hmac.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

static const EVP_MD *(*const digests[])(void) = {
	[HMAC_SHA1_BASE64] = EVP_sha1,
	[HMAC_SHA256_BASE64] = EVP_sha256,
};
_Static_assert(N_ELEMENTS(digests) == HMAC__MAX, "one row each");

struct str
hmac_sign(struct arena *a, enum hmac hmac, struct str key, struct str text)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	unsigned char *base64;
	int base64_len;

	/* libcrypto takes NULL for "the key of before". */
	if (key.len > INT_MAX ||
	    HMAC(digests[hmac](), key.len == 0 ? "" : key.ptr, (int)key.len,
		(const unsigned char *)text.ptr, text.len, digest,
		&len) == NULL)
		abort();
	base64 = arena_alloc(a, (size_t)4 * ((len + 2) / 3) + 1);
	base64_len = EVP_EncodeBlock(base64, digest, (int)len);
	return (struct str){ (char *)base64, (size_t)base64_len };
}
