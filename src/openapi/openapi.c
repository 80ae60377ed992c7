/*
 * The OpenAPI document: paths out of the table of routes, parameters and
 * schemas out of the tables of resources.
 */
#include <config.h>

#include "openapi/openapi.h"

#include <string.h>

#include "api/route.h"
#include "base/error.h"
#include "base/json.h"
#include "openapi/parameters.h"
#include "openapi/schema.h"

/* By action. */
static const struct operation operations[] = {
	[ACTION_INDEX] = { NULL, "_list", QUERY_ALL, NULL, false, false },
	[ACTION_STORE] = { NULL, "_answer", QUERY_INCLUDE, "store_", false,
	    true },
	[ACTION_SHOW] = { NULL, "_answer", QUERY_ALL, NULL, false, false },
	[ACTION_UPDATE] = { NULL, "_answer", QUERY_INCLUDE, "update_", true,
	    false },
	[ACTION_DESTROY] = { "message", NULL, QUERY_NOTHING, NULL, true,
	    false },
	[ACTION_TEST] = { "test_answer", NULL, QUERY_NOTHING, NULL, false,
	    false },
	[ACTION_OPTIONS] = { NULL, NULL, QUERY_NOTHING, NULL, false, false },
};
_Static_assert(N_ELEMENTS(operations) == ACTION__MAX, "one row an action");

static const char *const method_keys[] = {
	[METHOD_GET] = "get",
	[METHOD_HEAD] = NULL, /* as GET */
	[METHOD_POST] = "post",
	[METHOD_PUT] = "put",
	[METHOD_PATCH] = "patch",
	[METHOD_DELETE] = "delete",
	[METHOD_OPTIONS] = NULL,
	[METHOD_OTHER] = NULL,
};
_Static_assert(N_ELEMENTS(method_keys) == METHOD__MAX, "one row a method");

/* Errors that any operation may answer. */
static const struct failure {
	enum error error;
	const char *schema;
	const char *doc; /* NULL: see put_not_found() */
} failures[] = {
	{ ERROR_BAD_REQUEST, "message", "Names or JSON that are unknown." },
	{ ERROR_UNAUTHENTICATED, "message", "No valid API key." },
	{ ERROR_FORBIDDEN, "message", "The key lacks the ability." },
	{ ERROR_NOT_FOUND, "message", NULL },
	{ ERROR_CONFLICT, "message", "The first request still runs." },
	{ ERROR_PRECONDITION, "message", "Changed since it was read." },
	{ ERROR_TOO_LARGE, "message", "The body is too large." },
	{ ERROR_MEDIA_TYPE, "message", "The body is not JSON." },
	{ ERROR_INVALID, "problem", "Values that are not valid." },
	{ ERROR_TOO_MANY, "message", "Too many requests; see Retry-After." },
	{ ERROR_UNAVAILABLE, "message", "Not now; see Retry-After." },
};

/* A string of three parts that need no escapes. */
static void
put_joined(
    struct buf *b, const char *head, const char *middle, const char *tail)
{
	json_string(b, STR(""));
	buf_truncate(b, b->len - 1);
	buf_printf(b, "%s%s%s\"", head, middle, tail);
}

/* The schema is named by three parts, too. */
static void
put_content(
    struct buf *b, const char *head, const char *middle, const char *tail)
{
	json_key(b, "content");
	json_object_open(b);
	json_key(b, "application/json");
	json_object_open(b);
	json_key(b, "schema");
	json_object_open(b);
	json_key(b, "$ref");
	put_joined(b, "#/components/schemas/", head, "");
	buf_truncate(b, b->len - 1);
	buf_printf(b, "%s%s\"", middle, tail);
	json_object_close(b);
	json_object_close(b);
	json_object_close(b);
}

/* "No such connection pool in the company." */
static void
put_not_found(struct buf *b, const struct resource *resource)
{
	size_t at;

	json_key(b, "description");
	at = b->len;
	put_joined(b, "No such ", resource->one, " in the company.");
	for (; at < b->len; at++)
		if (b->ptr[at] == '_')
			b->ptr[at] = ' ';
}

