/*
 * What every kind of test needs: failing, variables, templates, and sending one
 * request while its steps are noted.
 */
#include <config.h>

#include "probe/attempt.h"

#include <stdarg.h>
#include <stdio.h>

#include "probe/auth.h"
#include "probe/classify.h"
#include "probe/fetch.h"
#include "probe/identity.h"
#include "probe/url.h"

#define DETAIL_MAX 512 /* bytes of a detail */

enum error
attempt_fail_at(
    struct attempt *attempt, enum reason reason, enum probe_step step)
{
	struct probe_result *result = attempt->result;
	const struct reason_row *row = reason_row(reason);

	result->ok = false;
	result->stage = step;
	result->reason = row->word;
	result->detail = str_of(row->detail);
	result->steps[step].outcome = PROBE_FAILED;
	/* Later steps passed on the way to this failure: their time counts for
	 * the failed one. */
	for (size_t i = step + 1; i < PROBE_DONE; i++) {
		result->steps[i].outcome = PROBE_NOT_REACHED;
		result->steps[step].duration_us += result->steps[i].duration_us;
		result->steps[i].duration_us = 0;
	}
	return ERROR_INVALID;
}

enum error
attempt_fail(struct attempt *attempt, enum reason reason)
{
	return attempt_fail_at(attempt, reason, reason_row(reason)->step);
}

enum error
attempt_fail_with(
    struct attempt *attempt, enum reason reason, const char *format, ...)
{
	char detail[DETAIL_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	(void)attempt_fail(attempt, reason);
	attempt->result->detail = arena_copy(attempt->arena, str_of(detail));
	return ERROR_INVALID;
}

void
attempt_pass(
    struct attempt *attempt, enum probe_step step, uint64_t duration_us)
{
	attempt->result->steps[step].outcome = PROBE_PASSED;
	attempt->result->steps[step].duration_us += duration_us;
}

static struct template_source
source_of(const struct attempt *attempt, bool mask)
{
	return (struct template_source){ attempt->variables,
		attempt->n_variables, mask };
}

static const struct probe_variable *
find(const struct attempt *attempt, const char *key)
{
	struct template_source source = source_of(attempt, false);

	return template_find(&source, str_of(key));
}

/* The variable of this key, if the type's table names it: no other one has been
 * checked. */
static const struct probe_variable *
find_checked(const struct attempt *attempt, const char *key)
{
	return auth_variable(attempt->auth, key) == NULL ? NULL
							 : find(attempt, key);
}

struct str
attempt_optional(const struct attempt *attempt, const char *key)
{
	const struct auth_variable *row = auth_variable(attempt->auth, key);
	const struct probe_variable *variable = find_checked(attempt, key);

	if (variable != NULL && variable->value.len > 0)
		return variable->value;
	if (row == NULL || auth_key(row)->fallback == NULL)
		return STR("");
	return str_of(auth_key(row)->fallback);
}

bool
attempt_is_secret(const struct attempt *attempt, const char *key)
{
	const struct probe_variable *variable = find(attempt, key);

	return variable != NULL && variable->secret;
}

enum error
attempt_fail_control(struct attempt *attempt, struct str key)
{
	return attempt_fail_with(attempt, REASON_VALUE_INVALID,
	    "The variable %.*s has a line break or another control character "
	    "in its value, which must not be sent.",
	    STR_FMT(key));
}

static enum error
fail_missing(struct attempt *attempt, struct str key, const char *what)
{
	struct template_source source = source_of(attempt, false);
	const struct probe_variable *variable = template_find(&source, key);

	if (variable != NULL && variable->is_withheld)
		return attempt_fail_with(attempt, REASON_VARIABLE_MISSING,
		    "The variable %.*s is needed%s. Its default is a secret of "
		    "the catalogue, which is sent only where the catalogue "
		    "alone decides scheme, port and domain: give it a value of "
		    "the connector's own.",
		    STR_FMT(key), what);
	return attempt_fail_with(attempt, REASON_VARIABLE_MISSING,
	    "The variable %.*s is needed%s and has no value.", STR_FMT(key),
	    what);
}

static enum error
fail_template(struct attempt *attempt, enum template_fault fault,
    const char *what, struct str key)
{
	switch (fault) {
	case TEMPLATE_UNKNOWN_KEY:
		return attempt_fail_with(attempt, REASON_VARIABLE_UNKNOWN,
		    "The %s refers to the variable %.*s, which does not exist.",
		    what, STR_FMT(key));
	case TEMPLATE_NO_VALUE:
		return fail_missing(attempt, key,
		    arena_printf(attempt->arena, " for the %s", what).ptr);
	case TEMPLATE_CONTROL:
		return attempt_fail_control(attempt, key);
	case TEMPLATE_DOTS:
		return attempt_fail_with(attempt, REASON_VALUE_INVALID,
		    "The variable %.*s is a part of the path of the %s and "
		    "must not make it \".\" or \"..\".",
		    STR_FMT(key), what);
	case TEMPLATE_NOT_A_HOST:
		return attempt_fail_with(attempt, REASON_URL_INVALID,
		    "The variable %.*s stands where the %s has its host and "
		    "must be a host name alone, without scheme or path.",
		    STR_FMT(key), what);
	case TEMPLATE_OK:
	case TEMPLATE_TOO_LARGE:
	default:
		return attempt_fail(attempt, REASON_REQUEST_TOO_LARGE);
	}
}

enum error
attempt_render(struct attempt *attempt, const char *what, struct str text,
    enum template_place place, struct str *ret)
{
	struct template_source source = source_of(attempt, false);
	enum template_fault fault;
	struct str key;

