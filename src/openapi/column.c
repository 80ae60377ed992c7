/*
 * Columns as JSON schemas.
 */
#include <config.h>

#include "openapi/column.h"

#include "base/mask.h"
#include "schema/tables.h"

#define INT_32_MAX 2147483647

static const struct {
	const char *type; /* NULL: any */
	const char *more; /* JSON members, see out_json(); NULL: none */
} types[] = {
	[COLUMN_INT] = { "integer", NULL },
	[COLUMN_BOOL] = { "boolean", NULL },
	[COLUMN_TEXT] = { "string", NULL },
	[COLUMN_TIME] = { "string",
	    "'format':'date-time','pattern':'^\\\\d{4}-\\\\d{2}-\\\\d{2}T"
	    "\\\\d{2}:\\\\d{2}:\\\\d{2}\\\\.\\\\d{6}Z$'" },
	[COLUMN_JSON] = { NULL, NULL },
	[COLUMN_OBJECT] = { "object", "'additionalProperties':true" },
	[COLUMN_MASKED] = { "string", NULL },
	[COLUMN_SEALED] = { NULL, NULL },
};
_Static_assert(N_ELEMENTS(types) == COLUMN__MAX, "one row a type");

/* What forms look like; where there is no row, nothing is said. */
static const char *const forms[] = {
	[FORM_KEY] = "'pattern':'^[A-Za-z_][A-Za-z0-9_.-]*$'",
	[FORM_LINK] = "'format':'uri','pattern':'^[Hh][Tt][Tt][Pp][Ss]?://'",
	[FORM_MEDIA_TYPE] = "'pattern':'^[^/;]+/[^/;]+'",
	[FORM_SHA256] = "'pattern':'^[0-9A-Fa-f]{64}$'",
	[FORM_CANONICAL_KEY] = "'pattern':'^[^/,]+$'",
	[FORM__MAX] = NULL,
};
_Static_assert(N_ELEMENTS(forms) == FORM__MAX + 1, "one place a form");

/* Columns whose schema stands in the components, because it is no fact of the
 * table. */
static const struct {
	const struct resource *resource;
	const char *column;
	const char *schema;
} named[] = {
	{ &resource_connectors, "timezone", "timezone" },
	{ &resource_connector_tests, "stage", "test_stage" },
	{ &resource_connector_tests, "reason", "test_reason" },
	{ &resource_connector_tests, "result", "test_result" },
};

static const char *
schema_of(const struct resource *resource, const struct column *column)
{
	for (size_t i = 0; i < N_ELEMENTS(named); i++)
		if (named[i].resource == resource &&
		    str_equal_text(str_of(column->name), named[i].column))
			return named[i].schema;
	return NULL;
}

static void
put_range(struct buf *b, const struct column *column)
{
	json_member_text(
	    b, "format", column->max <= INT_32_MAX ? "int32" : "int64");
	json_key(b, "minimum");
	json_int(b, column->min);
	json_key(b, "maximum");
	json_int(b, column->max);
}

static void
put_length(struct buf *b, const struct column *column, enum column_use use)
{
	if (use == COLUMN_WANTED && (column->flags & COLUMN_RAW) == 0)
		json_member_int(b, "minLength", 1);
	if (column->max != 0)
		json_member_int(b, "maxLength", (uint64_t)column->max);
}

void
openapi_enum(const struct out *o, const char *const *words, bool with_null)
{
	json_key(o->b, "enum");
	json_array_open(o->b);
	for (; *words != NULL; words++)
		json_string(o->b, str_of(*words));
	if (with_null)
		json_null(o->b);
	json_array_close(o->b);
}

static void
put_limits(const struct out *o, const struct column *column,
    enum column_use use, bool nullable)
{
	const char *form = forms[column->form];

	if (types[column->type].more != NULL)
		out_json(o, types[column->type].more);
	if (column->type == COLUMN_INT && column->max != 0)
		put_range(o->b, column);
	if (column->one_of != NULL)
		openapi_enum(o, column->one_of, nullable);
	else if (column->type == COLUMN_TEXT || column->type == COLUMN_MASKED)
		put_length(o->b, column, use);
	if (form != NULL)
		out_json(o, form);
}

static void
put_named(const struct out *o, const char *name, bool nullable)
{
	if (!nullable) {
		json_member_text(
		    o->b, "$ref", out_name(o, "#/components/schemas/%s", name));
		return;
	}
	out_or_null(o, name);
}

void
openapi_column(const struct out *o, const struct resource *resource,
    const struct column *column, enum column_use use)
{
	const char *name = schema_of(resource, column);
	bool nullable = use == COLUMN_ANSWERED
			    ? (column->flags & COLUMN_NULLABLE) != 0
			    : use == COLUMN_OPTIONAL;

	json_object_open(o->b);
	if (name != NULL) {
		put_named(o, name, nullable);
	} else {
		out_type(o, types[column->type].type, nullable);
		put_limits(o, column, use, nullable);
	}
	if (column->doc != NULL)
		json_member_text(o->b, "description", column->doc);
	json_object_close(o->b);
}

void
openapi_column_names(const struct out *o, const struct resource *resource)
{
	json_object_open(o->b);
	json_member_text(o->b, "type", "string");
	json_member_text(o->b, "description",
	    out_name(o, "A column of %s.", resource->name));
	json_key(o->b, "enum");
	json_array_open(o->b);
	for (size_t i = 0; i < resource->n_columns; i++)
		if (column_is_visible(&resource->columns[i]))
			json_string(o->b, str_of(resource->columns[i].name));
	json_array_close(o->b);
	json_object_close(o->b);
}
