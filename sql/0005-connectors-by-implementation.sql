-- A filter by the system goes from the systems to their implementations and on
-- to the connectors: those of the one company, without a look at each row, also
-- where they are to be sorted by name. Takes the place of an index without the
-- company, and holds the foreign key as that did.
SET @migration = (SELECT IF(COUNT(*) > 0, 'DO 0',
    'ALTER TABLE connectors
      ADD KEY connectors_by_implementation
        (authentication_implementation_id, company_id, name),
      DROP KEY connectors_implementation')
  FROM information_schema.statistics
  WHERE table_schema = DATABASE() AND table_name = 'connectors'
    AND index_name = 'connectors_by_implementation');
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;
