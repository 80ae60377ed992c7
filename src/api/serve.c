/*
 * THE pipeline. A request is routed, its key checked, its query parsed, then
 * the route's handler reads or writes and answers; the first error answers
 * instead. What a handler reads first may come along with the key.
 *
 * Must not log, must not know a library.
 */
#include <config.h>

#include "api/serve.h"

#include <assert.h>

#include "api/answer_cache.h"
#include "api/call.h"
#include "schema/tables.h"

/* What a route needs before its handler runs. */
static const struct {
	enum error (*handle)(struct call *);
	enum ability ability;
	enum query_use query;
	bool body;                       /* is read */
	bool keep;                       /* answers are kept in the cache */
	const struct resource *resource; /* that the query is about */
	/* What is read along with the key; NULL: nothing. */
	bool (*first)(const struct call *, const struct sql_caller *,
	    struct statement *ret);
} actions[] = {
	[ACTION_INDEX] = { serve_index, ABILITY_READ, QUERY_ALL, false, true,
	    &resource_connectors, serve_index_first },
	[ACTION_STORE] = { serve_store, ABILITY_WRITE, QUERY_INCLUDE, true,
	    false, &resource_connectors, NULL },
	[ACTION_SHOW] = { serve_show, ABILITY_READ, QUERY_ALL, false, true,
	    &resource_connectors, serve_show_first },
	[ACTION_UPDATE] = { serve_update, ABILITY_WRITE, QUERY_INCLUDE, true,
	    false, &resource_connectors, NULL },
	[ACTION_DESTROY] = { serve_destroy, ABILITY_WRITE, QUERY_NOTHING, false,
	    false, &resource_connectors, NULL },
	[ACTION_TEST] = { serve_test, ABILITY_TEST, QUERY_NOTHING, false, false,
	    &resource_connectors, NULL },
	[ACTION_TESTS] = { serve_tests, ABILITY_READ, QUERY_ALL, false, false,
	    &resource_connector_tests, NULL },
	[ACTION_OPTIONS] = { NULL, ABILITY_READ, QUERY_NOTHING, false, false,
	    &resource_connectors, NULL },
};
_Static_assert(N_ELEMENTS(actions) == ACTION__MAX, "one row an action");

static enum error
answer_options(struct call *call)
{
	call->response->status = 204;
	call->response->no_body = true;
	response_header(call->response, "Allow", str_of(call->route.allow));
	return OK;
}

/* All of a request that its answer depends on, beside the data. */
static struct str
answer_name(const struct call *call)
{
	const struct request *request = call->request;

	return arena_printf(call->arena, "%.*s%.*s?%.*s",
	    STR_FMT(request->base_url), STR_FMT(request->path),
	    STR_FMT(request->query));
}

/* Whether the cache has the answer: then it is given. Only good answers are
 * kept, so a request that has one passes all checks. */
static bool
answer_kept(struct call *call)
{
	struct response *response = call->response;
	struct cached_answer kept;
	struct str etag;

	if (!answer_cache_get(call->service->cache, &call->principal.version,
		call->name, &kept))
		return false;
	etag = arena_copy(call->arena, kept.etag);
	response_header(response, "ETag", etag);
	call_not_modified(call, etag);
	if (!response->no_body)
		answer_cache_add_body(&kept, response->body);
	return true;
}

static void
keep_answer(struct call *call)
{
	if (call->response->status == 200 && !call->response->body->overflow)
		answer_cache_put(call->service->cache, &call->principal.version,
		    call->name, buf_str(call->response->body),
		    response_header_value(call->response, "ETag"));
}

static enum error
parse_query(struct call *call, struct problem *reterr)
{
	enum action action = call->route.action;

	if (call->query_parsed)
		return OK;
	TRY(query_parse(call->arena, actions[action].resource,
	    actions[action].query, call->request->query, &call->query, reterr));
	call->query_parsed = true;
	return OK;
}

/*
 * Whether to read along with the key. Not for a key that was never good: who
 * has none does not get queries parsed nor statements of their kind prepared.
 * Not when the cache may have the answer: the key alone is cheaper then (if the
 * data did change, it costs one statement more).
 */
static bool
should_take_along(const struct call *call, const struct sql_caller *caller)
{
	const struct service *service = call->service;
	int64_t company_id =
	    key_hint_company(&service->guesses, caller->param.text);

	return actions[call->route.action].first != NULL && company_id != 0 &&
	       !answer_cache_may_have(service->cache, company_id, call->name);
}

/*
 * What to read along with the key, if anything. A query with a fault is left
 * for its turn: the errors of key and ability come before.
 */
static bool
take_along(
    struct call *call, const struct sql_caller *caller, struct statement *ret)
{
	enum action action = call->route.action;
	struct problem unsaid = { .arena = call->arena };

	if (!should_take_along(call, caller))
		return false;
	if (parse_query(call, &unsaid) != OK)
		return false;
	return actions[action].first(call, caller, ret);
}

/*
 * Key, data versions and what comes along are one statement, that is one
 * snapshot of the database: an answer made from them is that of just these
 * versions. What is read by later statements may be newer, never older; then
 * the versions went up too, and a kept answer is not given again.
 */
static enum error
check_key(struct call *call)
{
	struct service *service = call->service;
	struct sql_caller caller;
	struct statement along;
	enum error error;
	bool takes;

	TRY(principal_caller(
	    call->arena, call->request->authorization, &caller));
	takes = take_along(call, &caller, &along);
	error = principal_find(call->arena, service->db, &caller,
	    takes ? &along : NULL, &call->principal, &call->first,
	    &call->problem);
	if (call->principal.key_id == 0)
		return error;
	key_hint_keep(
	    &service->guesses, caller.param.text, call->principal.company_id);
	if (call->principal.unnoted)
		touch_want(&service->touches, call->principal.key_id);
	call->response->key_id = call->principal.key_id;
	call->response->company_id = call->principal.company_id;
	TRY(principal_require(
	    &call->principal, actions[call->route.action].ability));
	return error; /* of what was read along */
}

static enum error
serve_steps(struct call *call)
{
	const struct request *request = call->request;
	struct problem *problem = &call->problem;
	enum action action;

	if (request->body_too_large)
		return ERROR_TOO_LARGE;
	TRY(route_find(request, &call->route, problem));
	action = call->route.action;
	call->response->route = call->route.name;
	if (action == ACTION_OPTIONS)
		return answer_options(call);
	if (actions[action].keep)
		call->name = answer_name(call);
	TRY(check_key(call));
	if (actions[action].keep && answer_kept(call))
		return OK;
	if (actions[action].body)
		TRY(input_parse(call->arena, request->content_type,
		    request->body, &call->body, problem));
	TRY(parse_query(call, problem));
	TRY(actions[action].handle(call));
	if (actions[action].keep)
		keep_answer(call);
	return OK;
}

void
serve(struct service *service, const struct request *request,
    struct response *ret)
{
	struct call call = { .service = service,
		.request = request,
		.arena = request->arena,
		.response = ret,
		.problem = { .arena = request->arena } };
	enum error error;

	ret->status = 200;
	error = serve_steps(&call);
	if (error == OK && ret->body->overflow)
		error = problem_log(&call.problem, ERROR_INTERNAL,
		    "the answer is larger than the limit");
	if (error != OK)
		response_error(
		    ret, error, &call.problem, service->limits->retry_after);
	if (request->method == METHOD_HEAD)
		ret->no_body = true;
}

bool
serve_has_more(const struct service *service)
{
	return service->touches.wanted != 0;
}

void
serve_more(struct service *service, struct arena *arena)
{
	touch_run(&service->touches, arena, service->db);
}
