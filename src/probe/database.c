/*
 * Tests of databases. The name is looked up and its addresses are judged here;
 * db/probe.c connects to an address that was judged and does the rest.
 */
#include <config.h>

#include "base/time.h"
#include "db/probe.h"
#include "probe/classify.h"
#include "probe/fetch.h"
#include "probe/host.h"
#include "probe/identity.h"

#define MYSQL_PORT 3306

/* With less time left, no further address is tried. */
#define GIVE_UP_US 100000

/* What each outcome means, and the step at which it happened; PROBE_DONE: the
 * step that was under way. */
static const struct {
	enum reason reason;
	enum probe_step step;
} meanings[] = {
	[DB_PROBE_OK] = { REASON_FAILED, PROBE_DONE },
	[DB_PROBE_CONNECTION_REFUSED] = { REASON_CONNECTION_REFUSED,
	    PROBE_CONNECT },
	[DB_PROBE_HOST_UNREACHABLE] = { REASON_HOST_UNREACHABLE,
	    PROBE_CONNECT },
	[DB_PROBE_CONNECTION_FAILED] = { REASON_CONNECTION_FAILED,
	    PROBE_CONNECT },
	[DB_PROBE_TIMEOUT] = { REASON_TIMEOUT, PROBE_DONE },
	[DB_PROBE_NOT_MYSQL] = { REASON_NOT_DATABASE, PROBE_CONNECT },
	[DB_PROBE_CLIENT_CERTIFICATE] = { REASON_CLIENT_CERTIFICATE_INVALID,
	    PROBE_CONFIGURATION },
	[DB_PROBE_TLS_FAILED] = { REASON_TLS_FAILED, PROBE_TLS },
	[DB_PROBE_TLS_REQUIRED] = { REASON_TLS_REQUIRED, PROBE_TLS },
	[DB_PROBE_UNVERIFIED] = { REASON_TLS_UNSUPPORTED, PROBE_TLS },
	[DB_PROBE_METHOD] = { REASON_AUTHENTICATION_UNSUPPORTED,
	    PROBE_AUTHENTICATION },
	[DB_PROBE_CREDENTIALS] = { REASON_CREDENTIALS_REJECTED,
	    PROBE_AUTHENTICATION },
	[DB_PROBE_DENIED] = { REASON_ACCESS_DENIED, PROBE_AUTHENTICATION },
	[DB_PROBE_NO_DATABASE] = { REASON_NOT_FOUND, PROBE_REQUEST },
	[DB_PROBE_BUSY] = { REASON_SERVER_BUSY, PROBE_DONE },
	[DB_PROBE_CUT] = { REASON_CONNECTION_RESET, PROBE_DONE },
	[DB_PROBE_TOO_LARGE] = { REASON_RESPONSE_TOO_LARGE, PROBE_DONE },
	[DB_PROBE_QUERY_FAILED] = { REASON_QUERY_FAILED, PROBE_RESPONSE },
	[DB_PROBE_FAILED] = { REASON_FAILED, PROBE_DONE },
};
_Static_assert(N_ELEMENTS(meanings) == DB_PROBE__MAX, "one row an outcome");

static const enum probe_step steps[] = {
	[DB_PROBE_CONNECT] = PROBE_CONNECT,
	[DB_PROBE_TLS] = PROBE_TLS,
	[DB_PROBE_LOGIN] = PROBE_AUTHENTICATION,
	[DB_PROBE_QUERY] = PROBE_RESPONSE,
};
_Static_assert(N_ELEMENTS(steps) == DB_PROBE_STEP__MAX, "one row a step");

/* The addresses of the host that may be connected to. */
static enum error
resolve(struct attempt *attempt, const struct host *host,
    struct fetch_answer *answer)
{
	struct fetch_request request = { .family = FETCH_HTTP,
		.protocols = "http",
		.method = "GET",
		.is_numeric = host->is_numeric,
		.only_resolve = true };

	request.url = arena_printf(
	    attempt->arena, "http://%.*s:%u/", STR_FMT(host->name), host->port)
			  .ptr;
	return attempt_fetch(attempt, &request, answer);
}

static unsigned
milliseconds_left(const struct attempt *attempt)
{
	uint64_t left = time_left(attempt->deadline_us) / 1000;

	return left > 0 ? (unsigned)left : 1;
}

/* Whether no server answered there, so that the next address is tried. */
static bool
is_unreachable(const struct db_probe_result *result)
{
	return result->outcome == DB_PROBE_CONNECTION_REFUSED ||
	       result->outcome == DB_PROBE_HOST_UNREACHABLE ||
	       result->outcome == DB_PROBE_CONNECTION_FAILED ||
	       (result->outcome == DB_PROBE_TIMEOUT &&
		   result->step == DB_PROBE_CONNECT);
}

static enum error
try_addresses(struct attempt *attempt, struct db_probe_target *target,
    const struct fetch_answer *found, struct db_probe_result *ret)
{
	const struct probe_settings *settings = attempt->settings;

	for (size_t i = 0; i < found->n_addresses; i++) {
		struct str text =
		    address_text(attempt->arena, &found->addresses[i]);

		attempt->result->address = text;
		target->address = text.ptr;
		target->timeout_ms = milliseconds_left(attempt);
		target->allow_unverified = networks_have(settings->unverified,
		    settings->n_unverified, &found->addresses[i]);
		TRY(db_probe(target, ret, attempt->problem));
		if (!is_unreachable(ret) ||
		    time_left(attempt->deadline_us) <= GIVE_UP_US)
			break;
	}
	return OK;
}

