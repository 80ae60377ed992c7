/*
 * Making a connection: to the socket or to one host; TLS; what a session needs.
 * All of it within a time that the caller gives. Must not choose the host.
 */
#include <config.h>

#include <errmsg.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "db/deadline.h"
#include "db/internal.h"

/*
 * The character set in which the names of account and database are sent; that
 * of the session is in session.c. libmysqlclient names utf8mb4 by a number that
 * MariaDB before 11.4 does not know and takes for its default. No server allows
 * characters of four bytes in these names.
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
	/* See deadline.h for why there is no limit otherwise. MariaDB's library
	 * tries a unix socket whose queue is full again only if it has a limit;
	 * and there is no TLS on it. */
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

/* NULL: the connection is made; else why not, *number being 0 where the library
 * names none. */
static const char *
log_in(struct db *db, struct session *session, const char *host, unsigned port,
    unsigned *number)
{
	const struct db_settings *s = db->settings;
	const char *password = s->password[0] == '\0' ? NULL : s->password;
	const char *socket = host == NULL ? s->socket : NULL;
	MYSQL *mysql = session->mysql;
	unsigned tcp = MYSQL_PROTOCOL_TCP;
	struct tls_authorities authorities;
	bool reached;

	/* Otherwise the library takes "localhost" for the socket, whatever the
	 * port. */
	if (socket == NULL)
		mysql_options(mysql, MYSQL_OPT_PROTOCOL, &tcp);
	authorities = tls_hide_authorities(s, socket);
	reached = mysql_real_connect(mysql, host, s->user, password,
		      s->database, port, socket, 0) != NULL;
	tls_show_authorities(&authorities);
	if (reached)
		session->fd = (int)mysql->net.fd;
	if (tls_is_wanted(s, socket) && tls_is_missing(mysql, reached)) {
		*number = CR_SSL_CONNECTION_ERROR;
		return "the server offers no TLS, which database.tls_mode "
		       "demands";
	}
	if (reached && session_set_up(db, session))
		return NULL;
	*number = mysql_errno(mysql);
	return *number != 0 ? mysql_error(mysql)
			    : "the server does not answer as a database that "
			      "can serve";
}

/* Where a name cannot be looked up now the library would try for 30 s. */
static bool
can_look_up(const char *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int error = getaddrinfo(host, NULL, &hints, &found);

	if (found != NULL)
		freeaddrinfo(found);
	return error != EAI_AGAIN;
}

static void
note_refusal(struct db *db, unsigned number, const char *why)
{
	db->last_errno = number == 0 ? CR_CONN_HOST_ERROR : number;
	snprintf(
	    db->refusal, sizeof(db->refusal), "%u %s", db->last_errno, why);
}

bool
session_open(struct db *db, const char *host, unsigned port, uint64_t us,
    struct session *ret)
{
	const char *socket = host == NULL ? db->settings->socket : NULL;
	const char *why = "the host's name cannot be looked up now";
	unsigned number = 0;
	char late[64];

	*ret = (struct session){ .mysql = new_handle(db->settings, socket),
		.fd = -1 };
	deadline_set(DEADLINE_NEW, time_monotonic() + us);
	if (host == NULL || can_look_up(host))
		why = log_in(db, ret, host, port, &number);
	if (deadline_clear()) {
		snprintf(late, sizeof(late), "no connection in %llu ms",
		    (unsigned long long)us / 1000);
		number = 0;
		why = late;
	}
	if (why == NULL)
		return true;
	note_refusal(db, number, why);
	session_close(ret);
	return false;
}

void
session_close(struct session *session)
{
	if (session->mysql == NULL)
		return;
	/* The library may want to read what is left of an answer. */
	if (session->fd >= 0)
		deadline_set(session->fd, time_monotonic() + SESSION_CLOSE_MAX);
	mysql_close(session->mysql);
	deadline_clear();
	*session = (struct session){ .fd = -1 };
}
