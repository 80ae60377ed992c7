/*
 * HMAC by OpenSSL's libcrypto: libsodium has none with SHA-1.
 */
#include <config.h>

#include "secret/hmac.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

static struct str
as_base64(struct arena *a, const unsigned char *digest, size_t len)
{
	unsigned char *text = arena_alloc(a, 4 * ((len + 2) / 3) + 1);
	int text_len = EVP_EncodeBlock(text, digest, (int)len);

	return (struct str){ (char *)text, (size_t)text_len };
}

static struct str
as_bytes(struct arena *a, const unsigned char *digest, size_t len)
{
	return arena_copy(a, (struct str){ (const char *)digest, len });
}

static struct str
as_hex(struct arena *a, const unsigned char *digest, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(a, 2 * len + 1);

	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[digest[i] >> 4];
		text[2 * i + 1] = digits[digest[i] & 15];
	}
	return (struct str){ text, 2 * len };
}

static const struct {
	const EVP_MD *(*digest)(void);
	struct str (*write)(struct arena *, const unsigned char *, size_t len);
} kinds[] = {
	[HMAC_SHA1_BASE64] = { EVP_sha1, as_base64 },
	[HMAC_SHA256_BASE64] = { EVP_sha256, as_base64 },
	[HMAC_SHA256_BYTES] = { EVP_sha256, as_bytes },
	[HMAC_SHA256_HEX] = { EVP_sha256, as_hex },
};
_Static_assert(N_ELEMENTS(kinds) == HMAC__MAX, "one row each");

struct str
hmac_sign(struct arena *a, enum hmac hmac, struct str key, struct str text)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	/* libcrypto takes NULL for "the key of before". */
	if (key.len > INT_MAX ||
	    HMAC(kinds[hmac].digest(), key.len == 0 ? "" : key.ptr,
		(int)key.len, (const unsigned char *)text.ptr, text.len, digest,
		&len) == NULL)
		abort();
	return kinds[hmac].write(a, digest, len);
}
