/*
 * THE pipeline. A request is routed, its key checked, its query parsed, then
 * the route's handler reads or writes and answers; the first error answers
 * instead.
 *
 * Must not log, must not know a library.
 */
#include <config.h>

#include "serve.h"

#include <assert.h>

#include "call.h"
#include "engine/encode.h"
#include "schema/tables.h"

/* What a route needs before its handler runs. */
static const struct {
	enum error (*handle)(struct call *);
	enum ability ability;
	enum query_use query;
	bool body;                       /* is read */
	const struct resource *resource; /* that the query is about */
} actions[] = {
	[ACTION_INDEX] = { serve_index, ABILITY_READ, QUERY_ALL, false,
	    &resource_connectors },
	[ACTION_STORE] = { serve_store, ABILITY_WRITE, QUERY_INCLUDE, true,
	    &resource_connectors },
	[ACTION_SHOW] = { serve_show, ABILITY_READ, QUERY_ALL, false,
	    &resource_connectors },
	[ACTION_UPDATE] = { serve_update, ABILITY_WRITE, QUERY_INCLUDE, true,
	    &resource_connectors },
	[ACTION_DESTROY] = { serve_destroy, ABILITY_WRITE, QUERY_NOTHING, false,
	    &resource_connectors },
	[ACTION_TEST] = { serve_test, ABILITY_TEST, QUERY_NOTHING, false,
	    &resource_connectors },
	[ACTION_TESTS] = { serve_tests, ABILITY_READ, QUERY_ALL, false,
	    &resource_connector_tests },
	[ACTION_OPTIONS] = { NULL, ABILITY_READ, QUERY_NOTHING, false,
	    &resource_connectors },
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
	TRY(principal_find(call->arena, call->service->db,
	    request->authorization, &call->principal, problem));
	call->response->key_id = call->principal.key_id;
	call->response->company_id = call->principal.company_id;
	TRY(principal_require(&call->principal, actions[action].ability));
	if (actions[action].body)
		TRY(input_parse(call->arena, request->content_type,
		    request->body, &call->body, problem));
	TRY(query_parse(call->arena, actions[action].resource,
	    actions[action].query, request->query, &call->query, problem));
	return actions[action].handle(call);
}

/* Header fields that go with an error. */
static void
add_error_headers(struct call *call, enum error error)
{
	struct response *response = call->response;
	unsigned seconds = call->problem.retry_after;

	if (error == ERROR_UNAUTHENTICATED)
		response_header(response, "WWW-Authenticate", STR("Bearer"));
	if (error == ERROR_METHOD)
		response_header(response, "Allow", str_of(call->problem.allow));
	if (error != ERROR_UNAVAILABLE && error != ERROR_TOO_MANY)
		return;
	if (seconds == 0)
		seconds = call->service->limits->retry_after;
	response_header(
	    response, "Retry-After", arena_printf(call->arena, "%u", seconds));
}

static void
answer_error(struct call *call, enum error error)
{
	struct response *response = call->response;

	response->status = error_status(error);
	response->n_headers = 0;
	response->log = call->problem.log;
	buf_reset(response->body);
	encode_problem(response->body, error, &call->problem);
	add_error_headers(call, error);
}

void
serve(const struct service *service, const struct request *request,
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
		answer_error(&call, error);
	if (request->method == METHOD_HEAD)
		ret->no_body = true;
}
