/*
 * Private keys for SSH: what they are, and whether they open, before they are
 * used.
 *
 * Plain key material is only ever in the caller's arena and in OpenSSL's own
 * memory, which is wiped.
 */
#ifndef SECRET_SSH_KEY_H
#define SECRET_SSH_KEY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * How much work a passphrase may cost. The stored key sets that, and nothing
 * can interrupt the work. ssh-keygen does 16 rounds; one takes about 16 ms.
 * Iterations are of PBKDF2, of which 2 million take about a second.
 */
#define SSH_KEY_MAX_ROUNDS     256
#define SSH_KEY_MAX_ITERATIONS 2000000
#define SSH_KEY_MAX_PARALLEL   16 /* of scrypt; OpenSSL limits the rest */

enum ssh_key_kind {
	SSH_KEY_RSA,
	SSH_KEY_DSA,
	SSH_KEY_ECDSA, /* NIST P-256, P-384, P-521 */
	SSH_KEY_ED25519
};

enum ssh_key_fault {
	SSH_KEY_GOOD,
	SSH_KEY_NOT_ONE,  /* not a key of any form */
	SSH_KEY_PUBLIC,   /* a public key or a certificate alone */
	SSH_KEY_PUTTY,    /* the form of PuTTY */
	SSH_KEY_FORM,     /* that of other programs: SSH1, ssh.com */
	SSH_KEY_ESCAPED,  /* \n as two characters in place of line breaks */
	SSH_KEY_ONE_LINE, /* line breaks lost */
	SSH_KEY_CUT,      /* the END line is missing */
	SSH_KEY_DAMAGED,
	SSH_KEY_LOCKED,           /* it has a passphrase and none is given */
	SSH_KEY_WRONG_PASSPHRASE, /* does not open with the one given */
	SSH_KEY_CIPHER,  /* encrypted by what OpenSSL does not do here */
	SSH_KEY_SLOW,    /* more work than the limits above */
	SSH_KEY_STRANGE, /* a kind that no SSH library has, or that needs a
			    device */
	SSH_KEY_FAULT__MAX
};

struct ssh_key {
	enum ssh_key_kind kind;
	struct str text; /* PEM or OpenSSH form, blanks and carriage returns
			    removed; still encrypted if is_sealed */
	bool is_sealed;  /* in OpenSSH form with a passphrase: whether that
			    is the right one only the SSH library tells */
	bool is_common;  /* is_sealed: by a cipher that each library has */
};

/*
 * Reads the first private key in content: PEM (PKCS #1, SEC 1, PKCS #8, all
 * with a passphrase or not) or OpenSSH form. *ret is set when SSH_KEY_GOOD is
 * returned, and lives in the arena.
 */
enum ssh_key_fault ssh_key_read(struct arena *, struct str content,
    struct str passphrase, struct ssh_key *ret);

#endif
