/*
 * THE pipeline. A request is routed, its key checked, its query parsed, then
 * the handler of the route's action reads or writes and answers; the first
 * error answers instead. What the handler reads first may have come with the
 * key (authenticate.c).
 *
 * Must not log, must not know a library.
 */
#include <config.h>

#include "api/serve.h"

#include "api/answer_cache.h"
#include "api/call.h"
#include "engine/encode.h"

static enum error
answer_options(struct call *call)
{
	call->response->status = 204;
	call->response->no_body = true;
	response_header(call->response, "Allow",
	    str_of(route_allow(call->arena, call->routed.methods)));
	return OK;
}

/* How each action is served. */
static const struct steps steps[] = {
	[ACTION_INDEX] = { serve_index, FIRST_COUNT },
	[ACTION_SHOW] = { serve_show, FIRST_ROOT },
	[ACTION_STORE] = { serve_store, FIRST_NONE },
	[ACTION_UPDATE] = { serve_update, FIRST_NONE },
	[ACTION_DESTROY] = { serve_destroy, FIRST_NONE },
	[ACTION_TEST] = { serve_test, FIRST_NONE },
	[ACTION_DOCUMENT] = { serve_document, FIRST_NONE },
	[ACTION_OPTIONS] = { answer_options, FIRST_NONE },
};
_Static_assert(N_ELEMENTS(steps) == ACTION__MAX, "one row an action");

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

	if (!answer_cache_get(call->service->cache, call->arena,
		&call->principal.version, call->name, &kept))
		return false;
	response_header(response, "ETag", kept.etag);
	call_not_modified(call, kept.etag);
	if (!response->no_body)
		answer_cache_add_body(&kept, response->body);
	return true;
}

/* What was found when the query was parsed, be it now or with the key. */
static enum error
check_query(struct call *call)
{
	enum error error = call_parse_query(call);

	if (error != OK)
		call->problem = call->query_problem;
	return error;
}

static enum error
find_route(struct call *call)
{
	const struct route *route;

	TRY(route_find(call->request, &call->routed, &call->problem));
	route = call->routed.route;
	call->response->route = route->name;
	call->steps = &steps[route->action];
	call->facts = action_facts(route->action);
	if (call->facts->keep && !route->resource->unversioned)
		call->name = answer_name(call);
	return OK;
}

static enum error
serve_steps(struct call *call)
{
	const struct request *request = call->request;

	if (request->body_too_large)
		return ERROR_TOO_LARGE;
	TRY(find_route(call));
	if (call->facts->ability == 0)
		return call->steps->handle(call);
	TRY(authenticate(call));
	if (call->name.ptr != NULL && answer_kept(call))
		return OK;
	if (call->facts->body)
		TRY(input_parse(call->arena, request->content_type,
		    request->body, &call->body, &call->problem));
	TRY(check_query(call));
	return call->steps->handle(call);
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
	return service->key_uses.wanted != 0;
}

void
serve_more(struct service *service, struct arena *arena)
{
	key_use_store(&service->key_uses, arena, service->db);
}
