/*
 * A connection to a database that a connector names, in a child process.
 *
 * Must not touch struct db, and must not look up names: the address was judged
 * before.
 */
#include <config.h>

#include "db/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mysql.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATH_SIZE      32
#define CLIENT_SOCKET  2002
#define CLIENT_CONNECT 2003
#define CLIENT_GONE    2006
#define CLIENT_LOST    2013
#define CLIENT_TLS     2026

/* Login methods that do not show the password to a server that asks. */
#define SAFE_METHODS                                                  \
	"mysql_native_password,caching_sha2_password,client_ed25519," \
	"sha256_password"

static const struct {
	unsigned number;
	enum db_probe_outcome outcome;
} by_number[] = {
	{ 1040, DB_PROBE_BUSY }, /* too many connections */
	{ 1042, DB_PROBE_BUSY }, /* cannot resolve our name */
	{ 1044, DB_PROBE_DENIED }, { 1045, DB_PROBE_CREDENTIALS },
	{ 1047, DB_PROBE_BUSY }, /* a Galera node outside the cluster */
	{ 1049, DB_PROBE_NO_DATABASE },
	{ 1053, DB_PROBE_BUSY },   /* shutting down */
	{ 1129, DB_PROBE_BUSY },   /* blocked after many errors */
	{ 1130, DB_PROBE_DENIED }, /* not from our address */
	{ 1142, DB_PROBE_DENIED }, { 1203, DB_PROBE_BUSY },
	{ 1226, DB_PROBE_BUSY }, { 1698, DB_PROBE_CREDENTIALS },
	{ 1820, DB_PROBE_CREDENTIALS }, /* the password must be changed */
	{ 1862, DB_PROBE_CREDENTIALS }, /* the password has expired */
	{ 2007, DB_PROBE_NOT_MYSQL },   /* unknown protocol version */
	{ 2012, DB_PROBE_NOT_MYSQL },
	{ 2027, DB_PROBE_NOT_MYSQL }, /* malformed packet */
	{ CLIENT_TLS, DB_PROBE_TLS_FAILED },
	{ 3032, DB_PROBE_BUSY },        /* offline mode */
	{ 3118, DB_PROBE_CREDENTIALS }, /* the account is locked */
	{ 3159, DB_PROBE_TLS_REQUIRED },
	{ 4151, DB_PROBE_CREDENTIALS }, /* the account is locked */
};

static const struct {
	int number;
	enum db_probe_outcome outcome;
} by_errno[] = {
	{ ECONNREFUSED, DB_PROBE_CONNECTION_REFUSED },
	{ EHOSTUNREACH, DB_PROBE_HOST_UNREACHABLE },
	{ ENETUNREACH, DB_PROBE_HOST_UNREACHABLE },
	{ EHOSTDOWN, DB_PROBE_HOST_UNREACHABLE },
	{ ETIMEDOUT, DB_PROBE_TIMEOUT },
};

static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The number behind a phrase in a text; 0 if it is not there. */
static unsigned
number_behind(const char *text, const char *phrase)
{
	const char *at = strstr(text, phrase);

	return at == NULL ? 0
			  : (unsigned)strtoul(at + strlen(phrase), NULL, 10);
}

/* Connector/C wraps what a server says before TLS in an error of its own. */
static unsigned
error_number(MYSQL *mysql)
{
	unsigned inner =
	    number_behind(mysql_error(mysql), "cannot be verified: ");

	return inner != 0 ? inner : mysql_errno(mysql);
}

/* Why there is no connection. The client library often has only EINPROGRESS
 * to tell, so it is tried once more, by hand. */
static int
connect_error(const struct db_probe_target *target)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address;
	struct timeval limit = { 1, 0 };
	int fd, error = 0;

	in->sin_family = AF_INET;
	if (inet_pton(AF_INET, target->address, &in->sin_addr) != 1) {
		in6->sin6_family = AF_INET6;
		if (inet_pton(AF_INET6, target->address, &in6->sin6_addr) != 1)
			return EINVAL;
	}
	/* The port stands at the same place in both. */
	in->sin_port = htons((uint16_t)target->port);
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		error = errno == EINPROGRESS ? ETIMEDOUT : errno;
	close(fd);
	return error;
}

