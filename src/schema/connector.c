/*
 * Connectors and what they hold on to: certificates, apps, sessions, pools.
 */
#include <config.h>

#include "schema/lists.h"
#include "schema/rows.h"
#include "schema/tables.h"

static const struct column certificate_columns[] = {
	ID,
	REFERENCE(
	    company_id, companies, .flags = HIDDEN, .doc = "Whose it is."),
	COLUMN(
	    name, TEXT, .flags = SORT, .max = 255, .doc = "Name for people."),
	/* No reference: each of the two tables names the other. */
	COLUMN(connector_id, INT, .flags = NULLABLE, .min = 1, .max = ID_MAX,
	    .doc = "The connector that presents it."),
	REFERENCE(user_id, users, .flags = NULLABLE, .doc = "Who brought it."),
	COLUMN(fingerprint_sha256, TEXT, .max = 64, .form = FORM_SHA256,
	    .doc = "SHA-256 of the certificate, hexadecimal."),
	COLUMN(expires_at, TIME, .flags = NULLABLE | SORT,
	    .doc = "When it expires."),
	COLUMN(certificate, TEXT, .flags = NULLABLE | HIDDEN | IMPORT | RAW,
	    .max = TEXT_MAX,
	    .doc = "PEM, or PKCS#12 in base64, with its key; fingerprint and "
		   "expiry are computed from it."),
	COLUMN(passphrase, TEXT, .flags = NULLABLE | HIDDEN | IMPORT | RAW,
	    .max = 1000, .doc = "Opens the key of the certificate."),
	COLUMN(
	    certificate_sealed, SEALED, .flags = NULLABLE | HIDDEN | DERIVED),
	COLUMN(passphrase_sealed, SEALED, .flags = NULLABLE | HIDDEN | DERIVED),
	TIMES,
};

static const struct relation certificate_relations[] = {
	TO_CATALOGUE(user, user, users, user_id, "Who brought it."),
};

static const struct filter certificate_filters[] = {
	FILTER_EXACT(name, "With this name."),
};

static const char *const certificate_includes[] = { "user", NULL };

const struct resource resource_certificates = {
	.name = "certificates",
	.list_index = "certificates_company",
	.one = "certificate",
	.model = "Certificate",
	.scope = SCOPE_OWN,
	COLUMNS(certificate_columns),
	RELATIONS(certificate_relations),
	FILTERS(certificate_filters),
	.includes = certificate_includes,
	.doc = "A client certificate; its content is never shown.",
};

static const struct column platform_app_columns[] = {
	ID,
	COLUMN(key, TEXT, .max = 255, .form = FORM_TRIMMED,
	    .doc = "Stable name of the app."),
	COLUMN(name, TEXT, .max = 255, .doc = "Name for people."),
	REFERENCE(system_template_id, system_templates, .flags = NULLABLE,
	    .doc = "The listing of the systems that it is for."),
	HIDDEN_TIMES,
};

const struct resource resource_platform_apps = {
	.name = "platform_apps",
	.one = "platform_app",
	.model = "PlatformApp",
	COLUMNS(platform_app_columns),
	.doc = "An app on an outside platform.",
};

static const struct column session_columns[] = {
	COLUMN(id, TEXT, .flags = KEY | BINARY, .max = 64,
	    .form = FORM_IDENTIFIER, .doc = "Identifier of the session."),
	REFERENCE(company_id, companies, .doc = "Whose it is."),
	REFERENCE(platform_app_id, platform_apps, .flags = NULLABLE,
	    .doc = "The app in which it was opened."),
	COLUMN(platform_session_id, TEXT, .flags = NULLABLE | BINARY,
	    .max = 255, .form = FORM_IDENTIFIER,
	    .doc = "The outside platform's own name for it."),
	HIDDEN_TIMES,
};

const struct resource resource_sessions = {
	.name = "sessions",
	.one = "session",
	.model = "Session",
	.scope = SCOPE_OWN,
	COLUMNS(session_columns),
	.doc = "The session in which connectors were set up.",
};

static const struct column connection_pool_columns[] = {
	ID,
	REFERENCE(
	    company_id, companies, .flags = HIDDEN, .doc = "Whose it is."),
	COLUMN(
	    name, TEXT, .flags = SORT, .max = 255, .doc = "Name for people."),
	COLUMN(limit, INT, .min = 1, .max = INT_MAX_32,
	    .doc = "Requests that may run at once."),
	COLUMN(timeout, INT, .flags = NULLABLE, .min = 1, .max = INT_MAX_32,
	    .doc = "Seconds a place may be held."),
	TIMES,
};

