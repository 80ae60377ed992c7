/*
 * Small things that every kind of test needs: failing, variables, templates,
 * and sending one request with its steps noted.
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
run_fail_at(struct run *run, enum reason reason, enum probe_step step)
{
	struct probe_result *result = run->result;
	const struct reason_row *row = reason_row(reason);

	result->ok = false;
	result->stage = step;
	result->reason = row->word;
	result->detail = str_of(row->detail);
	result->steps[step].outcome = PROBE_FAILED;
	/* What passed behind it was on the way to this failure. */
	for (size_t i = step + 1; i < PROBE_DONE; i++) {
		result->steps[i].outcome = PROBE_NOT_REACHED;
		result->steps[step].duration_us += result->steps[i].duration_us;
		result->steps[i].duration_us = 0;
	}
	return ERROR_INVALID;
}

enum error
run_fail(struct run *run, enum reason reason)
{
	return run_fail_at(run, reason, reason_row(reason)->step);
}

enum error
run_fail_with(struct run *run, enum reason reason, const char *format, ...)
{
	char detail[DETAIL_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	(void)run_fail(run, reason);
	run->result->detail = arena_copy(run->arena, str_of(detail));
	return ERROR_INVALID;
}

void
run_pass(struct run *run, enum probe_step step, uint64_t duration_us)
{
	run->result->steps[step].outcome = PROBE_PASSED;
	run->result->steps[step].duration_us += duration_us;
}

static struct template_source
source_of(const struct run *run, bool mask)
{
	return (
	    struct template_source){ run->variables, run->n_variables, mask };
}

static const struct probe_variable *
find(const struct run *run, const char *key)
{
	struct template_source source = source_of(run, false);

	return template_find(&source, str_of(key));
}

/* Only what the type's table names has been checked. */
static const struct probe_variable *
find_checked(const struct run *run, const char *key)
{
	return auth_variable(run->auth, key) == NULL ? NULL : find(run, key);
}

struct str
run_optional(const struct run *run, const char *key)
{
	const struct probe_variable *variable = find_checked(run, key);

	if (variable == NULL || variable->value.ptr == NULL)
		return STR("");
	return variable->value;
}

bool
run_is_secret(const struct run *run, const char *key)
{
	const struct probe_variable *variable = find(run, key);

	return variable != NULL && variable->secret;
}

enum error
run_fail_control(struct run *run, struct str key)
{
	return run_fail_with(run, REASON_VALUE_INVALID,
	    "The variable %.*s has a line break or another control character "
	    "in its value, which must not be sent.",
	    STR_FMT(key));
}

static enum error
fail_missing(struct run *run, struct str key, const char *what)
{
	struct template_source source = source_of(run, false);
	const struct probe_variable *variable = template_find(&source, key);

	if (variable != NULL && variable->is_withheld)
		return run_fail_with(run, REASON_VARIABLE_MISSING,
		    "The variable %.*s is needed%s. Its default is a secret of "
		    "the catalogue, which is sent only where the catalogue "
		    "alone decides scheme, port and domain: give it a value of "
		    "the connector's own.",
		    STR_FMT(key), what);
	return run_fail_with(run, REASON_VARIABLE_MISSING,
	    "The variable %.*s is needed%s and has no value.", STR_FMT(key),
	    what);
}

static enum error
fail_template(struct run *run, enum template_fault fault, const char *what,
    struct str key)
{
	switch (fault) {
	case TEMPLATE_UNKNOWN_KEY:
		return run_fail_with(run, REASON_VARIABLE_UNKNOWN,
		    "The %s refers to the variable %.*s, which does not exist.",
		    what, STR_FMT(key));
	case TEMPLATE_NO_VALUE:
		return fail_missing(run, key,
		    arena_printf(run->arena, " for the %s", what).ptr);
	case TEMPLATE_CONTROL:
		return run_fail_control(run, key);
	case TEMPLATE_DOTS:
		return run_fail_with(run, REASON_VALUE_INVALID,
		    "The variable %.*s is a part of the path of the %s and "
		    "must not make it \".\" or \"..\".",
		    STR_FMT(key), what);
	case TEMPLATE_NOT_A_HOST:
		return run_fail_with(run, REASON_URL_INVALID,
		    "The variable %.*s stands where the %s has its host and "
		    "must be a host name alone, without scheme or path.",
		    STR_FMT(key), what);
	case TEMPLATE_OK:
	case TEMPLATE_TOO_LARGE:
	default:
		return run_fail(run, REASON_REQUEST_TOO_LARGE);
	}
}

enum error
run_render(struct run *run, const char *what, struct str text,
    enum template_place place, struct str *ret)
{
	struct template_source source = source_of(run, false);
	enum template_fault fault;
	struct str key;

	fault = template_render(run->arena, &source, text, place, ret, &key);
	if (fault == TEMPLATE_OK)
		return OK;
	return fail_template(run, fault, what, key);
}

struct str
run_render_masked(struct run *run, struct str text, enum template_place place)
{
	struct template_source source = source_of(run, true);
	struct str shown = STR(""), key;

	(void)template_render(run->arena, &source, text, place, &shown, &key);
	return shown;
}

/* An empty password is a password: an API key as user name goes with one. */
static bool
is_given(const struct probe_variable *variable, unsigned uses)
{
	if (variable == NULL || variable->value.ptr == NULL)
		return false;
	return variable->value.len > 0 || (uses & AUTH_MAY_BE_EMPTY) != 0;
}

static enum error
check_variable(struct run *run, const struct auth_variable *row)
{
	const struct probe_variable *variable = find(run, row->key);
	struct str key = str_of(row->key);

	if ((row->uses & AUTH_NEEDED) != 0 && !is_given(variable, row->uses))
		return fail_missing(run, key, "");
	if (variable == NULL || (row->uses & AUTH_FOUND) != 0)
		return OK;
	if (variable->value.len > RUN_VALUE_MAX)
		return run_fail_with(run, REASON_VALUE_INVALID,
		    "The variable %s is longer than %d bytes.", row->key,
		    RUN_VALUE_MAX);
	if ((row->uses & AUTH_ENCODED) == 0 &&
	    template_has_control(variable->value))
		return run_fail_control(run, key);
	/* What goes to a library is NUL-terminated, so a NUL would cut it. */
	if (str_find(variable->value, '\0') < variable->value.len)
		return run_fail_with(run, REASON_VALUE_INVALID,
		    "The variable %s has a NUL in its value.", row->key);
	return OK;
}

enum error
run_check_variables(struct run *run)
{
	for (const struct auth_variable *row = run->auth->variables;
	     row->key != NULL; row++)
		TRY(check_variable(run, row));
	return OK;
}

enum error
run_require(struct run *run, const char *key, struct str *ret)
{
	const struct auth_variable *row = auth_variable(run->auth, key);
	const struct probe_variable *variable = find_checked(run, key);

	if (row == NULL || !is_given(variable, row->uses))
		return fail_missing(run, str_of(key), "");
	*ret = arena_copy(run->arena, variable->value);
	return OK;
}

void
run_set_secret(struct run *run, const char *key, struct str value)
{
	size_t i = 0;

	while (
	    i < run->n_variables && !str_equal_text(run->variables[i].key, key))
		i++;
	if (i == run->n_variables)
		run->n_variables++;
	run->variables[i] = (struct probe_variable){
		.key = str_of(key), .value = value, .secret = true
	};
}

void
run_set_target(struct run *run, const struct url *masked)
{
	run->result->target.scheme = masked->scheme;
	run->result->target.host = masked->host;
	run->result->target.path = masked->path;
	run->result->target.port = masked->port;
}

static uint64_t
span(uint64_t from, uint64_t to)
{
	return to > from ? to - from : 0;
}

/* The steps that this request got through; the others begin anew. */
static void
note_steps(struct run *run, const struct fetch_request *request,
    const struct fetch_answer *answer)
{
	uint64_t ready = answer->secured_us > answer->connected_us
			     ? answer->secured_us
			     : answer->connected_us;

	for (size_t i = PROBE_GUARD; i < PROBE_DONE; i++)
		run->result->steps[i].outcome = PROBE_NOT_REACHED;
	if (!answer->is_attempted)
		return;
	run_pass(run, PROBE_GUARD, 0);
	if (!request->is_numeric)
		run_pass(run, PROBE_DNS, answer->resolved_us);
	if (answer->connected_us == 0)
		return;
	run_pass(run, PROBE_CONNECT,
	    span(answer->resolved_us, answer->connected_us));
	if (request->use_tls && answer->secured_us > 0)
		run_pass(run, PROBE_TLS,
		    span(answer->connected_us, answer->secured_us));
	if (answer->sent_us == 0)
		return;
	run_pass(run, PROBE_REQUEST, span(ready, answer->sent_us));
}

/* The time until the failure belongs to the step that failed. */
static void
note_failed_time(
    struct run *run, enum probe_step step, const struct fetch_answer *answer)
{
	const uint64_t reached[] = { answer->resolved_us, answer->connected_us,
		answer->secured_us, answer->sent_us };
	uint64_t last = 0;

	for (size_t i = 0; i < N_ELEMENTS(reached); i++)
		last = reached[i] > last ? reached[i] : last;
	run->result->steps[step].duration_us += span(last, answer->total_us);
}

/* The request with its certificate opened, if it can be asked for one. */
static enum error
open_identity(struct run *run, struct fetch_request *request)
{
	if (!request->use_tls || request->certificate.len == 0)
		return OK;
	request->private_key = STR("");
	request->passphrase = NULL;
	return identity_open(run, &request->certificate);
}

enum error
run_fetch(struct run *run, const struct fetch_request *request,
    struct fetch_answer *ret)
{
	struct fetch_request opened = *request;
	enum reason reason;
	enum probe_step step;

	TRY(open_identity(run, &opened));
	TRY(fetch_run(run->arena, run->settings, &opened, run->deadline_us, ret,
	    run->problem));
	run->result->address = ret->address;
	run->result->http_status =
	    request->family == FETCH_HTTP ? ret->status : 0;
	note_steps(run, request, ret);
	if (classify(request, ret, &reason, &step)) {
		note_failed_time(run, step, ret);
		if (reason == REASON_ADDRESS_REFUSED && run->is_redirected)
			return run_fail_with(run, reason,
			    "The far side redirects to an address that tests "
			    "must not reach.");
		return run_fail_at(run, reason, step);
	}
	run->result->steps[PROBE_RESPONSE].duration_us +=
	    span(ret->sent_us, ret->total_us);
	return OK;
}