/* The clock tells time-outs from the rest: the errno in the client library's
 * texts is often one of before. */
static enum db_probe_outcome
client_outcome(
    const struct db_probe_target *target, unsigned number, int64_t elapsed_us)
{
	int error;

	if (elapsed_us >= (int64_t)target->connect_timeout_ms * 1000)
		return DB_PROBE_TIMEOUT;
	if (number == CLIENT_GONE || number == CLIENT_LOST)
		return DB_PROBE_CUT;
	if (number != CLIENT_SOCKET && number != CLIENT_CONNECT)
		return DB_PROBE_FAILED;
	/* Who takes a connection the second time broke off the first. */
	error = connect_error(target);
	if (error == 0 || error == ECONNRESET)
		return DB_PROBE_CUT;
	for (size_t i = 0; i < N_ELEMENTS(by_errno); i++)
		if (by_errno[i].number == error)
			return by_errno[i].outcome;
	return DB_PROBE_CONNECTION_FAILED;
}

static enum db_probe_outcome
outcome_of(
    const struct db_probe_target *target, unsigned number, int64_t elapsed_us)
{
	for (size_t i = 0; i < N_ELEMENTS(by_number); i++)
		if (by_number[i].number == number)
			return by_number[i].outcome;
	if (number < 2000 || number > 2999)
		return DB_PROBE_FAILED;
	return client_outcome(target, number, elapsed_us);
}

/* The libraries read PEM from files only; this one has no name. The child's
 * end closes it. */
static void
set_pem(MYSQL *mysql, enum mysql_option option, struct str pem)
{
	char path[PATH_SIZE];
	int fd;

	if (pem.len == 0)
		return;
	fd = memfd_create("pem", MFD_CLOEXEC);
	if (fd < 0 || write(fd, pem.ptr, pem.len) != (ssize_t)pem.len)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	mysql_options(mysql, option, path);
}

static void
set_tls(MYSQL *mysql, bool use_tls)
{
#if HAVE_DECL_MYSQL_OPT_SSL_MODE
	unsigned mode = use_tls ? SSL_MODE_REQUIRED : SSL_MODE_DISABLED;

	mysql_options(mysql, MYSQL_OPT_SSL_MODE, &mode);
#else
	my_bool enforce = use_tls, verify = 0;

	mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &enforce);
	mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
#endif
}

static void
set_methods(MYSQL *mysql)
{
#ifdef MARIADB_PACKAGE_VERSION_ID
	mysql_options(mysql, MARIADB_OPT_RESTRICTED_AUTH, SAFE_METHODS);
#else
	/* libmysqlclient has its clear text method switched off. */
	(void)mysql;
#endif
}

static void
set_certificate(MYSQL *mysql, const struct db_probe_target *target)
{
	if (target->certificate.len == 0)
		return;
	set_pem(mysql, MYSQL_OPT_SSL_CERT, target->certificate);
	set_pem(mysql, MYSQL_OPT_SSL_KEY,
	    target->private_key.len > 0 ? target->private_key
					: target->certificate);
#ifdef MARIADB_PACKAGE_VERSION_ID
	if (target->passphrase[0] != 0)
		mysql_options(
		    mysql, MARIADB_OPT_TLS_PASSPHRASE, target->passphrase);
#endif
}

static MYSQL *
open_handle(const struct db_probe_target *target, bool use_tls)
{
	MYSQL *mysql = mysql_init(NULL);
	unsigned connect = target->connect_timeout_ms / 1000 + 1;
	unsigned rest = target->timeout_ms / 1000 + 1;
	unsigned no_files = 0;

	if (mysql == NULL)
		abort();
	mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
	mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &rest);
	mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &rest);
	mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &no_files);
	set_methods(mysql);
	set_tls(mysql, use_tls);
	set_certificate(mysql, target);
	return mysql;
}

/* Whether the server has no TLS at all. */
static bool
lacks_tls(MYSQL *mysql)
{
	const char *text = mysql_error(mysql);

	return mysql_errno(mysql) == CLIENT_TLS &&
	       (strstr(text, "does not support") != NULL ||
		   strstr(text, "doesn't support") != NULL);
}

