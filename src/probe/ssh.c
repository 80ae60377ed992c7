/*
 * Checks of a private key and of a host key's fingerprint, and which side is at
 * fault when a login by key fails.
 */
#include <config.h>

#include "probe/ssh.h"

#include "base/text.h"
#include "probe/fetch.h"
#include "probe/fetch_limits.h"

#define HOST_KEY       "host_key_sha256"
#define HOST_KEY_LEN   43 /* base64 digits of 32 bytes, without padding */
#define HOST_KEY_LABEL "SHA256:"

/* Reasons, and texts that follow "The private_key". */
static const struct {
	enum reason reason;
	const char *text;
} faults[] = {
	[SSH_KEY_GOOD] = { REASON_FAILED, "is good." },
	[SSH_KEY_NOT_ONE] = { REASON_PRIVATE_KEY_INVALID,
	    "is not a private key in PEM or OpenSSH form." },
	[SSH_KEY_PUBLIC] = { REASON_PRIVATE_KEY_INVALID,
	    "is a public key or a certificate: the private key that belongs "
	    "to it is needed." },
	[SSH_KEY_PUTTY] = { REASON_PRIVATE_KEY_INVALID,
	    "is in PuTTY's form: export it from PuTTYgen as an OpenSSH key." },
	[SSH_KEY_FORM] = { REASON_PRIVATE_KEY_INVALID,
	    "is in a form of other programs: convert it to OpenSSH form." },
	[SSH_KEY_ESCAPED] = { REASON_PRIVATE_KEY_INVALID,
	    "has backslashes where its lines should end (\\n as two "
	    "characters): store it with real line breaks." },
	[SSH_KEY_ONE_LINE] = { REASON_PRIVATE_KEY_INVALID,
	    "has lost its line breaks: store it as it stands in its file." },
	[SSH_KEY_CUT] = { REASON_PRIVATE_KEY_INVALID,
	    "is cut off: its END line is missing." },
	[SSH_KEY_DAMAGED] = { REASON_PRIVATE_KEY_INVALID,
	    "is damaged: what stands between its BEGIN and END lines is not "
	    "a key." },
	[SSH_KEY_LOCKED] = { REASON_VARIABLE_MISSING,
	    "is encrypted, and the variable passphrase has no value." },
	[SSH_KEY_WRONG_PASSPHRASE] = { REASON_PRIVATE_KEY_INVALID,
	    "does not open with the passphrase." },
	[SSH_KEY_CIPHER] = { REASON_PRIVATE_KEY_UNSUPPORTED,
	    "is encrypted with a cipher that this machine's libraries do not "
	    "have: encrypt it anew (ssh-keygen -p)." },
	[SSH_KEY_SLOW] = { REASON_PRIVATE_KEY_UNSUPPORTED,
	    "takes more work to open than a test does: encrypt it anew with "
	    "fewer rounds (ssh-keygen -p -a 16)." },
	[SSH_KEY_STRANGE] = { REASON_PRIVATE_KEY_UNSUPPORTED,
	    "is of a kind that cannot be used to log in from here: use one "
	    "Ed25519, ECDSA or RSA key that needs no device." },
};
_Static_assert(N_ELEMENTS(faults) == SSH_KEY_FAULT__MAX, "one row each");

static enum error
fail_key(struct attempt *attempt, enum ssh_key_fault fault)
{
	return attempt_fail_with(attempt, faults[fault].reason,
	    "The private_key %s", faults[fault].text);
}

enum error
ssh_add_key(
    struct attempt *attempt, struct fetch_request *request, struct ssh_key *ret)
{
	struct str passphrase = attempt_optional(attempt, "passphrase"),
		   content;
	enum ssh_key_fault fault;

