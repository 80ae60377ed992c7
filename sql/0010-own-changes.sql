-- How many of the changes that a connector's version counts left its variables
-- as they were: what a pool keeps of the variables it keeps as long as the
-- version is no further ahead of this. A writer of an earlier version, which
-- does not raise it, only makes that variables are read again.
SET @migration = (SELECT IF(COUNT(*) > 0, 'DO 0',
    'ALTER TABLE connectors
      ADD COLUMN own_changes BIGINT NOT NULL DEFAULT 0')
  FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'connectors'
    AND column_name = 'own_changes');
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;