	fault =
	    template_render(attempt->arena, &source, text, place, ret, &key);
	if (fault == TEMPLATE_OK)
		return OK;
	return fail_template(attempt, fault, what, key);
}

struct str
attempt_render_masked(
    struct attempt *attempt, struct str text, enum template_place place)
{
	struct template_source source = source_of(attempt, true);
	struct str shown = STR(""), key;

	(void)template_render(
	    attempt->arena, &source, text, place, &shown, &key);
	return shown;
}

/* An empty password is one: it goes with an API key as the user name. */
static bool
is_given(const struct probe_variable *variable, unsigned uses)
{
	if (variable == NULL || variable->value.ptr == NULL)
		return false;
	return variable->value.len > 0 || (uses & AUTH_MAY_BE_EMPTY) != 0;
}

static enum error
check_variable(struct attempt *attempt, const struct auth_variable *row)
{
	const struct probe_variable *variable = find(attempt, row->key);
	struct str key = str_of(row->key);

	if ((row->uses & AUTH_NEEDED) != 0 && !is_given(variable, row->uses))
		return fail_missing(attempt, key, "");
	if (variable == NULL || (row->uses & AUTH_FOUND) != 0)
		return OK;
	if (variable->value.len > ATTEMPT_VALUE_MAX)
		return attempt_fail_with(attempt, REASON_VALUE_INVALID,
		    "The variable %s is longer than %d bytes.", row->key,
		    ATTEMPT_VALUE_MAX);
	if ((row->uses & AUTH_ENCODED) == 0 &&
	    template_has_control(variable->value))
		return attempt_fail_control(attempt, key);
	/* Libraries take NUL-terminated texts, so a NUL would cut the value. */
	if (str_find(variable->value, '\0') < variable->value.len)
		return attempt_fail_with(attempt, REASON_VALUE_INVALID,
		    "The variable %s has a NUL in its value.", row->key);
	return OK;
}

enum error
attempt_check_variables(struct attempt *attempt)
{
	for (const struct auth_variable *row = attempt->auth->variables;
	     row->key != NULL; row++)
		TRY(check_variable(attempt, row));
	return OK;
}

enum error
attempt_require(struct attempt *attempt, const char *key, struct str *ret)
{
	const struct auth_variable *row = auth_variable(attempt->auth, key);
	const struct probe_variable *variable = find_checked(attempt, key);

	if (row == NULL || !is_given(variable, row->uses))
		return fail_missing(attempt, str_of(key), "");
	*ret = arena_copy(attempt->arena, variable->value);
	return OK;
}

void
attempt_set_secret(struct attempt *attempt, const char *key, struct str value)
{
	size_t i = 0;

	while (i < attempt->n_variables &&
	       !str_equal_text(attempt->variables[i].key, key))
		i++;
	if (i == attempt->n_variables)
		attempt->n_variables++;
	attempt->variables[i] = (struct probe_variable){
		.key = str_of(key), .value = value, .secret = true
	};
}

void
attempt_set_target(struct attempt *attempt, const struct url *masked)
{
	attempt->result->target.scheme = masked->scheme;
	attempt->result->target.host = masked->host;
	attempt->result->target.path = masked->path;
	attempt->result->target.port = masked->port;
}

static uint64_t
span(uint64_t from, uint64_t to)
{
	return to > from ? to - from : 0;
}

/* Notes the steps that this request has passed; all others are not reached. */
static void
note_steps(struct attempt *attempt, const struct fetch_request *request,
    const struct fetch_answer *answer)
{
	uint64_t ready = answer->secured_us > answer->connected_us
			     ? answer->secured_us
			     : answer->connected_us;

	for (size_t i = PROBE_GUARD; i < PROBE_DONE; i++)
		attempt->result->steps[i].outcome = PROBE_NOT_REACHED;
	if (!answer->is_attempted)
		return;
	attempt_pass(attempt, PROBE_GUARD, 0);
	if (!request->is_numeric)
		attempt_pass(attempt, PROBE_DNS, answer->resolved_us);
	if (answer->connected_us == 0)
		return;
	attempt_pass(attempt, PROBE_CONNECT,
	    span(answer->resolved_us, answer->connected_us));
	if (request->use_tls && answer->secured_us > 0)
		attempt_pass(attempt, PROBE_TLS,
		    span(answer->connected_us, answer->secured_us));
	if (answer->sent_us == 0)
		return;
	attempt_pass(attempt, PROBE_REQUEST, span(ready, answer->sent_us));
}

/* The time until the failure belongs to the step that failed. */
static void
note_failed_time(struct attempt *attempt, enum probe_step step,
    const struct fetch_answer *answer)
{
	const uint64_t reached[] = { answer->resolved_us, answer->connected_us,
		answer->secured_us, answer->sent_us };
	uint64_t last = 0;

	for (size_t i = 0; i < N_ELEMENTS(reached); i++)
		last = reached[i] > last ? reached[i] : last;
	attempt->result->steps[step].duration_us +=
	    span(last, answer->total_us);
}

/* Opens the client certificate, if the server may ask for it. */
static enum error
open_identity(struct attempt *attempt, struct fetch_request *request)
{
	if (!request->use_tls || request->certificate.len == 0)
		return OK;
	request->private_key = STR("");
	request->passphrase = NULL;
	return identity_open(attempt, &request->certificate);
}

enum error
attempt_fetch(struct attempt *attempt, const struct fetch_request *request,
    struct fetch_answer *ret)
{
	struct fetch_request opened = *request;
	enum reason reason;
	enum probe_step step;

	TRY(open_identity(attempt, &opened));
	TRY(fetch_run(attempt->arena, attempt->settings, &opened,
	    attempt->deadline_us, ret, attempt->problem));
	attempt->result->address = ret->address;
	attempt->result->http_status =
	    request->family == FETCH_HTTP ? ret->status : 0;
	note_steps(attempt, request, ret);
	if (classify(request, ret, &reason, &step)) {
		note_failed_time(attempt, step, ret);
		if (reason == REASON_ADDRESS_REFUSED && attempt->is_redirected)
			return attempt_fail_with(attempt, reason,
			    "The far side redirects to an address that tests "
			    "must not reach.");
		return attempt_fail_at(attempt, reason, step);
	}
	attempt->result->steps[PROBE_RESPONSE].duration_us +=
	    span(ret->sent_us, ret->total_us);
	return OK;
}
