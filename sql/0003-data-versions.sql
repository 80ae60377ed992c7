-- A number a company that goes up with each change of what its answers show,
-- in the same transaction; row 0 is for all companies (the catalogue). Not in
-- companies: an insert of a connector locks that row for its foreign key, and
-- two of them would wait for each other to raise it.
CREATE TABLE IF NOT EXISTS data_versions (
  company_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (company_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
