/*
 * Parameters out of the tables.
 *
 * Lists are declared as `include[]` and `fields[table][]`, each name by itself:
 * clients that are generated repeat the name of a parameter, and of a repeated
 * `include` only the last counts.
 */
#include <config.h>

#include "openapi/parameters.h"

#include <string.h>

#include "openapi/reach.h"

/* Parameters that take no names of tables, by the name of their component. */
static const struct shared {
	const char *component;
	const char *json; /* see out_json() */
} shared[] = {
	{ "request_id",
	    "{'name':'X-Request-Id','in':'header','description':'Names the "
	    "request in the log and in the answer; one that is not of this "
	    "form is replaced.','schema':{'type':'string','pattern':"
	    "'^[0-9A-Za-z._-]{1,64}$'}}" },
	{ "if_match",
	    "{'name':'If-Match','in':'header','description':'An ETag of the "
	    "row: a 412 when the row was changed since. Without it the "
	    "request acts on whatever is there.','schema':{'type':'string',"
	    "'minLength':1}}" },
	{ "if_none_match",
	    "{'name':'If-None-Match','in':'header','description':'An ETag: a "
	    "304 without a body while the answer is still the same.',"
	    "'schema':{'type':'string','minLength':1}}" },
	{ "prefer",
	    "{'name':'Prefer','in':'header','description':'Asks for the result "
	    "of a test that passes (RFC 7240).','schema':{'type':'string',"
	    "'enum':['return=representation','return=minimal']}}" },
	{ "idempotency_key",
	    "{'name':'Idempotency-Key','in':'header','description':'Printable "
	    "ASCII that is the request\\u2019s own. The first answer is kept "
	    "for a day and given again; the key with another body or query is "
	    "a 422, and a 409 while the first request still runs.',"
	    "'schema':{'type':'string','minLength':1,'maxLength':255,"
	    "'pattern':'^[ -~]*$'}}" },
};

static void
open_parameter(const struct out *o, const char *name, const char *in)
{
	json_object_open(o->b);
	json_member_text(o->b, "name", name);
	json_member_text(o->b, "in", in);
}

static void
put_shared(const struct out *o, const char *component)
{
	out_reference(o, "parameters", component);
}

/* What the star of a path stands for. */
static void
put_path_parameter(const struct out *o, const struct resource *resource)
{
	open_parameter(o, resource->one, "path");
	json_key(o->b, "required");
	json_bool(o->b, true);
	if (resource->key == NULL) {
		json_member_text(o->b, "description", "The id.");
		out_json(o, "'schema':{'type':'integer','format':'int64',"
			    "'minimum':1}");
	} else {
		json_member_text(o->b, "description",
		    out_name(o, "The id or the `%s`.", resource->key));
		out_json(o,
		    "'schema':{'type':'string','minLength':1,'maxLength':64,"
		    "'pattern':'^[^/,]+$'}");
	}
	json_object_close(o->b);
}

/* name[]=a&name[]=b, of the words of a schema. */
static void
open_list(const struct out *o, const char *name, const char *doc)
{
	open_parameter(o, name, "query");
	json_member_text(o->b, "description", doc);
	out_json(o, "'style':'form','explode':true");
	json_key(o->b, "schema");
	json_object_open(o->b);
	json_member_text(o->b, "type", "array");
}

static void
close_list(const struct out *o)
{
	json_object_close(o->b);
	json_object_close(o->b);
}

static void
put_include(const struct out *o, const struct resource *resource)
{
	const char *const *includes = schema_includes(resource);

	if (includes[0] == NULL)
		return;
	open_list(o, "include[]",
	    "Related rows to load, and what is to be counted. (`include=a,b` "
	    "means the same.)");
	out_schema(o, "items", out_name(o, "%s_include", resource->one));
	close_list(o);
}

static void
put_filter(const struct out *o, const struct resource *resource,
    const struct filter *filter)
{
	open_parameter(o, out_name(o, "filter[%s]", filter->name), "query");
	if (schema_is_boolean(resource, filter)) {
		json_member_text(o->b, "description", filter->doc);
		out_json(
		    o, "'schema':{'type':'string','enum':['true','false']}");
	} else {
		json_member_text(o->b, "description",
		    out_name(o, "%s A comma is OR, for at most %d values.",
			filter->doc, QUERY_VALUES_MAX));
		out_json(o, "'schema':{'type':'string'}");
	}
	json_object_close(o->b);
}

