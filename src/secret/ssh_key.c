/*
 * Private keys for SSH by OpenSSL: PEM is opened here, OpenSSH's own form only
 * looked at. Must not read files, and keeps no text of OpenSSL's errors.
 */
#include <config.h>

#include "secret/ssh_key.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>

#include "secret/ssh_key_internal.h"

#define OPENSSH_LABEL "OPENSSH PRIVATE KEY"
#define GROUP_SIZE    64 /* of the name of a curve */

#define CLEANUP(function) __attribute__((cleanup(function)))

/* The curves that SSH has (RFC 5656), as OpenSSL names them. */
static const char *const curves[] = { "prime256v1", "secp384r1", "secp521r1" };

static void
free_block(struct ssh_key_block *block)
{
	OPENSSL_free(block->label);
	OPENSSL_free(block->header);
	OPENSSL_clear_free(block->data, (size_t)block->len);
	ERR_clear_error();
}

static void
free_bio(BIO **bio)
{
	BIO_free(*bio);
}

static void
free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static bool
read_block(struct str text, struct ssh_key_block *ret)
{
	CLEANUP(free_bio) BIO *bio = NULL;

	if (text.len <= INT_MAX)
		bio = BIO_new_mem_buf(text.ptr, (int)text.len);
	return bio != NULL && PEM_read_bio(bio, &ret->label, &ret->header,
				  &ret->data, &ret->len) == 1;
}

static bool
has_known_curve(const EVP_PKEY *key)
{
	char name[GROUP_SIZE];

	if (EVP_PKEY_get_group_name(key, name, sizeof(name), NULL) != 1)
		return false;
	for (size_t i = 0; i < N_ELEMENTS(curves); i++)
		if (strcmp(name, curves[i]) == 0)
			return true;
	return false;
}

static bool
find_kind(const EVP_PKEY *key, enum ssh_key_kind *ret)
{
	static const struct {
		int id;
		enum ssh_key_kind kind;
	} kinds[] = {
		{ EVP_PKEY_RSA, SSH_KEY_RSA },
		{ EVP_PKEY_DSA, SSH_KEY_DSA },
		{ EVP_PKEY_EC, SSH_KEY_ECDSA },
		{ EVP_PKEY_ED25519, SSH_KEY_ED25519 },
	};
	int id = EVP_PKEY_get_base_id(key);

	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		if (kinds[i].id != id)
			continue;
		*ret = kinds[i].kind;
		return id != EVP_PKEY_EC || has_known_curve(key);
	}
	return false;
}

/* The opened key as PKCS #8 that is not encrypted: the passphrase has been
 * paid for once. */
static bool
write_opened(struct arena *a, const EVP_PKEY *key, struct str *ret)
{
	CLEANUP(free_bio) BIO *bio = BIO_new(BIO_s_secmem());
	const char *bytes;
	long len;

	if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(
			       bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return false;
	len = BIO_get_mem_data(bio, &bytes);
	*ret = arena_copy(a, (struct str){ bytes, (size_t)len });
	return true;
}

static bool
is_encrypted(const struct ssh_key_block *block)
{
	return strcmp(block->label, PEM_STRING_PKCS8) == 0 ||
	       strstr(block->header, "ENCRYPTED") != NULL;
}

static enum ssh_key_fault
read_pem(struct arena *a, const struct ssh_key_block *block,
    struct str passphrase, struct ssh_key *ret)
{
	CLEANUP(free_key) EVP_PKEY *key = NULL;
	const unsigned char *p = block->data;
	bool is_locked = is_encrypted(block);
	enum ssh_key_fault fault = SSH_KEY_GOOD;

	if (is_locked && passphrase.len == 0)
		return SSH_KEY_LOCKED;
	if (is_locked)
		fault = ssh_key_unlock(block, passphrase, &key);
	else
		key = d2i_AutoPrivateKey(NULL, &p, block->len);
	if (fault != SSH_KEY_GOOD)
		return fault;
	if (key == NULL)
		return SSH_KEY_DAMAGED;
	if (!find_kind(key, &ret->kind))
		return SSH_KEY_STRANGE;
	if (is_locked && !write_opened(a, key, &ret->text))
		return SSH_KEY_STRANGE;
	return SSH_KEY_GOOD;
}

enum ssh_key_fault
ssh_key_read(struct arena *a, struct str content, struct str passphrase,
    struct ssh_key *ret)
{
	CLEANUP(free_block) struct ssh_key_block block = { 0 };
	enum ssh_key_fault fault;

	*ret = (struct ssh_key){ 0 };
	fault = ssh_key_text(a, content, &ret->text);
	if (fault != SSH_KEY_GOOD)
		return fault;
	if (!read_block(ret->text, &block))
		return SSH_KEY_DAMAGED;
	if (strcmp(block.label, OPENSSH_LABEL) == 0)
		return ssh_key_openssh(
		    (struct str){ (const char *)block.data, (size_t)block.len },
		    passphrase.len > 0, ret);
	return read_pem(a, &block, passphrase, ret);
}
