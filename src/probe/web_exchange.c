/*
 * Sending a request that web.c built: credentials, redirects, the verdict on
 * the status.
 */
#include <config.h>

#include <string.h>

#include "probe/answer.h"
#include "probe/auth.h"
#include "probe/http_status.h"
#include "probe/sign.h"
#include "probe/web.h"

#define PHRASE_WINDOW 4096 /* bytes of an answer looked at for phrases */

/*
 * Some servers accept TLS first and report its fault in a page. These phrases
 * are only looked for; nothing of the page is shown.
 */
static const struct {
	const char *phrase;
	enum reason reason;
} page_phrases[] = {
	{ "No required SSL certificate was sent",
	    REASON_CLIENT_CERTIFICATE_REQUIRED },
	{ "SSL client certificate is required",
	    REASON_CLIENT_CERTIFICATE_REQUIRED },
	{ "The SSL certificate error", REASON_CLIENT_CERTIFICATE_REJECTED },
	{ "plain HTTP request was sent to HTTPS port", REASON_TLS_REQUIRED },
	{ "speaking plain HTTP to an SSL-enabled server port",
	    REASON_TLS_REQUIRED },
	{ "sent an HTTP request to an HTTPS server", REASON_TLS_REQUIRED },
};

static enum error
add_login(struct attempt *attempt, struct web *web, const char *user,
    const char *password)
{
	struct str name, secret;

	TRY(attempt_require(attempt, user, &name));
	TRY(attempt_require(attempt, password, &secret));
	web->username = name.ptr;
	web->password = secret.ptr;
	return OK;
}

static enum error
add_basic(struct attempt *attempt, struct web *web)
{
	web->auth = FETCH_AUTH_BASIC;
	return add_login(attempt, web, "username", "password");
}

static enum error
add_digest(struct attempt *attempt, struct web *web)
{
	web->auth = FETCH_AUTH_DIGEST;
	return add_login(attempt, web, "username", "password");
}

static enum error
add_ntlm(struct attempt *attempt, struct web *web)
{
	web->auth = FETCH_AUTH_NTLM;
	return add_login(attempt, web, "username", "password");
}

/* Whether the templates of what is sent refer to the token themselves. */
static bool
is_token_placed(struct attempt *attempt, const struct web *web, const char *key)
{
	const struct probe_target *target = attempt->target;
	struct str url =
	    target->test_url.len > 0 ? target->test_url : target->url;

	if (web_has_header(web, "Authorization"))
		return true;
	if (attempt->auth->grant_type == NULL && auth_is_templated(target))
		return true;
	return template_refers_to(target->headers, str_of(key)) ||
	       template_refers_to(target->query, str_of(key)) ||
	       template_refers_to(url, str_of(key)) ||
	       (web->has_body && template_refers_to(target->body, str_of(key)));
}

static enum error
add_token(struct attempt *attempt, struct web *web)
{
	const char *key =
	    attempt->auth->grant_type == NULL ? "token" : "access_token";
	struct str token;

	if (is_token_placed(attempt, web, key))
		return OK;
	TRY(attempt_require(attempt, key, &token));
	return web_add_header(attempt, web, "Authorization",
	    arena_printf(attempt->arena, "Bearer %.*s", STR_FMT(token)));
}

enum error
web_add_credentials(struct attempt *attempt, struct web *web)
{
	static enum error (*const add[])(struct attempt *, struct web *) = {
		[SCHEME_BASIC] = add_basic,
		[SCHEME_DIGEST] = add_digest,
		[SCHEME_NTLM] = add_ntlm,
		[SCHEME_TOKEN] = add_token,
		[SCHEME_OAUTH1] = sign_by_oauth1,
		[SCHEME_SIGV4] = sign_by_sigv4,
	};

	if (attempt->auth->scheme >= N_ELEMENTS(add) ||
	    add[attempt->auth->scheme] == NULL)
		return OK;
	return add[attempt->auth->scheme](attempt, web);
}

/* One request of an exchange. */
static enum error
send_one(
    struct attempt *attempt, const struct web *base, struct fetch_answer *ret)
{
	const struct probe_target *target = attempt->target;
	struct web web = *base;
	struct fetch_request request = {
		.family = FETCH_HTTP,
		.protocols = "http,https",
		.method = web.method,
		.headers = web.headers,
		.body = web.body,
		.has_body = web.has_body,
		.is_numeric = url_is_numeric(&web.url),
		.use_tls = str_equal(web.url.scheme, STR("https")),
	};

	if (web.sign != NULL && !web.is_stranger)
		TRY(web.sign(attempt, &web));
	request.url = web.url.text.ptr;
	request.n_headers = web.n_headers;
	if (!web.is_stranger) {
		request.auth = web.auth;
		request.username = web.username;
		request.password = web.password;
		request.certificate = target->certificate;
		request.private_key = target->private_key;
		if (target->passphrase.len > 0)
			request.passphrase =
			    arena_copy(attempt->arena, target->passphrase).ptr;
	}
	return attempt_fetch(attempt, &request, ret);
}

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 ||
	       status == 307 || status == 308;
}

