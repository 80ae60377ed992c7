-- Each test of a connector: a row while it runs (ok is null), and what came of
-- it afterwards.
CREATE TABLE IF NOT EXISTS connector_tests (
  id BIGINT NOT NULL AUTO_INCREMENT,
  company_id BIGINT NOT NULL,
  connector_id BIGINT NOT NULL,
  api_key_id BIGINT NULL,
  user_id BIGINT NULL,
  ok TINYINT NULL,
  stage VARCHAR(32) NULL,
  reason VARCHAR(64) NULL,
  detail VARCHAR(1000) NULL,
  duration_ms INT NULL,
  result LONGTEXT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY connector_tests_connector (connector_id, id),
  KEY connector_tests_running (company_id, ok, created_at),
  CONSTRAINT connector_tests_connector FOREIGN KEY (connector_id)
    REFERENCES connectors (id),
  CONSTRAINT connector_tests_result CHECK (JSON_VALID(result))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
