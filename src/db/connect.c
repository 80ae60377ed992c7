/*
 * Making a connection: the socket, or one of the hosts in turn; TLS; what a
 * session needs. All of it within database.connect_timeout, and within what
 * time the request has left.
 */
#include <config.h>

#include <errmsg.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hosts.h"
#include "base/time.h"
#include "db/deadline.h"
#include "db/internal.h"

/* Both in microseconds. After a failed attempt to connect: refuse at once for
 * this long, so that a dead server costs one attempt and not one a request. */
#define CONNECT_PAUSE 100000
/* What closing a connection may take. */
#define CLOSE_MAX 10000

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

static MYSQL *
new_handle(const struct db_settings *settings, const char *socket)
{
	MYSQL *mysql = mysql_init(NULL);
	unsigned connect = (settings->connect_timeout_ms + 999) / 1000;
	unsigned no_files = 0;

	if (mysql == NULL)
		abort();
	mysql_options(mysql, MYSQL_SET_CHARSET_NAME, LOGIN_CHARSET);
	/* See deadline.h. But MariaDB's library asks a unix socket whose queue
	 * is full again only when it has a limit, and there is no TLS there. */
	if (socket != NULL)
		mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
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
log_in(struct db *db, const char *host, unsigned port, const char *socket)
{
	const struct db_settings *s = db->settings;
	const char *password = s->password[0] == '\0' ? NULL : s->password;
	unsigned tcp = MYSQL_PROTOCOL_TCP;
	MYSQL *mysql = db->mysql;
	bool reached;

	/* Or "localhost" would be the socket, whatever its port. */
	if (socket == NULL)
		mysql_options(mysql, MYSQL_OPT_PROTOCOL, &tcp);
	reached = mysql_real_connect(mysql, host, s->user, password,
		      s->database, port, socket, 0) != NULL;
	if (reached)
		db->fd = (int)mysql->net.fd;
	if (tls_is_wanted(s, socket) && tls_is_missing(mysql, reached))
		return refused(db, CR_SSL_CONNECTION_ERROR,
		    "the server offers no TLS, which database.tls_mode "
		    "demands");
	if (!reached || !session_set_up(db, mysql))
		return refused(db, mysql_errno(mysql), mysql_error(mysql));
	return true;
}

/* Where a name cannot be looked up now the library would try for 30 s. */
static bool
can_look_up(struct db *db, const char *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int error = getaddrinfo(host, NULL, &hints, &found);

	if (found != NULL)
		freeaddrinfo(found);
	if (error != EAI_AGAIN)
		return true;
	return refused(
	    db, CR_UNKNOWN_HOST, "the host's name cannot be looked up now");
}

/* In so many microseconds. */
static bool
connect_to(struct db *db, const char *host, unsigned port, const char *socket,
    uint64_t us)
{
	char late[64];
	bool made;

	db->mysql = new_handle(db->settings, socket);
	deadline_set(DEADLINE_NEW, time_monotonic() + us);
	made = (host == NULL || can_look_up(db, host)) &&
	       log_in(db, host, port, socket);
	if (deadline_clear()) {
		snprintf(late, sizeof(late), "no connection in %llu ms",
		    (unsigned long long)us / 1000);
		made = refused(db, CR_CONN_HOST_ERROR, late);
	}
	if (!made)
		db_disconnect(db);
	return made;
}

/* What one of n attempts may take of the time that is left. */
static uint64_t
share(const struct db *db, unsigned n)
{
	uint64_t left = db_left(db) / n;
	uint64_t most = (uint64_t)db->settings->connect_timeout_ms * 1000;

	return left < most ? left : most;
}

/* One attempt: the socket, or the hosts in turn from the last good one. */
static bool
connect_any(struct db *db)
{
	const struct db_settings *s = db->settings;
	struct str rest, entry;
	struct host_port host;
	unsigned n = 1, index;

	if (s->hosts[0] == '\0')
		return connect_to(db, NULL, 0, s->socket, share(db, 1));
	for (const char *p = s->hosts; *p != '\0'; p++)
		n += *p == ',';
	for (unsigned i = 0; i < n; i++) {
		index = (db->next_host + i) % n;
		rest = str_of(s->hosts);
		for (unsigned skip = 0; skip <= index; skip++)
			host_next(&rest, &entry);
		if (host_parse(entry, &host) &&
		    connect_to(
			db, host.host, host.port, NULL, share(db, n - i))) {
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
	if (time_monotonic() < db->not_before)
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
	db->not_before = time_monotonic() + CONNECT_PAUSE;
	return problem_log(
	    reterr, ERROR_UNAVAILABLE, "database: %s", db->refusal);
}

void
db_disconnect(struct db *db)
{
	if (db->mysql == NULL)
		return;
	/* The library may want to read what is left of an answer. */
	if (db->fd >= 0)
		deadline_set(db->fd, time_monotonic() + CLOSE_MAX);
	prepared_drop_all(db);
	mysql_close(db->mysql);
	deadline_clear();
	db->mysql = NULL;
	db->fd = -1;
}
