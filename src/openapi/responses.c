/*
 * Which answers an operation can have, and what they carry.
 */
#include <config.h>

#include "openapi/responses.h"

#include <string.h>

#include "openapi/examples.h"

static const struct header {
	const char *name;
	const char *json; /* see out_json() */
} headers[] = {
	{ "X-Request-Id",
	    "{'required':true,'description':'Names the request in the log: "
	    "that of the request "
	    "if it has one of this form, else a fresh one.','schema':{'type':"
	    "'string','pattern':'^[0-9A-Za-z._-]{1,64}$'}}" },
	{ "Cache-Control",
	    "{'required':true,'description':'An answer may be kept, but is one "
	    "key\\u2019s own "
	    "and has to be validated each time (If-None-Match).',"
	    "'schema':{'type':'string','const':'no-cache, private'}}" },
	{ "ETag",
	    "{'required':true,'description':'For If-None-Match and If-Match. "
	    "That of one row "
	    "with a version begins with it: `\\\"7-...\\\"`.','schema':{'type':"
	    "'string','pattern':'^(W/)?\\\"[0-9a-f-]+\\\"$'}}" },
	{ "Content-Location", "{'required':true,'description':'Path of the row "
			      "that was stored.','schema':"
			      "{'type':'string','format':'uri-reference'}}" },
	{ "Idempotency-Replayed",
	    "{'description':'Only with an answer that was given before.',"
	    "'schema':{'type':'string','const':'true'}}" },
	{ "Preference-Applied",
	    "{'description':'Only where Prefer was followed.','schema':{'type':"
	    "'string','const':'return=representation'}}" },
	{ "Allow", "{'required':true,'description':'The methods that the path "
		   "has.','schema':{'type':"
		   "'string','pattern':'^[A-Z]+(, [A-Z]+)*$'}}" },
	{ "WWW-Authenticate", "{'required':true,'description':'How to sign "
			      "in.','schema':{'type':'string',"
			      "'const':'Bearer'}}" },
	{ "Retry-After", "{'required':true,'description':'Seconds to wait "
			 "before trying again.','schema':"
			 "{'type':'integer','minimum':1}}" },
};

static bool
always(const struct route *route, const struct action_facts *facts)
{
	(void)route;
	(void)facts;
	return true;
}

static bool
needs_key(const struct route *route, const struct action_facts *facts)
{
	(void)route;
	return facts->ability != 0;
}

static bool
takes_anything(const struct route *route, const struct action_facts *facts)
{
	return facts->query != QUERY_NOTHING || facts->body ||
	       strchr(route->path, '*') != NULL;
}

static bool
reads_body(const struct route *route, const struct action_facts *facts)
{
	(void)route;
	return facts->body;
}

static bool
may_have_body(const struct route *route, const struct action_facts *facts)
{
	(void)facts;
	return (route->methods & (1u << METHOD_GET)) == 0;
}

static bool
names_row(const struct route *route, const struct action_facts *facts)
{
	(void)facts;
	return strchr(route->path, '*') != NULL;
}

static bool
is_idempotent(const struct route *route, const struct action_facts *facts)
{
	(void)route;
	return facts->idempotent;
}

static bool
has_precondition(const struct route *route, const struct action_facts *facts)
{
	return facts->if_match && route->resource->version != NULL;
}

static bool
judges(const struct route *route, const struct action_facts *facts)
{
	(void)route;
	return (facts->query == QUERY_ALL || facts->body) && !facts->idempotent;
}

static bool
is_test(const struct route *route, const struct action_facts *facts)
{
	(void)route;
	return facts->answer == ANSWER_RESULT;
}

/* Answers that are no success, by status. A component stands for all that are
 * the same everywhere. */
static const struct failure {
	int status;
	const char *component;
	const char *header; /* beside those that every answer has; or NULL */
	const char *schema;
	bool (*when)(const struct route *, const struct action_facts *);
	const char *doc;
} failures[] = {
	{ 400, "bad_request", NULL, "message", takes_anything,
	    "A name that is not known, a filter of another form, a body that "
	    "is no JSON object, or a path with a NUL in it." },
	{ 401, "unauthenticated", "WWW-Authenticate", "message", needs_key,
	    "No API key, or one that is unknown, expired or revoked." },
	{ 403, "forbidden", NULL, "message", needs_key,
	    "The key lacks the ability." },
	{ 404, "not_found", NULL, "message", names_row,
	    "The key's company has no such row." },
	{ 405, "method_not_allowed", "Allow", "message", always,
	    "To every other method on this path." },
	{ 409, "conflict", NULL, "message", is_idempotent,
	    "The first request with this Idempotency-Key is still running." },
	{ 412, "precondition_failed", NULL, "message", has_precondition,
	    "The row was changed since it was read." },
	{ 413, "too_large", NULL, "message", may_have_body,
	    "The body has more than 8 MiB." },
	{ 414, "uri_too_long", NULL, "message", always,
	    "The request line has more than 8 KiB." },
	{ 415, "unsupported_media_type", NULL, "message", reads_body,
	    "The body is not JSON by its Content-Type." },
	{ 422, "invalid", NULL, "problem", judges,
	    "Values that are not valid, by field." },
	{ 422, "test_failed", NULL, "test_failure", is_test,
	    "The test failed; `test` says how." },
	{ 422, "invalid_or_replayed", "Idempotency-Replayed", "problem",
	    is_idempotent,
	    "Values that are not valid, by field; or an Idempotency-Key that "
	    "was used for another request, or is no such key." },
	{ 429, "too_many_requests", "Retry-After", "message", always,
	    "Too many requests, or too many tests at once." },
	{ 431, "header_too_large", NULL, "message", always,
	    "A header field has more than 8 KiB, or all have more than 32." },
	{ 500, "internal", NULL, "message", needs_key,
	    "An error of the server; its log has it under the request id." },
	{ 503, "unavailable", "Retry-After", "message", always,
	    "Not now: the database is away, or every worker is busy." },
};

