/*
 * The parameters of an operation: of the path, the query string, the header.
 */
#include <config.h>

#include "openapi/parameters.h"

#include <string.h>

#include "base/json.h"
#include "openapi/schema.h"

/* Bytes of "filter[...]" with its end. */
#define FILTER_NAME_MAX 128
/* Bytes of what is said of it. */
#define FILTER_DOC_MAX 512
#define SORT_DOC_MAX   512

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

/* Once, however many columns can be sorted by. */
static void
put_sort(struct buf *b, const struct resource *resource)
{
	struct buf doc;
	size_t n = 0;

	buf_init(&doc, SORT_DOC_MAX);
	buf_add_text(&doc, "Columns to sort by, `-` before a descending one: ");
	for (size_t i = 0; i < resource->n_columns; i++)
		if ((resource->columns[i].flags & COLUMN_SORT) != 0)
			buf_printf(&doc, "%s%s", n++ > 0 ? ", " : "",
			    resource->columns[i].name);
	buf_add_char(&doc, '.');
	buf_add_char(&doc, '\0');
	if (n > 0)
		put_parameter(b, "sort", "query", "string", doc.ptr);
	buf_done(&doc);
}

static void
put_list_parameters(struct buf *b, const struct resource *resource)
{
	for (size_t i = 0; i < resource->n_filters; i++)
		put_filter(b, &resource->filters[i]);
	put_sort(b, resource);
	put_parameter(b, "fields", "query", "string",
	    "Columns that are kept; also fields[table] for included rows.");
	put_number(b, "page", 1, QUERY_PAGE_MAX, "Number of the page.");
	put_number(b, "per_page", QUERY_PER_PAGE, QUERY_PER_PAGE_MAX,
	    "Rows of a page.");
}

/* What the star of a path stands for. */
static void
put_path_parameter(struct buf *b, const struct resource *resource)
{
	struct buf doc;

	buf_init(&doc, FILTER_DOC_MAX);
	if (resource->key == NULL)
		buf_add_text(&doc, "The id.");
	else
		buf_printf(&doc, "The id or the %s.", resource->key);
	buf_add_char(&doc, '\0');
	put_parameter(b, resource->one, "path", "string", doc.ptr);
	buf_done(&doc);
}

void
openapi_parameters(
    struct buf *b, const struct route *route, const struct operation *operation)
{
	const char *const *includes = schema_includes(route->resource);

	json_key(b, "parameters");
	json_array_open(b);
	if (strchr(route->path, '*') != NULL)
		put_path_parameter(b, route_named(route));
	if (operation->use != QUERY_NOTHING && includes[0] != NULL)
		put_names(b, "include", "Related rows to load.", includes);
	if (operation->use == QUERY_ALL) {
		put_list_parameters(b, route->resource);
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
