/*
 * Opening private keys that PEM holds encrypted. Must not begin work that a
 * stored key could make endless.
 */
#include <config.h>

#include <limits.h>
#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "secret/passphrase.h"
#include "secret/ssh_key_internal.h"

#define CLEANUP(function) __attribute__((cleanup(function)))

/* What OpenSSL says of a cipher or a derivation that it does not do. */
static const struct {
	int library, reason;
} unsupported[] = {
	{ ERR_LIB_PEM, PEM_R_UNSUPPORTED_CIPHER },
	{ ERR_LIB_PEM, PEM_R_UNSUPPORTED_ENCRYPTION },
	{ ERR_LIB_EVP, ERR_R_UNSUPPORTED },
	{ ERR_LIB_EVP, EVP_R_UNKNOWN_PBE_ALGORITHM },
	{ ERR_LIB_EVP, EVP_R_UNSUPPORTED_CIPHER },
	{ ERR_LIB_EVP, EVP_R_UNSUPPORTED_PRF },
	{ ERR_LIB_EVP, EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION },
};

static void
free_sig(X509_SIG **sig)
{
	X509_SIG_free(*sig);
}

static void
free_info(PKCS8_PRIV_KEY_INFO **info)
{
	PKCS8_PRIV_KEY_INFO_free(*info);
}

/* Why the last calls failed; empties OpenSSL's list of errors. */
static enum ssh_key_fault
fault_of_errors(void)
{
	enum ssh_key_fault fault = SSH_KEY_WRONG_PASSPHRASE;
	unsigned long error;

	while ((error = ERR_get_error()) != 0)
		for (size_t i = 0; i < N_ELEMENTS(unsupported); i++)
			if (ERR_GET_LIB(error) == unsupported[i].library &&
			    ERR_GET_REASON(error) == unsupported[i].reason)
				fault = SSH_KEY_CIPHER;
	return fault;
}

static bool
is_at_most(const ASN1_INTEGER *number, int64_t max)
{
	int64_t value;

	return ASN1_INTEGER_get_int64(&value, number) == 1 && value <= max;
}

/* RFC 8018, appendix A.2, and RFC 7914. */
static bool
is_quick_function(const X509_ALGOR *function)
{
	int id = OBJ_obj2nid(function->algorithm);
	PBKDF2PARAM *pbkdf2 = NULL;
	SCRYPT_PARAMS *scrypt = NULL;
	bool is_quick = true;

	if (id == NID_id_pbkdf2)
		pbkdf2 = ASN1_TYPE_unpack_sequence(
		    ASN1_ITEM_rptr(PBKDF2PARAM), function->parameter);
	if (id == NID_id_scrypt)
		scrypt = ASN1_TYPE_unpack_sequence(
		    ASN1_ITEM_rptr(SCRYPT_PARAMS), function->parameter);
	if (pbkdf2 != NULL)
		is_quick = is_at_most(pbkdf2->iter, SSH_KEY_MAX_ITERATIONS);
	if (scrypt != NULL)
		is_quick = is_at_most(
		    scrypt->parallelizationParameter, SSH_KEY_MAX_PARALLEL);
	PBKDF2PARAM_free(pbkdf2);
	SCRYPT_PARAMS_free(scrypt);
	return is_quick;
}

/* Whether opening costs no more than the limits. What cannot be read here fails
 * when it is opened. */
static bool
is_quick(const X509_SIG *sig)
{
	const X509_ALGOR *algorithm;
	PBE2PARAM *pbes2;
	PBEPARAM *older;
	bool is_quick = true;

	X509_SIG_get0(sig, &algorithm, NULL);
	if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2) {
		pbes2 = ASN1_TYPE_unpack_sequence(
		    ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
		is_quick = pbes2 == NULL || is_quick_function(pbes2->keyfunc);
		PBE2PARAM_free(pbes2);
		return is_quick;
	}
	older = ASN1_TYPE_unpack_sequence(
	    ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
	if (older != NULL)
		is_quick = is_at_most(older->iter, SSH_KEY_MAX_ITERATIONS);
	PBEPARAM_free(older);
	return is_quick;
}

static enum ssh_key_fault
unlock_pkcs8(
    const struct ssh_key_block *block, struct str passphrase, EVP_PKEY **ret)
{
	const unsigned char *p = block->data;
	CLEANUP(free_sig) X509_SIG *sig = d2i_X509_SIG(NULL, &p, block->len);
	CLEANUP(free_info) PKCS8_PRIV_KEY_INFO *info = NULL;

	if (sig == NULL)
		return SSH_KEY_DAMAGED;
	if (!is_quick(sig))
		return SSH_KEY_SLOW;
	ERR_clear_error();
	info = PKCS8_decrypt(sig, passphrase.ptr, (int)passphrase.len);
	if (info == NULL)
		return fault_of_errors();
	*ret = EVP_PKCS82PKEY(info);
	return *ret == NULL ? SSH_KEY_STRANGE : SSH_KEY_GOOD;
}

/* Its header names the cipher, RFC 1421; the data are decrypted in place. */
static enum ssh_key_fault
unlock_old(
    const struct ssh_key_block *block, struct str passphrase, EVP_PKEY **ret)
{
	const unsigned char *p = block->data;
	EVP_CIPHER_INFO cipher;
	long len = block->len;

	ERR_clear_error();
	if (PEM_get_EVP_CIPHER_INFO(block->header, &cipher) != 1)
		return fault_of_errors() == SSH_KEY_CIPHER ? SSH_KEY_CIPHER
							   : SSH_KEY_DAMAGED;
	if (PEM_do_header(
		&cipher, block->data, &len, passphrase_give, &passphrase) != 1)
		return fault_of_errors();
	*ret = d2i_AutoPrivateKey(NULL, &p, len);
	/* Of some hundred wrong passphrases one decrypts to a text with a valid
	 * padding, which then is no key. */
	return *ret == NULL ? SSH_KEY_WRONG_PASSPHRASE : SSH_KEY_GOOD;
}

enum ssh_key_fault
ssh_key_unlock(
    const struct ssh_key_block *block, struct str passphrase, EVP_PKEY **ret)
{
	if (passphrase.len > INT_MAX)
		return SSH_KEY_WRONG_PASSPHRASE;
	return block->header[0] == '\0' ? unlock_pkcs8(block, passphrase, ret)
					: unlock_old(block, passphrase, ret);
}
