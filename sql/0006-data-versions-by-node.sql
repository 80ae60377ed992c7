-- A row a company and node of a cluster: writers on different nodes do not meet
-- in one row, and the version of a company is the sum of its rows. A node is
-- told by @@auto_increment_offset, which a cluster makes different on each; on
-- a single server it is 1, so there is one row, as before.
SET @migration = (SELECT IF(COUNT(*) > 0, 'DO 0',
    'ALTER TABLE data_versions
      ADD COLUMN node INT NOT NULL DEFAULT 1 AFTER company_id,
      DROP PRIMARY KEY,
      ADD PRIMARY KEY (company_id, node)')
  FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'data_versions'
    AND column_name = 'node');
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;
