-- Whether the row of node 1 is the only one of each company, so that a version
-- is read with the key of a row, and need not be added up. It stands in the row
-- of what all companies share (company 0, node 1); elsewhere it means nothing.
-- The first write of another node ends it, for ever. On a cluster it never
-- begins: writers of an earlier version would not end it.
SET @migration = (SELECT IF(COUNT(*) > 0, 'DO 0',
    'ALTER TABLE data_versions ADD COLUMN one_node TINYINT NOT NULL DEFAULT 0')
  FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'data_versions'
    AND column_name = 'one_node');
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;

SET @one_node = (SELECT @@auto_increment_increment = 1 AND COUNT(*) = 0
  FROM data_versions WHERE node <> 1);
INSERT INTO data_versions (company_id, node, version, one_node)
  VALUES (0, 1, 0, @one_node)
  ON DUPLICATE KEY UPDATE one_node = @one_node;
