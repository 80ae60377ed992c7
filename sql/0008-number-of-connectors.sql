-- How many connectors a company has, beside the version that each store and
-- delete raises anyway, so that a list need not count its rows. A row holds
-- what was stored, less what was deleted, on its node: the sum is the number.
SET @migration = (SELECT IF(COUNT(*) > 0, 'DO 0',
    'ALTER TABLE data_versions
      ADD COLUMN connectors BIGINT NOT NULL DEFAULT 0')
  FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'data_versions'
    AND column_name = 'connectors');
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;

UPDATE data_versions SET connectors = 0;
INSERT INTO data_versions (company_id, node, version, connectors)
  SELECT company_id, 1, 1, COUNT(*) FROM connectors GROUP BY company_id
  ON DUPLICATE KEY UPDATE connectors = VALUES(connectors);
