/*
 * Trying out somebody else's database: connect once, SELECT 1, hang up.
 *
 * Has nothing to do with this program's own connection (db.h). The client
 * library runs in a child process that is killed at the deadline: a server
 * that dribbles cannot hold up the caller, and one that finds a hole in the
 * library finds itself in a process that is about to end.
 */
#ifndef DB_PROBE_H
#define DB_PROBE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

/* All texts are NUL-terminated. */
struct db_probe_target {
	const char *address; /* of the server: numeric, judged before */
	unsigned port;
	const char *user;
	const char *password;
	const char *database;   /* empty: none */
	struct str certificate; /* PEM of a client certificate; empty: none */
	struct str private_key; /* empty: it stands in certificate */
	const char *passphrase; /* of the key; empty: none */
	unsigned connect_timeout_ms;
	unsigned timeout_ms; /* for everything */
};

enum db_probe_outcome {
	DB_PROBE_OK,
	DB_PROBE_CONNECTION_REFUSED,
	DB_PROBE_HOST_UNREACHABLE,
	DB_PROBE_CONNECTION_FAILED,
	DB_PROBE_TIMEOUT,
	DB_PROBE_NOT_MYSQL,
	DB_PROBE_TLS_FAILED,
	DB_PROBE_TLS_REQUIRED,
	DB_PROBE_CREDENTIALS,
	DB_PROBE_DENIED,      /* known, but not allowed to do this */
	DB_PROBE_NO_DATABASE, /* no database of this name */
	DB_PROBE_BUSY,
	DB_PROBE_CUT, /* the server hung up */
	DB_PROBE_QUERY_FAILED,
	DB_PROBE_FAILED,
	DB_PROBE__MAX
};

struct db_probe_result {
	enum db_probe_outcome outcome;
	unsigned number;   /* error number of the server or client, or 0 */
	bool is_connected; /* logged in */
	bool is_encrypted;
	int64_t connect_us; /* until logged in */
	int64_t query_us;
};

/* Fails (ERROR_INTERNAL) only if there can be no child process. */
enum error db_probe(const struct db_probe_target *, struct db_probe_result *ret,
    struct problem *reterr);

#endif
