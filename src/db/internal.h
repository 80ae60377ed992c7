/*
 * What db.c (statements, transactions), connect.c (connections), session.c
 * (what a session relies on), tls.c, failure.c (error numbers) and prepared.c
 * (prepared statements, rows) share. Nobody outside src/db includes this file.
 */
#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H

#include <mysql.h>
#include <stdbool.h>

#include "base/buf.h"
#include "db/db.h"

/* MySQL says bool where MariaDB says my_bool. */
#ifdef HAVE_MY_BOOL
#define db_bool my_bool
#else
#define db_bool bool
#endif

struct prepared;

struct db {
	const struct db_settings *settings;
	MYSQL *mysql;               /* NULL: not connected */
	int fd;                     /* its socket; -1: none */
	bool is_mariadb;            /* the server; else it is MySQL */
	struct prepared **prepared; /* settings->statement_cache places */
	size_t n_prepared;
	uint64_t tick;      /* counts runs, for "least recently used" */
	unsigned next_host; /* where the next attempt to connect begins */
	/* By time_monotonic(): no attempt to connect is made earlier. */
	uint64_t not_before;
	uint64_t begun;    /* likewise, the call that waits now; 0: none does */
	uint64_t allowed;  /* microseconds; of counters.microseconds */
	char refusal[256]; /* why the last attempt failed */
	bool broken;       /* the last connection was lost or refused */
	bool in_transaction;
	bool commit_unknown;
	unsigned last_errno;
	char error[512]; /* text of a statement that is gone already */
	uint64_t affected;
	int64_t insert_id;
	int64_t insert_step; /* @@auto_increment_increment of the session */
	struct db_counters counters;
};

/* What a server's or client's error number means to us. */
enum failure {
	FAILURE_OTHER,     /* a fault of ours */
	FAILURE_DUPLICATE, /* a unique key is taken */
	FAILURE_REFERENCE, /* another changed what a row refers to */
	FAILURE_RETRY,     /* run the transaction again */
	FAILURE_LOST,      /* the connection is gone */
	FAILURE_AWAY,      /* the server cannot serve now */
	FAILURE_ENDED,     /* the server broke the statement off */
	FAILURE_NOT_NOW,   /* nor this one statement; the connection is good */
};
enum failure db_failure(unsigned number);

/* Notes a failure and gives the error for it; drops a lost connection. */
enum error db_fail(
    struct db *, unsigned number, const char *text, struct problem *reterr);

/* Microseconds that are left for waiting, see db_limit(). */
uint64_t db_left(const struct db *);

/* Makes sure there is a connection. */
enum error db_connect(struct db *, struct problem *reterr);
void db_disconnect(struct db *);

/* Sets all that statements rely on, on a connection that was just made. False:
 * mysql_error() says why not, or the server gave no answer of use. */
bool session_set_up(struct db *, MYSQL *);

/* The text to prepare for a statement: one that only reads gets the limit of
 * settings->read_limit_ms. Lies in buf, which the caller made, or is text. */
struct str session_limited(const struct db *, struct buf *buf, struct str text);

/* Whether a connection must have TLS; socket is NULL for TCP. */
bool tls_is_wanted(const struct db_settings *, const char *socket);

/* Whether the server that was asked has no TLS; reached is whether the library
 * took it nevertheless, which MariaDB's does. False if nobody answered. */
bool tls_is_missing(MYSQL *, bool reached);

/* Sets what tls_mode and tls_ca say for a connection that is to be made. */
void tls_set(MYSQL *, const struct db_settings *, const char *socket);

/* Finds or prepares a statement; runs it and reads its rows. Both say what
 * went wrong by the statement's own error number in *number, 0 for success. */
struct prepared *prepared_get(
    struct db *, struct str text, unsigned *number, const char **error);
void prepared_run(struct db *, struct prepared *, struct arena *,
    const struct statement *, struct rows *ret, unsigned *number,
    const char **error);
void prepared_drop_all(struct db *);

#endif
