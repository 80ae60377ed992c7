/*
 * The exchange with a server, from the connection to the one row, and what its
 * errors mean.
 *
 * Must not send anything secret: probe_login.c does.
 */
#include <config.h>

#include "db/probe_session.h"

#include <string.h>

#include "base/time.h"
#include "db/probe_tls.h"

#define PROTOCOL_VERSION 10
#define NONCE_FIRST      8 /* bytes of the challenge in the first part */
#define QUIT             "\1"
#define SELECT_ONE       "\3SELECT 1"
#define UTF8MB4          45 /* utf8mb4_general_ci */
#define BEGIN_SIZE       32 /* bytes of session_begin() */

/*
 * Errors that tell something, at whatever step they come: a server may let an
 * account in and then refuse all it asks for.
 */
static const struct {
	unsigned number;
	enum db_probe_outcome outcome;
} by_number[] = {
	{ 1040, DB_PROBE_BUSY }, /* too many connections */
	{ 1042, DB_PROBE_BUSY }, /* cannot resolve the name of this host */
	{ 1044, DB_PROBE_DENIED }, { 1045, DB_PROBE_CREDENTIALS },
	{ 1047, DB_PROBE_BUSY }, /* a Galera node outside the cluster */
	{ 1049, DB_PROBE_NO_DATABASE },
	{ 1053, DB_PROBE_BUSY },   /* shutting down */
	{ 1129, DB_PROBE_BUSY },   /* blocked after many errors */
	{ 1130, DB_PROBE_DENIED }, /* not from this address */
	{ 1142, DB_PROBE_DENIED }, { 1143, DB_PROBE_DENIED },
	{ 1203, DB_PROBE_BUSY }, { 1226, DB_PROBE_BUSY },
	{ 1227, DB_PROBE_DENIED },
	{ 1251, DB_PROBE_METHOD }, /* the account's method is another */
	{ 1275, DB_PROBE_METHOD }, /* the account has an old password */
	{ 1524, DB_PROBE_METHOD }, /* the account's method is switched off */
	{ 1698, DB_PROBE_CREDENTIALS },
	{ 1820, DB_PROBE_CREDENTIALS }, /* the password must be changed */
	{ 1862, DB_PROBE_CREDENTIALS }, /* the password has expired */
	{ 3032, DB_PROBE_BUSY },        /* offline mode */
	{ 3118, DB_PROBE_CREDENTIALS }, /* the account is locked */
	{ 3159, DB_PROBE_TLS_REQUIRED },
	{ 3955, DB_PROBE_CREDENTIALS }, /* locked after wrong passwords */
	{ 4151, DB_PROBE_CREDENTIALS }, /* the account is locked (MariaDB) */
};

enum db_probe_outcome
session_error(struct session *s)
{
	const unsigned char *head = s->wire.head;

	s->result->number =
	    s->wire.len < 3 ? 0 : head[1] | (unsigned)head[2] << 8;
	for (size_t i = 0; i < N_ELEMENTS(by_number); i++)
		if (by_number[i].number == s->result->number)
			return by_number[i].outcome;
	return DB_PROBE_FAILED;
}

/* Cuts n bytes off; NULL if there are fewer. */
static const unsigned char *
take(struct str *rest, size_t n)
{
	const char *bytes = rest->ptr;

	if (rest->len < n)
		return NULL;
	*rest = str_from(*rest, n);
	return (const unsigned char *)bytes;
}

static unsigned
number_of(const unsigned char *two)
{
	return two[0] | (unsigned)two[1] << 8;
}

/* The second part of the challenge and the method that it is for. */
static bool
parse_method(struct str rest, size_t n_nonce, struct greeting *ret)
{
	/* The length counts both parts, and means one NUL at least. */
	size_t size = n_nonce > SESSION_NONCE_SIZE
			  ? n_nonce - NONCE_FIRST
			  : SESSION_NONCE_SIZE - NONCE_FIRST + 1;
	const unsigned char *nonce = take(&rest, size);

	if (nonce == NULL)
		return false;
	memcpy(
	    ret->nonce + NONCE_FIRST, nonce, SESSION_NONCE_SIZE - NONCE_FIRST);
	if ((ret->capabilities & CLIENT_PLUGIN_AUTH) == 0)
		return true;
	rest.len = str_find(rest, '\0');
	if (rest.len >= sizeof(ret->method))
		return false;
	memcpy(ret->method, rest.ptr, rest.len);
	return true;
}

bool
greeting_parse(struct str rest, struct greeting *ret)
{
	const unsigned char *version = take(&rest, 1), *nonce, *low, *high;

	*ret = (struct greeting){ 0 };
	if (version == NULL || *version != PROTOCOL_VERSION)
		return false;
	/* The version of the server and the number of the connection. */
	rest = str_from(rest, str_find(rest, '\0') + 1);
	if (take(&rest, 4) == NULL)
		return false;
	nonce = take(&rest, NONCE_FIRST + 1);
	low = take(&rest, 2 + 1 + 2);
	high = take(&rest, 2 + 1 + 10);
	if (nonce == NULL || low == NULL || high == NULL)
		return false;
	memcpy(ret->nonce, nonce, NONCE_FIRST);
	ret->capabilities = number_of(low) | number_of(high) << 16;
	return parse_method(rest, high[2], ret);
}

static struct str
packet(const struct session *s)
{
	return (struct str){ (const char *)s->wire.head, s->wire.len };
}

