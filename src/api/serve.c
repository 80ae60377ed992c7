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

/* Serves each action. */
static enum error (*const handlers[])(struct call *) = {
	[ACTION_INDEX] = serve_index,
	[ACTION_SHOW] = serve_show,
	[ACTION_STORE] = serve_store,
	[ACTION_UPDATE] = serve_update,
	[ACTION_DESTROY] = serve_destroy,
	[ACTION_TEST] = serve_test,
	[ACTION_DOCUMENT] = serve_document,
	[ACTION_OPTIONS] = answer_options,
};
_Static_assert(N_ELEMENTS(handlers) == ACTION__MAX, "one handler an action");

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
handle(struct call *call)
{
	return handlers[call->routed.route->action](call);
}

static enum error
serve_steps(struct call *call)
{
	const struct request *request = call->request;

	if (request->body_too_large)
		return ERROR_TOO_LARGE;
	TRY(call_find_route(call));
	if (call->facts->ability == 0)
		return handle(call);
	TRY(authenticate(call));
	if (call->name.ptr != NULL && answer_kept(call))
		return OK;
	if (call->facts->body)
		TRY(input_parse(call->arena, request->content_type,
		    request->body, &call->body, &call->problem));
	TRY(check_query(call));
	return handle(call);
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
	return service->key_uses.wanted != 0 ||
	       service->unkept.name.ptr != NULL;
}

/* Compressing it takes longer than finding it will. */
static void
keep(struct answer_cache *cache, struct unkept_answer *answer)
{
	if (answer->name.ptr != NULL)
		answer_cache_put(cache, &answer->version, answer->name,
		    answer->body, answer->etag);
	*answer = (struct unkept_answer){ .name = { NULL, 0 } };
}

void
serve_more(struct service *service, struct arena *arena)
{
	keep(service->cache, &service->unkept);
	key_use_store(&service->key_uses, arena, service->db);
}
