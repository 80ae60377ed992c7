/*
 * OpenSSH's own form of a private key (its PROTOCOL.key): what stands in the
 * clear. Must not decrypt anything.
 */
#include <config.h>

#include <string.h>

#include "secret/ssh_key_internal.h"

#define OPENSSH_MAGIC "openssh-key-v1" /* and a NUL */

/* Names of public keys, RFC 8332, 5656 and 8709. */
static const struct {
	struct str name;
	enum ssh_key_kind kind;
} kinds[] = {
	{ STR_CONST("ssh-rsa"), SSH_KEY_RSA },
	{ STR_CONST("ssh-dss"), SSH_KEY_DSA },
	{ STR_CONST("ecdsa-sha2-nistp256"), SSH_KEY_ECDSA },
	{ STR_CONST("ecdsa-sha2-nistp384"), SSH_KEY_ECDSA },
	{ STR_CONST("ecdsa-sha2-nistp521"), SSH_KEY_ECDSA },
	{ STR_CONST("ssh-ed25519"), SSH_KEY_ED25519 },
};

/* Ciphers that every libssh2 knows that can read this form. */
static const struct str common_ciphers[] = {
	STR_CONST("aes256-ctr"),
	STR_CONST("aes192-ctr"),
	STR_CONST("aes128-ctr"),
	STR_CONST("aes256-cbc"),
	STR_CONST("aes192-cbc"),
	STR_CONST("aes128-cbc"),
	STR_CONST("3des-cbc"),
};

static bool
take(struct str *rest, size_t len, struct str *ret)
{
	if (rest->len < len)
		return false;
	*ret = (struct str){ rest->ptr, len };
	*rest = str_from(*rest, len);
	return true;
}

static bool
take_number(struct str *rest, uint32_t *ret)
{
	struct str bytes;

	if (!take(rest, sizeof(uint32_t), &bytes))
		return false;
	*ret = 0;
	for (size_t i = 0; i < bytes.len; i++)
		*ret = *ret << 8 | (unsigned char)bytes.ptr[i];
	return true;
}

static bool
take_string(struct str *rest, struct str *ret)
{
	uint32_t len;

	return take_number(rest, &len) && take(rest, len, ret);
}

/* The fields of the OpenSSH form in their order. */
struct openssh {
	struct str cipher, kdf, options, public_key, private_part;
	uint32_t n_keys;
};

static bool
read_openssh(struct str rest, struct openssh *ret)
{
	struct str magic;

	return take(&rest, sizeof(OPENSSH_MAGIC), &magic) &&
	       memcmp(magic.ptr, OPENSSH_MAGIC, magic.len) == 0 &&
	       take_string(&rest, &ret->cipher) &&
	       take_string(&rest, &ret->kdf) &&
	       take_string(&rest, &ret->options) &&
	       take_number(&rest, &ret->n_keys) &&
	       take_string(&rest, &ret->public_key) &&
	       take_string(&rest, &ret->private_part) &&
	       ret->private_part.len > 2 * sizeof(uint32_t);
}

static bool
find_openssh_kind(struct str public_key, enum ssh_key_kind *ret)
{
	struct str name;

	if (!take_string(&public_key, &name))
		return false;
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		if (!str_equal(kinds[i].name, name))
			continue;
		*ret = kinds[i].kind;
		return true;
	}
	return false;
}

/* Not encrypted, it begins with one number twice. */
static bool
is_whole(struct str private_part)
{
	uint32_t a = 0, b = 1;

	return take_number(&private_part, &a) &&
	       take_number(&private_part, &b) && a == b;
}

static bool
is_common_cipher(struct str name)
{
	for (size_t i = 0; i < N_ELEMENTS(common_ciphers); i++)
		if (str_equal(common_ciphers[i], name))
			return true;
	return false;
}

static enum ssh_key_fault
check_sealed(const struct openssh *form, bool has_passphrase)
{
	struct str rest = form->options, salt;
	uint32_t rounds;

	if (!str_equal(form->kdf, STR("bcrypt")))
		return SSH_KEY_CIPHER;
	if (!take_string(&rest, &salt) || !take_number(&rest, &rounds))
		return SSH_KEY_DAMAGED;
	if (!has_passphrase)
		return SSH_KEY_LOCKED;
	return rounds > SSH_KEY_MAX_ROUNDS ? SSH_KEY_SLOW : SSH_KEY_GOOD;
}

enum ssh_key_fault
ssh_key_openssh(struct str data, bool has_passphrase, struct ssh_key *ret)
{
	struct openssh form;

	if (!read_openssh(data, &form))
		return SSH_KEY_DAMAGED;
	if (form.n_keys != 1 || !find_openssh_kind(form.public_key, &ret->kind))
		return SSH_KEY_STRANGE;
	ret->is_sealed = !str_equal(form.cipher, STR("none"));
	ret->is_common = is_common_cipher(form.cipher);
	if (ret->is_sealed)
		return check_sealed(&form, has_passphrase);
	return is_whole(form.private_part) ? SSH_KEY_GOOD : SSH_KEY_DAMAGED;
}
