/*
 * TLS by OpenSSL, as a client.
 *
 * Must not decide what an unverified server may get.
 */
#include <config.h>

#include "db/probe_tls.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

struct tls {
	SSL_CTX *context;
	SSL *ssl;
	bool is_asked;     /* for a client certificate */
	const char *error; /* NULL: none; static */
};

static int
give_passphrase(char *out, int size, int is_writing, void *data)
{
	const char *passphrase = data;
	size_t len = strlen(passphrase);

	(void)is_writing;
	if (size < 0 || len > (size_t)size)
		return -1;
	memcpy(out, passphrase, len);
	return (int)len;
}

/* OpenSSL wants a pointer to what it never writes. */
static void *
passphrase_of(const struct db_probe_target *target)
{
	void *data;

	memcpy(&data, &target->passphrase, sizeof(data));
	return data;
}

static BIO *
reader_of(struct str pem)
{
	BIO *bio =
	    pem.len > INT_MAX ? NULL : BIO_new_mem_buf(pem.ptr, (int)pem.len);

	if (bio == NULL)
		abort();
	return bio;
}

/* The first certificate is the client's, the others lead to its authority. */
static bool
use_certificates(SSL_CTX *context, const struct db_probe_target *target)
{
	BIO *bio = reader_of(target->certificate);
	bool is_used = false;
	X509 *x509;

	while ((x509 = PEM_read_bio_X509(bio, NULL, give_passphrase,
		    passphrase_of(target))) != NULL) {
		bool is_taken =
		    is_used ? SSL_CTX_add1_chain_cert(context, x509) == 1
			    : SSL_CTX_use_certificate(context, x509) == 1;

		X509_free(x509);
		if (!is_taken)
			break;
		is_used = true;
	}
	BIO_free(bio);
	return is_used && x509 == NULL;
}

static bool
use_key(SSL_CTX *context, const struct db_probe_target *target)
{
	BIO *bio = reader_of(target->private_key.len > 0 ? target->private_key
							 : target->certificate);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(
	    bio, NULL, give_passphrase, passphrase_of(target));
	bool is_used = key != NULL && SSL_CTX_use_PrivateKey(context, key) == 1;

	EVP_PKEY_free(key);
	BIO_free(bio);
	return is_used && SSL_CTX_check_private_key(context) == 1;
}

static bool
use_authorities(SSL_CTX *context, const char *file)
{
	return file == NULL ? SSL_CTX_set_default_verify_paths(context) == 1
			    : SSL_CTX_load_verify_file(context, file) == 1;
}

/* The server asks for a certificate where there is none. */
static int
note_asked(SSL *ssl, X509 **x509, EVP_PKEY **key)
{
	struct tls *tls = SSL_get_app_data(ssl);

	(void)x509, (void)key;
	tls->is_asked = true;
	return 0;
}

static void
set_options(SSL_CTX *context)
{
	(void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	/* Verifies, but goes on: SSL_get_verify_result() tells. */
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	/* An authority in between may be trusted by itself, as in libcurl. */
	(void)X509_STORE_set_flags(
	    SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
	/* The server that was verified stays the peer. */
	(void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
	/* After each record the caller looks at limits and clock. */
	(void)SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
	(void)SSL_CTX_set_mode(
	    context, SSL_MODE_ENABLE_PARTIAL_WRITE |
			 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_client_cert_cb(context, note_asked);
}

/* Tells a server that has several names which one is meant. */
static void
set_name(SSL *ssl, const struct db_probe_target *target)
{
	if (!target->is_numeric)
		(void)SSL_set_tlsext_host_name(
		    ssl, (char *)(uintptr_t)target->host);
}

struct tls *
tls_new(
    const struct db_probe_target *target, enum db_probe_outcome *ret_outcome)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (tls == NULL)
		abort();
	tls->context = SSL_CTX_new(TLS_client_method());
	if (tls->context == NULL)
		abort();
	set_options(tls->context);
	*ret_outcome = DB_PROBE_FAILED;
	if (!use_authorities(tls->context, target->ca_file))
		return NULL;
	*ret_outcome = DB_PROBE_CLIENT_CERTIFICATE;
	if (target->certificate.len > 0 &&
	    !(use_certificates(tls->context, target) &&
		use_key(tls->context, target)))
		return NULL;
	ERR_clear_error();
	tls->ssl = SSL_new(tls->context);
	if (tls->ssl == NULL)
		abort();
	SSL_set_app_data(tls->ssl, tls);
	set_name(tls->ssl, target);
	return tls;
}

/* What a call that moved nothing waits for. */
static int
wanted(struct tls *tls, int result)
{
	unsigned long error;

	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return -POLLIN;
	case SSL_ERROR_WANT_WRITE:
		return -POLLOUT;
	case SSL_ERROR_SSL:
		error = ERR_get_error();
		if (ERR_GET_REASON(error) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
			tls->error = ERR_reason_error_string(error);
		return 0;
	default:
		return 0;
	}
}

int
tls_handshake(struct tls *tls, int fd)
{
	int result;

	if (SSL_get_fd(tls->ssl) < 0 && SSL_set_fd(tls->ssl, fd) != 1)
		abort();
	ERR_clear_error();
	result = SSL_connect(tls->ssl);
	return result == 1 ? 1 : wanted(tls, result);
}

int
tls_read(struct tls *tls, void *bytes, int len)
{
	int result;

	ERR_clear_error();
	result = SSL_read(tls->ssl, bytes, len);
	return result > 0 ? result : wanted(tls, result);
}

int
tls_write(struct tls *tls, const void *bytes, int len)
{
	unsigned char none;
	int result, wait;

	ERR_clear_error();
	result = SSL_write(tls->ssl, bytes, len);
	if (result > 0)
		return result;
	wait = wanted(tls, result);
	/* A server that closed the connection may have sent an alert before:
	 * that it rejects the client certificate. */
	if (wait == 0 && tls->error == NULL)
		(void)tls_read(tls, &none, sizeof(none));
	return wait;
}

size_t
tls_received(const struct tls *tls)
{
	return (size_t)BIO_number_read(SSL_get_rbio(tls->ssl));
}

bool
tls_is_broken(const struct tls *tls)
{
	return tls->error != NULL;
}

/* The name is checked after OpenSSL's verification: of a certificate that is
 * wrong in two ways the other one is reported, as libcurl does. */
static long
judge_name(X509 *x509, const struct db_probe_target *target)
{
	if (target->is_numeric)
		return X509_check_ip_asc(x509, target->host, 0) == 1
			   ? X509_V_OK
			   : X509_V_ERR_IP_ADDRESS_MISMATCH;
	return X509_check_host(x509, target->host, 0,
		   X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1
		   ? X509_V_OK
		   : X509_V_ERR_HOSTNAME_MISMATCH;
}

void
tls_judge(const struct tls *tls, const struct db_probe_target *target,
    struct db_probe_result *ret)
{
	X509 *x509 = SSL_get0_peer_certificate(tls->ssl);

	ret->verify_result = SSL_get_verify_result(tls->ssl);
	/* Without a certificate that says that all is well. */
	if (x509 == NULL)
		ret->verify_result = X509_V_ERR_UNSPECIFIED;
	else if (ret->verify_result == X509_V_OK)
		ret->verify_result = judge_name(x509, target);
}

void
tls_explain(const struct tls *tls, struct db_probe_result *ret)
{
	snprintf(ret->tls_error, sizeof(ret->tls_error), "%s",
	    tls->error == NULL ? "" : tls->error);
	ret->lacks_certificate = tls->is_asked;
}
