/*
 * PEM and PKCS #12 by OpenSSL. Must not print or keep OpenSSL's error texts
 * beyond their reason, and must not read files.
 */
#include <config.h>

#include "secret/certificate.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string.h>

#define PEM_MARK "-----BEGIN "
#define KEY_MARK "PRIVATE KEY-----"

/* OpenSSL's objects of one certificate; all owned. */
struct parts {
	X509 *certificate;
	EVP_PKEY *key;
	STACK_OF(X509) * chain;
};

static void
parts_done(struct parts *parts)
{
	X509_free(parts->certificate);
	EVP_PKEY_free(parts->key);
	sk_X509_pop_free(parts->chain, X509_free);
	ERR_clear_error();
}

static enum error
refuse(struct problem *reterr, const char *text)
{
	return problem_set(reterr, ERROR_INVALID, "%s", text);
}

static bool
holds(struct str content, const char *mark)
{
	return memmem(content.ptr, content.len, mark, strlen(mark)) != NULL;
}

static BIO *
reader_of(struct str content)
{
	BIO *bio = NULL;

	if (content.len <= INT_MAX)
		bio = BIO_new_mem_buf(content.ptr, (int)content.len);
	return bio;
}

/* Gives the passphrase to OpenSSL; never asks on a terminal. */
static int
give_passphrase(char *out, int size, int is_writing, void *data)
{
	const struct str *passphrase = data;

	(void)is_writing;
	if (size < 0 || passphrase->len > (size_t)size)
		return -1;
	if (passphrase->len > 0)
		memcpy(out, passphrase->ptr, passphrase->len);
	return (int)passphrase->len;
}

/* The first is the certificate, the others its chain. */
static bool
keep_certificate(struct parts *parts, X509 *certificate)
{
	if (parts->certificate == NULL) {
		parts->certificate = certificate;
		return true;
	}
	if (parts->chain == NULL)
		parts->chain = sk_X509_new_null();
	if (parts->chain != NULL &&
	    sk_X509_num(parts->chain) < CERTIFICATE_MAX_CHAIN &&
	    sk_X509_push(parts->chain, certificate) > 0)
		return true;
	X509_free(certificate);
	return false;
}

static enum error
read_pem_certificates(
    struct str content, struct parts *parts, struct problem *reterr)
{
	BIO *bio = reader_of(content);
	bool has_room = true;
	X509 *next;

	if (bio == NULL)
		return refuse(reterr, "is too long");
	while (has_room && (next = PEM_read_bio_X509(
				bio, NULL, give_passphrase, NULL)) != NULL)
		has_room = keep_certificate(parts, next);
	BIO_free(bio);
	if (!has_room)
		return refuse(reterr, "holds too many certificates");
	if (parts->certificate == NULL)
		return refuse(reterr, "holds no certificate");
	return OK;
}

static enum error
read_pem_key(struct str content, struct str passphrase, struct parts *parts,
    struct problem *reterr)
{
	BIO *bio;

	if (!holds(content, KEY_MARK))
		return refuse(reterr, "holds no private key");
	bio = reader_of(content);
	if (bio == NULL)
		return refuse(reterr, "is too long");
	parts->key =
	    PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &passphrase);
	BIO_free(bio);
	if (parts->key == NULL)
		return refuse(reterr,
		    "has a private key that does not open (passphrase?)");
	return OK;
}

/* The content without blanks, decoded; empty if it is no base64. */
static struct str
decode(struct arena *arena, struct str content)
{
	unsigned char *clean = arena_alloc(arena, content.len + 1);
	unsigned char *out = arena_alloc(arena, content.len + 1);
	size_t n = 0;
	int len;

	for (size_t i = 0; i < content.len; i++)
		if (strchr(" \t\r\n", content.ptr[i]) == NULL)
			clean[n++] = (unsigned char)content.ptr[i];
	if (n == 0 || n > INT_MAX)
		return (struct str){ NULL, 0 };
	len = EVP_DecodeBlock(out, clean, (int)n);
	return (struct str){ (const char *)out, len < 0 ? 0 : (size_t)len };
}

