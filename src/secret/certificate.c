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

#include "secret/old_ciphers.h"
#include "secret/passphrase.h"

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

/* Whether something failed because a cipher is not known; empties OpenSSL's
 * list of errors. */
static bool
lacks_cipher(void)
{
	unsigned long code;
	bool lacks = false;

	while ((code = ERR_get_error()) != 0)
		if (ERR_GET_LIB(code) == ERR_LIB_EVP &&
		    ERR_GET_REASON(code) == ERR_R_UNSUPPORTED)
			lacks = true;
	return lacks;
}

/* What is encrypted did not open: because of a cipher, else as text says. */
static enum error
refuse_locked(struct problem *reterr, bool lacks, const char *text)
{
	if (!lacks)
		return refuse(reterr, text);
	if (old_ciphers_are_here())
		return refuse(reterr,
		    "is encrypted in a way that OpenSSL does not know here");
	return refuse(reterr,
	    "is encrypted as older tools do it, for which OpenSSL needs its "
	    "legacy provider, which is not installed here: install it, or "
	    "convert the content elsewhere (openssl pkcs12 -legacy -in FILE "
	    "-nodes gives PEM; openssl pkey -provider legacy -provider "
	    "default -in FILE a key)");
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
read_pem_certificates(struct str content, struct str passphrase,
    struct parts *parts, struct problem *reterr)
{
	BIO *bio = reader_of(content);
	bool has_room = true;
	X509 *next;

	if (bio == NULL)
		return refuse(reterr, "is too long");
	while (has_room && (next = PEM_read_bio_X509(bio, NULL, passphrase_give,
				&passphrase)) != NULL)
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
	    PEM_read_bio_PrivateKey(bio, NULL, passphrase_give, &passphrase);
	BIO_free(bio);
	if (parts->key == NULL)
		return refuse_locked(reterr, lacks_cipher(),
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
		if (!str_is_one_of(content.ptr[i], STR_WHITE))
			clean[n++] = (unsigned char)content.ptr[i];
	if (n == 0 || n > INT_MAX)
		return (struct str){ NULL, 0 };
	len = EVP_DecodeBlock(out, clean, (int)n);
	return (struct str){ (const char *)out, len < 0 ? 0 : (size_t)len };
}

/* Each byte as a character of its own, in UTF-8. */
static struct str
byte_by_byte(struct arena *arena, struct str text)
{
	char *out = arena_alloc(arena, 2 * text.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c >= 0x80)
			out[n++] = (char)(0xc0 | c >> 6);
		out[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
	}
	return (struct str){ out, n };
}

/* Tries a passphrase. */
static bool
open_pkcs12(
    PKCS12 *pkcs12, bool has_mac, const char *secret, struct parts *parts)
{
	ERR_clear_error();
	/* PKCS12_parse() demands one if there is a passphrase. */
	if (!has_mac && secret[0] != 0 &&
	    PKCS12_set_mac(pkcs12, secret, -1, NULL, 0, 1, NULL) != 1)
		return false;
	return PKCS12_parse(pkcs12, secret, &parts->key, &parts->certificate,
		   &parts->chain) == 1;
}

static bool
unlock_pkcs12(struct arena *arena, PKCS12 *pkcs12, struct str passphrase,
    struct parts *parts, bool *ret_lacks)
{
	/* OpenSSL before 1.1 took the bytes of UTF-8 for characters. */
	const char *const secrets[] = { arena_copy(arena, passphrase).ptr,
		byte_by_byte(arena, passphrase).ptr };
	bool has_mac = PKCS12_mac_present(pkcs12) == 1;

	*ret_lacks = false;
	for (size_t i = 0; i < N_ELEMENTS(secrets) && !*ret_lacks; i++) {
		if (open_pkcs12(pkcs12, has_mac, secrets[i], parts))
			return true;
		*ret_lacks = lacks_cipher();
	}
	return false;
}

static enum error
read_pkcs12(struct arena *arena, struct str content, struct str passphrase,
    struct parts *parts, struct problem *reterr)
{
	const struct str der = decode(arena, content);
	const unsigned char *p = (const unsigned char *)der.ptr;
	PKCS12 *pkcs12 = NULL;
	bool is_open, lacks;

	if (der.len > 0)
		pkcs12 = d2i_PKCS12(NULL, &p, (long)der.len);
	if (pkcs12 == NULL)
		return refuse(reterr, "is neither PEM nor PKCS #12 in base64");
	is_open = unlock_pkcs12(arena, pkcs12, passphrase, parts, &lacks);
	PKCS12_free(pkcs12);
	if (!is_open)
		return refuse_locked(
		    reterr, lacks, "does not open with the passphrase");
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
		TRY(read_pem_certificates(content, passphrase, parts, reterr));
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
	void *before = old_ciphers_begin();
	enum error error;

	error = read_parts(arena, content, passphrase, &parts, reterr);
	if (error == OK)
		error = describe(arena, &parts, ret, reterr);
	parts_done(&parts);
	old_ciphers_end(before);
	return error;
}

size_t
certificate_count(struct str pem)
{
	BIO *bio = reader_of(pem);
	size_t n = 0;
	X509 *next;
	bool at_end;

	if (bio == NULL)
		return 0;
	ERR_clear_error();
	while ((next = PEM_read_bio_X509_AUX(
		    bio, NULL, passphrase_give, NULL)) != NULL) {
		X509_free(next);
		n++;
	}
	at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	ERR_clear_error();
	BIO_free(bio);
	return at_end ? n : 0;
}
