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

/* Adds the fields of the implementation's body: a form, or members of JSON. */
static enum error
add_body_fields(struct attempt *attempt, struct buf *b)
{
	const struct probe_target *target = attempt->target;
	bool is_json = str_equal(target->body_format, STR("json"));
	struct json_reader_member *members;
	struct str text;
	size_t n;

	if (target->body.len == 0 ||
	    str_equal(target->body_format, STR("none")))
		return OK;
	TRY(attempt_render(attempt, "body", target->body,
	    is_json ? TEMPLATE_JSON : TEMPLATE_FORM, &text));
	if (!is_json) {
		buf_add_char(b, '&');
		buf_add_str(b, text);
		return OK;
	}
	if (!json_reader_members(attempt->arena, text, &members, &n))
		return attempt_fail(attempt, REASON_BODY_INVALID);
	for (size_t i = 0; i < n; i++)
		add_field(b, members[i].name.ptr, members[i].value);
	return OK;
}

static enum error
add_fields(struct attempt *attempt, struct buf *b)
{
	const struct auth_type *auth = attempt->auth;

	add_field(b, "grant_type", str_of(auth->grant_type));
	for (const struct auth_variable *v = auth->variables; v->key != NULL;
	     v++) {
		struct str value = attempt_optional(attempt, v->key);

		if ((v->uses & AUTH_FORM) != 0 &&
		    (value.len > 0 || (v->uses & AUTH_NEEDED) != 0))
			add_field(b, v->key, value);
	}
	return add_body_fields(attempt, b);
}

static enum error
set_form(struct attempt *attempt, struct web *web)
{
	enum error error;
	bool is_too_large;
	struct buf b;

	buf_init(&b, TEMPLATE_MAX);
	error = add_fields(attempt, &b);
	web->body = arena_copy(attempt->arena, buf_str(&b));
	web->has_body = true;
	is_too_large = b.overflow;
	buf_done(&b);
	if (error == OK && is_too_large)
		return attempt_fail(attempt, REASON_REQUEST_TOO_LARGE);
	return error;
}

static enum error
fail_with_error(struct attempt *attempt, const struct grant_error *error)
{
	return attempt_fail_with(
	    attempt, error->reason, "%s (%s).", error->means, error->word);
}

/* Ends the test: the status says that there is no token. */
static enum error
fail_endpoint(struct attempt *attempt, const struct fetch_answer *fetched,
    const struct grant *grant)
{
	struct grant_error error;
	int status = fetched->status;
	enum reason reason;

	if (grant_error(attempt->arena, grant, &error) && error.word != NULL)
		return fail_with_error(attempt, &error);
	if (web_find_phrase(attempt, fetched, &reason))
		return attempt_fail(attempt, reason);
	if (status == 400 || status == 422)
		return attempt_fail_with(attempt, REASON_TOKEN_REFUSED,
		    "The token endpoint did not give a token (status %d): "
		    "check the scope and the body.",
		    status);
	return web_fail_status(attempt, fetched);
}

/* Ends the test: the answer has no token. Some endpoints report errors with a
 * status of success. */
static enum error
fail_without_token(struct attempt *attempt, const struct grant *grant)
{
	struct grant_error error;

	if (!grant_error(attempt->arena, grant, &error))
		return attempt_fail(attempt, REASON_TOKEN_MISSING);
	if (error.word != NULL)
		return fail_with_error(attempt, &error);
	return attempt_fail_with(attempt, REASON_TOKEN_REFUSED,
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
note_rotation(struct attempt *attempt, const struct grant *grant)
{
	struct str used = attempt_optional(attempt, "refresh_token"), fresh;

	if (strcmp(attempt->auth->grant_type, "refresh_token") != 0)
		return;
	fresh = grant_refresh_token(attempt->arena, grant);
	if (fresh.len > 0 && !str_equal(fresh, used))
		attempt->result->rotated_refresh_token = fresh;
}

static enum error
take_token(struct attempt *attempt, const struct fetch_answer *fetched)
{
	struct answer answer;
	struct grant grant;
	struct str token;
	bool is_read;

	TRY(answer_read(attempt, fetched, CONTENT_JSON, &answer));
	is_read = grant_read(answer.fault == CONTENT_OK ? answer.text : STR(""),
	    fetched->content_type, attempt->target->token_path, &grant);
	if (fetched->status < 200 || fetched->status > 299)
		return fail_endpoint(attempt, fetched, &grant);
	if (answer.fault != CONTENT_OK || !is_read)
		return answer_fail(attempt, &answer, REASON_TOKEN_MALFORMED);
	note_rotation(attempt, &grant);
	token = grant_token(attempt->arena, &grant);
	if (token.len == 0)
		return fail_without_token(attempt, &grant);
	if (!is_token(token))
		return attempt_fail(attempt, REASON_TOKEN_MALFORMED);
	/* The wait for the token counts as authentication. */
	attempt_pass(attempt, PROBE_AUTHENTICATION,
	    attempt->result->steps[PROBE_RESPONSE].duration_us);
	attempt->result->steps[PROBE_RESPONSE].duration_us = 0;
	attempt_set_secret(attempt, "access_token", token);
	return OK;
}

static enum error
fetch_token(struct attempt *attempt)
{
	struct web *web = ARENA_NEW(attempt->arena, struct web, 1);
	struct fetch_answer *answer =
	    ARENA_NEW(attempt->arena, struct fetch_answer, 1);

	if (attempt->target->url.len == 0)
		return attempt_fail(attempt, REASON_URL_MISSING);
	web->method = "POST";
	TRY(web_set_url(attempt, web, "url", attempt->target->url, false));
	/* Added first, since the first header of a name counts. */
	TRY(web_add_header(attempt, web, "Content-Type",
	    STR("application/x-www-form-urlencoded")));
	TRY(web_add_headers(attempt, web, STR("access_token")));
	TRY(set_form(attempt, web));
	TRY(web_add_header(attempt, web, "Accept", STR("application/json")));
	TRY(web_exchange(attempt, web, answer));
	return take_token(attempt, answer);
}

/* The method of the test request. The token request is a POST, so an
 * http_method that changes things is taken to describe that one. */
static const char *
test_method(const struct attempt *attempt)
{
	static const char *const harmless[] = { "GET", "HEAD", "OPTIONS" };

	for (size_t i = 0; i < N_ELEMENTS(harmless); i++)
		if (str_equal_text(attempt->target->http_method, harmless[i]))
			return harmless[i];
	return "GET";
}

enum error
attempt_token(struct attempt *attempt)
{
	struct web *web = ARENA_NEW(attempt->arena, struct web, 1);
	struct fetch_answer *answer =
	    ARENA_NEW(attempt->arena, struct fetch_answer, 1);

	TRY(fetch_token(attempt));
	if (attempt->target->test_url.len == 0) {
		attempt_pass(attempt, PROBE_RESPONSE, 0);
		return OK;
	}
	web->method = test_method(attempt);
	TRY(web_set_url(
	    attempt, web, "test_url", attempt->target->test_url, true));
	TRY(web_add_headers(attempt, web, STR("")));
	TRY(web_add_credentials(attempt, web));
	TRY(web_exchange(attempt, web, answer));
	return web_judge(attempt, answer);
}