static enum db_probe_outcome
connect_and_greet(struct session *s)
{
	PASS(wire_connect(&s->wire, s->target->address, s->target->port));
	PASS(wire_read(&s->wire));
	if (s->wire.len > 0 && s->wire.head[0] == PACKET_ERROR)
		return session_error(s);
	if (!greeting_parse(packet(s), &s->greeting) ||
	    (s->greeting.capabilities & CLIENT_PROTOCOL_41) == 0)
		return DB_PROBE_NOT_MYSQL;
	return DB_PROBE_OK;
}

void
session_begin(const struct session *s, struct buf *b)
{
	static const char zeros[23];
	unsigned can = CLIENT_LONG_PASSWORD | CLIENT_PROTOCOL_41 | CLIENT_SSL |
		       CLIENT_TRANSACTIONS | CLIENT_SECURE_CONNECTION |
		       CLIENT_PLUGIN_AUTH;
	/* Capabilities, the longest packet (16 MiB), character set. */
	const unsigned char head[] = { 0, 0, 0, 0, 0, 0, 0, 1, UTF8MB4 };
	size_t at = b->len;

	can &= s->greeting.capabilities;
	if (s->target->database[0] != 0)
		can |= CLIENT_CONNECT_WITH_DB;
	buf_add(b, head, sizeof(head));
	for (size_t i = 0; i < 4; i++)
		b->ptr[at + i] = (char)(can >> 8 * i & 0xff);
	buf_add(b, zeros, sizeof(zeros));
}

static enum db_probe_outcome
start_tls(struct session *s)
{
	enum db_probe_outcome outcome;
	struct buf b;

	s->tls = tls_new(s->target, &outcome);
	if (s->tls == NULL)
		return outcome;
	buf_init(&b, BEGIN_SIZE);
	session_begin(s, &b);
	outcome = wire_write(&s->wire, buf_str(&b));
	buf_done(&b);
	PASS(outcome);
	PASS(wire_start_tls(&s->wire, s->tls));
	s->result->is_encrypted = true;
	tls_judge(s->tls, s->target, s->result);
	return DB_PROBE_OK;
}

static enum db_probe_outcome
ask(struct session *s, struct str command)
{
	s->wire.number = 0;
	return wire_write(&s->wire, command);
}

/* Reads columns or rows; nothing of them is kept. */
static enum db_probe_outcome
count_to_end(struct session *s, size_t *ret)
{
	const unsigned char *head = s->wire.head;

	for (*ret = 0;; (*ret)++) {
		PASS(wire_read(&s->wire));
		if (s->wire.len == 0)
			return DB_PROBE_QUERY_FAILED;
		if (head[0] == PACKET_ERROR)
			return session_error(s);
		if (head[0] == PACKET_END && s->wire.len < PACKET_END_SIZE)
			return DB_PROBE_OK;
	}
}

static enum db_probe_outcome
select_one(struct session *s)
{
	const unsigned char *head = s->wire.head;
	size_t n_columns, n_rows;

	PASS(ask(s, STR(SELECT_ONE)));
	PASS(wire_read(&s->wire));
	if (s->wire.len > 0 && head[0] == PACKET_ERROR)
		return session_error(s);
	/* Not a number of columns: "done", or a request for a file of this
	 * side. */
	if (s->wire.len == 0 || head[0] == PACKET_OK || head[0] == PACKET_FILE)
		return DB_PROBE_QUERY_FAILED;
	PASS(count_to_end(s, &n_columns));
	PASS(count_to_end(s, &n_rows));
	(void)ask(s, STR(QUIT));
	return n_rows == 1 ? DB_PROBE_OK : DB_PROBE_QUERY_FAILED;
}

static const struct {
	enum db_probe_outcome (*run)(struct session *);
	unsigned needs; /* capabilities of the server; without them: skipped */
} steps[] = {
	[DB_PROBE_CONNECT] = { connect_and_greet, 0 },
	[DB_PROBE_TLS] = { start_tls, CLIENT_SSL },
	[DB_PROBE_LOGIN] = { session_login, 0 },
	[DB_PROBE_QUERY] = { select_one, 0 },
};
_Static_assert(N_ELEMENTS(steps) == DB_PROBE_STEP__MAX, "one row a step");

/* Takes each step in turn, up to the first that fails. */
static enum db_probe_outcome
take_steps(struct session *s, uint64_t deadline_us)
{
	enum db_probe_outcome outcome = DB_PROBE_OK;

	for (size_t i = 0; i < N_ELEMENTS(steps) && outcome == DB_PROBE_OK;
	     i++) {
		uint64_t started = time_monotonic();

		if ((s->greeting.capabilities & steps[i].needs) !=
		    steps[i].needs)
			continue;
		if (i > DB_PROBE_TLS)
			s->wire.deadline_us = deadline_us;
		s->result->step = (enum db_probe_step)i;
		outcome = steps[i].run(s);
		s->result->step_us[i] = time_monotonic() - started;
	}
	return outcome;
}

void
session_run(const struct db_probe_target *target, uint64_t deadline_us,
    struct db_probe_result *ret)
{
	uint64_t connect =
	    time_monotonic() + target->connect_timeout_ms * UINT64_C(1000);
	struct session s = {
		.target = target,
		.result = ret,
		.wire.left = target->answer_max,
		.wire.deadline_us =
		    connect < deadline_us ? connect : deadline_us,
	};

	ret->outcome = take_steps(&s, deadline_us);
	if (s.tls != NULL)
		tls_explain(s.tls, ret);
	/* After the login it is certain that the server is a database. */
	if (ret->step == DB_PROBE_QUERY &&
	    (ret->outcome == DB_PROBE_FAILED ||
		ret->outcome == DB_PROBE_NOT_MYSQL))
		ret->outcome = DB_PROBE_QUERY_FAILED;
}
