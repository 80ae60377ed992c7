/*
 * The OpenAPI document: paths out of the table of routes, what they take and
 * answer out of the tables of actions, resources and reasons.
 */
#include <config.h>

#include "openapi/openapi.h"

#include <string.h>

#include "api/route.h"
#include "openapi/components.h"
#include "openapi/examples.h"
#include "openapi/out.h"
#include "openapi/parameters.h"
#include "openapi/responses.h"

/* HEAD is not told of: every GET has it, and clients need no function for it.
 * Nor is OPTIONS, which every path has. */
static const char *const method_keys[] = {
	[METHOD_GET] = "get",
	[METHOD_HEAD] = NULL,
	[METHOD_POST] = "post",
	[METHOD_PUT] = "put",
	[METHOD_PATCH] = "patch",
	[METHOD_DELETE] = "delete",
	[METHOD_OPTIONS] = NULL,
	[METHOD_OTHER] = NULL,
};
_Static_assert(N_ELEMENTS(method_keys) == METHOD__MAX, "one row a method");

static const char about[] =
    "A connector is one account's connection to a third-party system: its "
    "settings and its secrets, used through one of the system's ways to sign "
    "in. Connectors belong to companies, as API keys do: a key sees the rows "
    "of its company and those of everybody.\n\n"
    "Every request but that of this document carries an API key: "
    "`Authorization: Bearer <key>`, or the key alone.\n\n"
    "Every path takes OPTIONS, and every path with GET takes HEAD. Errors are "
    "JSON with a `message`; a value that is not valid is a 422 with `errors` "
    "by field. Later versions may add members to answers, words to reasons and "
    "paths: clients should ignore what they do not know.\n\n"
    "Lists are asked for with `include[]=a&include[]=b`. The short form "
    "`include=a,b` means the same, but of a repeated `include` only the last "
    "counts, so clients that repeat names use the brackets.";

static void
put_info(const struct out *o)
{
	json_key(o->b, "info");
	json_object_open(o->b);
	json_member_text(o->b, "title", "Connectors");
	json_member_text(o->b, "version", PACKAGE_VERSION);
	json_member_text(
	    o->b, "summary", "Connections of companies to other systems.");
	json_member_text(o->b, "description", about);
	out_json(o, "'contact':{'name':'Connectors Maintainers','email':"
		    "'maintainers@connectors.invalid'},"
		    "'license':{'name':'ISC','identifier':'ISC'}");
	json_object_close(o->b);
	out_json(o, "'servers':[{'url':'/','description':'This server.'}]");
	out_json(o, "'security':[{'key':[]}]");
}

/* The part of a route's name that its collection's routes have in common. */
static struct str
tag_of(const struct route *route)
{
	return (struct str){ route->name, strcspn(route->name, ".") };
}

static bool
is_first_of_tag(const struct route *routes, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_equal(tag_of(&routes[k]), tag_of(&routes[i])))
			return false;
	return true;
}

static void
put_tags(const struct out *o)
{
	size_t n;
	const struct route *routes = route_table(&n);

	json_key(o->b, "tags");
	json_array_open(o->b);
	for (size_t i = 0; i < n; i++) {
		const struct resource *resource = routes[i].resource;

		if (!is_first_of_tag(routes, i))
			continue;
		json_object_open(o->b);
		json_key(o->b, "name");
		json_string(o->b, tag_of(&routes[i]));
		json_member_text(o->b, "description",
		    resource != NULL ? resource->doc : "This document.");
		json_object_close(o->b);
	}
	json_array_close(o->b);
}

static void
put_body(const struct out *o, const struct route *route, const char *operation)
{
	bool update = action_facts(route->action)->answer == ANSWER_UPDATED;

	json_key(o->b, "requestBody");
	json_object_open(o->b);
	json_key(o->b, "required");
	json_bool(o->b, true);
	json_key(o->b, "content");
	json_object_open(o->b);
	json_key(o->b, "application/json");
	json_object_open(o->b);
	out_schema(o, "schema",
	    out_name(
		o, "%s_%s", update ? "update" : "store", route->resource->one));
	examples_of(o, &(struct example_place){ operation, "body" });
	json_object_close(o->b);
	json_object_close(o->b);
	json_object_close(o->b);
}

static void
put_operation(
    const struct out *o, const struct route *route, enum method method)
{
	const struct action_facts *facts = action_facts(route->action);
	/* PATCH means what PUT means. */
	const char *operation = out_name(
	    o, "%s%s", route->name, method == METHOD_PATCH ? ".patch" : "");

	json_key(o->b, method_keys[method]);
	json_object_open(o->b);
	json_member_text(o->b, "operationId", operation);
	json_key(o->b, "tags");
	json_array_open(o->b);
	json_string(o->b, tag_of(route));
	json_array_close(o->b);
	json_member_text(o->b, "summary", route->summary);
	json_member_text(o->b, "description", facts->doc);
	if (facts->ability == 0)
		out_json(o, "'security':[]");
	parameters_of(o, route);
	if (facts->body)
		put_body(o, route, operation);
	responses_of(o, route, operation);
	json_object_close(o->b);
}

/* The path as a key: "{connector}" for the star. */
static void
put_path_key(const struct out *o, const struct route *route)
{
	int star = (int)strcspn(route->path, "*");

	if (route->path[star] == '\0')
		json_key(o->b, route->path);
	else
		json_key(
		    o->b, out_name(o, "%.*s{%s}%s", star, route->path,
			      route_named(route)->one, route->path + star + 1));
}

static bool
same_path(const struct route *a, const struct route *b)
{
	return a->path != NULL && b->path != NULL &&
	       strcmp(a->path, b->path) == 0;
}

/* All routes of the path of the first. */
static void
put_path(
    const struct out *o, const struct route *routes, size_t n, size_t first)
{
	put_path_key(o, &routes[first]);
	json_object_open(o->b);
	for (size_t i = first; i < n; i++)
		for (unsigned m = 0; m < METHOD__MAX; m++)
			if (same_path(&routes[i], &routes[first]) &&
			    (routes[i].methods & (1u << m)) != 0 &&
			    method_keys[m] != NULL)
				put_operation(o, &routes[i], (enum method)m);
	json_object_close(o->b);
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
put_paths(const struct out *o)
{
	size_t n;
	const struct route *routes = route_table(&n);

	json_key(o->b, "paths");
	json_object_open(o->b);
	for (size_t i = 0; i < n; i++)
		if (is_first_of_path(routes, i))
			put_path(o, routes, n, i);
	json_object_close(o->b);
}

static void
put_components(const struct out *o)
{
	json_key(o->b, "components");
	json_object_open(o->b);
	out_json(o,
	    "'securitySchemes':{'key':{'type':'http','scheme':'bearer',"
	    "'bearerFormat':'cak_...','description':'An API key. The scheme "
	    "may be left out.'}}");
	json_key(o->b, "parameters");
	json_object_open(o->b);
	parameters_shared(o);
	json_object_close(o->b);
	json_key(o->b, "headers");
	json_object_open(o->b);
	responses_headers(o);
	json_object_close(o->b);
	json_key(o->b, "responses");
	json_object_open(o->b);
	responses_shared(o);
	json_object_close(o->b);
	components_schemas(o);
	json_object_close(o->b);
}

void
openapi_write(struct arena *arena, struct buf *b)
{
	const struct out o = { arena, b };

	json_object_open(b);
	json_member_text(b, "openapi", "3.1.0");
	put_info(&o);
	put_tags(&o);
	put_paths(&o);
	put_components(&o);
	json_object_close(b);
}
