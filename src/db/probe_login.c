/*
 * Logging in: which login methods are known, and what each of them shows.
 *
 * The one place that decides which server gets a password that can be read: one
 * that is verified, or one of a network that the configuration opens. All
 * others get answers to challenges, which cannot be used to log in again.
 */
#include <config.h>

#include "db/probe_session.h"

#include <string.h>

#include "db/scramble.h"

#define LOGIN_MAX ((size_t)16 * 1024 * 1024 - 1) /* bytes of one packet */
#define NONCE_MAX 32 /* bytes of the longest challenge */

/* What the server says of caching_sha2_password. */
#define FAST_DONE 3 /* the answer was right */
#define FAST_FULL 4 /* it cannot tell, and wants the password */

/* First byte of a question of the method "dialog" whose answer is not shown
 * while it is typed; the lowest bit says that the question is the last one. */
#define DIALOG_PASSWORD 4
#define DIALOG_LAST     1

enum method_kind {
	METHOD_CHALLENGE, /* answers a challenge */
	METHOD_PASSWORD,  /* sends the password */
	METHOD_OUTDATED   /* the password can be worked out from its answers */
};

static const struct method {
	const char *name;
	enum method_kind kind;
	enum scramble scramble; /* of METHOD_CHALLENGE */
	/* Without TLS: the packet that asks the server for an RSA key to
	 * encrypt the password with; empty: the method has none. */
	struct str ask_key;
	unsigned char question; /* what it must ask, or 0 */
} methods[] = {
	{ "mysql_native_password", METHOD_CHALLENGE, SCRAMBLE_NATIVE,
	    STR_CONST(""), 0 },
	{ "caching_sha2_password", METHOD_CHALLENGE, SCRAMBLE_SHA2,
	    STR_CONST("\2"), 0 },
	{ "client_ed25519", METHOD_CHALLENGE, SCRAMBLE_ED25519, STR_CONST(""),
	    0 },
	{ "sha256_password", METHOD_PASSWORD, 0, STR_CONST("\1"), 0 },
	{ "mysql_clear_password", METHOD_PASSWORD, 0, STR_CONST(""), 0 },
	{ "dialog", METHOD_PASSWORD, 0, STR_CONST(""), DIALOG_PASSWORD },
	{ "mysql_old_password", METHOD_OUTDATED, 0, STR_CONST(""), 0 },
};

struct login {
	struct session *session;
	const struct method *method;
	unsigned char nonce[NONCE_MAX];
	size_t n_nonce;
	bool is_switched; /* the server has named the account's method */
};

static const struct method *
find(struct str name)
{
	for (size_t i = 0; i < N_ELEMENTS(methods); i++)
		if (str_equal_text(name, methods[i].name))
			return &methods[i];
	return NULL;
}

static bool
is_verified(const struct session *s)
{
	return s->result->is_encrypted && s->result->verify_result == 0;
}

static bool
may_show(const struct session *s)
{
	return is_verified(s) || s->target->allow_unverified;
}

static struct str
password_of(const struct session *s)
{
	return str_of(s->target->password);
}

/* Sends the password encrypted with a key that the server gives. */
static enum db_probe_outcome
send_under_key(struct login *l)
{
	struct wire *wire = &l->session->wire;
	enum db_probe_outcome outcome = DB_PROBE_NOT_MYSQL;
	struct buf b;

	PASS(wire_write(wire, l->method->ask_key));
	PASS(wire_read(wire));
	if (wire->len > 0 && wire->head[0] == PACKET_ERROR)
		return session_error(l->session);
	buf_init(&b, LOGIN_MAX);
	if (wire->len > 0 && wire->head[0] == PACKET_MORE &&
	    l->n_nonce >= scramble_nonce_size(SCRAMBLE_SHA2) &&
	    scramble_encrypt(
		(struct str){ (const char *)wire->head + 1, wire->len - 1 },
		password_of(l->session), l->nonce, &b))
		outcome = wire_write(wire, buf_str(&b));
	buf_done(&b);
	return outcome;
}

/* Sends the password, if this server may have it. */
static enum db_probe_outcome
show_password(struct login *l)
{
	struct session *s = l->session;

	if (!may_show(s))
		return DB_PROBE_UNVERIFIED;
	if (!s->result->is_encrypted && l->method->ask_key.len == 0)
		return DB_PROBE_UNVERIFIED;
	s->result->is_password_shown = !is_verified(s);
	if (!s->result->is_encrypted)
		return send_under_key(l);
	/* With its NUL. */
	return wire_write(&s->wire,
	    (struct str){ s->target->password, password_of(s).len + 1 });
}

static enum db_probe_outcome
answer_challenge(struct login *l)
{
	unsigned char answer[SCRAMBLE_MAX];
	size_t size = scramble_nonce_size(l->method->scramble), len;

	if (l->n_nonce != size)
		return DB_PROBE_NOT_MYSQL;
	len = scramble_answer(
	    l->method->scramble, password_of(l->session), l->nonce, answer);
	return wire_write(
	    &l->session->wire, (struct str){ (const char *)answer, len });
}

