/*
 * One connection: made when first needed, made anew when lost; transactions.
 *
 * Reconnects by itself and never by the client library's option (a no-op since
 * MySQL 8.3, and it would hide lost transactions). Must not write SQL for
 * data: it only says what keeps a session and a transaction in order.
 */
#include <config.h>

#include "db/db.h"

#include <errmsg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hosts.h"
#include "db/internal.h"

/* After a failed attempt to connect: refuse at once for this long, so that a
 * dead server costs one attempt and not one a request. */
#define CONNECT_PAUSE_NS 100000000

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct db *
db_new(const struct db_settings *settings)
{
	struct db *db = calloc(1, sizeof(*db));

	if (db == NULL)
		abort();
	db->settings = settings;
	db->prepared = calloc(settings->statement_cache, sizeof(*db->prepared));
	if (db->prepared == NULL)
		abort();
	return db;
}

void
db_free(struct db *db)
{
	if (db == NULL)
		return;
	db_disconnect(db);
	free(db->prepared);
	free(db);
}

void
db_release(struct db *db)
{
	db_disconnect(db);
	db->in_transaction = false;
}

void
db_disconnect(struct db *db)
{
	if (db->mysql == NULL)
		return;
	prepared_drop_all(db);
	mysql_close(db->mysql);
	db->mysql = NULL;
}

enum error
db_fail(
    struct db *db, unsigned number, const char *text, struct problem *reterr)
{
	enum failure failure = db_failure(number);
	enum error error = ERROR_INTERNAL;

	db->last_errno = number;
	if (failure == FAILURE_DUPLICATE)
		error = ERROR_CONFLICT;
	else if (failure != FAILURE_OTHER)
		error = ERROR_UNAVAILABLE;
	problem_log(reterr, error, "database: %u %s", number, text);
	if (failure == FAILURE_ENDED)
		problem_log(reterr, error,
		    "database: %u %s; a read may take %u ms "
		    "(database.read_limit)",
		    number, text, db->settings->read_limit_ms);
	if (failure == FAILURE_LOST || failure == FAILURE_AWAY) {
		db->broken = true;
		db_disconnect(db);
	}
	return error;
}

/*
 * In which the names of account and database are sent; what the session has is
 * in session.c. libmysqlclient names utf8mb4 by a number that MariaDB before
 * 11.4 does not know, so that it takes its own default for it. No server takes
 * letters of four bytes in these names.
 */
#ifdef MARIADB_PACKAGE_VERSION
#define LOGIN_CHARSET "utf8mb4"
#else
#define LOGIN_CHARSET "utf8mb3"
#endif

static unsigned
seconds(unsigned ms)
{
	return ms < 1000 ? 1 : (ms + 999) / 1000;
}

static MYSQL *
new_handle(const struct db_settings *settings, const char *socket)
{
	MYSQL *mysql = mysql_init(NULL);
	unsigned connect = seconds(settings->connect_timeout_ms);
	unsigned wait = seconds(settings->read_timeout_ms);
	unsigned no_files = 0;

	if (mysql == NULL)
		abort();
	mysql_options(mysql, MYSQL_SET_CHARSET_NAME, LOGIN_CHARSET);
	mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
	mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &wait);
	mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &wait);
	mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &no_files);
#if HAVE_DECL_MYSQL_OPT_GET_SERVER_PUBLIC_KEY
	db_bool yes = 1;

	mysql_options(mysql, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &yes);
#endif
	tls_set(mysql, settings, socket);
	return mysql;
}

/* Notes why an attempt failed; number is 0 where the library names none. */
static bool
refused(struct db *db, unsigned number, const char *why)
{
	db->last_errno = number;
	if (number == 0)
		snprintf(db->refusal, sizeof(db->refusal), "%s",
		    "the server does not answer as a database");
	else
		snprintf(
		    db->refusal, sizeof(db->refusal), "%u %s", number, why);
	return false;
}

static bool
connect_to(struct db *db, const char *host, unsigned port, const char *socket)
{
	const struct db_settings *s = db->settings;
	const char *password = s->password[0] == '\0' ? NULL : s->password;
	unsigned tcp = MYSQL_PROTOCOL_TCP;
	MYSQL *mysql = new_handle(s, socket);
	bool reached;

	db->mysql = mysql;
	/* Or "localhost" would be the socket, whatever its port. */
	if (socket == NULL)
		mysql_options(mysql, MYSQL_OPT_PROTOCOL, &tcp);
	reached = mysql_real_connect(mysql, host, s->user, password,
		      s->database, port, socket, 0) != NULL;
	if (tls_is_wanted(s, socket) && tls_is_missing(mysql, reached))
		return refused(db, CR_SSL_CONNECTION_ERROR,
		    "the server offers no TLS, which database.tls_mode "
		    "demands");
	if (!reached || !session_set_up(db, mysql))
		return refused(db, mysql_errno(mysql), mysql_error(mysql));
	return true;
}

/* One attempt: the socket, or the hosts in turn from the last good one. */
static bool
connect_any(struct db *db)
{
	const struct db_settings *s = db->settings;
	struct str rest, entry;
	struct host_port host;
	unsigned n = 0, index = 0;

	if (s->hosts[0] == '\0')
		return connect_to(db, NULL, 0, s->socket);
	for (const char *p = s->hosts; *p != '\0'; p++)
		n += *p == ',';
	for (unsigned i = 0; i <= n; i++) {
		index = (db->next_host + i) % (n + 1);
		rest = str_of(s->hosts);
		for (unsigned skip = 0; skip <= index; skip++)
			host_next(&rest, &entry);
		if (db->mysql != NULL)
			db_disconnect(db);
		if (host_parse(entry, &host) &&
		    connect_to(db, host.host, host.port, NULL)) {
			db->next_host = index;
			return true;
		}
	}
	return false;
}

