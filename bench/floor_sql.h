/*
 * The floor's columns: each list twice, as SQL and as JSON, in one order.
 */
#ifndef FLOOR_SQL_H
#define FLOOR_SQL_H

#include "floor_json.h"

#define SQL_CONNECTOR                                                         \
	"c.id,c.name,c.type,c.authentication_implementation_id,c.timezone,"   \
	"c.date_format,c.rate_limit_unit,c.rate_limit_duration,"              \
	"c.connection_pool_id,c.certificate_id,c.session_id,"                 \
	"(SELECT a.`key` FROM platform_apps a WHERE a.id=c.platform_app_id)," \
	"c.canonical_key,c.created_at,c.updated_at"
static const struct field json_connector[] = {
	FIELD(id, NUMBER),
	FIELD(name, TEXT),
	FIELD(type, TEXT),
	FIELD(authentication_implementation_id, NUMBER),
	FIELD(timezone, TEXT),
	FIELD(date_format, TEXT),
	FIELD(rate_limit_unit, TEXT),
	FIELD(rate_limit_duration, NUMBER),
	FIELD(connection_pool_id, NUMBER),
	FIELD(certificate_id, NUMBER),
	FIELD(session_id, TEXT),
	FIELD(platform_app_key, TEXT),
	FIELD(canonical_key, TEXT),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

#define SQL_VARIABLE                                                       \
	"v.id,v.`key`,v.label,IF(v.secret,IF(v.value_sealed IS NULL,NULL," \
	"'********'),v.value),v.secret,v.locked,v.created_at,v.updated_at"
static const struct field json_variable[] = {
	FIELD(id, NUMBER),
	FIELD(key, TEXT),
	FIELD(label, TEXT),
	FIELD(value, TEXT),
	FIELD(secret, BOOLEAN),
	FIELD(locked, BOOLEAN),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

#define SQL_LINK                                                        \
	"l.model_type,l.model_id,l.variable_id,l.alias,l.configurable," \
	"l.required,l.advanced"
static const struct field json_link[] = {
	FIELD(model_type, TEXT),
	FIELD(model_id, NUMBER),
	FIELD(variable_id, NUMBER),
	FIELD(alias, TEXT),
	FIELD(configurable, BOOLEAN),
	FIELD(required, BOOLEAN),
	FIELD(advanced, BOOLEAN),
	END,
};

#define SQL_IMPLEMENTATION                                           \
	"i.id,i.system_id,i.authentication_type_id,i.name,i.url,"    \
	"i.additional_url_1,i.http_method,i.headers,i.query,i.body," \
	"i.body_format,i.test_url,i.expected_status,i.token_path,"   \
	"i.created_at,i.updated_at"
static const struct field json_implementation[] = {
	FIELD(id, NUMBER),
	FIELD(system_id, NUMBER),
	FIELD(authentication_type_id, NUMBER),
	FIELD(name, TEXT),
	FIELD(url, TEXT),
	FIELD(additional_url_1, TEXT),
	FIELD(http_method, TEXT),
	FIELD(headers, RAW),
	FIELD(query, RAW),
	FIELD(body, TEXT),
	FIELD(body_format, TEXT),
	FIELD(test_url, TEXT),
	FIELD(expected_status, TEXT),
	FIELD(token_path, TEXT),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

#define SQL_SYSTEM                                                     \
	"s.id,s.name,s.label,s.colour,s.system_template_id,s.version," \
	"s.version_name,s.system_type_id,s.protocol,s.date_format,"    \
	"s.help_link,s.rate_limit_unit,s.rate_limit_duration,"         \
	"s.created_at,s.updated_at"
static const struct field json_system[] = {
	FIELD(id, NUMBER),
	FIELD(name, TEXT),
	FIELD(label, TEXT),
	FIELD(colour, TEXT),
	FIELD(system_template_id, NUMBER),
	FIELD(version, NUMBER),
	FIELD(version_name, TEXT),
	FIELD(system_type_id, NUMBER),
	FIELD(protocol, TEXT),
	FIELD(date_format, TEXT),
	FIELD(help_link, TEXT),
	FIELD(rate_limit_unit, TEXT),
	FIELD(rate_limit_duration, NUMBER),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

#define SQL_TYPE "t.id,t.`key`,t.name,t.created_at,t.updated_at"
static const struct field json_sign_in[] = {
	FIELD(id, NUMBER),
	FIELD(key, TEXT),
	FIELD(name, TEXT),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

#define SQL_LOGO "g.id,g.name,g.mime_type,g.url,g.created_at,g.updated_at"
static const struct field json_logo[] = {
	FIELD(id, NUMBER),
	FIELD(name, TEXT),
	FIELD(mime_type, TEXT),
	FIELD(url, TEXT),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

/* System types, entity types, field tags. */
#define SQL_NAMED(alias) \
	alias ".id," alias ".name," alias ".created_at," alias ".updated_at"
static const struct field json_named[] = {
	FIELD(id, NUMBER),
	FIELD(name, TEXT),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

#define SQL_TEMPLATE                                                     \
	"m.id,m.name,m.label,m.version,m.version_name,m.system_type_id," \
	"m.created_at,m.updated_at"
static const struct field json_template[] = {
	FIELD(id, NUMBER),
	FIELD(name, TEXT),
	FIELD(label, TEXT),
	FIELD(version, NUMBER),
	FIELD(version_name, TEXT),
	FIELD(system_type_id, NUMBER),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

#define SQL_CERTIFICATE                                              \
	"r.id,r.name,r.connector_id,r.user_id,r.fingerprint_sha256," \
	"r.expires_at,r.created_at,r.updated_at"
static const struct field json_certificate[] = {
	FIELD(id, NUMBER),
	FIELD(name, TEXT),
	FIELD(connector_id, NUMBER),
	FIELD(user_id, NUMBER),
	FIELD(fingerprint_sha256, TEXT),
	FIELD(expires_at, MOMENT),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

#define SQL_USER "u.id,u.name,u.email,u.created_at,u.updated_at"
static const struct field json_user[] = {
	FIELD(id, NUMBER),
	FIELD(name, TEXT),
	FIELD(email, TEXT),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

#define SQL_ENDPOINT                                                 \
	"e.id,e.name,e.system_id,e.entity_type_id,e.endpoint,"       \
	"e.http_method,e.data_type,e.pagination_method,e.direction," \
	"e.returns_multiple_records,e.deprecated_at,e.created_at,"   \
	"e.updated_at"
static const struct field json_endpoint[] = {
	FIELD(id, NUMBER),
	FIELD(name, TEXT),
	FIELD(system_id, NUMBER),
	FIELD(entity_type_id, NUMBER),
	FIELD(endpoint, TEXT),
	FIELD(http_method, TEXT),
	FIELD(data_type, TEXT),
	FIELD(pagination_method, TEXT),
	FIELD(direction, TEXT),
	FIELD(returns_multiple_records, BOOLEAN),
	FIELD(deprecated_at, MOMENT),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

#define SQL_FILTER                                                  \
	"f.id,f.model_type,f.model_id,f.field,f.type,f.comparison," \
	"f.value,f.value_type,f.keep_matching,f.operator_logic,"    \
	"f.match_order,f.is_default,f.location,f.date_format,"      \
	"f.is_active,f.created_at,f.updated_at"
static const struct field json_filter[] = {
	FIELD(id, NUMBER),
	FIELD(model_type, TEXT),
	FIELD(model_id, NUMBER),
	FIELD(field, TEXT),
	FIELD(type, TEXT),
	FIELD(comparison, TEXT),
	FIELD(value, TEXT),
	FIELD(value_type, TEXT),
	FIELD(keep_matching, BOOLEAN),
	FIELD(operator_logic, TEXT),
	FIELD(match_order, NUMBER),
	FIELD(is_default, BOOLEAN),
	FIELD(location, TEXT),
	FIELD(date_format, TEXT),
	FIELD(is_active, BOOLEAN),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

#define SQL_SCHEMA \
	"h.id,h.endpoint_id,h.data_path,h.`schema`,h.created_at,h.updated_at"
static const struct field json_schema[] = {
	FIELD(id, NUMBER),
	FIELD(endpoint_id, NUMBER),
	FIELD(data_path, TEXT),
	FIELD(schema, RAW),
	FIELD(created_at, MOMENT),
	FIELD(updated_at, MOMENT),
	END,
};

#define SQL_TAG_LINK "k.endpoint_id,k.field_tag_id,k.field_path"
static const struct field json_tag_link[] = {
	FIELD(endpoint_id, NUMBER),
	FIELD(field_tag_id, NUMBER),
	FIELD(field_path, TEXT),
	END,
};

#endif