static const struct filter connection_pool_filters[] = {
	FILTER_EXACT(name, "With this name."),
};

const struct resource resource_connection_pools = {
	.name = "connection_pools",
	.list_index = "connection_pools_company",
	.one = "connection_pool",
	.model = "ConnectionPool",
	.scope = SCOPE_OWN,
	COLUMNS(connection_pool_columns),
	FILTERS(connection_pool_filters),
	.doc = "A cap on concurrency that connectors share.",
};

static const struct column_lookup connector_app_key = {
	.table = &resource_platform_apps,
	.local = "platform_app_id",
	.foreign = "id",
	.value = "key",
};

static const struct column connector_columns[] = {
	ID,
	REFERENCE(
	    company_id, companies, .flags = HIDDEN, .doc = "Whose it is."),
	COLUMN(
	    name, TEXT, .flags = SORT, .max = 255, .doc = "Name for people."),
	COLUMN(type, TEXT, .flags = NULLABLE, .max = 255, .doc = "Free text."),
	REFERENCE(authentication_implementation_id,
	    authentication_implementations, .doc = "How it signs in."),
	COLUMN(timezone, TEXT, .max = 255, .form = FORM_TIMEZONE,
	    .doc = "Time zone of the system's times."),
	COLUMN(date_format, TEXT, .max = 64, .doc = "Format of dates."),
	COLUMN(rate_limit_unit, TEXT, .max = 16,
	    .one_of = list_rate_limit_units, .doc = "Unit of its rate limit."),
	COLUMN(rate_limit_duration, INT, .min = 1, .max = INT_MAX_32,
	    .doc = "Requests a unit of time."),
	REFERENCE(connection_pool_id, connection_pools, .flags = NULLABLE,
	    .doc = "The pool it shares."),
	REFERENCE(certificate_id, certificates, .flags = NULLABLE,
	    .doc = "The certificate it presents."),
	COLUMN(session_id, TEXT, .flags = NULLABLE | BINARY, .max = 64,
	    .refers = &resource_sessions,
	    .doc = "The session it was set up in."),
	COLUMN(platform_app_key, TEXT, .flags = NULLABLE, .max = 255,
	    .lookup = &connector_app_key,
	    .doc = "The platform app it was set up by."),
	REFERENCE(platform_app_id, platform_apps, .flags = NULLABLE | HIDDEN,
	    .doc = "The platform app that it was set up by: this, its key, or "
		   "both."),
	COLUMN(canonical_key, TEXT, .flags = BINARY, .max = 64,
	    .form = FORM_CANONICAL_KEY,
	    .doc = "Identifier that never changes, across environments."),
	COLUMN(version, INT, .flags = HIDDEN | DERIVED | SELECTED, .min = 1,
	    .max = INT64_MAX),
	COLUMN(own_changes, INT, .flags = HIDDEN | DERIVED | SELECTED,
	    .max = INT64_MAX),
	TIMES,
};

static const struct relation_link connector_variables_link = {
	.table = &resource_model_variables,
	.near = "model_id",
	.far = "variable_id",
	.morph = "connector",
	.pivot = list_variable_pivot,
};

static const struct relation connector_relations[] = {
	TO_CATALOGUE(authenticationImplementation,
	    authentication_implementation, authentication_implementations,
	    authentication_implementation_id, "How it signs in."),
	MANY_VERSIONED(variables, variables, variables,
	    connector_variables_link, own_changes, "Its settings and secrets."),
	TO_ONE(certificate, certificate, certificates, certificate_id,
	    "The certificate it presents."),
	TO_ONE(session, session, sessions, session_id,
	    "The session it was set up in."),
};

static const struct filter connector_filters[] = {
	FILTER_EXACT(canonical_key, "With this canonical key."),
	FILTER(forSystemTemplate,
	    "authenticationImplementation.system.systemTemplate", "id", "name",
	    "Whose system was made from this template (id or name)."),
	FILTER(system, "authenticationImplementation.system", "id", "name",
	    "Whose system this is (id or name)."),
	FILTER(system_template_id, "authenticationImplementation.system",
	    "system_template_id", NULL,
	    "Whose system was made from the template with this id."),
	FILTER(forSession, "", "session_id", "session_id",
	    "Set up in the session with this id."),
	FILTER(platformSession, "session", "platform_session_id",
	    "platform_session_id",
	    "Set up in a session that the platform names so."),
};

