/*
 * The names of all resources. They refer to each other in circles, so they are
 * declared together; each is defined in the file of its subject.
 */
#ifndef SCHEMA_TABLES_H
#define SCHEMA_TABLES_H

#include "schema/schema.h"

/* company.c */
extern const struct resource resource_companies;
extern const struct resource resource_users;
extern const struct resource resource_api_keys;
extern const struct resource resource_audit_events;
/* system.c */
extern const struct resource resource_system_types;
extern const struct resource resource_system_templates;
extern const struct resource resource_logos;
extern const struct resource resource_systems;
extern const struct resource resource_authentication_types;
extern const struct resource resource_authentication_implementations;
/* endpoint.c */
extern const struct resource resource_entity_types;
extern const struct resource resource_endpoints;
extern const struct resource resource_authentication_implementation_endpoints;
extern const struct resource resource_filters;
extern const struct resource resource_endpoint_schemas;
extern const struct resource resource_field_tags;
extern const struct resource resource_endpoint_field_tags;
/* variable.c */
extern const struct resource resource_variables;
extern const struct resource resource_model_variables;
/* connector.c */
extern const struct resource resource_certificates;
extern const struct resource resource_platform_apps;
extern const struct resource resource_sessions;
extern const struct resource resource_connection_pools;
extern const struct resource resource_connectors;
extern const struct resource resource_connector_tests;

#endif
