/*
 * Look-ups in the tables. The only functions of this folder.
 */
#include <config.h>

#include "schema/schema.h"

#include "schema/tables.h"

const struct resource *const resources[] = {
	&resource_companies,
	&resource_users,
	&resource_system_types,
	&resource_system_templates,
	&resource_logos,
	&resource_systems,
	&resource_authentication_types,
	&resource_authentication_implementations,
	&resource_entity_types,
	&resource_endpoints,
	&resource_authentication_implementation_endpoints,
	&resource_filters,
	&resource_endpoint_schemas,
	&resource_field_tags,
	&resource_endpoint_field_tags,
	&resource_platform_apps,
	&resource_sessions,
	&resource_connection_pools,
	&resource_certificates,
	&resource_connectors,
	&resource_variables,
	&resource_model_variables,
	&resource_api_keys,
	&resource_audit_events,
	&resource_connector_tests,
};
const size_t n_resources = N_ELEMENTS(resources);

const struct column *
schema_column(const struct resource *resource, struct str name)
{
	for (size_t i = 0; i < resource->n_columns; i++)
		if (str_equal_text(name, resource->columns[i].name))
			return &resource->columns[i];
	return NULL;
}

const struct relation *
schema_relation(const struct resource *resource, struct str name)
{
	for (size_t i = 0; i < resource->n_relations; i++)
		if (str_equal_text(name, resource->relations[i].name))
			return &resource->relations[i];
	return NULL;
}

const struct filter *
schema_filter(const struct resource *resource, struct str name)
{
	for (size_t i = 0; i < resource->n_filters; i++)
		if (str_equal_text(name, resource->filters[i].name))
			return &resource->filters[i];
	return NULL;
}

bool
schema_is_boolean(const struct resource *resource, const struct filter *filter)
{
	const struct column *column;

	if (filter->newest != NULL)
		return true;
	if (filter->path[0] != '\0' || filter->digits == NULL)
		return false;
	column = schema_column(resource, str_of(filter->digits));
	return column != NULL && column->type == COLUMN_BOOL;
}

const char *const *
schema_includes(const struct resource *resource)
{
	static const char *const none[] = { NULL };

	return resource->includes == NULL ? none : resource->includes;
}

const struct rule *
schema_list(const struct resource *resource)
{
	for (size_t i = 0; i < resource->n_rules; i++)
		if (resource->rules[i].kind == RULE_LIST)
			return &resource->rules[i];
	return NULL;
}

size_t
schema_most_items(const struct resource *resource)
{
	const struct rule *list = schema_list(resource);

	return list == NULL ? 0 : list->max;
}

bool
column_is_selected(const struct column *column)
{
	return column_is_visible(column) ||
	       (column->flags & COLUMN_SELECTED) != 0;
}

size_t
schema_n_selected(const struct resource *resource)
{
	size_t n = 0;

	for (size_t i = 0; i < resource->n_columns; i++)
		n += column_is_selected(&resource->columns[i]);
	return n;
}

bool
column_is_visible(const struct column *column)
{
	return (column->flags & (COLUMN_HIDDEN | COLUMN_IMPORT)) == 0;
}

bool
column_is_stored(const struct column *column)
{
	return column->lookup == NULL && (column->flags & COLUMN_IMPORT) == 0;
}
