/*
 * What db.c (statements), transaction.c, hosts.c (which host is used),
 * connect.c (making a connection), tls.c, session.c (what a session relies on),
 * failure.c (error numbers) and prepared.c (prepared statements, rows) share.
 * No file outside src/db includes it.
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

/* What the server is part of, if its members all take writes. */
enum cluster {
	CLUSTER_NONE,
	CLUSTER_GALERA,
	CLUSTER_GROUP, /* Group Replication with several primaries */
};

/* A connection and what its server is. */
struct session {
	MYSQL *mysql;    /* NULL: not connected */
	int fd;          /* its socket */
	bool is_mariadb; /* the server; else it is MySQL */
	bool returns;    /* it knows INSERT ... RETURNING */
	bool writable;   /* when session_judge() asked last */
	enum cluster cluster;
	int64_t insert_step; /* @@auto_increment_increment */
	unsigned host;       /* which of settings->hosts it is, from 0 */
	uint64_t made;       /* time_monotonic() */
};

/* Of one host. */
struct host_state {
	uint64_t rests_until; /* time_monotonic(): until then others go first */
	uint64_t tried;       /* the number of the last search that tried it */
};

struct db {
	const struct db_settings *settings;
	struct session session;
	struct prepared **prepared; /* settings->statement_cache places */
	size_t n_prepared;
	uint64_t tick;             /* counts runs, for "least recently used" */
	struct host_state *hosts;  /* n_hosts; the socket is one as well */
	struct db_host_news *news; /* DB_NEWS_MAX places, or NULL */
	unsigned n_hosts;
	unsigned next_host; /* where the next search begins */
	uint64_t searches;
	bool cut_short;      /* the last search ran out of time, so it tells
			      * nothing */
	uint64_t not_before; /* time_monotonic(): no search earlier, ... */
	uint64_t look_again; /* ... and none for what only reads */
	uint64_t begun;      /* when the present call began; 0: there is none */
	uint64_t allowed;    /* microseconds; of counters.microseconds */
	char refusal[256];   /* why the last attempt failed */
	bool broken;         /* the last connection was lost or refused */
	bool in_transaction;
	bool is_changed; /* the session has the settings of a transaction */
	bool commit_unknown;
	bool turned; /* the last failure: a server that took writes
		      * takes none */
	unsigned last_errno;
	char error[512]; /* of a statement that is closed already */
	uint64_t affected;
	int64_t insert_id;
	struct db_counters counters;
};

/* The server wants the transaction to be run again. */
#define ERROR_DEADLOCK 1213

/* What an error number of the server or of the client library means here. */
enum failure {
	FAILURE_OTHER,     /* a fault of this program */
	FAILURE_DUPLICATE, /* a unique key is taken */
	FAILURE_REFERENCE, /* a row that is referred to was changed */
	FAILURE_RETRY,     /* run the transaction again */
	FAILURE_LOST,      /* the connection is gone */
	FAILURE_LEAVE,     /* this host cannot serve; another may */
	FAILURE_READ_ONLY, /* this host takes no writes; another may */
	FAILURE_AWAY,      /* the server cannot serve now */
	FAILURE_ENDED,     /* the server broke the statement off */
	FAILURE_NOT_NOW,   /* no room for this statement; try again later */
};
enum failure db_failure(unsigned number);

/* Notes a failure and gives the error for it; drops a lost connection. */
enum error db_fail(
    struct db *, unsigned number, const char *text, struct problem *reterr);

/* A call of db.h that waits for the database: its begin, which forgets the last
 * failure, and its end; both count the time. */
void db_call_begin(struct db *);
void db_call_end(struct db *);

/* What may be sent: a transaction's statements only on its own connection. */
enum error db_call_check(struct db *, struct problem *reterr);

/* Before the library waits for an answer, which deadline_clear() ends; returns
 * for how many microseconds it may. */
uint64_t db_wait_begin(struct db *);

/* Sends a text and reads what comes, within the caller's wait; false:
 * mysql_error() says why not. */
