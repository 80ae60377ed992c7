/*
 * The hashes and signatures of logins to MySQL and MariaDB.
 *
 * Must not know the protocol around them. Written from the descriptions:
 * https://dev.mysql.com/doc/dev/mysql-server/latest/ (page "Authentication
 * Methods") and https://mariadb.com/kb/en/authentication-plugin-ed25519/.
 */
#include <config.h>

#include "db/scramble.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>

#define NONCE_SIZE   20 /* bytes of the usual challenge */
#define ED_NONCE     32
#define PASSWORD_MAX 4096 /* bytes, where the server sets the length */

#define SCALAR crypto_core_ed25519_SCALARBYTES
#define POINT  crypto_core_ed25519_BYTES
#define WIDE   crypto_core_ed25519_NONREDUCEDSCALARBYTES
_Static_assert(POINT + SCALAR == SCRAMBLE_MAX, "a signature fits");

/* The hash of two pieces. Ends the process if OpenSSL lacks the digest. */
static size_t
hash(const EVP_MD *kind, struct str first, struct str second,
    unsigned char out[static EVP_MAX_MD_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned len = 0;

	if (context == NULL || EVP_DigestInit_ex(context, kind, NULL) != 1 ||
	    EVP_DigestUpdate(context, first.ptr, first.len) != 1 ||
	    EVP_DigestUpdate(context, second.ptr, second.len) != 1 ||
	    EVP_DigestFinal_ex(context, out, &len) != 1)
		abort();
	EVP_MD_CTX_free(context);
	return len;
}

static struct str
bytes(const unsigned char *ptr, size_t len)
{
	return (struct str){ (const char *)ptr, len };
}

/* H(password), mixed with a hash of H(H(password)) and the nonce. */
static size_t
mix(const EVP_MD *kind, struct str password, const unsigned char *nonce,
    bool nonce_first, unsigned char *out)
{
	unsigned char once[EVP_MAX_MD_SIZE], twice[EVP_MAX_MD_SIZE];
	unsigned char mask[EVP_MAX_MD_SIZE];
	struct str salt = bytes(nonce, NONCE_SIZE), known;
	size_t len = hash(kind, password, STR(""), once);

	known = bytes(twice, hash(kind, bytes(once, len), STR(""), twice));
	(void)hash(
	    kind, nonce_first ? salt : known, nonce_first ? known : salt, mask);
	for (size_t i = 0; i < len; i++)
		out[i] = once[i] ^ mask[i];
	return len;
}

static size_t
answer_native(
    struct str password, const unsigned char *nonce, unsigned char *out)
{
	return mix(EVP_sha1(), password, nonce, true, out);
}

static size_t
answer_sha2(struct str password, const unsigned char *nonce, unsigned char *out)
{
	return mix(EVP_sha256(), password, nonce, false, out);
}

/*
 * Ed25519 (RFC 8032, section 5.1.6) with the password, of any length, where
 * the RFC has a key of 32 bytes; so libsodium can lend only the arithmetic.
 */
static size_t
answer_ed25519(
    struct str password, const unsigned char *nonce, unsigned char *out)
{
	unsigned char secret[WIDE], wide[WIDE], text[2 * POINT + ED_NONCE];
	unsigned char r[SCALAR], k[SCALAR], s[SCALAR];

	(void)hash(EVP_sha512(), password, STR(""), secret);
	secret[0] &= 248;
	secret[31] = (secret[31] & 63) | 64;
	(void)hash(EVP_sha512(), bytes(secret + SCALAR, WIDE - SCALAR),
	    bytes(nonce, ED_NONCE), wide);
	crypto_core_ed25519_scalar_reduce(r, wide);
	/* Neither is 0, so neither call can fail. */
	(void)crypto_scalarmult_ed25519_base_noclamp(text, r);
	(void)crypto_scalarmult_ed25519_base_noclamp(text + POINT, secret);
	memcpy(text + 2 * POINT, nonce, ED_NONCE);
	(void)hash(EVP_sha512(), bytes(text, sizeof(text)), STR(""), wide);
	crypto_core_ed25519_scalar_reduce(k, wide);
	crypto_core_ed25519_scalar_mul(s, k, secret);
	crypto_core_ed25519_scalar_add(s, s, r);
	memcpy(out, text, POINT);
	memcpy(out + POINT, s, SCALAR);
	return POINT + SCALAR;
}

static const struct {
	size_t nonce_size;
	bool is_empty; /* the answer to an empty password */
	size_t (*answer)(struct str, const unsigned char *, unsigned char *);
} kinds[] = {
	[SCRAMBLE_NATIVE] = { NONCE_SIZE, true, answer_native },
	[SCRAMBLE_SHA2] = { NONCE_SIZE, true, answer_sha2 },
	[SCRAMBLE_ED25519] = { ED_NONCE, false, answer_ed25519 },
};
_Static_assert(N_ELEMENTS(kinds) == SCRAMBLE__MAX, "one row each");

size_t
scramble_nonce_size(enum scramble kind)
{
	return kinds[kind].nonce_size;
}

size_t
scramble_answer(enum scramble kind, struct str password,
    const unsigned char *nonce, unsigned char out[static SCRAMBLE_MAX])
{
	if (password.len == 0 && kinds[kind].is_empty)
		return 0;
	return kinds[kind].answer(password, nonce, out);
}

static EVP_PKEY *
read_key(struct str text)
{
	BIO *bio;
	EVP_PKEY *key;

	if (text.len > INT_MAX)
		return NULL;
	bio = BIO_new_mem_buf(text.ptr, (int)text.len);
	if (bio == NULL)
		return NULL;
	key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return key;
}

/* RSA with OAEP, as the servers decrypt it; false if it does not fit. */
static bool
encrypt(EVP_PKEY *key, struct str plain, struct buf *ret)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	const unsigned char *in = (const unsigned char *)plain.ptr;
	unsigned char *out = NULL;
	size_t len = 0;
	bool is_done = false;

	if (context != NULL && EVP_PKEY_encrypt_init(context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) ==
		1 &&
	    EVP_PKEY_encrypt(context, NULL, &len, in, plain.len) == 1)
		out = (unsigned char *)buf_extend(ret, len);
	if (out != NULL)
		is_done =
		    EVP_PKEY_encrypt(context, out, &len, in, plain.len) == 1;
	EVP_PKEY_CTX_free(context);
	return is_done;
}

bool
scramble_encrypt(struct str text, struct str password,
    const unsigned char *nonce, struct buf *ret)
{
	unsigned char plain[PASSWORD_MAX + 1] = { 0 };
	EVP_PKEY *key = read_key(text);
	bool is_done = false;

	if (password.len > 0 && password.len <= PASSWORD_MAX)
		memcpy(plain, password.ptr, password.len);
	for (size_t i = 0; i <= password.len && i <= PASSWORD_MAX; i++)
		plain[i] ^= nonce[i % NONCE_SIZE];
	if (key != NULL && password.len <= PASSWORD_MAX)
		is_done = encrypt(key, bytes(plain, password.len + 1), ret);
	EVP_PKEY_free(key);
	ERR_clear_error();
	sodium_memzero(plain, sizeof(plain));
	return is_done;
}