static const char *const connector_includes[] = {
	"authenticationImplementation",
	"authenticationImplementation_count",
	"authenticationImplementationExists",
	"authenticationImplementation.authenticationType",
	"authenticationImplementation.system",
	"authenticationImplementation.system.logo",
	"authenticationImplementation.endpoints",
	"authenticationImplementation.endpoints.filters",
	"authenticationImplementation.endpoints.endpointSchema",
	"authenticationImplementation.endpoints.system",
	"authenticationImplementation.endpoints.system.logo",
	"authenticationImplementation.endpoints.entityType",
	"authenticationImplementation.endpoints.fieldTags",
	"authenticationImplementation.system.systemType",
	"variables",
	"variables_count",
	"variablesExists",
	"authenticationImplementation.endpoints.variables",
	"certificate",
	"certificate_count",
	"certificateExists",
	"certificate.user",
	NULL,
};

static const char *const connector_search[] = { "name", NULL };

static const struct column connector_test_columns[] = {
	COLUMN(id, INT, .flags = KEY | SORT, .min = 1, .max = ID_MAX,
	    .doc = "Identifier, given by the server."),
	REFERENCE(
	    company_id, companies, .flags = HIDDEN, .doc = "Whose it is."),
	REFERENCE(connector_id, connectors, .doc = "What was tested."),
	COLUMN(api_key_id, INT, .flags = NULLABLE, .min = 1, .max = INT64_MAX,
	    .doc = "The key that asked for it."),
	COLUMN(user_id, INT, .flags = NULLABLE, .min = 1, .max = INT64_MAX,
	    .doc = "The user of that key."),
	COLUMN(ok, BOOL, .flags = NULLABLE,
	    .doc = "Whether it passed; null while it runs."),
	COLUMN(stage, TEXT, .flags = NULLABLE, .max = 32,
	    .doc = "The step that failed, or done."),
	COLUMN(reason, TEXT, .flags = NULLABLE, .max = 64,
	    .doc = "A stable word for why."),
	COLUMN(detail, TEXT, .flags = NULLABLE, .max = 1000,
	    .doc = "A sentence for a person."),
	COLUMN(duration_ms, INT, .flags = NULLABLE, .max = INT_MAX_32,
	    .doc = "How long it took."),
	COLUMN(result, JSON, .flags = NULLABLE,
	    .doc = "The result as the test answered it."),
	COLUMN(created_at, TIME, .flags = DEFAULTED | SORT,
	    .doc = "When the test began (UTC)."),
	COLUMN(updated_at, TIME, .flags = DEFAULTED,
	    .doc = "When it ended (UTC)."),
};

static const struct relation connector_test_relations[] = {
	TO_ONE(
	    connector, connector, connectors, connector_id, "What was tested."),
};

static const struct filter connector_test_filters[] = {
	FILTER(connector, "connector", "id", "canonical_key",
	    "Of this connector (id or canonical key)."),
	FILTER(ok, "", "ok", NULL,
	    "That passed (true) or failed (false); neither while it runs."),
	FILTER_EXACT(reason, "That failed for this reason."),
	FILTER_NEWEST(latest, connector_id, connector_tests_newest,
	    "The newest of each connector (true), or the others (false)."),
};

static const char *const connector_test_includes[] = { "connector", NULL };

const struct resource resource_connector_tests = {
	.name = "connector_tests",
	.one = "connector_test",
	.model = "ConnectorTest",
	.scope = SCOPE_OWN,
	.newest_first = true,
	.unversioned = true,
	.internal = true,
	COLUMNS(connector_test_columns),
	RELATIONS(connector_test_relations),
	FILTERS(connector_test_filters),
	.includes = connector_test_includes,
	.doc = "One test of a connector.",
};

#define READ       RULE_READ
#define REQUIRED   (RULE_READ | RULE_REQUIRED)
#define OPTIONAL   (RULE_READ | RULE_NULLABLE)
#define WITHOUT_ID (RULE_READ | RULE_WITHOUT_ID)
#define NOT_READ   0

