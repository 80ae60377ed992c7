/*
 * The catalogue of third-party systems and the ways to sign in to them.
 */
#include <config.h>

#include "schema/lists.h"
#include "schema/rows.h"
#include "schema/tables.h"

static const struct column system_type_columns[] = {
	ID,
	COLUMN(name, TEXT, .max = 255, .doc = "Kind of system, such as ERP."),
	TIMES,
};

const struct resource resource_system_types = {
	.name = "system_types",
	.one = "system_type",
	.model = "SystemType",
	COLUMNS(system_type_columns),
	.doc = "A kind of system.",
};

static const struct column system_template_columns[] = {
	ID,
	COLUMN(name, TEXT, .max = 255, .doc = "Name; versions share it."),
	COLUMN(label, TEXT, .max = 255, .doc = "Name for people."),
	COLUMN(version, INT, .max = INT_MAX_32, .doc = "Version number."),
	COLUMN(version_name, TEXT, .max = 255, .doc = "Version for people."),
	REFERENCE(system_type_id, system_types, .doc = "Kind of system."),
	TIMES,
};

const struct resource resource_system_templates = {
	.name = "system_templates",
	.one = "system_template",
	.model = "SystemTemplate",
	COLUMNS(system_template_columns),
	.doc = "The listing that a system was made from.",
};

static const struct column logo_columns[] = {
	ID,
	COLUMN(name, TEXT, .max = 255, .doc = "File name."),
	COLUMN(mime_type, TEXT, .max = 255, .form = FORM_MEDIA_TYPE,
	    .doc = "Media type."),
	COLUMN(url, TEXT, .max = 2048, .form = FORM_LINK,
	    .doc = "Where the picture is."),
	TIMES,
};

const struct resource resource_logos = {
	.name = "logos",
	.one = "logo",
	.model = "Logo",
	COLUMNS(logo_columns),
	.doc = "The picture of a system.",
};

static const struct column system_columns[] = {
	ID,
	REFERENCE(company_id, companies, .flags = NULLABLE | HIDDEN,
	    .doc = "Whose it is; null: everybody's."),
	REFERENCE(logo_id, logos, .flags = NULLABLE | HIDDEN | SELECTED,
	    .doc = "Its picture."),
	COLUMN(name, TEXT, .flags = SORT, .max = 255,
	    .doc = "Name of the system."),
	COLUMN(
	    label, TEXT, .flags = SORT, .max = 255, .doc = "Name for people."),
	COLUMN(colour, TEXT, .max = 32, .one_of = list_colours,
	    .doc = "Colour it is shown in."),
	REFERENCE(system_template_id, system_templates, .flags = NULLABLE,
	    .doc = "The template it was made from."),
	COLUMN(version, INT, .max = INT_MAX_32, .doc = "Version number."),
	COLUMN(version_name, TEXT, .max = 255, .doc = "Version for people."),
	REFERENCE(system_type_id, system_types, .doc = "Kind of system."),
	COLUMN(protocol, TEXT, .max = 16, .one_of = list_protocols,
	    .doc = "Protocol it speaks."),
	COLUMN(date_format, TEXT, .max = 64,
	    .doc = "Format of dates, as new connectors get it."),
	COLUMN(help_link, TEXT, .flags = NULLABLE, .max = 2048,
	    .form = FORM_LINK, .doc = "Where help is found."),
	COLUMN(rate_limit_unit, TEXT, .max = 16,
	    .one_of = list_rate_limit_units, .doc = "Unit of its rate limit."),
	COLUMN(rate_limit_duration, INT, .min = 1, .max = INT_MAX_32,
	    .doc = "Requests a unit of time."),
	TIMES,
};

static const struct relation system_relations[] = {
	TO_ONE(logo, logo, logos, logo_id, "Its picture."),
	TO_ONE(
	    systemType, system_type, system_types, system_type_id, "Its kind."),
	TO_ONE(systemTemplate, system_template, system_templates,
	    system_template_id, "The template it was made from."),
	HAS_MANY(authenticationImplementations, authentication_implementations,
	    authentication_implementations, system_id, NULL,
	    "Ways to sign in to it."),
	HAS_MANY(endpoints, endpoints, endpoints, system_id, NULL,
	    "What can be asked of it."),
};

static const struct filter system_filters[] = {
	FILTER_EXACT(name, "With this name."),
	FILTER_EXACT(protocol, "With this protocol."),
	FILTER(system_type_id, "", "system_type_id", NULL,
	    "Of the kind with this id."),
	FILTER(system_template_id, "", "system_template_id", NULL,
	    "Made from the template with this id."),
};

static const char *const system_search[] = { "name", "label", NULL };

#define WITH_AGGREGATES(name) name, name "_count", name "Exists"

static const char *const system_includes[] = {
	WITH_AGGREGATES("logo"),
	WITH_AGGREGATES("systemType"),
	WITH_AGGREGATES("systemTemplate"),
	WITH_AGGREGATES("authenticationImplementations"),
	"authenticationImplementations.authenticationType",
	"authenticationImplementations.variables",
	WITH_AGGREGATES("endpoints"),
	NULL,
};

