/*
 * One test from beginning to end: what all kinds of it have in common.
 */
#include <config.h>

#include "probe/probe.h"

#include <string.h>

#include "base/mask.h"
#include "base/time.h"
#include "probe/auth.h"
#include "probe/fetch.h"
#include "probe/guard.h"
#include "probe/http_status.h"

/* In ms: a test that lasted so much less than it might was ended by that
 * limit all the same. */
#define TOTAL_MARGIN 50

enum error
probe_start(struct problem *reterr)
{
	return fetch_start(reterr);
}

static bool
is_separator(char c)
{
	return c == ',' || c == ' ' || c == '\t' || c == '\n';
}

/* Cuts the next entry off *rest; false at the end. */
static bool
next_entry(struct str *rest, struct str *ret)
{
	size_t from = 0, to;

	while (from < rest->len && is_separator(rest->ptr[from]))
		from++;
	to = from;
	while (to < rest->len && !is_separator(rest->ptr[to]))
		to++;
	*ret = (struct str){ rest->ptr + from, to - from };
	*rest = str_from(*rest, to);
	return ret->len > 0;
}

static enum error
parse_networks(struct arena *a, struct str text, const struct network **ret,
    size_t *ret_n, struct problem *reterr)
{
	struct network *networks;
	struct str rest = text, entry;
	size_t n = 0;

	while (next_entry(&rest, &entry))
		n++;
	if (n > PROBE_NETWORKS_MAX)
		return problem_set(reterr, ERROR_INVALID,
		    "more than %d networks", PROBE_NETWORKS_MAX);
	networks = ARENA_NEW(a, struct network, n);
	rest = text;
	for (n = 0; next_entry(&rest, &entry); n++)
		if (!network_parse(entry, &networks[n]))
			return problem_set(reterr, ERROR_INVALID,
			    "%.*s is not a network such as 10.0.0.0/8",
			    STR_FMT(entry));
	*ret = networks;
	*ret_n = n;
	return OK;
}

enum error
probe_settings_parse(struct arena *a, struct str text,
    struct probe_settings *ret, struct problem *reterr)
{
	return parse_networks(
	    a, text, &ret->networks, &ret->n_networks, reterr);
}

enum error
probe_settings_parse_unverified(struct arena *a, struct str text,
    struct probe_settings *ret, struct problem *reterr)
{
	return parse_networks(
	    a, text, &ret->unverified, &ret->n_unverified, reterr);
}

static enum error
check_method(struct attempt *attempt)
{
	struct str method = attempt->target->http_method;

	for (size_t i = 0; i < method.len; i++)
		if (method.ptr[i] < 'A' || method.ptr[i] > 'Z')
			return attempt_fail_with(attempt, REASON_VALUE_INVALID,
			    "http_method must be made of capital letters.");
	return OK;
}

/* Checks that need no network. */
static enum error
check_configuration(struct attempt *attempt)
{
	const struct probe_target *target = attempt->target;

	attempt->auth = auth_find(target->type);
	if (attempt->auth == NULL)
		return attempt_fail(attempt, REASON_TYPE_UNKNOWN);
	/* A target without a URL and of type "none" passes, whatever its
	 * protocol. */
	if (str_equal(target->type, STR("none")) && target->url.len == 0 &&
	    target->test_url.len == 0)
		return OK;
	if ((auth_protocol_find(target->protocol) & attempt->auth->protocols) ==
	    0)
		return attempt_fail(attempt, REASON_PROTOCOL_UNSUPPORTED);
	TRY(check_method(attempt));
	if (!http_status_is_spec(target->expected_status))
		return attempt_fail(attempt, REASON_EXPECTED_STATUS_INVALID);
	return attempt_check_variables(attempt);
}

static enum error
test(struct attempt *attempt)
{
	TRY(check_configuration(attempt));
	attempt_pass(attempt, PROBE_CONFIGURATION,
	    time_monotonic() - attempt->started_us);
	return attempt->auth->test(attempt);
}

/* If a secret decides the host, its address is not shown either. */
static void
hide_place(struct probe_result *result)
{
	struct str host = result->target.host;

	if (host.len == 0 || memmem(host.ptr, host.len, SECRET_MASK,
				 sizeof(SECRET_MASK) - 1) != NULL)
		result->address = STR("");
}

/* After how long, and which limit of the settings said so. */
static void
tell_limit(struct attempt *attempt)
{
	const struct reason_row *row = reason_row(REASON_TIMEOUT);
	const struct probe_settings *s = attempt->settings;
	struct probe_result *result = attempt->result;
	bool all =
	    result->duration_ms + TOTAL_MARGIN >= (int64_t)s->total_timeout_ms;

	/* Some that are slow have a more exact detail already. */
	if (result->detail.ptr != row->detail)
		return;
	result->detail = arena_printf(attempt->arena,
	    all ? "%s It had %u ms, the time of a whole test "
		  "(test.total_timeout)."
		: "%s It had %u ms for the name, the connection and TLS "
		  "(test.connect_timeout).",
	    row->detail, all ? s->total_timeout_ms : s->connect_timeout_ms);
}

static void
finish(struct attempt *attempt)
{
	struct probe_result *result = attempt->result;

	if (result->ok)
		result->detail = str_of(
		    attempt->note != NULL ? attempt->note : "The test passed.");
	hide_place(result);
	result->duration_ms =
	    probe_milliseconds(time_monotonic() - attempt->started_us);
	tell_limit(attempt);
}

/* The only place where values of connector and catalogue are joined for a test.
 * A secret default that is withheld here cannot be sent by any template or
 * authentication type. */
static void
take_variables(struct attempt *attempt)
{
	const struct probe_target *target = attempt->target;
	bool sends_defaults = probe_sends_defaults(attempt->arena, target);

	attempt->n_variables = target->n_variables;
	attempt->variables = ARENA_NEW(
	    attempt->arena, struct probe_variable, target->n_variables + 1);
	for (size_t i = 0; i < target->n_variables; i++) {
		struct probe_variable variable = target->variables[i];

		if (variable.is_default && variable.secret && !sends_defaults) {
			variable.is_withheld = variable.value.ptr != NULL;
			variable.value = (struct str){ NULL, 0 };
		}
		attempt->variables[i] = variable;
	}
}

enum error
probe_run(struct arena *a, const struct probe_settings *settings,
    const struct probe_target *target, struct probe_result *ret,
    struct problem *reterr)
{
	struct attempt attempt = { .arena = a,
		.settings = settings,
		.target = target,
		.started_us = time_monotonic(),
		.result = ret,
		.problem = reterr };
	enum error error;

	*ret = (struct probe_result){ .stage = PROBE_DONE };
	attempt.deadline_us =
	    attempt.started_us + settings->total_timeout_ms * UINT64_C(1000);
	take_variables(&attempt);
	error = test(&attempt);
	if (error != OK && error != ERROR_INVALID)
		return error;
	ret->ok = error == OK;
	finish(&attempt);
	return OK;
}
