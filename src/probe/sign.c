/*
 * Signatures from the variables, the clock and what is about to be sent.
 *
 * Must not know how a signature is made: oauth1.c and sigv4.c do.
 */
#include <config.h>

#include "probe/sign.h"

#include <time.h>

#include "probe/media.h"
#include "probe/oauth1.h"
#include "probe/sigv4.h"
#include "secret/secret.h"

#define NONCE_BYTES 16
#define SCOPE_MAX   128 /* bytes of an AWS region or service */

/* The body, if the request's media type says that it is a form. */
static struct str
form_of(const struct web *web)
{
	return media_is(web_header(web, "Content-Type"),
		   "application/x-www-form-urlencoded")
		   ? web->body
		   : STR("");
}

static enum error
add_oauth1(struct attempt *attempt, struct web *web)
{
	unsigned char random[NONCE_BYTES];
	struct oauth1 oauth = { .realm = attempt_optional(attempt, "realm"),
		.method = attempt_optional(attempt, "signature_method") };

	TRY(attempt_require(attempt, "consumer_key", &oauth.consumer_key));
	TRY(attempt_require(
	    attempt, "consumer_secret", &oauth.consumer_secret));
	TRY(attempt_require(attempt, "token", &oauth.token));
	TRY(attempt_require(attempt, "token_secret", &oauth.token_secret));
	secret_random(random, sizeof(random));
	oauth.nonce = secret_sha256_hex(
	    attempt->arena, (struct str){ (char *)random, sizeof(random) });
	oauth.timestamp =
	    arena_printf(attempt->arena, "%lld", (long long)time(NULL));
	return web_add_header(attempt, web, "Authorization",
	    oauth1_header(
		attempt->arena, &oauth, web->method, &web->url, form_of(web)));
}

enum error
sign_by_oauth1(struct attempt *attempt, struct web *web)
{
	struct str method = attempt_optional(attempt, "signature_method");

	if (!oauth1_is_method(method))
		return attempt_fail_with(attempt, REASON_VALUE_INVALID,
		    "signature_method must be HMAC-SHA256 or HMAC-SHA1.");
	web->sign = add_oauth1;
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

static enum error
read_sigv4(struct attempt *attempt, struct sigv4 *ret)
{
	TRY(attempt_require(attempt, "access_key_id", &ret->access_key_id));
	TRY(attempt_require(
	    attempt, "secret_access_key", &ret->secret_access_key));
	TRY(attempt_require(attempt, "region", &ret->region));
	ret->service = attempt_optional(attempt, "service");
	if (ret->service.len == 0 &&
	    str_equal(attempt->target->protocol, STR("S3")))
		ret->service = STR("s3");
	else
		TRY(attempt_require(attempt, "service", &ret->service));
	if (!is_scope(ret->region) || !is_scope(ret->service))
		return attempt_fail_with(attempt, REASON_VALUE_INVALID,
		    "region and service are made of lower-case letters, "
		    "digits and hyphens.");
	ret->date = sigv4_date(attempt->arena, (int64_t)time(NULL));
	return OK;
}

/* Adds the headers that AWS wants signed. The date is always set here; a hash
 * that the implementation sets stays, as "UNSIGNED-PAYLOAD". */
static enum error
add_signed_headers(
    struct attempt *attempt, struct web *web, const struct sigv4 *sigv4)
{
	struct str session = attempt_optional(attempt, "session_token");

	web_drop_header(web, "X-Amz-Date");
	TRY(web_add_header(attempt, web, "X-Amz-Date", sigv4->date));
	TRY(web_add_header(
	    attempt, web, "Host", url_authority(attempt->arena, &web->url)));
	if (sigv4_wants_hash(sigv4->service))
		TRY(web_add_header(attempt, web, "X-Amz-Content-Sha256",
		    secret_sha256_hex(attempt->arena, web->body)));
	if (session.len == 0)
		return OK;
	return web_add_header(attempt, web, "X-Amz-Security-Token", session);
}

static enum error
add_sigv4(struct attempt *attempt, struct web *web)
{
	struct url plain = web->url;
	struct sigv4_request request = { .method = web->method,
		.url = &web->url,
		.headers = web->headers,
		.body = web->body };
	struct sigv4 sigv4;

	TRY(read_sigv4(attempt, &sigv4));
	/* The URL is sent in the one encoding that both sides read alike. */
	if (!url_encode_anew(attempt->arena, &plain, &web->url))
		return attempt_fail(attempt, REASON_REQUEST_TOO_LARGE);
	TRY(add_signed_headers(attempt, web, &sigv4));
	request.n_headers = web->n_headers;
	return web_add_header(attempt, web, "Authorization",
	    sigv4_header(attempt->arena, &sigv4, &request));
}

enum error
sign_by_sigv4(struct attempt *attempt, struct web *web)
{
	struct sigv4 sigv4;

	web->sign = add_sigv4;
	return read_sigv4(attempt, &sigv4);
}
