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
method_of_target(struct run *run)
{
	struct str method = run->target->http_method;

	return method.len == 0 ? "GET" : arena_copy(run->arena, method).ptr;
}

enum error
run_http(struct run *run)
{
	struct destination to[2];
	struct web *web = ARENA_NEW(run->arena, struct web, 1);
	struct fetch_answer *answer =
	    ARENA_NEW(run->arena, struct fetch_answer, 1);

	if (destinations_of(run->auth, run->target, to) == 0)
		return run->auth->scheme == SCHEME_NONE
			   ? OK
			   : run_fail(run, REASON_URL_MISSING);
	web->method = method_of_target(run);
	TRY(web_set_url(run, web, to[0].name, to[0].url, true));
	TRY(web_add_headers(run, web, STR("")));
	TRY(web_set_body(run, web));
	TRY(web_add_credentials(run, web));
	TRY(web_exchange(run, web, answer));
	return web_judge(run, answer);
}

/* SOAP 1.2 says it in the type; 1.1 needs a header, if only an empty one. */
static enum error
add_soap_headers(struct run *run, struct web *web)
{
	if (soap_is_version_2(web->body))
		return web_add_header(run, web, "Content-Type",
		    STR("application/soap+xml; charset=utf-8"));
	TRY(web_add_header(
	    run, web, "Content-Type", STR("text/xml; charset=utf-8")));
	return web_add_header(run, web, "SOAPAction", STR("\"\""));
}

/*
 * A one-way call is answered with 202 and nothing (SOAP 1.2, part 2, 7; WS-I
 * Basic Profile 1.1, R2712, R2714), or with 204, which cannot have a body. An
 * empty 200 is what a wrong place gives as well, so it is none.
 */
static bool
is_one_way(int status, struct str text)
{
	return (status == 202 || status == 204) && text_trim(text).len == 0;
}

static enum error
judge_soap(struct run *run, const struct fetch_answer *fetched)
{
	enum soap_answer kind = SOAP_NONE;
	struct answer answer;

	TRY(answer_read(run, fetched, CONTENT_XML, &answer));
	if (answer.fault == CONTENT_OK)
		kind = soap_read(answer.text);
	if (kind == SOAP_FAULT)
		return run_fail(run, REASON_SOAP_FAULT);
	TRY(web_judge(run, fetched));
	if (kind == SOAP_BODY || (answer.fault == CONTENT_OK &&
				     is_one_way(fetched->status, answer.text)))
		return OK;
	return answer_fail(run, &answer, REASON_NOT_SOAP);
}

enum error
run_soap(struct run *run)
{
	const struct probe_target *target = run->target;
	struct destination to[2];
	struct web *web = ARENA_NEW(run->arena, struct web, 1);
	struct fetch_answer *answer =
	    ARENA_NEW(run->arena, struct fetch_answer, 1);

	if (destinations_of(run->auth, target, to) == 0)
		return run_fail(run, REASON_URL_MISSING);
	if (target->body.len == 0)
		return run_fail_with(
		    run, REASON_BODY_INVALID, "There is no body to send.");
	web->method = "POST";
	web->has_body = true;
	TRY(web_set_url(run, web, to[0].name, to[0].url, true));
	TRY(web_add_headers(run, web, STR("")));
	TRY(run_render(run, "body", target->body, TEMPLATE_XML, &web->body));
	TRY(add_soap_headers(run, web));
	TRY(web_exchange(run, web, answer));
	return judge_soap(run, answer);
}