#define RULE(path, what, table, name, on_store, on_update, ...)     \
	{                                                           \
		.field = path, .kind = RULE_##what,                 \
		.resource = &resource_##table, .column = #name,     \
		.store = on_store, .update = on_update, __VA_ARGS__ \
	}
/* The same for a member of each variable. */
#define ITEM(path, what, table, name, on_store, on_update, ...)          \
	{                                                                \
		.field = "variables.*." path, .item = path,              \
		.kind = RULE_##what, .resource = &resource_##table,      \
		.column = #name, .store = on_store, .update = on_update, \
		__VA_ARGS__                                              \
	}
#define CONTAINER(path, what, ...)                                     \
	{                                                              \
		.field = path, .kind = RULE_##what, .store = OPTIONAL, \
		.update = OPTIONAL, __VA_ARGS__                        \
	}

static const struct rule connector_rules[] = {
	RULE("name", STRING, connectors, name, REQUIRED, READ, .checks = 0),
	RULE("authentication_implementation_id", ID, connectors,
	    authentication_implementation_id, REQUIRED, READ,
	    .checks = CHECK_EXISTS),
	RULE("type", STRING, connectors, type, NOT_READ, OPTIONAL, .checks = 0),
	RULE("timezone", STRING, connectors, timezone, REQUIRED, REQUIRED,
	    .checks = 0),
	RULE("date_format", STRING, connectors, date_format, REQUIRED, REQUIRED,
	    .checks = 0),
	RULE("rate_limit_unit", STRING, connectors, rate_limit_unit, REQUIRED,
	    REQUIRED, .checks = 0),
	RULE("rate_limit_duration", INTEGER, connectors, rate_limit_duration,
	    REQUIRED, REQUIRED, .checks = 0),
	RULE("connection_pool_id", INTEGER, connectors, connection_pool_id,
	    OPTIONAL, OPTIONAL, .checks = CHECK_EXISTS),
	RULE("session_id", STRING, connectors, session_id, OPTIONAL, NOT_READ,
	    .checks = CHECK_EXISTS),
	RULE("platform_app_key", STRING, connectors, platform_app_key, OPTIONAL,
	    NOT_READ, .checks = CHECK_EXISTS),
	RULE("certificate_id", ID, connectors, certificate_id, OPTIONAL,
	    OPTIONAL, .checks = CHECK_EXISTS),
	CONTAINER("variables", LIST, .max = 200,
	    .doc = "Settings and secrets; merged on update."),
	ITEM("id", ID, variables, id, NOT_READ, OPTIONAL, .checks = CHECK_OWN),
	ITEM("key", STRING, variables, key, REQUIRED, WITHOUT_ID,
	    .checks = CHECK_DISTINCT),
	ITEM(
	    "value", STRING, variables, value, OPTIONAL, OPTIONAL, .checks = 0),
	ITEM("label", STRING, variables, label, REQUIRED,
	    WITHOUT_ID | RULE_UNLESS_STORED, .checks = 0),
	ITEM("secret", BOOLEAN, variables, secret, READ, READ, .checks = 0),
	ITEM("locked", BOOLEAN, variables, locked, READ, READ, .checks = 0),
	CONTAINER("variables.*.pivot", MAP, .item = "pivot",
	    .doc = "How the connector uses the variable."),
	ITEM("pivot.alias", STRING, model_variables, alias, OPTIONAL, OPTIONAL,
	    .checks = 0),
	ITEM("pivot.configurable", BOOLEAN, model_variables, configurable, READ,
	    READ, .checks = 0),
	ITEM("pivot.required", BOOLEAN, model_variables, required, READ, READ,
	    .checks = 0),
	ITEM("pivot.advanced", BOOLEAN, model_variables, advanced, READ, READ,
	    .checks = 0),
	{ .field = "variables.*._destroy",
	    .item = "_destroy",
	    .kind = RULE_BOOLEAN,
	    .store = NOT_READ,
	    .update = READ,
	    .doc = "Removes the variable when true." },
};

const struct resource resource_connectors = {
	.name = "connectors",
	.list_index = "connectors_company",
	.counted = true,
	.one = "connector",
	.model = "Connector",
	.scope = SCOPE_OWN,
	.key = "canonical_key",
	.version = "version",
	COLUMNS(connector_columns),
	RELATIONS(connector_relations),
	FILTERS(connector_filters),
	.search = connector_search,
	RULES(connector_rules),
	.includes = connector_includes,
	.doc = "One account's connection to a third-party system.",
};
