/*
 * Tests of databases: the name looked up and judged here, the rest by
 * src/db/probe.c, which connects to the address that was judged.
 */
#include <config.h>

#include "db/probe.h"
#include "probe/fetch.h"
#include "probe/host.h"

#define MYSQL_PORT 3306

/* What each outcome means, and the step it happened at. */
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
	[DB_PROBE_TIMEOUT] = { REASON_TIMEOUT, PROBE_CONNECT },
	[DB_PROBE_NOT_MYSQL] = { REASON_NOT_DATABASE, PROBE_CONNECT },
	[DB_PROBE_TLS_FAILED] = { REASON_TLS_FAILED, PROBE_TLS },
	[DB_PROBE_TLS_REQUIRED] = { REASON_TLS_REQUIRED, PROBE_TLS },
	[DB_PROBE_CREDENTIALS] = { REASON_CREDENTIALS_REJECTED,
	    PROBE_AUTHENTICATION },
	[DB_PROBE_DENIED] = { REASON_ACCESS_DENIED, PROBE_AUTHENTICATION },
	[DB_PROBE_NO_DATABASE] = { REASON_NOT_FOUND, PROBE_REQUEST },
	[DB_PROBE_BUSY] = { REASON_SERVER_BUSY, PROBE_CONNECT },
	[DB_PROBE_CUT] = { REASON_CONNECTION_RESET, PROBE_CONNECT },
	[DB_PROBE_QUERY_FAILED] = { REASON_QUERY_FAILED, PROBE_RESPONSE },
	[DB_PROBE_FAILED] = { REASON_FAILED, PROBE_AUTHENTICATION },
};
_Static_assert(N_ELEMENTS(meanings) == DB_PROBE__MAX, "one row an outcome");

/* The addresses of the host that may be connected to. */
static enum error
resolve(struct run *run, const struct host *host, struct fetch_answer *answer)
{
	struct fetch_request request = { .family = FETCH_HTTP,
		.protocols = "http",
		.method = "GET",
		.is_numeric = host->is_numeric,
		.only_resolve = true };

	request.url = arena_printf(
	    run->arena, "http://%.*s:%u/", STR_FMT(host->name), host->port)
			  .ptr;
	return run_fetch(run, &request, answer);
}

static unsigned
milliseconds_left(const struct run *run)
{
	int64_t left = (run->deadline_us - run_now()) / 1000;

	return left > 0 ? (unsigned)left : 1;
}

/* Worth a try at the next address. */
static bool
is_unreachable(enum db_probe_outcome outcome)
{
	return outcome == DB_PROBE_CONNECTION_REFUSED ||
	       outcome == DB_PROBE_HOST_UNREACHABLE ||
	       outcome == DB_PROBE_CONNECTION_FAILED;
}

static enum error
try_addresses(struct run *run, struct db_probe_target *target,
    const struct fetch_answer *found, struct db_probe_result *ret)
{
	for (size_t i = 0; i < found->n_addresses; i++) {
		struct str text =
		    address_text(run->arena, &found->addresses[i]);

		run->result->address = text;
		target->address = text.ptr;
		target->timeout_ms = milliseconds_left(run);
		TRY(db_probe(target, ret, run->problem));
		if (!is_unreachable(ret->outcome))
			break;
	}
	return OK;
}

/* The steps before the one that failed. */
static void
note_steps(struct run *run, const struct db_probe_result *result)
{
	enum probe_step end = meanings[result->outcome].step;

	if (end > PROBE_CONNECT)
		run_pass(run, PROBE_CONNECT, result->connect_us);
	if (end > PROBE_TLS && result->is_encrypted)
		run_pass(run, PROBE_TLS, 0);
	if (end > PROBE_AUTHENTICATION)
		run_pass(run, PROBE_AUTHENTICATION, 0);
	if (end > PROBE_REQUEST)
		run_pass(run, PROBE_REQUEST, 0);
	if (end > PROBE_RESPONSE)
		run_pass(run, PROBE_RESPONSE, result->query_us);
	else
		run->result->steps[end].duration_us +=
		    result->connect_us + result->query_us;
}

static enum error
judge(struct run *run, const struct db_probe_result *result)
{
	enum reason reason = meanings[result->outcome].reason;

	note_steps(run, result);
	if (result->outcome == DB_PROBE_OK) {
		if (!result->is_encrypted)
			run->note = "The connection is not encrypted: the "
				    "server does not offer TLS.";
		return OK;
	}
	(void)run_fail_at(run, reason, meanings[result->outcome].step);
	if (result->number != 0)
		run->result->detail =
		    arena_printf(run->arena, "%s (MySQL error %u.)",
			reason_row(reason)->detail, result->number);
	return ERROR_INVALID;
}

enum error
run_database(struct run *run)
{
	struct db_probe_target target = {
		.connect_timeout_ms = run->settings->connect_timeout_ms,
		.certificate = run->target->certificate,
		.private_key = run->target->private_key,
	};
	struct fetch_answer *found =
	    ARENA_NEW(run->arena, struct fetch_answer, 1);
	struct db_probe_result result = { 0 };
	struct str user, password;
	struct host host;

	TRY(host_read(run, "mysql", STR(""), MYSQL_PORT, &host));
	TRY(run_require(run, "username", &user));
	TRY(run_require(run, "password", &password));
	target.port = host.port;
	target.user = user.ptr;
	target.password = password.ptr;
	target.database =
	    arena_copy(run->arena, run_optional(run, "database")).ptr;
	target.passphrase = arena_copy(run->arena, run->target->passphrase).ptr;
	TRY(resolve(run, &host, found));
	TRY(try_addresses(run, &target, found, &result));
	return judge(run, &result);
}
