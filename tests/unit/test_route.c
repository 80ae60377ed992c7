/*
 * src/http/route.c
 */
#include <config.h>

#include "http/route.h"

#include <criterion/criterion.h>

static enum error
find(struct arena *arena, const char *method, const char *path,
    struct route *ret, struct problem *reterr)
{
	struct request request = { .arena = arena,
		.method = method_of(str_of(method)),
		.method_text = str_of(method),
		.path = str_of(path) };

	*reterr = (struct problem){ .arena = arena };
	return route_find(&request, ret, reterr);
}

#define LIST "/api/v1/connectors"

static const struct {
	const char *method, *path;
	enum action action;
	const char *connector;
} found[] = {
	{ "GET", LIST, ACTION_INDEX, "" },
	{ "HEAD", LIST, ACTION_INDEX, "" },
	{ "POST", LIST, ACTION_STORE, "" },
	{ "OPTIONS", LIST, ACTION_OPTIONS, "" },
	{ "GET", LIST "/", ACTION_INDEX, "" },
	{ "GET", LIST "///", ACTION_INDEX, "" },
	{ "GET", "/api/v1/%63onnectors", ACTION_INDEX, "" },
	{ "GET", LIST "/7", ACTION_SHOW, "7" },
	{ "HEAD", LIST "/7/", ACTION_SHOW, "7" },
	{ "PUT", LIST "/7", ACTION_UPDATE, "7" },
	{ "PATCH", LIST "/7", ACTION_UPDATE, "7" },
	{ "DELETE", LIST "/7", ACTION_DESTROY, "7" },
	{ "OPTIONS", LIST "/7", ACTION_OPTIONS, "7" },
	{ "GET", LIST "/a%20b", ACTION_SHOW, "a b" },
	{ "GET", LIST "/%C3%A9", ACTION_SHOW, "\xC3\xA9" },
	{ "GET", LIST "/test", ACTION_SHOW, "test" },
	{ "POST", LIST "/7/test", ACTION_TEST, "7" },
	{ "POST", LIST "/7/%74est/", ACTION_TEST, "7" },
	{ "OPTIONS", LIST "/7/test", ACTION_OPTIONS, "7" },
};

Test(route, finds_the_action_and_the_connector)
{
	for (size_t i = 0; i < N_ELEMENTS(found); i++) {
		struct arena *arena = arena_new(1024);
		struct problem problem;
		struct route route;
		enum error error = find(
		    arena, found[i].method, found[i].path, &route, &problem);

		cr_assert_eq(
		    error, OK, "%s %s", found[i].method, found[i].path);
		cr_expect_eq(route.action, found[i].action, "%s %s",
		    found[i].method, found[i].path);
		cr_expect(str_equal_text(route.connector, found[i].connector),
		    "%s %s", found[i].method, found[i].path);
		cr_expect_not_null(route.name);
		cr_expect_not_null(route.allow);
		arena_free(arena);
	}
}

static const struct {
	const char *method, *path;
	enum error error;
	const char *message, *allow;
} refused[] = {
	{ "GET", "/", ERROR_NOT_FOUND, "The route  could not be found.", NULL },
	{ "GET", "/api/v1/none", ERROR_NOT_FOUND,
	    "The route api/v1/none could not be found.", NULL },
	{ "GET", "/api/v1/Connectors/", ERROR_NOT_FOUND,
	    "The route api/v1/Connectors could not be found.", NULL },
	{ "GET", "/api//v1/connectors", ERROR_NOT_FOUND,
	    "The route api//v1/connectors could not be found.", NULL },
	{ "GET", LIST "/a%2Fb", ERROR_NOT_FOUND,
	    "The route api/v1/connectors/a%2Fb could not be found.", NULL },
	{ "POST", LIST "/1/test/x", ERROR_NOT_FOUND,
	    "The route api/v1/connectors/1/test/x could not be found.", NULL },
	{ "GET", LIST "/1/none", ERROR_NOT_FOUND,
	    "The route api/v1/connectors/1/none could not be found.", NULL },
	{ "OPTIONS", "/none", ERROR_NOT_FOUND,
	    "The route none could not be found.", NULL },
	{ "DELETE", LIST, ERROR_METHOD,
	    "The DELETE method is not supported for route api/v1/connectors. "
	    "Supported methods: GET, HEAD, POST.",
	    "GET, HEAD, POST" },
	{ "POST", LIST "/1", ERROR_METHOD,
	    "The POST method is not supported for route api/v1/connectors/1. "
	    "Supported methods: GET, HEAD, PUT, PATCH, DELETE.",
	    "GET, HEAD, PUT, PATCH, DELETE" },
	{ "GET", LIST "/1/test", ERROR_METHOD,
	    "The GET method is not supported for route "
	    "api/v1/connectors/1/test. Supported methods: POST.",
	    "POST" },
	{ "get", LIST, ERROR_METHOD,
	    "The get method is not supported for route api/v1/connectors. "
	    "Supported methods: GET, HEAD, POST.",
	    "GET, HEAD, POST" },
	{ "TRACE", LIST "/1/", ERROR_METHOD,
	    "The TRACE method is not supported for route "
	    "api/v1/connectors/1. "
	    "Supported methods: GET, HEAD, PUT, PATCH, DELETE.",
	    "GET, HEAD, PUT, PATCH, DELETE" },
};

Test(route, refuses_with_the_texts_of_the_reference)
{
	for (size_t i = 0; i < N_ELEMENTS(refused); i++) {
		struct arena *arena = arena_new(1024);
		struct problem problem;
		struct route route;
		enum error error = find(arena, refused[i].method,
		    refused[i].path, &route, &problem);

		cr_expect_eq(error, refused[i].error, "%s %s",
		    refused[i].method, refused[i].path);
		cr_expect(str_equal_text(problem.message, refused[i].message),
		    "%s %s: %.*s", refused[i].method, refused[i].path,
		    STR_FMT(problem.message));
		if (refused[i].allow != NULL)
			cr_expect_str_eq(problem.allow, refused[i].allow);
		else
			cr_expect_null(problem.allow);
		arena_free(arena);
	}
}
