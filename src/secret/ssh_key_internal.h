/*
 * What the files ssh_key*.c share, and no other.
 */
#ifndef SECRET_SSH_KEY_INTERNAL_H
#define SECRET_SSH_KEY_INTERNAL_H

#include <openssl/pem.h>

#include "secret/ssh_key.h"

/* What stood between BEGIN and END; owned. */
struct ssh_key_block {
	char *label;  /* "RSA PRIVATE KEY" */
	char *header; /* "Proc-Type: ..." or empty */
	unsigned char *data;
	long len;
};

/* The text of the first private key in content, lines trimmed, or why there is
 * none. */
enum ssh_key_fault ssh_key_text(
    struct arena *, struct str content, struct str *ret);

/* What the OpenSSH form of a key says of itself (PROTOCOL.key of OpenSSH).
 * Sets all of *ret but its text. */
enum ssh_key_fault ssh_key_openssh(
    struct str data, bool has_passphrase, struct ssh_key *ret);

/* Opens a block that is encrypted in one of PEM's ways. The key is owned by
 * the caller. */
enum ssh_key_fault ssh_key_unlock(
    const struct ssh_key_block *, struct str passphrase, EVP_PKEY **ret);

#endif