static void
note_connected(struct db *db)
{
	db->counters.connects++;
	if (db->broken)
		db->counters.reconnects++;
	db->broken = false;
	db->not_before = 0;
}

enum error
db_connect(struct db *db, struct problem *reterr)
{
	if (db->mysql != NULL)
		return OK;
	if (now_ns() < db->not_before)
		return problem_log(reterr, ERROR_UNAVAILABLE,
		    "database: %s (tried a moment ago)", db->refusal);
	db->last_errno = 0;
	snprintf(db->refusal, sizeof(db->refusal), "%s",
	    "no host is configured rightly");
	if (connect_any(db)) {
		note_connected(db);
		return OK;
	}
	db->broken = true;
	db_disconnect(db);
	db->not_before = now_ns() + CONNECT_PAUSE_NS;
	return problem_log(
	    reterr, ERROR_UNAVAILABLE, "database: %s", db->refusal);
}

/* One run of a statement on the present connection. */
static enum error
run_once(struct db *db, struct arena *arena, const struct statement *statement,
    struct rows *ret, struct problem *reterr)
{
	struct prepared *prepared;
	const char *text = "";
	unsigned number = 0;

	TRY(db_connect(db, reterr));
	db->counters.statements++;
	prepared = prepared_get(db, statement->text, &number, &text);
	if (prepared != NULL)
		prepared_run(
		    db, prepared, arena, statement, ret, &number, &text);
	if (number == 0)
		return OK;
	return db_fail(db, number, arena_copy(arena, str_of(text)).ptr, reterr);
}

/* What belongs to a transaction must not run on another connection. */
static enum error
check_transaction(struct db *db, struct problem *reterr)
{
	if (!db->in_transaction || db->mysql != NULL)
		return OK;
	db->last_errno = CR_SERVER_LOST;
	return problem_log(reterr, ERROR_UNAVAILABLE,
	    "database: the connection of the transaction is gone");
}

enum error
db_run(struct db *db, struct arena *arena, const struct statement *statement,
    struct rows *ret, struct problem *reterr)
{
	int64_t begin = now_ns();
	enum error error;

	db->last_errno = 0;
	db->commit_unknown = false;
	TRY(check_transaction(db, reterr));
	error = run_once(db, arena, statement, ret, reterr);
	if (error != OK && !db->in_transaction &&
	    db_failure(db->last_errno) == FAILURE_LOST) {
		db->counters.retries++;
		error = run_once(db, arena, statement, ret, reterr);
	}
	db->counters.nanoseconds += (uint64_t)(now_ns() - begin);
	return error;
}

static enum error
query_text(struct db *db, struct str text, struct problem *reterr)
{
	MYSQL_RES *result;
	int more;

	db->last_errno = 0;
	TRY(db_connect(db, reterr));
	db->counters.statements++;
	if (mysql_real_query(db->mysql, text.ptr, (unsigned long)text.len) != 0)
		return db_fail(db, mysql_errno(db->mysql),
		    arena_copy(reterr->arena, str_of(mysql_error(db->mysql)))
			.ptr,
		    reterr);
	do {
		result = mysql_store_result(db->mysql);
		if (result != NULL)
			mysql_free_result(result);
		more = mysql_next_result(db->mysql);
	} while (more == 0);
	return OK;
}

enum error
db_execute(struct db *db, struct str text, struct problem *reterr)
{
	int64_t begin = now_ns();
	enum error error;

	TRY(check_transaction(db, reterr));
	error = query_text(db, text, reterr);
	if (error != OK && !db->in_transaction &&
	    db_failure(db->last_errno) == FAILURE_LOST) {
		db->counters.retries++;
		error = query_text(db, text, reterr);
	}
	db->counters.nanoseconds += (uint64_t)(now_ns() - begin);
	return error;
}

enum error
db_begin(struct db *db, struct problem *reterr)
{
	db->commit_unknown = false;
	TRY(db_execute(db, STR("START TRANSACTION"), reterr));
	db->in_transaction = true;
	return OK;
}

enum error
db_commit(struct db *db, struct problem *reterr)
{
	enum error error = db_execute(db, STR("COMMIT"), reterr);

	db->in_transaction = false;
	db->commit_unknown =
	    error != OK && db_failure(db->last_errno) == FAILURE_LOST;
	return error;
}

void
db_rollback(struct db *db)
{
	if (!db->in_transaction)
		return;
	db->in_transaction = false;
	if (db->mysql != NULL &&
	    mysql_real_query(db->mysql, "ROLLBACK", 8) != 0)
		db_disconnect(db);
}

bool
db_should_retry(const struct db *db)
{
	enum failure failure = db_failure(db->last_errno);

	return failure == FAILURE_RETRY || failure == FAILURE_REFERENCE ||
	       failure == FAILURE_LOST;
}

bool
db_reference_failed(const struct db *db)
{
	return db_failure(db->last_errno) == FAILURE_REFERENCE;
}

bool
db_was_ended(const struct db *db)
{
	return db_failure(db->last_errno) == FAILURE_ENDED;
}

bool
db_commit_unknown(const struct db *db)
{
	return db->commit_unknown;
}

unsigned
db_errno(const struct db *db)
{
	return db->last_errno;
}

uint64_t
db_affected(const struct db *db)
{
	return db->affected;
}

int64_t
db_insert_id(const struct db *db)
{
	return db->insert_id;
}

struct db_counters
db_counters(const struct db *db)
{
	return db->counters;
}

int64_t
db_insert_step(const struct db *db)
{
	return db->insert_step;
}
