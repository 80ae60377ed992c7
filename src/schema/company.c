/*
 * Companies, users, API keys and the audit trail.
 */
#include <config.h>

#include "schema/rows.h"
#include "schema/tables.h"

static const struct column company_columns[] = {
	ID,
	COLUMN(name, TEXT, .max = 255, .doc = "Name of the company."),
	HIDDEN_TIMES,
};

const struct resource resource_companies = {
	.name = "companies",
	.one = "company",
	.model = "Company",
	COLUMNS(company_columns),
	.doc = "Whoever owns connectors.",
};

static const struct column user_columns[] = {
	ID,
	REFERENCE(
	    company_id, companies, .flags = HIDDEN, .doc = "Whose it is."),
	COLUMN(name, TEXT, .max = 255, .doc = "Name of the person."),
	COLUMN(email, TEXT, .max = 255, .form = FORM_EMAIL,
	    .doc = "E-mail address."),
	TIMES,
};

const struct resource resource_users = {
	.name = "users",
	.one = "user",
	.model = "User",
	.scope = SCOPE_OWN,
	COLUMNS(user_columns),
	.doc = "A person of a company.",
};

static const struct column api_key_columns[] = {
	ID,
	REFERENCE(company_id, companies, .doc = "Whose key it is."),
	REFERENCE(user_id, users, .flags = NULLABLE),
	COLUMN(name, TEXT, .max = 255),
	COLUMN(key_hash, TEXT, .flags = HIDDEN | BINARY, .max = 64),
	COLUMN(can_read, BOOL, .doc = "Ability read."),
	COLUMN(can_write, BOOL, .doc = "Ability write."),
	COLUMN(can_test, BOOL, .doc = "Ability test."),
	COLUMN(expires_at, TIME, .flags = NULLABLE),
	COLUMN(revoked_at, TIME, .flags = NULLABLE),
	COLUMN(last_used_at, TIME, .flags = NULLABLE),
	TIMES,
};

const struct resource resource_api_keys = {
	.name = "api_keys",
	.one = "api_key",
	.model = "ApiKey",
	.scope = SCOPE_OWN,
	.internal = true,
	COLUMNS(api_key_columns),
	.doc = "A key of the API; only its hash is stored.",
};

/* Without foreign keys: the trail outlives what it tells of. */
static const struct column audit_event_columns[] = {
	ID,
	COLUMN(company_id, INT, .min = 1, .max = INT64_MAX),
	COLUMN(api_key_id, INT, .flags = NULLABLE, .min = 1, .max = INT64_MAX),
	COLUMN(user_id, INT, .flags = NULLABLE, .min = 1, .max = INT64_MAX),
	COLUMN(action, TEXT, .max = 16),
	COLUMN(connector_id, INT, .min = 1, .max = INT64_MAX),
	COLUMN(connector_name, TEXT, .max = 255),
	COLUMN(changed, JSON, .doc = "Names of the changed fields."),
	COLUMN(request_id, TEXT, .flags = BINARY, .max = 64),
	COLUMN(token, TEXT, .flags = HIDDEN | BINARY, .max = 32),
	COLUMN(created_at, TIME, .doc = "When it happened (UTC)."),
};

const struct resource resource_audit_events = {
	.name = "audit_events",
	.one = "audit_event",
	.model = "AuditEvent",
	.scope = SCOPE_OWN,
	.internal = true,
	COLUMNS(audit_event_columns),
	.doc = "Who stored, changed, deleted or tested which connector.",
};
