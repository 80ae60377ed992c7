/*
 * OAuth 2: a token from the token endpoint, then the test request with it.
 */
#include <config.h>

#include <string.h>

#include "base/buf.h"
#include "base/percent.h"
#include "probe/answer.h"
#include "probe/auth.h"
#include "probe/grant.h"
#include "probe/json_reader.h"
#include "probe/web.h"

static void
add_field(struct buf *b, const char *name, struct str value)
{
	if (b->len > 0)
		buf_add_char(b, '&');
	percent_encode(b, str_of(name));
	buf_add_char(b, '=');
	percent_encode(b, value);
}

/* The implementation's body may add fields: a form, or members of JSON. */
static enum error
add_body_fields(struct run *run, struct buf *b)
{
	const struct probe_target *target = run->target;
	bool is_json = str_equal(target->body_format, STR("json"));
	struct reader_member *members;
	struct str text;
	size_t n;

	if (target->body.len == 0 ||
	    str_equal(target->body_format, STR("none")))
		return OK;
	TRY(run_render(run, "body", target->body,
	    is_json ? TEMPLATE_JSON : TEMPLATE_FORM, &text));
	if (!is_json) {
		buf_add_char(b, '&');
		buf_add_str(b, text);
		return OK;
	}
	if (!reader_members(run->arena, text, &members, &n))
		return run_fail(run, REASON_BODY_INVALID);
	for (size_t i = 0; i < n; i++)
		add_field(b, members[i].name.ptr, members[i].value);
	return OK;
}

static enum error
add_fields(struct run *run, struct buf *b)
{
	const struct auth_type *auth = run->auth;

	add_field(b, "grant_type", str_of(auth->grant_type));
	for (const struct auth_variable *v = auth->variables; v->key != NULL;
	     v++) {
		struct str value = run_optional(run, v->key);

		if ((v->uses & AUTH_FORM) != 0 &&
		    (value.len > 0 || (v->uses & AUTH_NEEDED) != 0))
			add_field(b, v->key, value);
	}
	return add_body_fields(run, b);
}

static enum error
set_form(struct run *run, struct web *web)
{
	enum error error;
	bool is_too_large;
	struct buf b;

	buf_init(&b, TEMPLATE_MAX);
	error = add_fields(run, &b);
	web->body = arena_copy(run->arena, buf_str(&b));
	web->has_body = true;
	is_too_large = b.overflow;
	buf_done(&b);
	if (error == OK && is_too_large)
		return run_fail(run, REASON_REQUEST_TOO_LARGE);
	return error;
}

static enum error
fail_with_error(struct run *run, const struct grant_error *error)
{
	return run_fail_with(
	    run, error->reason, "%s (%s).", error->means, error->word);
}

/* An answer whose status says that there is no token. */
static enum error
fail_endpoint(struct run *run, const struct fetch_answer *fetched,
    const struct grant *grant)
{
	struct grant_error error;
	int status = fetched->status;
	enum reason reason;

	if (grant_error(run->arena, grant, &error) && error.word != NULL)
		return fail_with_error(run, &error);
	if (web_find_phrase(run, fetched, &reason))
		return run_fail(run, reason);
	if (status == 400 || status == 422)
		return run_fail_with(run, REASON_TOKEN_REFUSED,
		    "The token endpoint did not give a token (status %d): "
		    "check the scope and the body.",
		    status);
	return web_fail_status(run, fetched);
}

/* An answer without a token: some tell of errors with a status of success. */
static enum error
fail_without_token(struct run *run, const struct grant *grant)
{
	struct grant_error error;

	if (!grant_error(run->arena, grant, &error))
		return run_fail(run, REASON_TOKEN_MISSING);
	if (error.word != NULL)
		return fail_with_error(run, &error);
	return run_fail_with(run, REASON_TOKEN_REFUSED,
	    "The token endpoint answered with an error of a kind of its own, "
	    "in place of a token: check the credentials, the scope and the "
	    "body.");
}

