/*
 * The OpenAPI document: paths out of the table of routes, parameters and
 * schemas out of the tables of resources.
 */
#include <config.h>

#include "openapi/openapi.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "engine/query.h"
#include "http/route.h"
#include "openapi/schema.h"
#include "schema/tables.h"

/* Bytes of "filter[...]" with its end. */
#define FILTER_NAME_MAX 128
/* Bytes of what is said of it. */
#define FILTER_DOC_MAX 512

/* What each action takes and answers. */
static const struct operation {
	const char *summary;
	const char *answer; /* a schema of components; NULL: no body */
	const struct resource *query; /* whose parameters it takes */
	enum query_use use;
	const char *body; /* a schema of components; NULL: none is read */
	bool if_match;
	bool idempotent; /* takes an Idempotency-Key */
} operations[] = {
	[ACTION_INDEX] = { "List connectors", "connector_list",
	    &resource_connectors, QUERY_ALL, NULL, false, false },
	[ACTION_STORE] = { "Store a connector", "connector_answer",
	    &resource_connectors, QUERY_INCLUDE, "store_connector", false,
	    true },
	[ACTION_SHOW] = { "Show a connector", "connector_answer",
	    &resource_connectors, QUERY_ALL, NULL, false, false },
	[ACTION_UPDATE] = { "Update a connector", "connector_answer",
	    &resource_connectors, QUERY_INCLUDE, "update_connector", true,
	    false },
	[ACTION_DESTROY] = { "Delete a connector", "message",
	    &resource_connectors, QUERY_NOTHING, NULL, true, false },
	[ACTION_TEST] = { "Test a connector for real", "test_answer",
	    &resource_connectors, QUERY_NOTHING, NULL, false, false },
	[ACTION_TESTS] = { "List the tests of a connector",
	    "connector_test_list", &resource_connector_tests, QUERY_ALL, NULL,
	    false, false },
	[ACTION_OPTIONS] = { NULL, NULL, NULL, QUERY_NOTHING, NULL, false,
	    false },
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
static const struct {
	enum error error;
	const char *schema;
	const char *doc;
} failures[] = {
	{ ERROR_BAD_REQUEST, "message", "Names or JSON that are unknown." },
	{ ERROR_UNAUTHENTICATED, "message", "No valid API key." },
	{ ERROR_FORBIDDEN, "message", "The key lacks the ability." },
	{ ERROR_NOT_FOUND, "message", "No such connector in the company." },
	{ ERROR_CONFLICT, "message", "The first request still runs." },
	{ ERROR_PRECONDITION, "message", "Changed since it was read." },
	{ ERROR_TOO_LARGE, "message", "The body is too large." },
	{ ERROR_MEDIA_TYPE, "message", "The body is not JSON." },
	{ ERROR_INVALID, "problem", "Values that are not valid." },
	{ ERROR_TOO_MANY, "message", "Too many requests; see Retry-After." },
	{ ERROR_UNAVAILABLE, "message", "Not now; see Retry-After." },
};

static void
put_schema_type(struct buf *b, const char *type)
{
	json_key(b, "schema");
	json_object_open(b);
	openapi_text(b, "type", type);
	json_object_close(b);
}

static void
open_parameter(struct buf *b, const char *name, const char *in, const char *doc)
{
	json_object_open(b);
	openapi_text(b, "name", name);
	openapi_text(b, "in", in);
	openapi_text(b, "description", doc);
	if (strcmp(in, "path") == 0) {
		json_key(b, "required");
		json_bool(b, true);
	}
}

static void
put_parameter(struct buf *b, const char *name, const char *in, const char *type,
    const char *doc)
{
	open_parameter(b, name, in, doc);
	put_schema_type(b, type);
	json_object_close(b);
}

static void
put_names(
    struct buf *b, const char *name, const char *doc, const char *const *names)
{
	open_parameter(b, name, "query", doc);
	openapi_text(b, "style", "form");
	json_key(b, "explode");
	json_bool(b, false);
	json_key(b, "schema");
	json_object_open(b);
	openapi_text(b, "type", "array");
	json_key(b, "items");
	json_object_open(b);
	openapi_text(b, "type", "string");
	json_key(b, "enum");
	json_array_open(b);
	for (; *names != NULL; names++)
		json_string(b, str_of(*names));
	json_array_close(b);
	json_object_close(b);
	json_object_close(b);
	json_object_close(b);
}

static void
put_number(struct buf *b, const char *name, int64_t fallback, int64_t max,
    const char *doc)
{
	open_parameter(b, name, "query", doc);
	json_key(b, "schema");
	json_object_open(b);
	openapi_text(b, "type", "integer");
	json_key(b, "minimum");
	json_int(b, 1);
	json_key(b, "maximum");
	json_int(b, max);
	json_key(b, "default");
	json_int(b, fallback);
	json_object_close(b);
	json_object_close(b);
}

static void
put_filter(struct buf *b, const struct filter *filter)
{
	struct buf key, doc;

	buf_init(&key, FILTER_NAME_MAX);
	buf_printf(&key, "filter[%s]", filter->name);
	buf_add_char(&key, '\0');
	buf_init(&doc, FILTER_DOC_MAX);
	buf_printf(&doc, "%s A comma is OR, for at most %d values.",
	    filter->doc, QUERY_VALUES_MAX);
	buf_add_char(&doc, '\0');
	put_parameter(b, key.ptr, "query", "string", doc.ptr);
	buf_done(&doc);
	buf_done(&key);
}

static void
put_list_parameters(struct buf *b, const struct resource *resource)
{
	for (size_t i = 0; i < resource->n_filters; i++)
		put_filter(b, &resource->filters[i]);
	for (size_t i = 0; i < resource->n_columns; i++)
		if ((resource->columns[i].flags & COLUMN_SORT) != 0)
			put_parameter(b, "sort", "query", "string",
			    "Columns to sort by, `-` before a descending "
			    "one: name.");
	put_parameter(b, "fields", "query", "string",
	    "Columns that are kept; also fields[table] for included rows.");
	put_number(b, "page", 1, QUERY_PAGE_MAX, "Number of the page.");
	put_number(b, "per_page", QUERY_PER_PAGE, QUERY_PER_PAGE_MAX,
	    "Rows of a page.");
}

static void
put_parameters(struct buf *b, const struct route_path *path,
    const struct operation *operation)
{
	json_key(b, "parameters");
	json_array_open(b);
	if (path->n > 3)
		put_parameter(b, "connector", "path", "string",
		    "The id or the canonical_key.");
	if (operation->use != QUERY_NOTHING &&
	    operation->query->includes[0] != NULL)
		put_names(b, "include", "Related rows to load.",
		    operation->query->includes);
	if (operation->use == QUERY_ALL) {
		put_list_parameters(b, operation->query);
		put_parameter(b, "If-None-Match", "header", "string",
		    "Answered 304 when the ETag is the same.");
	}
	if (operation->if_match)
		put_parameter(b, "If-Match", "header", "string",
		    "Answered 412 when the version is another.");
	if (operation->idempotent)
		put_parameter(b, "Idempotency-Key", "header", "string",
		    "The first answer is given again for a day.");
	json_array_close(b);
}

static void
put_content(struct buf *b, const char *schema)
{
	json_key(b, "content");
	json_object_open(b);
	json_key(b, "application/json");
	json_object_open(b);
	json_key(b, "schema");
	openapi_reference(b, "schemas", schema);
	json_object_close(b);
	json_object_close(b);
}

static void
put_responses(struct buf *b, const struct operation *operation)
{
	json_key(b, "responses");
	json_object_open(b);
	json_key(b, "200");
	json_object_open(b);
	openapi_text(b, "description", operation->summary);
	put_content(b, operation->answer);
	json_object_close(b);
	for (size_t i = 0; i < N_ELEMENTS(failures); i++) {
		json_string(b, STR(""));
		buf_truncate(b, b->len - 1);
		buf_printf(b, "%d\":", error_status(failures[i].error));
		json_object_open(b);
		openapi_text(b, "description", failures[i].doc);
		put_content(b, failures[i].schema);
		json_object_close(b);
	}
	json_object_close(b);
}

static void
put_operation(struct buf *b, const struct route_path *path, enum method method,
    enum action action)
{
	const struct operation *operation = &operations[action];

	json_key(b, method_keys[method]);
	json_object_open(b);
	json_key(b, "operationId");
	json_string(b, str_of(route_action_name(action)));
	if (method == METHOD_PATCH) {
		buf_truncate(b, b->len - 1);
		buf_add_text(b, ".patch\"");
	}
	openapi_text(b, "summary", operation->summary);
	put_parameters(b, path, operation);
	if (operation->body != NULL) {
		json_key(b, "requestBody");
		json_object_open(b);
		put_content(b, operation->body);
		json_object_close(b);
	}
	put_responses(b, operation);
	json_object_close(b);
}

static void
put_path(struct buf *b, const struct route_path *path)
{
	json_string(b, STR(""));
	buf_truncate(b, b->len - 1);
	for (size_t i = 0; i < path->n; i++)
		buf_printf(b, "/%s",
		    strcmp(path->segments[i], "*") == 0 ? "{connector}"
							: path->segments[i]);
	buf_add_text(b, "\":");
	json_object_open(b);
	for (unsigned m = 0; m < METHOD__MAX; m++)
		if (method_keys[m] != NULL && path->actions[m] != ACTION__MAX)
			put_operation(
			    b, path, (enum method)m, path->actions[m]);
	json_object_close(b);
}

static void
put_paths(struct buf *b)
{
	size_t n;
	const struct route_path *paths = route_paths(&n);

	json_key(b, "paths");
	json_object_open(b);
	for (size_t i = 0; i < n; i++)
		put_path(b, &paths[i]);
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
	{ "connector_answer",
	    "{\"type\":\"object\",\"required\":[\"data\"],\"properties\":"
	    "{\"data\":{\"$ref\":\"#/components/schemas/connector\"}}}" },
	{ "connector_list",
	    "{\"type\":\"object\",\"required\":[\"data\",\"links\",\"meta\"],"
	    "\"properties\":{\"data\":{\"type\":\"array\",\"items\":{\"$ref\":"
	    "\"#/components/schemas/connector\"}},\"links\":{\"type\":"
	    "\"object\"},\"meta\":{\"type\":\"object\"}}}" },
	{ "connector_test_list",
	    "{\"type\":\"object\",\"required\":[\"data\",\"links\",\"meta\"],"
	    "\"properties\":{\"data\":{\"type\":\"array\",\"items\":{\"$ref\":"
	    "\"#/components/schemas/connector_test\"}},\"links\":{\"type\":"
	    "\"object\"},\"meta\":{\"type\":\"object\"}}}" },
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

static void
put_schemas(struct buf *b, const struct openapi_words *words)
{
	json_key(b, "schemas");
	json_object_open(b);
	for (size_t i = 0; i < n_resources; i++) {
		json_key(b, resources[i]->one);
		openapi_resource(b, resources[i]);
	}
	json_key(b, "store_connector");
	openapi_body(b, &resource_connectors, false);
	json_key(b, "update_connector");
	openapi_body(b, &resource_connectors, true);
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