bool db_send(MYSQL *, struct str text);

/* The same as a wait of its own. */
enum error db_query(struct db *, struct str text, struct problem *reterr);

/* The error that the library has for the connection. */
enum error db_last_failure(struct db *, struct problem *reterr);

/* Whether the last failure has to do with the connection or its host, and not
 * with the statement. */
bool db_is_lost(const struct db *);

/* Whether a statement that does no harm twice should be run again after the
 * error: it may have been done already. */
bool db_should_repeat(struct db *, enum error);

/* Microseconds that are left for waiting, see db_limit(). */
uint64_t db_left(const struct db *);

/*
 * In hosts.c. Makes sure there is a connection; writes: to a host that can be
 * written to, as long as there is one. Else the server itself refuses them.
 */
enum error db_connect(struct db *, bool writes, struct problem *reterr);
void db_disconnect(struct db *);

/* The host of the connection comes last for a while. */
void db_leave_host(struct db *);

/* The host of the connection has answered. */
void db_note_answer(struct db *);

/*
 * The host of the connection has not answered for so many microseconds. It is
 * left if that was at least half of the time of a whole request, or half of the
 * limit (milliseconds): a request with little time left cannot tell a dead
 * server from a busy one. And only if no other worker got an answer from it
 * meanwhile: otherwise the host is well and the statement waits for a lock.
 */
void db_note_silence(struct db *, uint64_t us, unsigned limit_ms);

/* The hosts of the settings, at least 1. */
unsigned db_count_hosts(const struct db_settings *);

/* In connect.c. Connects to a host in at most so many microseconds; host is
 * NULL for the socket. False: db->refusal and db->last_errno say why not. */
bool session_open(struct db *, const char *host, unsigned port, uint64_t us,
    struct session *ret);
/* Closes it, within SESSION_CLOSE_MAX microseconds whatever the server does;
 * one that is not open is accepted. */
#define SESSION_CLOSE_MAX 10000
void session_close(struct session *);

/* Whether a server with this VERSION() knows INSERT ... RETURNING: MariaDB does
 * from 10.5 on. */
bool session_knows_returning(const char *version);

/* Sets all that statements rely on, on a connection that was just made. False:
 * mysql_error() says why not, or the server gave no answer of use. */
bool session_set_up(const struct db *, struct session *);

/* Asks the server what it is and whether it takes writes. False as above. */
bool session_judge(struct session *);

/* The text to prepare for a statement: one that only reads gets the limit of
 * settings->read_limit_ms. Lies in buf, which the caller made, or is text. */
struct str session_limited(const struct db *, struct buf *buf, struct str text);

/* Whether a connection must have TLS; socket is NULL for TCP. */
bool tls_is_wanted(const struct db_settings *, const char *socket);

/* Whether the server that was asked has no TLS; reached is whether the library
 * took it nevertheless, which MariaDB's does. False if no server answered. */
bool tls_is_missing(MYSQL *, bool reached);

/* Sets what tls_mode and tls_ca say for a connection that is to be made. */
void tls_set(MYSQL *, const struct db_settings *, const char *socket);

/*
 * While a connection is made whose server is not verified, OpenSSL finds no
 * file of the system's authorities. Both libraries load it for every connection
 * nevertheless, which takes longer (30 ms) than all the rest of it. The second
 * function undoes the first.
 */
struct tls_authorities {
	bool hidden;
	char *file; /* what SSL_CERT_FILE was; NULL: not set */
};
struct tls_authorities tls_hide_authorities(
    const struct db_settings *, const char *socket);
void tls_show_authorities(struct tls_authorities *);

/* Finds or prepares a statement; runs it and reads its rows. Both say what
 * went wrong by the statement's own error number in *number, 0 for success. */
struct prepared *prepared_get(
    struct db *, struct str text, unsigned *number, const char **error);
void prepared_run(struct db *, struct prepared *, struct arena *,
    const struct statement *, struct rows *ret, unsigned *number,
    const char **error);
void prepared_drop_all(struct db *);

#endif
