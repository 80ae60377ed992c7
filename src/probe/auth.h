/*
 * The table of authentication types. A new one is a new row.
 */
#ifndef PROBE_AUTH_H
#define PROBE_AUTH_H

#include "probe/attempt.h"

/* How a request carries its credentials. */
enum auth_scheme {
	SCHEME_NONE,
	SCHEME_BASIC,
	SCHEME_DIGEST,
	SCHEME_NTLM,
	SCHEME_TOKEN,  /* where the templates put it; else as a bearer token */
	SCHEME_OAUTH1, /* signed by RFC 5849 */
	SCHEME_SIGV4,  /* signed by AWS's version 4 */
	SCHEME_PASSWORD,
	SCHEME_KEY /* an SSH key */
};

enum auth_protocol {
	PROTOCOL_HTTP = 1u << 0,
	PROTOCOL_FTP = 1u << 1,
	PROTOCOL_FTPS = 1u << 2,
	PROTOCOL_SFTP = 1u << 3,
	PROTOCOL_S3 = 1u << 4,
	PROTOCOL_MYSQL = 1u << 5,
	PROTOCOL_PGSQL = 1u << 6,
	PROTOCOL_SQLSRV = 1u << 7
};

/* What a test does with the value of a variable. */
enum auth_use {
	AUTH_NEEDED = 1u << 0, /* without a value there is no test */
	/* The value is encoded, sent with its length or not sent at all, so
	 * that control characters do no harm. Any other value must have none.
	 */
	AUTH_ENCODED = 1u << 1,
	AUTH_MAY_BE_EMPTY = 1u << 2, /* "" is a value */
	AUTH_FORM = 1u << 3,         /* a field of the token request */
	AUTH_FOUND = 1u << 4,        /* the test itself sets it */
	/* Whether a test does without is its own judgement (another protocol, a
	 * template); whoever makes a connector is to give it. */
	AUTH_WANTED = 1u << 5
};

struct auth_variable {
	const char *key;
	unsigned uses; /* enum auth_use */
};

/* What people are told of a variable: the same whatever type reads it. */
struct auth_key {
	const char *key;
	const char *label;
	bool secret;
	bool advanced;        /* few need to set it */
	const char *fallback; /* what a test takes where it has no value */
};

/* Which of the implementation's URLs a test goes to. */
enum auth_urls {
	AUTH_TEST_URL_FIRST, /* test_url, else url */
	AUTH_URL_FIRST,      /* url, else test_url */
	AUTH_BOTH_URLS       /* url, then test_url */
};

#define AUTH_MAX_VARIABLES 8

struct auth_type {
	const char *key;
	const char *name; /* for people */
	enum error (*test)(struct attempt *);
	enum auth_scheme scheme;
	unsigned protocols;  /* of the system: enum auth_protocol */
	enum auth_urls urls; /* where the protocol is one of the web */
	/*
	 * All variables that the type itself reads, a NULL key behind the last
	 * one. Values are checked by this table before anything is sent;
	 * attempt_require() and attempt_optional() give no others.
	 */
	struct auth_variable variables[AUTH_MAX_VARIABLES + 1];
	const char *grant_type; /* OAuth 2 */
};

/* The row of a variable; NULL if the type does not read it. */
const struct auth_variable *auth_variable(
    const struct auth_type *, const char *key);

/* What is told of a variable of a type. */
const struct auth_key *auth_key(const struct auth_variable *);

/* Whether the templates of an implementation's headers and query say by
 * themselves what is sent, for types whose token they may hold. */
bool auth_is_templated(const struct probe_target *);

/* The row for a key; NULL if there is none. */
const struct auth_type *auth_find(struct str key);

/* The protocol of a system's name for it; 0 if unknown. */
unsigned auth_protocol_find(struct str name);

/* For documents and tests: the rows, NULL behind the last one. */
const struct auth_type *auth_row(size_t index);

#define AUTH_WEB (PROTOCOL_HTTP | PROTOCOL_S3)

#endif
