/*
 * src/api/route.c
 */
#include <config.h>

#include "api/route.h"

#include <criterion/criterion.h>
#include <string.h>

#include "schema/tables.h"

static enum error
find(struct arena *arena, const char *method, const char *path,
    struct routed *ret, struct problem *reterr)
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
	const char *method, *path, *name, *named;
} found[] = {
	{ "GET", LIST, "connectors.index", "" },
	{ "HEAD", LIST, "connectors.index", "" },
	{ "POST", LIST, "connectors.store", "" },
	{ "OPTIONS", LIST, "connectors.options", "" },
	{ "GET", LIST "/", "connectors.index", "" },
	{ "GET", LIST "///", "connectors.index", "" },
	{ "GET", "/api/v1/%63onnectors", "connectors.index", "" },
	{ "GET", LIST "/7", "connectors.show", "7" },
	{ "HEAD", LIST "/7/", "connectors.show", "7" },
	{ "PUT", LIST "/7", "connectors.update", "7" },
	{ "PATCH", LIST "/7", "connectors.update", "7" },
	{ "DELETE", LIST "/7", "connectors.destroy", "7" },
	{ "OPTIONS", LIST "/7", "connectors.options", "7" },
	{ "GET", LIST "/a%20b", "connectors.show", "a b" },
	{ "GET", LIST "/%C3%A9", "connectors.show", "\xC3\xA9" },
	{ "GET", LIST "/*", "connectors.show", "*" },
	{ "GET", LIST "/test", "connectors.show", "test" },
	{ "POST", LIST "/7/test", "connectors.test", "7" },
	{ "POST", LIST "/7/%74est/", "connectors.test", "7" },
	{ "OPTIONS", LIST "/7/test", "connectors.options", "7" },
	{ "GET", LIST "/7/tests", "connectors.tests", "7" },
	{ "HEAD", LIST "/*/tests/", "connectors.tests", "*" },
};

Test(route, finds_the_row_and_what_the_path_names)
{
	for (size_t i = 0; i < N_ELEMENTS(found); i++) {
		struct arena *arena = arena_new(1024);
		struct problem problem;
		struct routed routed;
		enum error error = find(
		    arena, found[i].method, found[i].path, &routed, &problem);

		cr_assert_eq(
		    error, OK, "%s %s", found[i].method, found[i].path);
		cr_expect_str_eq(routed.route->name, found[i].name, "%s %s",
		    found[i].method, found[i].path);
		cr_expect(str_equal_text(routed.named, found[i].named), "%s %s",
		    found[i].method, found[i].path);
		cr_expect_neq(routed.methods, 0);
		arena_free(arena);
	}
}

Test(route, rows_have_names_of_their_own)
{
	size_t n;
	const struct route *table = route_table(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			cr_expect_str_neq(table[i].name, table[k].name);
}

/* What the handlers take for granted. */
Test(route, rows_name_what_their_actions_need)
{
	size_t n;
	const struct route *table = route_table(&n);

	for (size_t i = 0; i < n; i++) {
		const struct route *r = &table[i];

		cr_expect_not_null(strchr(r->name, '.'), "%s", r->name);
		if (r->action == ACTION_OPTIONS)
			continue;
		cr_assert_not_null(r->path, "%s", r->name);
		cr_expect(str_starts_with(str_of(r->path), STR(ROUTE_PREFIX)),
		    "%s", r->name);
		cr_expect_eq(r->resource == NULL, r->action == ACTION_DOCUMENT,
		    "%s", r->name);
		cr_expect_not_null(r->summary, "%s", r->name);
		cr_expect_neq(r->methods, 0, "%s", r->name);
		if (r->parent == NULL)
			continue;
		cr_expect_not_null(strchr(r->path, '*'), "%s", r->name);
		cr_expect_not_null(
		    schema_column(r->resource, str_of(r->parent_column)), "%s",
		    r->name);
	}
}

/* Every path, with a star in the place of a row, answers OPTIONS. */
Test(route, every_path_has_options)
{
	size_t n;
	const struct route *table = route_table(&n);

	for (size_t i = 0; i < n; i++) {
		struct arena *arena = arena_new(1024);
		struct problem problem;
		struct routed routed;

		if (table[i].path != NULL) {
			cr_assert_eq(find(arena, "OPTIONS", table[i].path,
					 &routed, &problem),
			    OK, "%s", table[i].path);
			cr_expect_eq(routed.route->action, ACTION_OPTIONS, "%s",
			    table[i].path);
		}
		arena_free(arena);
	}
}

/* What a path names is a row of the route's own resource, or of its parent. */
Test(route, tells_which_row_the_path_names)
{
	struct arena *arena = arena_new(1024);
	struct problem problem;
	struct routed routed;

	cr_assert_eq(find(arena, "GET", LIST "/7", &routed, &problem), OK);
	cr_expect_eq(route_named(routed.route), &resource_connectors);
	cr_assert_eq(
	    find(arena, "GET", LIST "/7/tests", &routed, &problem), OK);
	cr_expect_eq(route_named(routed.route), &resource_connectors);
	cr_expect_eq(routed.route->resource, &resource_connector_tests);
	arena_free(arena);
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
	{ "GET", "/api", ERROR_NOT_FOUND, "The route api could not be found.",
	    NULL },
	{ "GET", "/api/v1", ERROR_NOT_FOUND,
	    "The route api/v1 could not be found.", NULL },
	{ "GET", "/api/v2/connectors", ERROR_NOT_FOUND,
	    "The route api/v2/connectors could not be found.", NULL },
	{ "GET", LIST "%00", ERROR_NOT_FOUND,
	    "The route api/v1/connectors%00 could not be found.", NULL },
	{ "GET", LIST "%00/7", ERROR_NOT_FOUND,
	    "The route api/v1/connectors%00/7 could not be found.", NULL },
	{ "GET", LIST "x", ERROR_NOT_FOUND,
	    "The route api/v1/connectorsx could not be found.", NULL },
	{ "GET", "/api/v1/connector", ERROR_NOT_FOUND,
	    "The route api/v1/connector could not be found.", NULL },
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
	{ "POST", LIST "/1/tests", ERROR_METHOD,
	    "The POST method is not supported for route "
	    "api/v1/connectors/1/tests. Supported methods: GET, HEAD.",
	    "GET, HEAD" },
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
		struct routed routed;
		enum error error = find(arena, refused[i].method,
		    refused[i].path, &routed, &problem);

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