static enum error
read_pkcs12(struct arena *arena, struct str content, struct str passphrase,
    struct parts *parts, struct problem *reterr)
{
	const struct str der = decode(arena, content);
	const unsigned char *p = (const unsigned char *)der.ptr;
	const char *secret = arena_copy(arena, passphrase).ptr;
	PKCS12 *pkcs12 = NULL;
	bool is_open;

	if (der.len > 0)
		pkcs12 = d2i_PKCS12(NULL, &p, (long)der.len);
	if (pkcs12 == NULL)
		return refuse(reterr, "is neither PEM nor PKCS #12 in base64");
	is_open = PKCS12_parse(pkcs12, secret, &parts->key, &parts->certificate,
		      &parts->chain) == 1;
	PKCS12_free(pkcs12);
	if (!is_open)
		return refuse(reterr, "does not open with the passphrase");
	if (parts->certificate == NULL)
		return refuse(reterr, "holds no certificate");
	if (parts->key == NULL)
		return refuse(reterr, "holds no private key");
	return OK;
}

static bool
write_chain(BIO *bio, const struct parts *parts)
{
	for (int i = 0; i < sk_X509_num(parts->chain); i++)
		if (PEM_write_bio_X509(bio, sk_X509_value(parts->chain, i)) !=
		    1)
			return false;
	return true;
}

static enum error
write_pem(struct arena *arena, const struct parts *parts, struct str *ret,
    struct problem *reterr)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	const char *bytes;
	bool is_written;
	long len;

	if (bio == NULL)
		return refuse(reterr, "cannot be written as PEM");
	is_written = PEM_write_bio_X509(bio, parts->certificate) == 1 &&
		     PEM_write_bio_PKCS8PrivateKey(
			 bio, parts->key, NULL, NULL, 0, NULL, NULL) == 1 &&
		     write_chain(bio, parts);
	len = BIO_get_mem_data(bio, &bytes);
	if (is_written && len > 0)
		*ret = arena_copy(arena, (struct str){ bytes, (size_t)len });
	BIO_free(bio);
	if (!is_written || len <= 0)
		return refuse(reterr, "cannot be written as PEM");
	return OK;
}

static enum error
describe(struct arena *arena, const struct parts *parts,
    struct certificate *ret, struct problem *reterr)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	struct tm tm;
	char *hex;

	if (X509_digest(parts->certificate, EVP_sha256(), hash, &len) != 1 ||
	    ASN1_TIME_to_tm(X509_get0_notAfter(parts->certificate), &tm) != 1)
		return refuse(reterr, "has no readable time of expiry");
	hex = arena_alloc(arena, 2 * (size_t)len + 1);
	for (unsigned i = 0; i < len; i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 15];
	}
	ret->fingerprint_sha256 = (struct str){ hex, 2 * (size_t)len };
	ret->expires_at = timegm(&tm);
	return write_pem(arena, parts, &ret->pem, reterr);
}

static enum error
read_parts(struct arena *arena, struct str content, struct str passphrase,
    struct parts *parts, struct problem *reterr)
{
	if (!holds(content, PEM_MARK)) {
		TRY(read_pkcs12(arena, content, passphrase, parts, reterr));
	} else {
		TRY(read_pem_certificates(content, parts, reterr));
		ERR_clear_error();
		TRY(read_pem_key(content, passphrase, parts, reterr));
	}
	if (X509_check_private_key(parts->certificate, parts->key) != 1)
		return refuse(
		    reterr, "has a private key of another certificate");
	return OK;
}

enum error
certificate_read(struct arena *arena, struct str content, struct str passphrase,
    struct certificate *ret, struct problem *reterr)
{
	struct parts parts = { 0 };
	enum error error;

	error = read_parts(arena, content, passphrase, &parts, reterr);
	if (error == OK)
		error = describe(arena, &parts, ret, reterr);
	parts_done(&parts);
	return error;
}
