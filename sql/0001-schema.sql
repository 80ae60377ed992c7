-- The tables of the API, portable between MariaDB 10.11 and MySQL 9.
--
-- Every statement can be run again. Text has utf8mb4_unicode_520_ci (both
-- servers know it). What is compared byte for byte is VARBINARY (UTF-8, four bytes a
-- character): the _bin collations would ignore blanks at the end.
-- JSON stands in LONGTEXT with a check, so that its text stays as it was given
-- (a JSON column of MySQL reorders members). Times are UTC.

CREATE TABLE IF NOT EXISTS companies (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(255) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS users (
  id BIGINT NOT NULL AUTO_INCREMENT,
  company_id BIGINT NOT NULL,
  name VARCHAR(255) NOT NULL,
  email VARCHAR(255) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY users_company (company_id),
  CONSTRAINT users_company FOREIGN KEY (company_id) REFERENCES companies (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS api_keys (
  id BIGINT NOT NULL AUTO_INCREMENT,
  company_id BIGINT NOT NULL,
  user_id BIGINT NULL,
  name VARCHAR(255) NOT NULL,
  key_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  can_read TINYINT NOT NULL,
  can_write TINYINT NOT NULL,
  can_test TINYINT NOT NULL,
  expires_at DATETIME(6) NULL,
  revoked_at DATETIME(6) NULL,
  last_used_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY api_keys_hash (key_hash),
  KEY api_keys_company (company_id),
  KEY api_keys_user (user_id),
  CONSTRAINT api_keys_company FOREIGN KEY (company_id)
    REFERENCES companies (id),
  CONSTRAINT api_keys_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS system_types (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(255) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS system_templates (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(255) NOT NULL,
  label VARCHAR(255) NOT NULL,
  version INT NOT NULL,
  version_name VARCHAR(255) NOT NULL,
  system_type_id BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY system_templates_name (name),
  KEY system_templates_type (system_type_id),
  CONSTRAINT system_templates_type FOREIGN KEY (system_type_id)
    REFERENCES system_types (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS logos (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(255) NOT NULL,
  mime_type VARCHAR(255) NOT NULL,
  url VARCHAR(2048) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS systems (
  id BIGINT NOT NULL AUTO_INCREMENT,
  company_id BIGINT NULL,
  logo_id BIGINT NULL,
  name VARCHAR(255) NOT NULL,
  label VARCHAR(255) NOT NULL,
  colour VARCHAR(32) NOT NULL,
  system_template_id BIGINT NULL,
  version INT NOT NULL,
  version_name VARCHAR(255) NOT NULL,
  system_type_id BIGINT NOT NULL,
  protocol VARCHAR(16) NOT NULL,
  date_format VARCHAR(64) NOT NULL,
  help_link VARCHAR(2048) NULL,
  rate_limit_unit VARCHAR(16) NOT NULL,
  rate_limit_duration INT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY systems_name (name),
  KEY systems_company (company_id),
  KEY systems_template (system_template_id),
  KEY systems_type (system_type_id),
  KEY systems_logo (logo_id),
  CONSTRAINT systems_company FOREIGN KEY (company_id)
    REFERENCES companies (id),
  CONSTRAINT systems_template FOREIGN KEY (system_template_id)
    REFERENCES system_templates (id),
  CONSTRAINT systems_type FOREIGN KEY (system_type_id)
    REFERENCES system_types (id),
  CONSTRAINT systems_logo FOREIGN KEY (logo_id) REFERENCES logos (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS authentication_types (
  id BIGINT NOT NULL AUTO_INCREMENT,
  `key` VARCHAR(64) NOT NULL,
  name VARCHAR(255) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS authentication_implementations (
  id BIGINT NOT NULL AUTO_INCREMENT,
  system_id BIGINT NOT NULL,
  authentication_type_id BIGINT NOT NULL,
  name VARCHAR(255) NOT NULL,
  url VARCHAR(2048) NULL,
  additional_url_1 VARCHAR(2048) NULL,
  http_method VARCHAR(16) NOT NULL,
  headers LONGTEXT NOT NULL,
  query LONGTEXT NOT NULL,
  body TEXT NULL,
  body_format VARCHAR(16) NOT NULL,
  test_url VARCHAR(2048) NULL,
  expected_status VARCHAR(255) NOT NULL,
  token_path VARCHAR(255) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY authentication_implementations_system (system_id),
  KEY authentication_implementations_type (authentication_type_id),
  CONSTRAINT authentication_implementations_system FOREIGN KEY (system_id)
    REFERENCES systems (id),
  CONSTRAINT authentication_implementations_type
    FOREIGN KEY (authentication_type_id) REFERENCES authentication_types (id),
  CONSTRAINT authentication_implementations_headers
    CHECK (JSON_VALID(headers)),
  CONSTRAINT authentication_implementations_query CHECK (JSON_VALID(query))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS entity_types (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(255) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS endpoints (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(255) NOT NULL,
  system_id BIGINT NOT NULL,
  entity_type_id BIGINT NULL,
  endpoint VARCHAR(2048) NOT NULL,
  http_method VARCHAR(16) NOT NULL,
  data_type VARCHAR(16) NOT NULL,
  pagination_method VARCHAR(64) NOT NULL,
  direction VARCHAR(16) NOT NULL,
  returns_multiple_records TINYINT NOT NULL,
  deprecated_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY endpoints_system (system_id),
  KEY endpoints_entity_type (entity_type_id),
  CONSTRAINT endpoints_system FOREIGN KEY (system_id) REFERENCES systems (id),
  CONSTRAINT endpoints_entity_type FOREIGN KEY (entity_type_id)
    REFERENCES entity_types (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS authentication_implementation_endpoints (
  authentication_implementation_id BIGINT NOT NULL,
  endpoint_id BIGINT NOT NULL,
  PRIMARY KEY (authentication_implementation_id, endpoint_id),
  KEY implementation_endpoints_endpoint (endpoint_id),
  CONSTRAINT implementation_endpoints_implementation
    FOREIGN KEY (authentication_implementation_id)
    REFERENCES authentication_implementations (id),
  CONSTRAINT implementation_endpoints_endpoint FOREIGN KEY (endpoint_id)
    REFERENCES endpoints (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS filters (
  id BIGINT NOT NULL AUTO_INCREMENT,
  model_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  model_id BIGINT NOT NULL,
  field VARCHAR(255) NOT NULL,
  type VARCHAR(64) NOT NULL,
  comparison VARCHAR(64) NOT NULL,
  value TEXT NULL,
  value_type VARCHAR(64) NOT NULL,
  keep_matching TINYINT NOT NULL,
  operator_logic VARCHAR(64) NOT NULL,
  match_order INT NOT NULL,
  is_default TINYINT NOT NULL,
  location VARCHAR(64) NOT NULL,
  date_format VARCHAR(64) NULL,
  is_active TINYINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY filters_model (model_type, model_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS endpoint_schemas (
  id BIGINT NOT NULL AUTO_INCREMENT,
  endpoint_id BIGINT NOT NULL,
  data_path VARCHAR(255) NULL,
  `schema` LONGTEXT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY endpoint_schemas_endpoint (endpoint_id),
  CONSTRAINT endpoint_schemas_endpoint FOREIGN KEY (endpoint_id)
    REFERENCES endpoints (id),
  CONSTRAINT endpoint_schemas_schema CHECK (JSON_VALID(`schema`))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS field_tags (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(255) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One tag may stand on several fields of an endpoint, so the path is of the
-- key too.
CREATE TABLE IF NOT EXISTS endpoint_field_tags (
  endpoint_id BIGINT NOT NULL,
  field_tag_id BIGINT NOT NULL,
  field_path VARBINARY(1020) NOT NULL,
  PRIMARY KEY (endpoint_id, field_tag_id, field_path),
  KEY endpoint_field_tags_tag (field_tag_id),
  CONSTRAINT endpoint_field_tags_endpoint FOREIGN KEY (endpoint_id)
    REFERENCES endpoints (id),
  CONSTRAINT endpoint_field_tags_tag FOREIGN KEY (field_tag_id)
    REFERENCES field_tags (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS platform_apps (
  id BIGINT NOT NULL AUTO_INCREMENT,
  `key` VARCHAR(255) NOT NULL,
  name VARCHAR(255) NOT NULL,
  system_template_id BIGINT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY platform_apps_key (`key`),
  KEY platform_apps_template (system_template_id),
  CONSTRAINT platform_apps_template FOREIGN KEY (system_template_id)
    REFERENCES system_templates (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS sessions (
  id VARBINARY(256) NOT NULL,
  company_id BIGINT NOT NULL,
  platform_app_id BIGINT NULL,
  platform_session_id VARBINARY(1020) NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY sessions_platform_session (platform_session_id),
  KEY sessions_company (company_id),
  KEY sessions_platform_app (platform_app_id),
  CONSTRAINT sessions_company FOREIGN KEY (company_id)
    REFERENCES companies (id),
  CONSTRAINT sessions_platform_app FOREIGN KEY (platform_app_id)
    REFERENCES platform_apps (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS connection_pools (
  id BIGINT NOT NULL AUTO_INCREMENT,
  company_id BIGINT NOT NULL,
  name VARCHAR(255) NOT NULL,
  `limit` INT NOT NULL,
  timeout INT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY connection_pools_company (company_id),
  CONSTRAINT connection_pools_company FOREIGN KEY (company_id)
    REFERENCES companies (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- connector_id has no foreign key: connectors.certificate_id has the one of the
-- pair, and either row may come first.
CREATE TABLE IF NOT EXISTS certificates (
  id BIGINT NOT NULL AUTO_INCREMENT,
  company_id BIGINT NOT NULL,
  name VARCHAR(255) NOT NULL,
  connector_id BIGINT NULL,
  user_id BIGINT NULL,
  fingerprint_sha256 VARCHAR(64) NOT NULL,
  expires_at DATETIME(6) NULL,
  certificate_sealed MEDIUMBLOB NULL,
  passphrase_sealed BLOB NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY certificates_company (company_id),
  KEY certificates_connector (connector_id),
  KEY certificates_user (user_id),
  CONSTRAINT certificates_company FOREIGN KEY (company_id)
    REFERENCES companies (id),
  CONSTRAINT certificates_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS connectors (
  id BIGINT NOT NULL AUTO_INCREMENT,
  company_id BIGINT NOT NULL,
  name VARCHAR(255) NOT NULL,
  type VARCHAR(255) NULL,
  authentication_implementation_id BIGINT NOT NULL,
  timezone VARCHAR(255) NOT NULL,
  date_format VARCHAR(64) NOT NULL,
  rate_limit_unit VARCHAR(16) NOT NULL,
  rate_limit_duration INT NOT NULL,
  connection_pool_id BIGINT NULL,
  certificate_id BIGINT NULL,
  session_id VARBINARY(256) NULL,
  platform_app_id BIGINT NULL,
  canonical_key VARBINARY(256) NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY connectors_canonical_key (company_id, canonical_key),
  KEY connectors_company (company_id, id),
  KEY connectors_name (company_id, name, id),
  KEY connectors_name_down (company_id, name DESC, id),
  KEY connectors_implementation (authentication_implementation_id),
  KEY connectors_pool (connection_pool_id),
  KEY connectors_certificate (certificate_id),
  KEY connectors_session (session_id),
  KEY connectors_platform_app (platform_app_id),
  CONSTRAINT connectors_company FOREIGN KEY (company_id)
    REFERENCES companies (id),
  CONSTRAINT connectors_implementation
    FOREIGN KEY (authentication_implementation_id)
    REFERENCES authentication_implementations (id),
  CONSTRAINT connectors_pool FOREIGN KEY (connection_pool_id)
    REFERENCES connection_pools (id),
  CONSTRAINT connectors_certificate FOREIGN KEY (certificate_id)
    REFERENCES certificates (id),
  CONSTRAINT connectors_session FOREIGN KEY (session_id)
    REFERENCES sessions (id),
  CONSTRAINT connectors_platform_app FOREIGN KEY (platform_app_id)
    REFERENCES platform_apps (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS variables (
  id BIGINT NOT NULL AUTO_INCREMENT,
  company_id BIGINT NULL,
  `key` VARCHAR(255) NOT NULL,
  label VARCHAR(255) NOT NULL,
  value TEXT NULL,
  value_sealed MEDIUMBLOB NULL,
  secret TINYINT NOT NULL,
  locked TINYINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY variables_company (company_id),
  CONSTRAINT variables_company FOREIGN KEY (company_id)
    REFERENCES companies (id),
  CONSTRAINT variables_secret CHECK (secret = 0 OR value IS NULL)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- Clustered by owner: the variables of one connector stand on one page.
CREATE TABLE IF NOT EXISTS model_variables (
  id BIGINT NOT NULL AUTO_INCREMENT,
  variable_id BIGINT NOT NULL,
  model_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  model_id BIGINT NOT NULL,
  alias VARCHAR(255) NULL,
  configurable TINYINT NOT NULL,
  required TINYINT NOT NULL,
  advanced TINYINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (model_type, model_id, variable_id),
  UNIQUE KEY model_variables_id (id),
  UNIQUE KEY model_variables_variable (variable_id),
  CONSTRAINT model_variables_variable FOREIGN KEY (variable_id)
    REFERENCES variables (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- No foreign keys: the trail outlives what it tells of. The token is random,
-- one a write: when the answer to COMMIT is lost, it tells what happened.
CREATE TABLE IF NOT EXISTS audit_events (
  id BIGINT NOT NULL AUTO_INCREMENT,
  company_id BIGINT NOT NULL,
  api_key_id BIGINT NULL,
  user_id BIGINT NULL,
  action VARCHAR(16) NOT NULL,
  connector_id BIGINT NOT NULL,
  connector_name VARCHAR(255) NOT NULL,
  changed LONGTEXT NOT NULL,
  request_id VARBINARY(64) NOT NULL,
  token VARBINARY(32) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY audit_events_connector (connector_id, id),
  KEY audit_events_company (company_id, id),
  KEY audit_events_request (request_id),
  UNIQUE KEY audit_events_token (token),
  KEY audit_events_created (created_at),
  CONSTRAINT audit_events_changed CHECK (JSON_VALID(changed))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- The first answers to requests with an Idempotency-Key. No foreign key: a row
-- lives for a day and says nothing without its key.
CREATE TABLE IF NOT EXISTS idempotency_keys (
  api_key_id BIGINT NOT NULL,
  idempotency_key VARBINARY(255) NOT NULL,
  body_hash VARBINARY(64) NOT NULL,
  status INT NOT NULL,
  etag VARBINARY(128) NOT NULL,
  location VARBINARY(255) NOT NULL,
  answer LONGTEXT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (api_key_id, idempotency_key),
  KEY idempotency_keys_created (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
