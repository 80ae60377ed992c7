/*
 * Sending a request that web.c built: credentials, redirects, the verdict on
 * the status.
 */
#include <config.h>

#include <string.h>
#include <time.h>

#include "probe/auth.h"
#include "probe/oauth1.h"
#include "probe/status.h"
#include "probe/web.h"
#include "secret/secret.h"

#define NONCE_BYTES   16
#define SCOPE_MAX     128  /* bytes of an AWS region or service */
#define PHRASE_WINDOW 4096 /* bytes of an answer looked at for phrases */

/*
 * Servers that end TLS before they know what is amiss say so in a page. Only
 * looked for; never shown.
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
add_login(
    struct run *run, struct web *web, const char *user, const char *password)
{
	struct str name, secret;

	TRY(run_require(run, user, &name));
	TRY(run_require(run, password, &secret));
	web->username = name.ptr;
	web->password = secret.ptr;
	return OK;
}

static enum error
add_basic(struct run *run, struct web *web)
{
	web->auth = FETCH_AUTH_BASIC;
	return add_login(run, web, "username", "password");
}

static enum error
add_digest(struct run *run, struct web *web)
{
	web->auth = FETCH_AUTH_DIGEST;
	return add_login(run, web, "username", "password");
}

static enum error
add_ntlm(struct run *run, struct web *web)
{
	web->auth = FETCH_AUTH_NTLM;
	return add_login(run, web, "username", "password");
}

/* Whether the templates carry the token themselves. */
static bool
is_token_placed(struct run *run, const struct web *web, const char *key)
{
	const struct probe_target *target = run->target;

	if (web_has_header(web, "Authorization"))
		return true;
	if (run->auth->grant_type == NULL &&
	    (template_has_reference(target->headers) ||
		template_has_reference(target->query)))
		return true;
	return template_refers_to(target->headers, str_of(key)) ||
	       template_refers_to(target->query, str_of(key)) ||
	       template_refers_to(target->body, str_of(key)) ||
	       template_refers_to(target->url, str_of(key)) ||
	       template_refers_to(target->test_url, str_of(key));
}

static enum error
add_token(struct run *run, struct web *web)
{
	const char *key =
	    run->auth->grant_type == NULL ? "token" : "access_token";
	struct str token;

	if (is_token_placed(run, web, key))
		return OK;
	TRY(run_require(run, key, &token));
	return web_add_header(run, web, "Authorization",
	    arena_printf(run->arena, "Bearer %.*s", STR_FMT(token)));
}

static enum error
add_oauth1(struct run *run, struct web *web)
{
	struct str method = run_optional(run, "signature_method");

	if (method.len > 0 && !oauth1_is_method(method))
		return run_fail_with(run, REASON_VALUE_INVALID,
		    "signature_method must be HMAC-SHA256 or HMAC-SHA1.");
	web->is_oauth1 = true;
	return OK;
}

static bool
is_scope(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '-')
			return false;
	}
	return s.len > 0 && s.len <= SCOPE_MAX;
}

/* The signature is over the parameters in order, each with its '='. */
static enum error
sort_query(struct run *run, struct web *web)
{
	size_t n;
	struct str text = web->url.text;
	struct url_param *params =
	    url_split_query(run->arena, web->url.query, &n);

	if (n == 0)
		return OK;
	url_sort_params(params, n);
	text.len = str_find(text, '?');
	if (!url_parse(run->arena, text, url_join_params(run->arena, params, n),
		&web->url))
		return run_fail(run, REASON_URL_INVALID);
	return OK;
}

static enum error
add_sigv4(struct run *run, struct web *web)
{
	struct str region, service, session;

	TRY(run_require(run, "region", &region));
	service = run_optional(run, "service");
	if (service.len == 0 && str_equal(run->target->protocol, STR("S3")))
		service = STR("s3");
	else
		TRY(run_require(run, "service", &service));
	if (!is_scope(region) || !is_scope(service))
		return run_fail_with(run, REASON_VALUE_INVALID,
		    "region and service are made of lower-case letters, "
		    "digits and hyphens.");
	TRY(add_login(run, web, "access_key_id", "secret_access_key"));
	TRY(sort_query(run, web));
	/* S3 wants to see the hash that is signed. */
	if (str_equal(service, STR("s3")))
		TRY(web_add_header(run, web, "X-Amz-Content-Sha256",
		    secret_sha256_hex(run->arena, web->body)));
	session = run_optional(run, "session_token");
	if (session.len > 0)
		TRY(web_add_header(run, web, "X-Amz-Security-Token", session));
	web->auth = FETCH_AUTH_SIGV4;
	web->sigv4 = arena_printf(
	    run->arena, "aws:amz:%.*s:%.*s", STR_FMT(region), STR_FMT(service))
			 .ptr;
	return OK;
}

enum error
web_add_credentials(struct run *run, struct web *web)
{
	static enum error (*const add[])(struct run *, struct web *) = {
		[SCHEME_BASIC] = add_basic,
		[SCHEME_DIGEST] = add_digest,
		[SCHEME_NTLM] = add_ntlm,
		[SCHEME_TOKEN] = add_token,
		[SCHEME_OAUTH1] = add_oauth1,
		[SCHEME_SIGV4] = add_sigv4,
	};

	if (run->auth->scheme >= N_ELEMENTS(add) ||
	    add[run->auth->scheme] == NULL)
		return OK;
	return add[run->auth->scheme](run, web);
}

