-- Lists of what a connector refers to: their rows in the order asked for, of the
-- one company, out of an index. Tests of connectors come newest first, by time,
-- and the newest of each connector.
SET @migration = (SELECT IF(COUNT(*) > 0, 'DO 0',
    'ALTER TABLE connector_tests
      ADD KEY connector_tests_company (company_id, id),
      ADD KEY connector_tests_created (company_id, created_at, id),
      ADD KEY connector_tests_newest (company_id, connector_id, id)')
  FROM information_schema.statistics
  WHERE table_schema = DATABASE() AND table_name = 'connector_tests'
    AND index_name = 'connector_tests_newest');
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;

SET @migration = (SELECT IF(COUNT(*) > 0, 'DO 0',
    'ALTER TABLE connection_pools
      ADD KEY connection_pools_name (company_id, name, id)')
  FROM information_schema.statistics
  WHERE table_schema = DATABASE() AND table_name = 'connection_pools'
    AND index_name = 'connection_pools_name');
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;

SET @migration = (SELECT IF(COUNT(*) > 0, 'DO 0',
    'ALTER TABLE certificates
      ADD KEY certificates_name (company_id, name, id),
      ADD KEY certificates_expires (company_id, expires_at, id)')
  FROM information_schema.statistics
  WHERE table_schema = DATABASE() AND table_name = 'certificates'
    AND index_name = 'certificates_expires');
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;
