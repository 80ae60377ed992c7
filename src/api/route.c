/*
 * The table of routes, and the search in it.
 */
#include <config.h>

#include "api/route.h"

#include <string.h>

#include "base/buf.h"
#include "http/uri.h"
#include "schema/tables.h"

/* Parts of the longest path, and of what all begin with. */
#define PARTS_MAX    5
#define PREFIX_PARTS 2

#define BIT(method) (1u << METHOD_##method)
#define READ        (BIT(GET) | BIT(HEAD))

/* The routes of a resource that clients can read. collection: its name in a
 * path; many, one: what the summaries call it. */
#define READABLE(collection, table, many, one)                          \
	{ .name = collection ".index",                                  \
		.path = ROUTE_PREFIX collection,                        \
		.methods = READ,                                        \
		.action = ACTION_INDEX,                                 \
		.resource = &resource_##table,                          \
		.summary = "List " many },                              \
	    { .name = collection ".show",                               \
		    .path = ROUTE_PREFIX collection "/*",               \
		    .methods = READ,                                    \
		    .action = ACTION_SHOW,                              \
		    .resource = &resource_##table,                      \
		    .summary = "Show " one },                           \
	{                                                               \
		.name = collection ".options", .action = ACTION_OPTIONS \
	}

#define CONNECTORS ROUTE_PREFIX "connectors"

static const struct route routes[] = {
	READABLE("connectors", connectors, "connectors", "a connector"),
	{ .name = "connectors.store",
	    .path = CONNECTORS,
	    .methods = BIT(POST),
	    .action = ACTION_STORE,
	    .resource = &resource_connectors,
	    .summary = "Store a connector" },
	{ .name = "connectors.update",
	    .path = CONNECTORS "/*",
	    .methods = BIT(PUT) | BIT(PATCH),
	    .action = ACTION_UPDATE,
	    .resource = &resource_connectors,
	    .summary = "Update a connector" },
	{ .name = "connectors.destroy",
	    .path = CONNECTORS "/*",
	    .methods = BIT(DELETE),
	    .action = ACTION_DESTROY,
	    .resource = &resource_connectors,
	    .summary = "Delete a connector" },
	{ .name = "connectors.test",
	    .path = CONNECTORS "/*/test",
	    .methods = BIT(POST),
	    .action = ACTION_TEST,
	    .resource = &resource_connectors,
	    .summary = "Test a connector for real" },
	{ .name = "connectors.tests",
	    .path = CONNECTORS "/*/tests",
	    .methods = READ,
	    .action = ACTION_INDEX,
	    .resource = &resource_connector_tests,
	    .parent = &resource_connectors,
	    .parent_column = "connector_id",
	    .summary = "List the tests of a connector" },
	READABLE("systems", systems, "systems", "a system"),
	READABLE("authentication-implementations",
	    authentication_implementations, "authentication implementations",
	    "an authentication implementation"),
	READABLE("connection-pools", connection_pools, "connection pools",
	    "a connection pool"),
	READABLE("certificates", certificates, "certificates", "a certificate"),
	READABLE("connector-tests", connector_tests, "tests of connectors",
	    "a test of a connector"),
	{ .name = "openapi.show",
	    .path = ROUTE_PREFIX "openapi.json",
	    .methods = READ,
	    .action = ACTION_DOCUMENT,
	    .summary = "Show this document" },
	{ .name = "openapi.options", .action = ACTION_OPTIONS },
};
_Static_assert(N_ELEMENTS(routes) <= ROUTES_MAX, "room for all routes");

const struct route *
route_table(size_t *ret_n)
{
	*ret_n = N_ELEMENTS(routes);
	return routes;
}

const struct resource *
route_named(const struct route *route)
{
	return route->parent != NULL ? route->parent : route->resource;
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

/* Whether text begins with part, which may hold any byte. */
static bool
begins_with(const char *text, struct str part)
{
	return strncmp(text, part.ptr, part.len) == 0 &&
	       memchr(part.ptr, '\0', part.len) == NULL;
}

static bool
path_matches(const char *path, const struct str *parts, size_t n_parts,
    struct str *ret_named)
{
	*ret_named = (struct str){ NULL, 0 };
	for (size_t i = 0; i < n_parts; i++) {
		if (*path++ != '/')
			return false;
		if (*path == '*') {
			*ret_named = parts[i];
			path++;
		} else if (begins_with(path, parts[i])) {
			path += parts[i].len;
		} else {
			return false;
		}
	}
	return *path == '\0';
}

/* What all routes of one path make together. */
struct found {
	const struct route *any;  /* NULL: there is no such path */
	const struct route *best; /* with the method; NULL: there is none */
	unsigned methods;
	struct str named;
};

/* The prefix is compared once. */
static struct found
find(const struct str *parts, size_t n_parts, enum method method)
{
	struct found found = { 0 };
	struct str named;

	if (n_parts < PREFIX_PARTS ||
	    !path_matches(ROUTE_BASE, parts, PREFIX_PARTS, &named))
		return found;
	for (size_t i = 0; i < N_ELEMENTS(routes); i++) {
		const struct route *route = &routes[i];

		if (route->path == NULL ||
		    !path_matches(route->path + strlen(ROUTE_BASE),
			parts + PREFIX_PARTS, n_parts - PREFIX_PARTS, &named))
			continue;
		found.any = route;
		found.named = named;
		found.methods |= route->methods;
		if ((route->methods & (1u << method)) != 0)
			found.best = route;
	}
	return found;
}

/* Of the same collection: their names are the same up to the dot. */
static const struct route *
options_of(const struct route *route)
{
	size_t len = strcspn(route->name, ".") + 1;

	for (size_t i = 0; i < N_ELEMENTS(routes); i++)
		if (routes[i].action == ACTION_OPTIONS &&
		    strncmp(routes[i].name, route->name, len) == 0)
			return &routes[i];
	return NULL;
}

const char *
route_allow(struct arena *arena, unsigned methods)
{
	struct str text = STR("");

	for (unsigned m = 0; m < METHOD_OTHER; m++)
		if ((methods & (1u << m)) != 0)
			text = arena_printf(arena, "%.*s%s%s", STR_FMT(text),
			    text.len > 0 ? ", " : "",
			    method_name((enum method)m));
	return text.ptr;
}

static enum error
no_route(const struct request *request, struct problem *reterr)
{
	return problem_set(reterr, ERROR_NOT_FOUND,
	    "The route %.*s could not be found.",
	    STR_FMT(shown_path(request->path)));
}

static enum error
no_method(
    const struct request *request, unsigned methods, struct problem *reterr)
{
	reterr->allow = route_allow(request->arena, methods);
	return problem_set(reterr, ERROR_METHOD,
	    "The %.*s method is not supported for route %.*s. "
	    "Supported methods: %s.",
	    STR_FMT(request->method_text), STR_FMT(shown_path(request->path)),
	    reterr->allow);
}

enum error
route_find(
    const struct request *request, struct routed *ret, struct problem *reterr)
{
	struct str parts[PARTS_MAX];
	struct found found;
	size_t n;

	if (!uri_segments(request->arena, request->path, PARTS_MAX, parts, &n))
		return no_route(request, reterr);
	found = find(parts, n, request->method);
	if (found.any == NULL)
		return no_route(request, reterr);
	if (request->method == METHOD_OPTIONS)
		found.best = options_of(found.any);
	if (found.best == NULL)
		return no_method(request, found.methods, reterr);
	*ret = (struct routed){ found.best, found.named, found.methods };
	return OK;
}