static enum db_probe_outcome
answer(struct login *l)
{
	const struct method *method = l->method;

	if (method->kind == METHOD_CHALLENGE)
		return answer_challenge(l);
	if (method->kind == METHOD_OUTDATED)
		return may_show(l->session) ? DB_PROBE_METHOD
					    : DB_PROBE_UNVERIFIED;
	if (method->question != 0 &&
	    (l->nonce[0] & ~DIALOG_LAST) != method->question)
		return DB_PROBE_METHOD;
	return show_password(l);
}

/* A challenge ends in a NUL that is not part of it. */
static void
keep_nonce(struct login *l, struct str data)
{
	size_t len = data.len;

	if (len > 0 && data.ptr[len - 1] == 0)
		len--;
	l->n_nonce = len;
	memset(l->nonce, 0, sizeof(l->nonce));
	if (len > 0)
		memcpy(l->nonce, data.ptr,
		    len < sizeof(l->nonce) ? len : sizeof(l->nonce));
}

/* The server asks for another method, that of the account: "name", NUL,
 * challenge. It may do so once. */
static enum db_probe_outcome
switch_method(struct login *l)
{
	const struct wire *wire = &l->session->wire;
	struct str rest = { (const char *)wire->head + 1, wire->len - 1 };
	struct str name = { rest.ptr, str_find(rest, '\0') };

	if (l->is_switched || (name.len == rest.len && rest.len > 0))
		return DB_PROBE_NOT_MYSQL;
	l->is_switched = true;
	l->method =
	    rest.len == 0 ? find(STR("mysql_old_password")) : find(name);
	if (l->method == NULL)
		return DB_PROBE_METHOD;
	keep_nonce(l, str_from(rest, name.len + 1));
	return answer(l);
}

/* What a method says between its answer and the end. */
static enum db_probe_outcome
take_more(struct login *l)
{
	const struct wire *wire = &l->session->wire;

	if (l->method->kind != METHOD_CHALLENGE ||
	    l->method->scramble != SCRAMBLE_SHA2)
		return DB_PROBE_METHOD;
	if (wire->len == 2 && wire->head[1] == FAST_DONE)
		return DB_PROBE_OK;
	if (wire->len == 2 && wire->head[1] == FAST_FULL)
		return show_password(l);
	return DB_PROBE_NOT_MYSQL;
}

/* Begins with the greeting's method if that answers its challenge, else with
 * the first of the table, which every server knows. If the account has another
 * one, the server asks for it. */
static void
choose(struct login *l)
{
	const struct greeting *greeting = &l->session->greeting;

	l->method = find(str_of(greeting->method));
	if (l->method == NULL || l->method->kind != METHOD_CHALLENGE ||
	    scramble_nonce_size(l->method->scramble) != SESSION_NONCE_SIZE)
		l->method = &methods[0];
	memcpy(l->nonce, greeting->nonce, SESSION_NONCE_SIZE);
	l->n_nonce = SESSION_NONCE_SIZE;
}

static void
add_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text) + 1);
}

/* The first packet: account and database, with the answer to the greeting. */
static enum db_probe_outcome
introduce(const struct login *l)
{
	struct session *s = l->session;
	unsigned char proof[SCRAMBLE_MAX];
	size_t len = scramble_answer(
	    l->method->scramble, password_of(s), l->nonce, proof);
	enum db_probe_outcome outcome;
	struct buf b;

	buf_init(&b, LOGIN_MAX);
	session_begin(s, &b);
	add_text(&b, s->target->user);
	buf_add_char(&b, (char)len);
	buf_add(&b, proof, len);
	if (s->target->database[0] != 0)
		add_text(&b, s->target->database);
	if ((s->greeting.capabilities & CLIENT_PLUGIN_AUTH) != 0)
		add_text(&b, l->method->name);
	outcome = wire_write(&s->wire, buf_str(&b));
	buf_done(&b);
	return outcome;
}

enum db_probe_outcome
session_login(struct session *s)
{
	const unsigned char *head = s->wire.head;
	struct login l = { .session = s };

	/* A server before 4.1, with old passwords only. */
	if ((s->greeting.capabilities & CLIENT_SECURE_CONNECTION) == 0)
		return DB_PROBE_METHOD;
	choose(&l);
	PASS(introduce(&l));
	for (;;) {
		PASS(wire_read(&s->wire));
		if (s->wire.len == 0)
			return DB_PROBE_NOT_MYSQL;
		if (head[0] == PACKET_OK)
			return DB_PROBE_OK;
		if (head[0] == PACKET_ERROR)
			return session_error(s);
		if (head[0] == PACKET_END)
			PASS(switch_method(&l));
		else if (head[0] == PACKET_MORE)
			PASS(take_more(&l));
		else
			return DB_PROBE_METHOD;
	}
}
