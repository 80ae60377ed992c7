/*
 * What can be asked of a system: endpoints with filters, schema, field tags.
 */
#include <config.h>

#include "schema/lists.h"
#include "schema/rows.h"
#include "schema/tables.h"

static const struct column entity_type_columns[] = {
	ID,
	COLUMN(name, TEXT, .max = 255, .doc = "Kind of record: Orders."),
	TIMES,
};

const struct resource resource_entity_types = {
	.name = "entity_types",
	.one = "entity_type",
	.model = "EntityType",
	COLUMNS(entity_type_columns),
	.doc = "A kind of record.",
};

static const struct column endpoint_columns[] = {
	ID,
	COLUMN(name, TEXT, .max = 255, .doc = "Name for people."),
	REFERENCE(system_id, systems, .doc = "The system it belongs to."),
	REFERENCE(entity_type_id, entity_types, .flags = NULLABLE,
	    .doc = "Kind of record it deals in."),
	COLUMN(endpoint, TEXT, .max = 2048, .form = FORM_TEMPLATE,
	    .doc = "Path or URL, with {{variables}}."),
	COLUMN(http_method, TEXT, .max = 16, .one_of = list_http_methods,
	    .doc = "Method of the request."),
	COLUMN(data_type, TEXT, .max = 16, .one_of = list_data_types,
	    .doc = "Format of the data."),
	COLUMN(pagination_method, TEXT, .max = 64,
	    .one_of = list_pagination_methods, .flags = DEFAULTED,
	    .fallback = "default", .doc = "How pages are asked for."),
	COLUMN(direction, TEXT, .max = 16, .one_of = list_directions,
	    .doc = "Receive (pull) or Send (push)."),
	COLUMN(returns_multiple_records, BOOL, .flags = DEFAULTED,
	    .fallback = "0", .doc = "Whether an answer holds many records."),
	COLUMN(deprecated_at, TIME, .flags = NULLABLE,
	    .doc = "Since when it should not be used."),
	TIMES,
};

static const char *const field_tag_pivot[] = {
	"endpoint_id",
	"field_tag_id",
	"field_path",
	NULL,
};

static const struct relation_link field_tags_link = {
	.table = &resource_endpoint_field_tags,
	.near = "endpoint_id",
	.far = "field_tag_id",
	.pivot = field_tag_pivot,
};

static const struct relation_link endpoint_variables_link = {
	.table = &resource_model_variables,
	.near = "model_id",
	.far = "variable_id",
	.morph = "endpoint",
	.pivot = list_variable_pivot,
};

static const struct relation endpoint_relations[] = {
	HAS_MANY(filters, filters, filters, model_id, "endpoint",
	    "Filters of its records."),
	HAS_ONE(endpointSchema, endpoint_schema, endpoint_schemas, endpoint_id,
	    "Shape of its records."),
	TO_ONE(system, system, systems, system_id, "The system it belongs to."),
	TO_ONE(entityType, entity_type, entity_types, entity_type_id,
	    "Kind of record."),
	MANY(fieldTags, field_tags, field_tags, field_tags_link,
	    "What its fields mean."),
	MANY(variables, variables, variables, endpoint_variables_link,
	    "Its variables."),
};

const struct resource resource_endpoints = {
	.name = "endpoints",
	.one = "endpoint",
	.model = "Endpoint",
	.scope = SCOPE_PARENT,
	.scope_relation = "system",
	COLUMNS(endpoint_columns),
	RELATIONS(endpoint_relations),
	.doc = "One thing that can be asked of a system.",
};

static const struct column implementation_endpoint_columns[] = {
	REFERENCE(authentication_implementation_id,
	    authentication_implementations, .flags = KEY,
	    .doc = "The implementation."),
	REFERENCE(endpoint_id, endpoints, .flags = KEY,
	    .doc = "The endpoint that it reaches."),
};

const struct resource resource_authentication_implementation_endpoints = {
	.name = "authentication_implementation_endpoints",
	.one = "authentication_implementation_endpoint",
	.model = "AuthenticationImplementationEndpoint",
	COLUMNS(implementation_endpoint_columns),
	.doc = "Which endpoints an implementation reaches.",
};