/* A token goes into a header: visible ASCII (RFC 6750). */
static bool
is_token(struct str token)
{
	for (size_t i = 0; i < token.len; i++)
		if (token.ptr[i] <= 0x20 || token.ptr[i] >= 0x7f)
			return false;
	return true;
}

static void
note_rotation(struct run *run, const struct grant *grant)
{
	struct str used = run_optional(run, "refresh_token"), fresh;

	if (strcmp(run->auth->grant_type, "refresh_token") != 0)
		return;
	fresh = grant_refresh_token(run->arena, grant);
	if (fresh.len > 0 && !str_equal(fresh, used))
		run->result->rotated_refresh_token = fresh;
}

static enum error
take_token(struct run *run, const struct fetch_answer *fetched)
{
	struct answer answer;
	struct grant grant;
	struct str token;
	bool is_read;

	TRY(answer_read(run, fetched, CONTENT_JSON, &answer));
	is_read = grant_read(answer.fault == CONTENT_OK ? answer.text : STR(""),
	    fetched->content_type, run->target->token_path, &grant);
	if (fetched->status < 200 || fetched->status > 299)
		return fail_endpoint(run, fetched, &grant);
	if (answer.fault != CONTENT_OK || !is_read)
		return answer_fail(run, &answer, REASON_TOKEN_MALFORMED);
	note_rotation(run, &grant);
	token = grant_token(run->arena, &grant);
	if (token.len == 0)
		return fail_without_token(run, &grant);
	if (!is_token(token))
		return run_fail(run, REASON_TOKEN_MALFORMED);
	/* Waiting for the token is time of the authentication. */
	run_pass(run, PROBE_AUTHENTICATION,
	    run->result->steps[PROBE_RESPONSE].duration_us);
	run->result->steps[PROBE_RESPONSE].duration_us = 0;
	run_set_secret(run, "access_token", token);
	return OK;
}

static enum error
fetch_token(struct run *run)
{
	struct web *web = ARENA_NEW(run->arena, struct web, 1);
	struct fetch_answer *answer =
	    ARENA_NEW(run->arena, struct fetch_answer, 1);

	if (run->target->url.len == 0)
		return run_fail(run, REASON_URL_MISSING);
	web->method = "POST";
	TRY(web_set_url(run, web, "url", run->target->url, false));
	/* First, since the first of a name counts. */
	TRY(web_add_header(run, web, "Content-Type",
	    STR("application/x-www-form-urlencoded")));
	TRY(web_add_headers(run, web, STR("access_token")));
	TRY(set_form(run, web));
	TRY(web_add_header(run, web, "Accept", STR("application/json")));
	TRY(web_exchange(run, web, answer));
	return take_token(run, answer);
}

/* The token request is a POST, so an http_method that changes things is taken
 * to be about that one, not about the test. */
static const char *
test_method(const struct run *run)
{
	static const char *const harmless[] = { "GET", "HEAD", "OPTIONS" };

	for (size_t i = 0; i < N_ELEMENTS(harmless); i++)
		if (str_equal_text(run->target->http_method, harmless[i]))
			return harmless[i];
	return "GET";
}

enum error
run_token(struct run *run)
{
	struct web *web = ARENA_NEW(run->arena, struct web, 1);
	struct fetch_answer *answer =
	    ARENA_NEW(run->arena, struct fetch_answer, 1);

	TRY(fetch_token(run));
	if (run->target->test_url.len == 0) {
		run_pass(run, PROBE_RESPONSE, 0);
		return OK;
	}
	web->method = test_method(run);
	TRY(web_set_url(run, web, "test_url", run->target->test_url, true));
	TRY(web_add_headers(run, web, STR("")));
	TRY(web_add_credentials(run, web));
	TRY(web_exchange(run, web, answer));
	return web_judge(run, answer);
}
