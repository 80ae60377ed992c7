/*
 * The database: one connection, prepared statements, rows, transactions.
 *
 * The only module that includes mysql.h. Statement text comes from
 * engine/sql*.c and from literals; every value is a bound parameter. One struct
 * db belongs to one single-threaded process (open it after fork).
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/statement.h"
#include "base/value.h"

struct db;

struct db_settings {
	const char *hosts;  /* "h1:3306,h2": tried for one that serves and, for
			     * writes, takes them; empty: only the socket */
	const char *socket; /* path of a unix socket; empty: TCP */
	const char *user;
	const char *password; /* empty: none (socket authentication) */
	const char *database;
	const char *tls_mode; /* disabled, required, verify_identity */
	const char *tls_ca;   /* file of CA certificates; empty: the system's */
	unsigned connect_timeout_ms;
	unsigned read_timeout_ms;  /* for one statement */
	unsigned read_limit_ms;    /* then the server ends a SELECT; 0: never */
	unsigned request_limit_ms; /* for db_limit() and locks; 0: none */
	unsigned statement_cache;  /* prepared statements kept, at least 1 */
};

/* A connection that is not made yet: the first statement connects. settings
 * (and its texts) must outlive it. */
struct db *db_new(const struct db_settings *settings);

/* Closes it; NULL is accepted. */
void db_free(struct db *);

/* What the processes of a pool know of one host; monotonic microseconds. */
struct db_host_news {
	atomic_uint_fast64_t
	    answered;                /* the last answer that any of them got */
	atomic_uint_fast64_t silent; /* when none of them got one in long */
};

/* Hosts that workers share news of; of further ones each worker knows only what
 * it saw itself. */
#define DB_NEWS_MAX 16

/*
 * From now on processes share what they learn of a host: one that does not
 * answer costs the pool one wait, and not one wait of each worker. news are
 * DB_NEWS_MAX places in shared memory, all zero at first, and outlive db.
 */
void db_share_news(struct db *, struct db_host_news *news);

/*
 * From now on all waiting for the database (connections, statements, COMMIT)
 * may take so many milliseconds together; then every call fails at once with
 * ERROR_UNAVAILABLE, and db_should_retry() is false. 0: no limit, as after
 * db_new(). Time between the calls does not count.
 */
void db_limit(struct db *, unsigned ms);

/* Waits for so many microseconds, which count as all waiting for the database
 * does. False: no time is left. */
bool db_pause(struct db *, unsigned us);

/* Closes the connection until the next statement, before a long wait for
 * something else: the server has a connection less meanwhile. */
void db_release(struct db *);

/*
 * Runs a statement and reads its whole result into the arena. Times come as
 * "YYYY-MM-DD HH:MM:SS.ffffff" in UTC. Outside a transaction, when a connection
 * is lost, it is made anew and a SELECT run again, once; inside one, and with
 * what writes, that is an error that db_should_retry() is true for.
 * Errors: ERROR_UNAVAILABLE (no connection, server going away, read only, a
 * read that took too long, no room for a prepared statement, all that
 * db_should_retry() is true for), ERROR_CONFLICT (duplicate key: 1062),
 * ERROR_INTERNAL; reterr->log says why.
 */
enum error db_run(struct db *, struct arena *, const struct statement *,
    struct rows *ret, struct problem *reterr);

/* Rows changed, and AUTO_INCREMENT id given, by the last db_run(). */
uint64_t db_affected(const struct db *);
int64_t db_insert_id(const struct db *);

/* What lies between the ids that one INSERT of several rows gives, from
 * db_insert_id() on. A cluster may change it at any time, so a caller that
 * relies on it reads back what was written. */
int64_t db_insert_step(const struct db *);

/* Whether the server of the connection gives back what it inserts: see
 * sql_insert_returning(). */
bool db_returns_rows(const struct db *);

/* Runs text without parameters by the text protocol (DDL, SET); no rows. */
enum error db_execute(struct db *, struct str text, struct problem *reterr);

/*
 * Transactions; READ COMMITTED. db_begin() goes to a host that takes writes, if
 * there is one; db_begin_current() sees in addition all that was committed
 * before on any member of a cluster (on Galera the other does as well).
 * db_begin_read() is for what only reads, on any host. db_rollback() never
 * fails: a connection that cannot roll back is closed, which rolls back too.
 */
enum error db_begin(struct db *, struct problem *reterr);
enum error db_begin_current(struct db *, struct problem *reterr);
enum error db_begin_read(struct db *, struct problem *reterr);
enum error db_commit(struct db *, struct problem *reterr);
void db_rollback(struct db *);

/*
 * Whether the last failure may go away when the whole transaction is run again
 * (deadlock 1213, lock wait 1205, certification 1180/3101, 1020, foreign key
 * 1451/1452, lost connection, a host that cannot serve any more or takes no
 * writes any more); whether it was a foreign key, so that what was
 * checked before is no longer so; and whether it came from COMMIT itself, so
 * that the outcome is unknown.
 */
bool db_should_retry(const struct db *);
bool db_reference_failed(const struct db *);
bool db_commit_unknown(const struct db *);

/* Whether the server of the connection is a member of a cluster whose others
 * take writes as well, so that it may be behind what they committed: in a group
 * unless db_begin_current() waited, and Galera 4 was seen to begin a few in a
 * thousand without. */
bool db_has_peers(const struct db *);

/* Whether the last failure was a read that the server ended: to run it again
 * would take as long again. */
bool db_was_ended(const struct db *);

/* Whether the last failure was a lost connection: outside a transaction what
 * was asked may have been done all the same. */
bool db_was_lost(const struct db *);

/* Whether the last failure was a lock that is not to be had at once. */
bool db_is_locked(const struct db *);

#define DB_NO_SUCH_TABLE 1146 /* of db_errno(): ER_NO_SUCH_TABLE */

/* The server's error number of the last failure, 0 if none. */
unsigned db_errno(const struct db *);

/* The server's number of the present connection, as CONNECTION_ID(); 0: there
 * is none. */
uint64_t db_connection(const struct db *);

/* Which of the settings' hosts it is to, from 0. */
unsigned db_host(const struct db *);

/* Counters since db_new(). */
struct db_counters {
	uint64_t statements;
	uint64_t connects;
	uint64_t reconnects; /* of these, after one was lost or refused */
	uint64_t retries;    /* statements run again after a lost connection */
	uint64_t microseconds; /* spent waiting for the database */
};
struct db_counters db_counters(const struct db *);

#endif