static void
put_header(const struct out *o, const char *name)
{
	json_key(o->b, name);
	out_reference(o, "headers", name);
}

/* The header fields of every answer, and these. NULL-terminated. */
static void
put_headers(const struct out *o, const char *const *names)
{
	json_key(o->b, "headers");
	json_object_open(o->b);
	put_header(o, "X-Request-Id");
	put_header(o, "Cache-Control");
	for (; *names != NULL; names++)
		put_header(o, *names);
	json_object_close(o->b);
}

/* place: of the examples; NULL: there are none. */
static void
put_content(
    const struct out *o, const char *schema, const struct example_place *place)
{
	json_key(o->b, "content");
	json_object_open(o->b);
	json_key(o->b, "application/json");
	json_object_open(o->b);
	out_schema(o, "schema", schema);
	if (place != NULL)
		examples_of(o, place);
	json_object_close(o->b);
	json_object_close(o->b);
}

static void
put_failure_response(const struct out *o, const struct failure *failure)
{
	const char *names[] = { failure->header, NULL };

	json_key(o->b, failure->component);
	json_object_open(o->b);
	json_member_text(o->b, "description", failure->doc);
	put_headers(o, names);
	put_content(o, failure->schema,
	    &(struct example_place){ "*", failure->component });
	json_object_close(o->b);
}

void
responses_shared(const struct out *o)
{
	for (size_t i = 0; i < N_ELEMENTS(failures); i++)
		put_failure_response(o, &failures[i]);
}

void
responses_headers(const struct out *o)
{
	for (size_t i = 0; i < N_ELEMENTS(headers); i++) {
		json_key(o->b, headers[i].name);
		out_json(o, headers[i].json);
	}
}

/* Good answers: their schema, whose %s is the resource's name for one row, and
 * what is said of them. */
static const struct {
	const char *schema; /* NULL: no body */
	const char *doc;
} answers[] = {
	[ANSWER_LIST] = { "%s_list", "One page of rows." },
	[ANSWER_ROW] = { "%s_answer", "The row." },
	[ANSWER_STORED] = { "%s_stored", "The row that was stored." },
	[ANSWER_UPDATED] = { "%s_updated", "The row as it is now." },
	[ANSWER_MESSAGE] = { "message", "Done, as a sentence." },
	[ANSWER_RESULT] = { "test_answer",
	    "It passed. Without `Prefer` there is no body." },
	[ANSWER_DOCUMENT] = { "openapi_document", "This document." },
	[ANSWER_NOTHING] = { NULL, "" },
};

const char *
responses_schema(const struct out *o, const struct route *route)
{
	const char *name = answers[action_facts(route->action)->answer].schema;

	if (name == NULL || name[0] != '%')
		return name;
	return out_name(o, "%s%s", route->resource->one, name + strlen("%s"));
}

/* What a good answer carries beside the fields of all. */
static void
put_success_headers(const struct out *o, const struct action_facts *facts)
{
	const char *names[4] = { NULL };
	size_t n = 0;

	if (facts->tagged)
		names[n++] = "ETag";
	if (facts->answer == ANSWER_STORED)
		names[n++] = "Content-Location";
	if (facts->idempotent)
		names[n++] = "Idempotency-Replayed";
	if (facts->prefer)
		names[n++] = "Preference-Applied";
	put_headers(o, names);
}

static void
put_success(
    const struct out *o, const struct route *route, const char *operation)
{
	const struct action_facts *facts = action_facts(route->action);

	json_key(o->b, "200");
	json_object_open(o->b);
	json_member_text(o->b, "description", answers[facts->answer].doc);
	put_success_headers(o, facts);
	put_content(o, responses_schema(o, route),
	    &(struct example_place){ operation, "200" });
	json_object_close(o->b);
}

static void
put_not_modified(const struct out *o)
{
	static const char *const names[] = { "ETag", NULL };

	json_key(o->b, "304");
	json_object_open(o->b);
	json_member_text(o->b, "description",
	    "The answer is the one that If-None-Match names.");
	put_headers(o, names);
	json_object_close(o->b);
}

void
responses_of(
    const struct out *o, const struct route *route, const char *operation)
{
	const struct action_facts *facts = action_facts(route->action);

	json_key(o->b, "responses");
	json_object_open(o->b);
	put_success(o, route, operation);
	if (facts->tagged && (route->methods & (1u << METHOD_GET)) != 0)
		put_not_modified(o);
	for (size_t i = 0; i < N_ELEMENTS(failures); i++) {
		const struct failure *failure = &failures[i];

		if (!failure->when(route, facts))
			continue;
		json_key(o->b, out_name(o, "%d", failure->status));
		out_reference(o, "responses", failure->component);
	}
	json_object_close(o->b);
}