/* "`name` or `label`" */
static const char *
words_of(const struct out *o, const char *const *names)
{
	const char *words = "";

	for (size_t i = 0; names[i] != NULL; i++)
		words = out_name(
		    o, "%s%s`%s`", words, i == 0 ? "" : " or ", names[i]);
	return words;
}

static void
put_search(const struct out *o, const struct resource *resource)
{
	if (resource->search == NULL)
		return;
	open_parameter(o, "search", "query");
	json_member_text(o->b, "description",
	    out_name(o,
		"Text that %s contains, in any case; `%%` and `_` mean "
		"themselves.",
		words_of(o, resource->search)));
	json_key(o->b, "schema");
	json_object_open(o->b);
	json_member_text(o->b, "type", "string");
	json_key(o->b, "maxLength");
	json_int(o->b, QUERY_SEARCH_MAX);
	json_object_close(o->b);
	json_object_close(o->b);
}

static bool
has_sort(const struct resource *resource)
{
	for (size_t i = 0; i < resource->n_columns; i++)
		if ((resource->columns[i].flags & COLUMN_SORT) != 0)
			return true;
	return false;
}

static void
put_sort(const struct out *o, const struct resource *resource)
{
	if (!has_sort(resource))
		return;
	open_parameter(o, "sort", "query");
	json_member_text(o->b, "description",
	    "Columns to sort by, `-` before a descending one. Every order "
	    "ends in the id.");
	out_schema(o, "schema", out_name(o, "%s_sort", resource->one));
	json_object_close(o->b);
}

static void
put_fields(const struct out *o, const struct resource *root)
{
	for (size_t i = 0; i < n_resources; i++)
		if (reach_from(root, resources[i]))
			put_shared(
			    o, out_name(o, "fields_%s", resources[i]->name));
}

static void
put_query(const struct out *o, const struct resource *resource)
{
	for (size_t i = 0; i < resource->n_filters; i++)
		put_filter(o, resource, &resource->filters[i]);
	put_search(o, resource);
	put_sort(o, resource);
	put_fields(o, resource);
	put_shared(o, "page");
	put_shared(o, "per_page");
}

static void
put_all(const struct out *o, const struct route *route)
{
	const struct action_facts *facts = action_facts(route->action);

	if (strchr(route->path, '*') != NULL)
		put_path_parameter(o, route_named(route));
	if (facts->query != QUERY_NOTHING)
		put_include(o, route->resource);
	if (facts->query == QUERY_ALL)
		put_query(o, route->resource);
	if (facts->tagged && (route->methods & (1u << METHOD_GET)) != 0)
		put_shared(o, "if_none_match");
	if (facts->if_match && route->resource->version != NULL)
		put_shared(o, "if_match");
	if (facts->idempotent)
		put_shared(o, "idempotency_key");
	if (facts->prefer)
		put_shared(o, "prefer");
	put_shared(o, "request_id");
}

void
parameters_of(const struct out *o, const struct route *route)
{
	json_key(o->b, "parameters");
	json_array_open(o->b);
	put_all(o, route);
	json_array_close(o->b);
}

static void
put_shared_fields(const struct out *o, const struct resource *resource)
{
	json_key(o->b, out_name(o, "fields_%s", resource->name));
	open_list(o, out_name(o, "fields[%s][]", resource->name),
	    out_name(o,
		"Columns of %s that are kept, wherever the answer has them; "
		"the id always is. (`fields[%s]=a,b` means the same.)",
		resource->name, resource->name));
	out_schema(o, "items", out_name(o, "%s_column", resource->one));
	close_list(o);
}

static void
put_number(const struct out *o, const char *name, const char *doc,
    int64_t fallback, int64_t max)
{
	json_key(o->b, name);
	open_parameter(o, name, "query");
	json_member_text(o->b, "description", doc);
	json_key(o->b, "schema");
	json_object_open(o->b);
	out_json(o, "'type':'integer','format':'int32','minimum':1");
	json_key(o->b, "maximum");
	json_int(o->b, max);
	json_key(o->b, "default");
	json_int(o->b, fallback);
	json_object_close(o->b);
	json_object_close(o->b);
}

void
parameters_shared(const struct out *o)
{
	for (size_t i = 0; i < N_ELEMENTS(shared); i++) {
		json_key(o->b, shared[i].component);
		out_json(o, shared[i].json);
	}
	for (size_t i = 0; i < n_resources; i++)
		if (reach_resource(resources[i]))
			put_shared_fields(o, resources[i]);
	put_number(o, "page", "Number of the page.", 1, QUERY_PAGE_MAX);
	put_number(o, "per_page", "Rows of a page.", QUERY_PER_PAGE,
	    QUERY_PER_PAGE_MAX);
}