/* Why the server is not verified. */
static enum reason
doubt(const struct db_probe_result *result)
{
	return result->is_encrypted
		   ? classify_certificate(result->verify_result)
		   : REASON_TLS_UNSUPPORTED;
}

/* What a failure of TLS means; as with HTTPS. */
static enum reason
tls_reason(const struct attempt *attempt, const struct db_probe_result *result)
{
	enum reason reason = REASON_TLS_FAILED;

	/* A server that wants one sends an alert, or only closes (TLS 1.2). */
	if (result->lacks_certificate)
		return REASON_CLIENT_CERTIFICATE_REQUIRED;
	(void)classify_tls(
	    result->tls_error, attempt->target->certificate.len > 0, &reason);
	return reason;
}

static enum reason
reason_of(const struct attempt *attempt, const struct db_probe_result *result)
{
	if (result->outcome == DB_PROBE_TLS_FAILED)
		return tls_reason(attempt, result);
	if (result->outcome == DB_PROBE_UNVERIFIED)
		return doubt(result);
	return meanings[result->outcome].reason;
}

/* The step that failed; PROBE_DONE: none. */
static enum probe_step
step_of(const struct db_probe_result *result)
{
	enum probe_step step = meanings[result->outcome].step;

	if (step != PROBE_DONE || result->outcome == DB_PROBE_OK)
		return step;
	return steps[result->step];
}

/* The steps before the end, and how long each took. */
static void
note_steps(struct attempt *attempt, const struct db_probe_result *result)
{
	enum probe_step end = step_of(result);

	for (size_t i = 0; i < N_ELEMENTS(steps); i++) {
		enum probe_step step = steps[i];

		attempt->result->steps[step].duration_us += result->step_us[i];
		if (step < end && (step != PROBE_TLS || result->is_encrypted))
			attempt_pass(attempt, step, 0);
	}
	if (end > PROBE_REQUEST)
		attempt_pass(attempt, PROBE_REQUEST, 0);
}

/* A note for people about a test that passed although the server is not
 * verified. */
static const char *
note_doubt(const struct attempt *attempt, const struct db_probe_result *result)
{
	return arena_printf(attempt->arena, "%s %s %s",
	    result->is_encrypted
		? "The test passed, but the server was not verified:"
		: "The connection is not encrypted and the server was not "
		  "verified:",
	    reason_row(doubt(result))->detail,
	    result->is_password_shown
		? "It got the password all the same, because "
		  "test.unverified_networks has its address."
		: "The password itself was not sent, only the answer to a "
		  "challenge.")
	    .ptr;
}

static void
explain(struct attempt *attempt, enum reason reason,
    const struct db_probe_result *result)
{
	const char *detail = reason_row(reason)->detail;

	if (result->number != 0)
		attempt->result->detail = arena_printf(attempt->arena,
		    "%s (MySQL error %u.)", detail, result->number);
	if (result->outcome == DB_PROBE_UNVERIFIED)
		attempt->result->detail = arena_printf(attempt->arena,
		    "%s It asks for the password itself, which only a server "
		    "gets that is encrypted and verified.",
		    detail);
}

static enum error
judge(struct attempt *attempt, const struct db_probe_result *result)
{
	enum reason reason = reason_of(attempt, result);

	note_steps(attempt, result);
	if (result->outcome != DB_PROBE_OK) {
		(void)attempt_fail_at(attempt, reason, step_of(result));
		explain(attempt, reason, result);
		return ERROR_INVALID;
	}
	if (!result->is_encrypted || result->verify_result != 0)
		attempt->note = note_doubt(attempt, result);
	return OK;
}

/* The name that the certificate must have: as in a URL, but without brackets
 * and without the dot at the end of "db.example.net.". */
static const char *
bare_name(struct arena *a, struct str name)
{
	if (name.len > 1 && name.ptr[0] == '[')
		name = (struct str){ name.ptr + 1, name.len - 2 };
	if (name.len > 1 && name.ptr[name.len - 1] == '.')
		name.len--;
	return arena_copy(a, name).ptr;
}

enum error
attempt_database(struct attempt *attempt)
{
	struct db_probe_target target = {
		.ca_file = attempt->settings->ca_file,
		.answer_max = attempt->settings->answer_max,
		.connect_timeout_ms = attempt->settings->connect_timeout_ms,
		.passphrase = "",
	};
	struct fetch_answer *found =
	    ARENA_NEW(attempt->arena, struct fetch_answer, 1);
	struct db_probe_result result = { 0 };
	struct str user, password;
	struct host host;

	TRY(host_read(attempt, "mysql", STR(""), MYSQL_PORT, &host));
	TRY(attempt_require(attempt, "username", &user));
	TRY(attempt_require(attempt, "password", &password));
	target.port = host.port;
	target.host = bare_name(attempt->arena, host.name);
	target.is_numeric = host.is_numeric;
	target.user = user.ptr;
	target.password = password.ptr;
	target.database =
	    arena_copy(attempt->arena, attempt_optional(attempt, "database"))
		.ptr;
	TRY(identity_open(attempt, &target.certificate));
	TRY(resolve(attempt, &host, found));
	TRY(try_addresses(attempt, &target, found, &result));
	return judge(attempt, &result);
}