/* 303 asks for a GET; so do 301 and 302 of a POST, by custom. */
static bool
becomes_get(const struct web *web, int status)
{
	if (strcmp(web->method, "HEAD") == 0)
		return false;
	return status == 303 ||
	       (status < 303 && strcmp(web->method, "POST") == 0);
}

static enum error
follow(
    struct attempt *attempt, struct web *web, const struct fetch_answer *answer)
{
	struct url next;

	if (!url_parse_relative(
		attempt->arena, &web->url, answer->location, &next))
		return attempt_fail(attempt, REASON_REDIRECT_REFUSED);
	if (next.has_user)
		return attempt_fail_with(attempt, REASON_REDIRECT_REFUSED,
		    "The far side redirects to a URL with a user name in "
		    "it.");
	if (becomes_get(web, answer->status)) {
		web->method = "GET";
		web->has_body = false;
		web->body = STR("");
	}
	if (!url_same_origin(&web->url, &next)) {
		if (web->has_body)
			return attempt_fail_with(attempt,
			    REASON_REDIRECT_REFUSED,
			    "The far side redirects to another host, which "
			    "would be sent the body and what is secret in "
			    "it.");
		/* Any header may be a credential, so none is sent there. */
		web->is_stranger = true;
		web->n_headers = 0;
	}
	web->url = next;
	attempt->is_redirected = true;
	return OK;
}

enum error
web_exchange(struct attempt *attempt, struct web *web, struct fetch_answer *ret)
{
	for (unsigned hops = 0;; hops++) {
		TRY(send_one(attempt, web, ret));
		attempt->is_asked = attempt->is_asked || ret->is_asked;
		if (!is_redirect(ret->status) || ret->location.len == 0 ||
		    http_status_is_expected(
			attempt->target->expected_status, ret->status))
			return OK;
		if (hops == attempt->settings->redirects_max)
			return attempt_fail_with(attempt,
			    REASON_TOO_MANY_REDIRECTS,
			    "The far side redirects more than %u times.",
			    attempt->settings->redirects_max);
		TRY(follow(attempt, web, ret));
	}
}

bool
web_find_phrase(struct attempt *attempt, const struct fetch_answer *answer,
    enum reason *ret)
{
	struct str page;

	if (answer->status < 400 || answer->status > 499)
		return false;
	page = answer_peek(attempt, answer, PHRASE_WINDOW);
	for (size_t i = 0; i < N_ELEMENTS(page_phrases); i++) {
		const char *phrase = page_phrases[i].phrase;

		if (memmem(page.ptr, page.len, phrase, strlen(phrase)) == NULL)
			continue;
		*ret = page_phrases[i].reason;
		return true;
	}
	return false;
}

/* Whether the credentials were not sent, since no server asked for them. */
static bool
is_untried(const struct attempt *attempt)
{
	return (attempt->auth->scheme == SCHEME_DIGEST ||
		   attempt->auth->scheme == SCHEME_NTLM) &&
	       !attempt->is_asked;
}

/* Ends the test: refused, but the credentials were not tried. */
static enum error
fail_untried(struct attempt *attempt, int status)
{
	if (attempt->auth->scheme == SCHEME_NONE)
		return attempt_fail_with(attempt, REASON_CREDENTIALS_REJECTED,
		    "The far side wants credentials (status %d); this "
		    "authentication type adds none.",
		    status);
	return attempt_fail_with(attempt, REASON_CREDENTIALS_REJECTED,
	    "The far side refuses (status %d) without asking for "
	    "credentials of this authentication type, so they were not "
	    "sent.",
	    status);
}

enum error
web_fail_status(struct attempt *attempt, const struct fetch_answer *answer)
{
	struct str spec = attempt->target->expected_status;
	enum reason reason;

	if (web_find_phrase(attempt, answer, &reason))
		return attempt_fail(attempt, reason);
	reason = http_status_reason(answer->status);
	if (reason == REASON_CREDENTIALS_REJECTED &&
	    (attempt->auth->scheme == SCHEME_NONE || is_untried(attempt)))
		return fail_untried(attempt, answer->status);
	if (reason == REASON_UNEXPECTED_STATUS)
		return attempt_fail_with(attempt, reason,
		    "The status is %d; expected_status is %.*s.",
		    answer->status,
		    STR_FMT(spec.len == 0 ? STR(STATUS_DEFAULT) : spec));
	return attempt_fail_with(attempt, reason, "%s (Status %d.)",
	    reason_row(reason)->detail, answer->status);
}

enum error
web_judge(struct attempt *attempt, const struct fetch_answer *answer)
{
	if (!http_status_is_expected(
		attempt->target->expected_status, answer->status))
		return web_fail_status(attempt, answer);
	if (is_untried(attempt))
		attempt->note =
		    "The test passed, but the other side asked for no "
		    "credentials, so they were not tried.";
	else if (attempt->auth->scheme != SCHEME_NONE)
		attempt_pass(attempt, PROBE_AUTHENTICATION, 0);
	attempt_pass(attempt, PROBE_RESPONSE, 0);
	return OK;
}