const struct resource resource_systems = {
	.name = "systems",
	.one = "system",
	.model = "System",
	.scope = SCOPE_SHARED,
	COLUMNS(system_columns),
	RELATIONS(system_relations),
	FILTERS(system_filters),
	.search = system_search,
	.includes = system_includes,
	.doc = "A third-party system that connectors connect to.",
};

static const struct column authentication_type_columns[] = {
	ID,
	COLUMN(key, TEXT, .max = 64, .form = FORM_AUTHENTICATION_TYPE,
	    .doc = "Stable name, such as basic."),
	COLUMN(name, TEXT, .max = 255, .doc = "Name for people."),
	TIMES,
};

const struct resource resource_authentication_types = {
	.name = "authentication_types",
	.one = "authentication_type",
	.model = "AuthenticationType",
	COLUMNS(authentication_type_columns),
	.doc = "A way to authenticate.",
};

static const struct column authentication_implementation_columns[] = {
	ID,
	REFERENCE(system_id, systems, .doc = "The system it signs in to."),
	REFERENCE(authentication_type_id, authentication_types,
	    .doc = "How it authenticates."),
	COLUMN(
	    name, TEXT, .flags = SORT, .max = 255, .doc = "Name for people."),
	COLUMN(url, TEXT, .flags = NULLABLE, .max = 2048, .form = FORM_URL,
	    .doc = "URL of the token request, with {{variables}}."),
	COLUMN(additional_url_1, TEXT, .flags = NULLABLE, .max = 2048,
	    .form = FORM_URL, .doc = "URL where a person grants access."),
	COLUMN(http_method, TEXT, .max = 16, .one_of = list_http_methods,
	    .fallback = "GET", .flags = DEFAULTED,
	    .doc = "Method of the request."),
	COLUMN(headers, OBJECT, .flags = DEFAULTED, .fallback = "{}",
	    .max = TEXT_MAX, .form = FORM_HEADERS,
	    .doc = "Header fields that are sent."),
	COLUMN(query, OBJECT, .flags = DEFAULTED, .fallback = "{}",
	    .max = TEXT_MAX, .form = FORM_QUERY,
	    .doc = "Query parameters that are sent."),
	COLUMN(body, TEXT, .flags = NULLABLE | RAW, .max = TEXT_MAX,
	    .form = FORM_TEMPLATE, .doc = "Body that is sent."),
	COLUMN(body_format, TEXT, .max = 16, .one_of = list_body_formats,
	    .fallback = "none", .flags = DEFAULTED,
	    .doc = "Format of the body."),
	COLUMN(test_url, TEXT, .flags = NULLABLE, .max = 2048, .form = FORM_URL,
	    .doc = "URL that a test asks."),
	COLUMN(expected_status, TEXT, .max = 255, .fallback = "200-299",
	    .form = FORM_STATUSES, .flags = DEFAULTED,
	    .doc = "Statuses that pass a test."),
	COLUMN(token_path, TEXT, .max = 255, .fallback = "access_token",
	    .form = FORM_MEMBER_PATH, .flags = DEFAULTED,
	    .doc = "Where the token stands in an answer."),
	TIMES,
};

static const struct relation_link endpoints_link = {
	.table = &resource_authentication_implementation_endpoints,
	.near = "authentication_implementation_id",
	.far = "endpoint_id",
};

static const struct relation_link implementation_variables_link = {
	.table = &resource_model_variables,
	.near = "model_id",
	.far = "variable_id",
	.morph = "authentication_implementation",
	.pivot = list_variable_pivot,
};

static const struct relation authentication_implementation_relations[] = {
	TO_ONE(authenticationType, authentication_type, authentication_types,
	    authentication_type_id, "How it authenticates."),
	TO_ONE(
	    system, system, systems, system_id, "The system it signs in to."),
	MANY(endpoints, endpoints, endpoints, endpoints_link,
	    "What can be asked with it."),
	MANY_NEEDED(variables, variables, variables,
	    implementation_variables_link, authenticationType,
	    "What a connector to it gives, with the defaults."),
};

static const struct filter authentication_implementation_filters[] = {
	FILTER(system, "system", "id", "name", "To this system (id or name)."),
	FILTER(authenticationType, "authenticationType", "id", "key",
	    "Of this type (id or key)."),
};

static const char *const authentication_implementation_includes[] = {
	"authenticationType",
	"system",
	"system.logo",
	"system.systemType",
	WITH_AGGREGATES("variables"),
	WITH_AGGREGATES("endpoints"),
	NULL,
};

const struct resource resource_authentication_implementations = {
	.name = "authentication_implementations",
	.one = "authentication_implementation",
	.model = "AuthenticationImplementation",
	.scope = SCOPE_PARENT,
	.scope_relation = "system",
	COLUMNS(authentication_implementation_columns),
	RELATIONS(authentication_implementation_relations),
	FILTERS(authentication_implementation_filters),
	.includes = authentication_implementation_includes,
	.doc = "One way to sign in to one system.",
};