static void
put_failure(
    struct buf *b, const struct failure *failure, const struct route *route)
{
	json_string(b, STR(""));
	buf_truncate(b, b->len - 1);
	buf_printf(b, "%d\":", error_status(failure->error));
	json_object_open(b);
	if (failure->doc != NULL)
		openapi_text(b, "description", failure->doc);
	else
		put_not_found(b, route_named(route));
	put_content(b, "", failure->schema, "");
	json_object_close(b);
}

static void
put_responses(
    struct buf *b, const struct route *route, const struct operation *operation)
{
	json_key(b, "responses");
	json_object_open(b);
	json_key(b, "200");
	json_object_open(b);
	openapi_text(b, "description", route->summary);
	if (operation->answer != NULL)
		put_content(b, "", operation->answer, "");
	else
		put_content(b, "", route->resource->one, operation->suffix);
	json_object_close(b);
	for (size_t i = 0; i < N_ELEMENTS(failures); i++)
		put_failure(b, &failures[i], route);
	json_object_close(b);
}

static void
put_operation(struct buf *b, const struct route *route, enum method method)
{
	const struct operation *operation = &operations[route->action];

	json_key(b, method_keys[method]);
	json_object_open(b);
	json_key(b, "operationId");
	/* PATCH means what PUT means. */
	put_joined(b, route->name, method == METHOD_PATCH ? ".patch" : "", "");
	openapi_text(b, "summary", route->summary);
	openapi_parameters(b, route, operation);
	if (operation->body != NULL) {
		json_key(b, "requestBody");
		json_object_open(b);
		put_content(b, operation->body, route->resource->one, "");
		json_object_close(b);
	}
	put_responses(b, route, operation);
	json_object_close(b);
}

/* The path as a key: "{connector}" for the star. */
static void
put_path_key(struct buf *b, const struct route *route)
{
	size_t star = strcspn(route->path, "*");

	json_string(b, STR(""));
	buf_truncate(b, b->len - 1);
	buf_add_str(b, (struct str){ route->path, star });
	if (route->path[star] != '\0')
		buf_printf(b, "{%s}%s", route_named(route)->one,
		    route->path + star + 1);
	buf_add_text(b, "\":");
}

static bool
same_path(const struct route *a, const struct route *b)
{
	return a->path != NULL && b->path != NULL &&
	       strcmp(a->path, b->path) == 0;
}

/* All routes of the path of the first. */
static void
put_path(struct buf *b, const struct route *routes, size_t n, size_t first)
{
	put_path_key(b, &routes[first]);
	json_object_open(b);
	for (size_t i = first; i < n; i++)
		for (unsigned m = 0; m < METHOD__MAX; m++)
			if (same_path(&routes[i], &routes[first]) &&
			    (routes[i].methods & (1u << m)) != 0 &&
			    method_keys[m] != NULL)
				put_operation(b, &routes[i], (enum method)m);
	json_object_close(b);
}

static bool
is_first_of_path(const struct route *routes, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same_path(&routes[k], &routes[i]))
			return false;
	return routes[i].path != NULL;
}

static void
put_paths(struct buf *b)
{
	size_t n;
	const struct route *routes = route_table(&n);

	json_key(b, "paths");
	json_object_open(b);
	for (size_t i = 0; i < n; i++)
		if (is_first_of_path(routes, i))
			put_path(b, routes, n, i);
	json_object_close(b);
}

/* Schemas that are no tables, as JSON text. */
static const struct {
	const char *name;
	const char *json;
} fixed_schemas[] = {
	{ "message",
	    "{\"type\":\"object\",\"required\":[\"message\"],\"properties\":"
	    "{\"message\":{\"type\":\"string\"}}}" },
	{ "problem",
	    "{\"type\":\"object\",\"required\":[\"message\"],\"properties\":"
	    "{\"message\":{\"type\":\"string\"},\"errors\":{\"type\":"
	    "\"object\",\"additionalProperties\":{\"type\":\"array\","
	    "\"items\":{\"type\":\"string\"}}},\"test\":{\"$ref\":"
	    "\"#/components/schemas/test_result\"}}}" },
	{ "test_answer",
	    "{\"type\":\"object\",\"properties\":{\"data\":{\"$ref\":"
	    "\"#/components/schemas/test_result\"}}}" },
};

