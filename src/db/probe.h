/*
 * The test of another system's MySQL or MariaDB: connect once, log in, SELECT
 * 1, hang up.
 *
 * Has nothing to do with this program's own connection (db.h), and does not use
 * its client library: those can neither verify a name other than the address
 * they connect to, nor refuse to show the password when a server asks for it
 * in the middle of a login, nor stop reading an answer that has no end. The
 * protocol is spoken in a child process with little memory, which is killed at
 * the deadline: a server that exploits a fault of it has gained a process that
 * is about to end.
 */
#ifndef DB_PROBE_H
#define DB_PROBE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#define DB_PROBE_TEXT_SIZE 80 /* bytes of a text of OpenSSL's, with its NUL */

/* All texts are NUL-terminated. */
struct db_probe_target {
	const char *address; /* of the server: numeric, judged before */
	unsigned port;
	const char *host;    /* what its certificate must name; an address
			      * without brackets, a name without a last dot */
	bool is_numeric;     /* host is an address */
	const char *ca_file; /* trusted authorities (PEM); NULL: the system's */
	bool allow_unverified; /* show the password to an unverified
				* server, though never in clear text on the
				* wire */
	const char *user;
	const char *password;
	const char *database;   /* empty: none */
	struct str certificate; /* PEM of a client certificate; empty: none */
	struct str private_key; /* empty: it stands in certificate */
	const char *passphrase; /* of the key; empty: none */
	size_t answer_max;      /* bytes that the server may send */
	unsigned connect_timeout_ms; /* connection, greeting and TLS */
	unsigned timeout_ms;         /* for everything */
};

enum db_probe_outcome {
	DB_PROBE_OK,
	DB_PROBE_CONNECTION_REFUSED,
	DB_PROBE_HOST_UNREACHABLE,
	DB_PROBE_CONNECTION_FAILED,
	DB_PROBE_TIMEOUT,
	DB_PROBE_NOT_MYSQL,
	DB_PROBE_CLIENT_CERTIFICATE, /* the target's cannot be used */
	DB_PROBE_TLS_FAILED,
	DB_PROBE_TLS_REQUIRED,
	DB_PROBE_UNVERIFIED, /* the server wants to read the password and
			      * is not verified or not encrypted */
	DB_PROBE_METHOD,     /* wants a kind of login that is not known here */
	DB_PROBE_CREDENTIALS,
	DB_PROBE_DENIED,      /* known, but not allowed to do this */
	DB_PROBE_NO_DATABASE, /* no database of this name */
	DB_PROBE_BUSY,
	DB_PROBE_CUT, /* the server hung up */
	DB_PROBE_TOO_LARGE,
	DB_PROBE_QUERY_FAILED,
	DB_PROBE_FAILED,
	DB_PROBE__MAX
};

/* What was under way at the end. */
enum db_probe_step {
	DB_PROBE_CONNECT, /* until the greeting */
	DB_PROBE_TLS,
	DB_PROBE_LOGIN,
	DB_PROBE_QUERY,
	DB_PROBE_STEP__MAX
};

struct db_probe_result {
	enum db_probe_outcome outcome;
	enum db_probe_step step;
	unsigned number;        /* the server's error number, or 0 */
	bool is_encrypted;      /* TLS stands */
	long verify_result;     /* then: X509_V_OK or X509_V_ERR_... */
	bool is_password_shown; /* to a server that is not verified */
	/* Why TLS failed: a fixed text of OpenSSL, or empty. */
	char tls_error[DB_PROBE_TEXT_SIZE];
	bool lacks_certificate; /* the server wanted one, the target has none */
	uint64_t step_us[DB_PROBE_STEP__MAX]; /* how long each took */
};

/* Fails (ERROR_INTERNAL) only if there can be no child process. */
enum error db_probe(const struct db_probe_target *, struct db_probe_result *ret,
    struct problem *reterr);

#endif
