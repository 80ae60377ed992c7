/*
 * The table of authentication types. A new one is a new row.
 */
#ifndef PROBE_AUTH_H
#define PROBE_AUTH_H

#include "probe/run.h"

/* What a request carries so that the far side knows who asks. */
enum auth_scheme {
	SCHEME_NONE,
	SCHEME_BASIC,
	SCHEME_DIGEST,
	SCHEME_NTLM,
	SCHEME_TOKEN,  /* the templates say; else a bearer token */
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

#define AUTH_MAX_NEEDS 5

struct auth_type {
	const char *key;
	enum error (*run)(struct run *);
	enum auth_scheme scheme;
	unsigned protocols; /* of the system: enum auth_protocol */
	/* Variables that must have a value, NULL behind the last one. */
	const char *needs[AUTH_MAX_NEEDS];
	/* OAuth 2: the grant; all of `needs` and these are sent in its form. */
	const char *grant_type;
	const char *also; /* an optional one */
};

/* The row for a key; NULL if there is none. */
const struct auth_type *auth_find(struct str key);

/* The protocol of a system's name for it; 0 if unknown. */
unsigned auth_protocol_find(struct str name);

/* For documents and tests: the key of a row, NULL behind the last one. */
const char *auth_key(size_t index);

#endif