static void
put_words(struct buf *b, const char *key, const char *(*word)(size_t))
{
	json_key(b, key);
	json_object_open(b);
	openapi_text(b, "description",
	    "New words may be added; null where there is none.");
	json_key(b, "enum");
	json_array_open(b);
	for (size_t i = 0; word(i) != NULL; i++)
		json_string(b, str_of(word(i)));
	json_null(b);
	json_array_close(b);
	json_object_close(b);
}

static void
put_test_result(struct buf *b, const struct openapi_words *words)
{
	json_key(b, "test_result");
	json_object_open(b);
	openapi_text(b, "type", "object");
	json_key(b, "properties");
	json_object_open(b);
	json_key(b, "ok");
	json_raw(b, STR("{\"type\":\"boolean\"}"));
	put_words(b, "stage", words->step);
	put_words(b, "reason", words->reason);
	json_key(b, "detail");
	json_raw(b, STR("{\"type\":[\"string\",\"null\"]}"));
	json_object_close(b);
	json_object_close(b);
}

/* {"data": one row} */
static void
put_answer_schema(struct buf *b, const struct resource *resource)
{
	json_object_open(b);
	json_raw(b, STR("\"type\":\"object\",\"required\":[\"data\"]"));
	json_key(b, "properties");
	json_object_open(b);
	json_key(b, "data");
	openapi_reference(b, "schemas", resource->one);
	json_object_close(b);
	json_object_close(b);
}

/* {"data": [rows], "links": {...}, "meta": {...}} */
static void
put_list_schema(struct buf *b, const struct resource *resource)
{
	json_object_open(b);
	json_raw(b, STR("\"type\":\"object\",\"required\":[\"data\",\"links\","
			"\"meta\"]"));
	json_key(b, "properties");
	json_object_open(b);
	json_key(b, "data");
	openapi_many(b, resource->one);
	json_key(b, "links");
	json_raw(b, STR("{\"type\":\"object\"}"));
	json_key(b, "meta");
	json_raw(b, STR("{\"type\":\"object\"}"));
	json_object_close(b);
	json_object_close(b);
}

static void
open_schema(struct buf *b, const char *prefix, const struct resource *resource,
    const char *suffix)
{
	put_joined(b, prefix, resource->one, suffix);
	buf_add_char(b, ':');
}

/* What routes read and answer about their resource, by the action that needs
 * it. */
static void
put_route_schema(struct buf *b, const struct route *route)
{
	const struct resource *resource = route->resource;
	const struct operation *operation = &operations[route->action];

	if (operation->body != NULL) {
		open_schema(b, operation->body, resource, "");
		openapi_body(b, resource, route->action == ACTION_UPDATE);
	}
	if (route->action == ACTION_INDEX) {
		open_schema(b, "", resource, operation->suffix);
		put_list_schema(b, resource);
	}
	if (route->action == ACTION_SHOW) {
		open_schema(b, "", resource, operation->suffix);
		put_answer_schema(b, resource);
	}
}

static void
put_schemas(struct buf *b, const struct openapi_words *words)
{
	size_t n;
	const struct route *routes = route_table(&n);

	json_key(b, "schemas");
	json_object_open(b);
	for (size_t i = 0; i < n_resources; i++) {
		json_key(b, resources[i]->one);
		openapi_resource(b, resources[i]);
	}
	for (size_t i = 0; i < n; i++)
		put_route_schema(b, &routes[i]);
	for (size_t i = 0; i < N_ELEMENTS(fixed_schemas); i++) {
		json_key(b, fixed_schemas[i].name);
		json_raw(b, str_of(fixed_schemas[i].json));
	}
	put_test_result(b, words);
	json_object_close(b);
}

void
openapi_write(struct buf *b, const struct openapi_words *words)
{
	json_object_open(b);
	openapi_text(b, "openapi", "3.1.0");
	json_key(b, "info");
	json_object_open(b);
	openapi_text(b, "title", "Connectors");
	openapi_text(b, "version", words->version);
	json_object_close(b);
	json_key(b, "security");
	json_raw(b, STR("[{\"key\":[]}]"));
	put_paths(b);
	json_key(b, "components");
	json_object_open(b);
	json_key(b, "securitySchemes");
	json_raw(b, STR("{\"key\":{\"type\":\"apiKey\",\"in\":\"header\","
			"\"name\":\"Authorization\",\"description\":"
			"\"The key alone, or Bearer and the key.\"}}"));
	put_schemas(b, words);
	json_object_close(b);
	json_object_close(b);
}