	TRY(attempt_require(attempt, "private_key", &content));
	fault = ssh_key_read(attempt->arena, content, passphrase, ret);
	if (fault != SSH_KEY_GOOD)
		return fail_key(attempt, fault);
	request->auth = FETCH_AUTH_SSH_KEY;
	request->private_key = ret->text;
	if (ret->is_sealed)
		request->passphrase =
		    arena_copy(attempt->arena, passphrase).ptr;
	return OK;
}

static bool
is_base64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* Whether it can be the SHA-256 of anything: the last digit has two bits too
 * many, which are zero. */
static bool
is_fingerprint(struct str text)
{
	static const struct str last = STR_CONST("AEIMQUYcgkosw048");

	for (size_t i = 0; i < text.len; i++)
		if (!is_base64(text.ptr[i]))
			return false;
	return text.len == HOST_KEY_LEN &&
	       str_find(last, text.ptr[text.len - 1]) < last.len;
}

/* Without what ssh-keygen -l and others put around it. */
static struct str
bare_fingerprint(struct str text)
{
	static const struct str label = STR_CONST(HOST_KEY_LABEL);

	text = text_trim(text);
	if (text.len >= label.len &&
	    str_equal_nocase((struct str){ text.ptr, label.len }, label))
		text = text_trim(str_from(text, label.len));
	if (str_ends_with(text, STR("=")))
		text.len--;
	return text;
}

enum error
ssh_add_host_key(struct attempt *attempt, struct fetch_request *request)
{
	struct str text = attempt_optional(attempt, HOST_KEY);

	if (text.len == 0) {
		attempt->note = "The server's host key was not checked: set "
				"host_key_sha256 to have that done.";
		return OK;
	}
	text = bare_fingerprint(text);
	/* A value of blanks does not mean that the host key need not be
	 * checked. */
	if (!is_fingerprint(text))
		return attempt_fail_with(attempt, REASON_VALUE_INVALID,
		    "The variable " HOST_KEY " must be a SHA-256 in base64, as "
		    "ssh-keygen -l prints it: SHA256: and %d characters.",
		    HOST_KEY_LEN);
	request->host_key = arena_copy(attempt->arena, text).ptr;
	return OK;
}

/* The key was opened here, so libssh2 lacks its cipher or its form. */
static enum error
fail_unread(struct attempt *attempt, const struct ssh_key *key)
{
	if (!key->is_sealed)
		return attempt_fail(attempt, REASON_PRIVATE_KEY_UNSUPPORTED);
	return fail_key(attempt,
	    key->is_common ? SSH_KEY_WRONG_PASSPHRASE : SSH_KEY_CIPHER);
}

static enum error
fail_refused(
    struct attempt *attempt, enum error error, const struct ssh_key *key)
{
	if (key->kind == SSH_KEY_DSA)
		return attempt_fail_with(attempt,
		    REASON_PRIVATE_KEY_UNSUPPORTED,
		    "The private_key is a DSA key, which servers of today "
		    "refuse, and this one did: use an Ed25519 or ECDSA key.");
	if (key->kind == SSH_KEY_RSA && !fetch_signs_rsa_sha2())
		return attempt_fail_with(attempt,
		    REASON_PRIVATE_KEY_UNSUPPORTED,
		    "The private_key is an RSA key, with which the SSH library "
		    "of this machine (libssh2 before 1.11) signs by SHA-1 "
		    "only. OpenSSH since 8.8 and others refuse that, and this "
		    "server did: use an Ed25519 or ECDSA key, or a newer "
		    "library.");
	return error;
}

enum error
ssh_blame(struct attempt *attempt, enum error error, const struct ssh_key *key,
    const struct fetch_answer *answer)
{
	if (error != ERROR_INVALID || answer->dialog.is_logged_in)
		return error;
	switch (answer->dialog.key) {
	case DIALOG_KEY_UNREAD:
		return fail_unread(attempt, key);
	case DIALOG_KEY_REFUSED:
		return fail_refused(attempt, error, key);
	case DIALOG_KEY_UNTRIED:
	case DIALOG_KEY_LOST:
	default:
		return error;
	}
}
