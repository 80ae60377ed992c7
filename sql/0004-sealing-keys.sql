-- The keys of the key ring that values may be sealed with, so that a ring that
-- lacks one is found at the start and not with the first secret that does not
-- open.
CREATE TABLE IF NOT EXISTS sealing_keys (
  key_id VARBINARY(32) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (key_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