static bool
connect_handle(MYSQL *mysql, const struct db_probe_target *target)
{
	const char *database =
	    target->database[0] == 0 ? NULL : target->database;

	return mysql_real_connect(mysql, target->address, target->user,
		   target->password, database, target->port, NULL, 0) != NULL;
}

/* With TLS if the server has it. */
static MYSQL *
connect_to(const struct db_probe_target *target, bool *ret_connected)
{
	MYSQL *mysql = open_handle(target, true);

	*ret_connected = connect_handle(mysql, target);
	if (*ret_connected || !lacks_tls(mysql))
		return mysql;
	mysql_close(mysql);
	mysql = open_handle(target, false);
	*ret_connected = connect_handle(mysql, target);
	return mysql;
}

static bool
select_one(MYSQL *mysql)
{
	MYSQL_RES *rows;
	bool has_row;

	if (mysql_query(mysql, "SELECT 1") != 0)
		return false;
	rows = mysql_store_result(mysql);
	if (rows == NULL)
		return false;
	has_row = mysql_num_rows(rows) == 1;
	mysql_free_result(rows);
	return has_row;
}

static void
try_out(const struct db_probe_target *target, struct db_probe_result *ret)
{
	int64_t started = now_us();
	MYSQL *mysql = connect_to(target, &ret->is_connected);

	ret->connect_us = now_us() - started;
	if (!ret->is_connected) {
		ret->number = error_number(mysql);
		ret->outcome = outcome_of(target, ret->number, ret->connect_us);
		return;
	}
	ret->is_encrypted = mysql_get_ssl_cipher(mysql) != NULL;
	started = now_us();
	ret->outcome = select_one(mysql) ? DB_PROBE_OK : DB_PROBE_QUERY_FAILED;
	ret->number = mysql_errno(mysql);
	ret->query_us = now_us() - started;
	mysql_close(mysql);
}

static _Noreturn void
be_child(const struct db_probe_target *target, pid_t parent, int fd)
{
	struct db_probe_result result = { 0 };

	/* Two more ways to end, should the parent not be there to kill. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGALRM, SIG_DFL);
	alarm(target->timeout_ms / 1000 + 2);
	if (getppid() != parent)
		_exit(1);
	try_out(target, &result);
	if (write(fd, &result, sizeof(result)) != (ssize_t)sizeof(result))
		_exit(1);
	_exit(0);
}

/* Waits for the child's result; false if it did not come in time. */
static bool
await(int fd, int64_t deadline_us, struct db_probe_result *ret)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int ready;

	do {
		int64_t left = (deadline_us - now_us() + 999) / 1000;

		ready = poll(&wait, 1, left > 0 ? (int)left : 0);
	} while (ready < 0 && errno == EINTR);
	return ready > 0 &&
	       read(fd, ret, sizeof(*ret)) == (ssize_t)sizeof(*ret);
}

static void
reap(pid_t child)
{
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

enum error
db_probe(const struct db_probe_target *target, struct db_probe_result *ret,
    struct problem *reterr)
{
	int64_t started = now_us();
	int64_t deadline = started + (int64_t)target->timeout_ms * 1000;
	struct db_probe_result result = { 0 };
	pid_t parent = getpid(), child;
	int pipe_fds[2];

	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return problem_log(reterr, ERROR_INTERNAL, "no pipe");
	child = fork();
	if (child == 0)
		be_child(target, parent, pipe_fds[1]);
	close(pipe_fds[1]);
	if (child > 0 && !await(pipe_fds[0], deadline, &result)) {
		/* A child that ended by itself had a bad time of it. */
		result = (struct db_probe_result){
			.outcome = now_us() >= deadline ? DB_PROBE_TIMEOUT
							: DB_PROBE_FAILED,
			.connect_us = now_us() - started,
		};
	}
	close(pipe_fds[0]);
	if (child < 0)
		return problem_log(reterr, ERROR_INTERNAL, "no process");
	reap(child);
	*ret = result;
	return OK;
}
