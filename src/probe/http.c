/*
 * Tests of HTTP systems that are one request: plain, with a password, with a
 * token, signed, or SOAP.
 */
#include <config.h>

#include "base/text.h"
#include "probe/answer.h"
#include "probe/auth.h"
#include "probe/destination.h"
#include "probe/soap.h"
#include "probe/web.h"

static const char *
method_of_target(struct attempt *attempt)
{
	struct str method = attempt->target->http_method;

	return method.len == 0 ? "GET" : arena_copy(attempt->arena, method).ptr;
}

enum error
attempt_http(struct attempt *attempt)
{
	struct destination to[2];
	struct web *web = ARENA_NEW(attempt->arena, struct web, 1);
	struct fetch_answer *answer =
	    ARENA_NEW(attempt->arena, struct fetch_answer, 1);

	if (destinations_of(attempt->auth, attempt->target, to) == 0)
		return attempt->auth->scheme == SCHEME_NONE
			   ? OK
			   : attempt_fail(attempt, REASON_URL_MISSING);
	web->method = method_of_target(attempt);
	TRY(web_set_url(attempt, web, to[0].name, to[0].url, true));
	TRY(web_add_headers(attempt, web, STR("")));
	TRY(web_set_body(attempt, web));
	TRY(web_add_credentials(attempt, web));
	TRY(web_exchange(attempt, web, answer));
	return web_judge(attempt, answer);
}

/* SOAP 1.2 has the action in the media type; 1.1 demands a header, even an
 * empty one. */
static enum error
add_soap_headers(struct attempt *attempt, struct web *web)
{
	if (soap_is_version_2(web->body))
		return web_add_header(attempt, web, "Content-Type",
		    STR("application/soap+xml; charset=utf-8"));
	TRY(web_add_header(
	    attempt, web, "Content-Type", STR("text/xml; charset=utf-8")));
	return web_add_header(attempt, web, "SOAPAction", STR("\"\""));
}

/*
 * A one-way call is answered with 202 and nothing (SOAP 1.2, part 2, 7; WS-I
 * Basic Profile 1.1, R2712, R2714), or with 204, which cannot have a body. An
 * empty 200 is not one: a wrong URL may answer that as well.
 */
static bool
is_one_way(int status, struct str text)
{
	return (status == 202 || status == 204) && text_trim(text).len == 0;
}

static enum error
judge_soap(struct attempt *attempt, const struct fetch_answer *fetched)
{
	enum soap_answer kind = SOAP_NONE;
	struct answer answer;

	TRY(answer_read(attempt, fetched, CONTENT_XML, &answer));
	if (answer.fault == CONTENT_OK)
		kind = soap_read(answer.text);
	if (kind == SOAP_FAULT)
		return attempt_fail(attempt, REASON_SOAP_FAULT);
	TRY(web_judge(attempt, fetched));
	if (kind == SOAP_BODY || (answer.fault == CONTENT_OK &&
				     is_one_way(fetched->status, answer.text)))
		return OK;
	return answer_fail(attempt, &answer, REASON_NOT_SOAP);
}

enum error
attempt_soap(struct attempt *attempt)
{
	const struct probe_target *target = attempt->target;
	struct destination to[2];
	struct web *web = ARENA_NEW(attempt->arena, struct web, 1);
	struct fetch_answer *answer =
	    ARENA_NEW(attempt->arena, struct fetch_answer, 1);

	if (destinations_of(attempt->auth, target, to) == 0)
		return attempt_fail(attempt, REASON_URL_MISSING);
	if (target->body.len == 0)
		return attempt_fail_with(
		    attempt, REASON_BODY_INVALID, "There is no body to send.");
	web->method = "POST";
	web->has_body = true;
	TRY(web_set_url(attempt, web, to[0].name, to[0].url, true));
	TRY(web_add_headers(attempt, web, STR("")));
	TRY(attempt_render(
	    attempt, "body", target->body, TEMPLATE_XML, &web->body));
	TRY(add_soap_headers(attempt, web));
	TRY(web_exchange(attempt, web, answer));
	return judge_soap(attempt, answer);
}