static const struct column filter_columns[] = {
	ID,
	COLUMN(model_type, TEXT, .flags = BINARY, .max = 32,
	    .one_of = list_model_types, .doc = "Kind of what it filters."),
	COLUMN(model_id, INT, .min = 1, .max = ID_MAX,
	    .doc = "Id of what it filters."),
	COLUMN(field, TEXT, .max = 255, .doc = "Field it looks at."),
	COLUMN(type, TEXT, .max = 64, .doc = "Kind of filter."),
	COLUMN(comparison, TEXT, .max = 64, .doc = "How it compares."),
	COLUMN(value, TEXT, .flags = NULLABLE | RAW, .max = TEXT_MAX,
	    .doc = "What it compares with."),
	COLUMN(value_type, TEXT, .max = 64, .doc = "Type of the value."),
	COLUMN(keep_matching, BOOL, .flags = DEFAULTED, .fallback = "1",
	    .doc = "Keep what matches, or drop it."),
	COLUMN(operator_logic, TEXT, .max = 64,
	    .doc = "How it joins the filter before."),
	COLUMN(match_order, INT, .min = INT32_MIN, .max = INT_MAX_32,
	    .flags = DEFAULTED, .fallback = "0",
	    .doc = "Place among the filters."),
	COLUMN(is_default, BOOL, .flags = DEFAULTED, .fallback = "0",
	    .doc = "Whether it applies unasked."),
	COLUMN(location, TEXT, .max = 64, .doc = "Where it is sent."),
	COLUMN(date_format, TEXT, .flags = NULLABLE, .max = 64,
	    .doc = "Format of a date value."),
	COLUMN(is_active, BOOL, .flags = DEFAULTED, .fallback = "1",
	    .doc = "Whether it is in use."),
	TIMES,
};

const struct resource resource_filters = {
	.name = "filters",
	.one = "filter",
	.model = "Filter",
	COLUMNS(filter_columns),
	.doc = "A filter of the records of an endpoint.",
};

/* A connector that is shown with it can be sent back: a body nests 32 deep at
 * most, and in it the schema stands five levels deep. */
#define SCHEMA_DEPTH 27

static const struct column endpoint_schema_columns[] = {
	ID,
	REFERENCE(endpoint_id, endpoints, .doc = "The endpoint."),
	COLUMN(data_path, TEXT, .flags = NULLABLE, .max = 255,
	    .doc = "Level at which the records stand."),
	COLUMN(schema, JSON, .max = SCHEMA_DEPTH, .doc = "Any JSON."),
	TIMES,
};

const struct resource resource_endpoint_schemas = {
	.name = "endpoint_schemas",
	.one = "endpoint_schema",
	.model = "EndpointSchema",
	COLUMNS(endpoint_schema_columns),
	.doc = "The shape of the records of an endpoint.",
};

static const struct column field_tag_columns[] = {
	ID,
	COLUMN(name, TEXT, .max = 255, .doc = "What a field means."),
	TIMES,
};

const struct resource resource_field_tags = {
	.name = "field_tags",
	.one = "field_tag",
	.model = "FieldTag",
	COLUMNS(field_tag_columns),
	.doc = "A meaning that fields can have.",
};

static const struct column endpoint_field_tag_columns[] = {
	REFERENCE(endpoint_id, endpoints, .flags = KEY, .doc = "The endpoint."),
	REFERENCE(field_tag_id, field_tags, .flags = KEY, .doc = "The tag."),
	COLUMN(field_path, TEXT, .max = 255, .flags = KEY | BINARY,
	    .doc = "The field that has the tag."),
};

const struct resource resource_endpoint_field_tags = {
	.name = "endpoint_field_tags",
	.one = "endpoint_field_tag",
	.model = "EndpointFieldTag",
	COLUMNS(endpoint_field_tag_columns),
	.doc = "Which field of an endpoint has which tag.",
};
