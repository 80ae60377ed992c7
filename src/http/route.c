/*
 * The table of routes. Pure; knows no schema and no handler.
 */
#include <config.h>

#include "http/route.h"

#include <string.h>

#include "http/uri.h"

#define NO ACTION__MAX

static const struct route_path paths[] = {
	{ { "api", "v1", "connectors" }, 3, "GET, HEAD, POST",
	    { [METHOD_GET] = ACTION_INDEX,
		[METHOD_HEAD] = ACTION_INDEX,
		[METHOD_POST] = ACTION_STORE,
		[METHOD_PUT] = NO,
		[METHOD_PATCH] = NO,
		[METHOD_DELETE] = NO,
		[METHOD_OPTIONS] = ACTION_OPTIONS,
		[METHOD_OTHER] = NO } },
	{ { "api", "v1", "connectors", "*" }, 4,
	    "GET, HEAD, PUT, PATCH, DELETE",
	    { [METHOD_GET] = ACTION_SHOW,
		[METHOD_HEAD] = ACTION_SHOW,
		[METHOD_POST] = NO,
		[METHOD_PUT] = ACTION_UPDATE,
		[METHOD_PATCH] = ACTION_UPDATE,
		[METHOD_DELETE] = ACTION_DESTROY,
		[METHOD_OPTIONS] = ACTION_OPTIONS,
		[METHOD_OTHER] = NO } },
	{ { "api", "v1", "connectors", "*", "test" }, 5, "POST",
	    { [METHOD_GET] = NO,
		[METHOD_HEAD] = NO,
		[METHOD_POST] = ACTION_TEST,
		[METHOD_PUT] = NO,
		[METHOD_PATCH] = NO,
		[METHOD_DELETE] = NO,
		[METHOD_OPTIONS] = ACTION_OPTIONS,
		[METHOD_OTHER] = NO } },
	{ { "api", "v1", "connectors", "*", "tests" }, 5, "GET, HEAD",
	    { [METHOD_GET] = ACTION_TESTS,
		[METHOD_HEAD] = ACTION_TESTS,
		[METHOD_POST] = NO,
		[METHOD_PUT] = NO,
		[METHOD_PATCH] = NO,
		[METHOD_DELETE] = NO,
		[METHOD_OPTIONS] = ACTION_OPTIONS,
		[METHOD_OTHER] = NO } },
};

static const char *const action_names[] = {
	[ACTION_INDEX] = "connectors.index",
	[ACTION_STORE] = "connectors.store",
	[ACTION_SHOW] = "connectors.show",
	[ACTION_UPDATE] = "connectors.update",
	[ACTION_DESTROY] = "connectors.destroy",
	[ACTION_TEST] = "connectors.test",
	[ACTION_TESTS] = "connectors.tests",
	[ACTION_OPTIONS] = "connectors.options",
};
_Static_assert(N_ELEMENTS(action_names) == ACTION__MAX, "one name an action");

const struct route_path *
route_paths(size_t *ret_n)
{
	*ret_n = N_ELEMENTS(paths);
	return paths;
}

const char *
route_action_name(enum action action)
{
	return action_names[action];
}

static bool
path_matches(const struct route_path *path, const struct str *segments,
    size_t n, struct str *ret_connector)
{
	struct str connector = { NULL, 0 };

	if (n != path->n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(path->segments[i], "*") == 0)
			connector = segments[i];
		else if (!str_equal_text(segments[i], path->segments[i]))
			return false;
	}
	*ret_connector = connector;
	return true;
}

/* The path as the texts show it: without slashes at its ends. */
static struct str
shown_path(struct str path)
{
	path = uri_without_end_slashes(path);
	while (path.len > 0 && path.ptr[0] == '/')
		path = str_from(path, 1);
	return path;
}

static enum error
no_route(const struct request *request, struct problem *reterr)
{
	return problem_set(reterr, ERROR_NOT_FOUND,
	    "The route %.*s could not be found.",
	    STR_FMT(shown_path(request->path)));
}

static enum error
no_method(const struct request *request, const struct route_path *path,
    struct problem *reterr)
{
	reterr->allow = path->allow;
	return problem_set(reterr, ERROR_METHOD,
	    "The %.*s method is not supported for route %.*s. "
	    "Supported methods: %s.",
	    STR_FMT(request->method_text), STR_FMT(shown_path(request->path)),
	    path->allow);
}

enum error
route_find(
    const struct request *request, struct route *ret, struct problem *reterr)
{
	struct str segments[ROUTE_SEGMENTS], connector;
	size_t n;

	if (!uri_segments(
		request->arena, request->path, ROUTE_SEGMENTS, segments, &n))
		return no_route(request, reterr);
	for (size_t i = 0; i < N_ELEMENTS(paths); i++) {
		enum action action = paths[i].actions[request->method];

		if (!path_matches(&paths[i], segments, n, &connector))
			continue;
		if (action == NO)
			return no_method(request, &paths[i], reterr);
		*ret = (struct route){ action, action_names[action],
			paths[i].allow, connector };
		return OK;
	}
	return no_route(request, reterr);
}
