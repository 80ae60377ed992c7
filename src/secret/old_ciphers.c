/*
 * A context of OpenSSL apart from the one that everything else uses.
 */
#include <config.h>

#include "secret/old_ciphers.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <stdlib.h>

/* Made once in a process and kept: keys that were read refer to it. */
static struct {
	OSSL_LIB_CTX *context;
	bool has_legacy;
} old;

static void
start(void)
{
	old.context = OSSL_LIB_CTX_new();
	if (old.context == NULL ||
	    OSSL_PROVIDER_load(old.context, "default") == NULL)
		abort();
	old.has_legacy = OSSL_PROVIDER_load(old.context, "legacy") != NULL;
	ERR_clear_error();
}

void *
old_ciphers_begin(void)
{
	if (old.context == NULL)
		start();
	return OSSL_LIB_CTX_set0_default(old.context);
}

void
old_ciphers_end(void *before)
{
	(void)OSSL_LIB_CTX_set0_default(before);
}

bool
old_ciphers_are_here(void)
{
	return old.has_legacy;
}