static enum error
sign_oauth1(struct run *run, struct web *web)
{
	unsigned char random[NONCE_BYTES];
	struct oauth1 oauth = { .realm = run_optional(run, "realm"),
		.method = run_optional(run, "signature_method") };

	TRY(run_require(run, "consumer_key", &oauth.consumer_key));
	TRY(run_require(run, "consumer_secret", &oauth.consumer_secret));
	TRY(run_require(run, "token", &oauth.token));
	TRY(run_require(run, "token_secret", &oauth.token_secret));
	if (oauth.method.len == 0)
		oauth.method = STR("HMAC-SHA256");
	secret_random(random, sizeof(random));
	oauth.nonce = secret_sha256_hex(
	    run->arena, (struct str){ (char *)random, sizeof(random) });
	oauth.timestamp =
	    arena_printf(run->arena, "%lld", (long long)time(NULL));
	return web_add_header(run, web, "Authorization",
	    oauth1_header(run->arena, &oauth, web->method, &web->url,
		web->is_form ? web->body : STR("")));
}

/* One leg of an exchange. */
static enum error
send_leg(struct run *run, const struct web *base, struct fetch_answer *ret)
{
	const struct probe_target *target = run->target;
	struct web web = *base;
	struct fetch_request request = {
		.family = FETCH_HTTP,
		.protocols = "http,https",
		.url = web.url.text.ptr,
		.method = web.method,
		.headers = web.headers,
		.body = web.body,
		.has_body = web.has_body,
		.is_numeric = url_is_numeric(&web.url),
		.use_tls = str_equal(web.url.scheme, STR("https")),
	};

	if (web.is_oauth1 && !web.is_stranger)
		TRY(sign_oauth1(run, &web));
	request.n_headers = web.n_headers;
	if (!web.is_stranger) {
		request.auth = web.auth;
		request.username = web.username;
		request.password = web.password;
		request.sigv4 = web.sigv4;
		request.certificate = target->certificate;
		request.private_key = target->private_key;
		if (target->passphrase.len > 0)
			request.passphrase =
			    arena_copy(run->arena, target->passphrase).ptr;
	}
	return run_fetch(run, &request, ret);
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
follow(struct run *run, struct web *web, const struct fetch_answer *answer)
{
	struct url next;

	if (!url_parse_relative(run->arena, &web->url, answer->location, &next))
		return run_fail(run, REASON_REDIRECT_REFUSED);
	if (next.has_user)
		return run_fail_with(run, REASON_REDIRECT_REFUSED,
		    "The far side redirects to a URL with a user name in "
		    "it.");
	if (becomes_get(web, answer->status)) {
		web->method = "GET";
		web->has_body = web->is_form = false;
		web->body = STR("");
	}
	if (!url_same_origin(&web->url, &next)) {
		if (web->has_body)
			return run_fail_with(run, REASON_REDIRECT_REFUSED,
			    "The far side redirects to another host, which "
			    "would be sent the body and what is secret in "
			    "it.");
		/* Any header may be what lets one in, so none goes along. */
		web->is_stranger = true;
		web->n_headers = 0;
	}
	web->url = next;
	run->is_redirected = true;
	return OK;
}

enum error
web_exchange(struct run *run, struct web *web, struct fetch_answer *ret)
{
	for (unsigned hops = 0;; hops++) {
		TRY(send_leg(run, web, ret));
		if (!is_redirect(ret->status) || ret->location.len == 0 ||
		    status_is_expected(
			run->target->expected_status, ret->status))
			return OK;
		if (hops == run->settings->redirects_max)
			return run_fail_with(run, REASON_TOO_MANY_REDIRECTS,
			    "The far side redirects more than %u times.",
			    run->settings->redirects_max);
		TRY(follow(run, web, ret));
	}
}

static bool
find_page_phrase(const struct fetch_answer *answer, enum reason *ret)
{
	size_t len = answer->body.len;

	len = len < PHRASE_WINDOW ? len : PHRASE_WINDOW;
	for (size_t i = 0; i < N_ELEMENTS(page_phrases); i++) {
		const char *phrase = page_phrases[i].phrase;

		if (memmem(answer->body.ptr, len, phrase, strlen(phrase)) ==
		    NULL)
			continue;
		*ret = page_phrases[i].reason;
		return true;
	}
	return false;
}

enum error
web_fail_status(struct run *run, const struct fetch_answer *answer)
{
	struct str spec = run->target->expected_status;
	enum reason reason;

	if (answer->status >= 400 && answer->status < 500 &&
	    find_page_phrase(answer, &reason))
		return run_fail(run, reason);
	reason = status_reason(answer->status);
	if (reason == REASON_CREDENTIALS_REJECTED &&
	    run->auth->scheme == SCHEME_NONE)
		return run_fail_with(run, reason,
		    "The far side wants credentials (status %d); this "
		    "authentication type adds none.",
		    answer->status);
	if (reason == REASON_UNEXPECTED_STATUS)
		return run_fail_with(run, reason,
		    "The status is %d; expected_status is %.*s.",
		    answer->status,
		    STR_FMT(spec.len == 0 ? STR(STATUS_DEFAULT) : spec));
	return run_fail_with(run, reason, "%s (Status %d.)",
	    reason_row(reason)->detail, answer->status);
}

enum error
web_judge(struct run *run, const struct fetch_answer *answer)
{
	if (!status_is_expected(run->target->expected_status, answer->status))
		return web_fail_status(run, answer);
	if (run->auth->scheme != SCHEME_NONE)
		run_pass(run, PROBE_AUTHENTICATION, 0);
	run_pass(run, PROBE_RESPONSE, 0);
	return OK;
}
