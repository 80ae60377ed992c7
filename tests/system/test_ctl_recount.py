"""The number of a company's connectors is known, and can be counted anew."""
import json
import unittest

from ctl_support import CtlTest, catalogue

KNOWN = "SELECT company_id, SUM(connectors) FROM data_versions " \
    "GROUP BY company_id HAVING SUM(connectors) <> 0 ORDER BY company_id"
REAL = "SELECT company_id, COUNT(*) FROM connectors GROUP BY company_id " \
    "ORDER BY company_id"


class Recount(CtlTest):
    def check_known(self):
        self.assertEqual(self.sql(KNOWN), self.sql(REAL))

    def checked(self):
        """The line of `check`."""
        return next(line for line in self.run_ctl("check").out.splitlines()
                    if " numbers " in line)

    def test_imports_count_what_they_insert(self):
        self.load(catalogue())
        self.assertTrue(self.sql(REAL))
        self.check_known()
        self.load(catalogue())
        self.check_known()
        more = catalogue()
        more["connectors"] = [
            {**row, "id": row["id"] + 500, "canonical_key": "more-%d"
             % row["id"], "certificate_id": None}
            for row in more["connectors"]]
        self.load({"connectors": more["connectors"]})
        self.check_known()

    def test_refused_and_dry_imports_count_nothing(self):
        wrong = catalogue()
        wrong["connectors"][-1]["timezone"] = "Nowhere"
        self.run_ctl("import", "-", stdin=json.dumps(wrong))
        self.ok("import", "--dry-run", "-", stdin=json.dumps(catalogue()))
        self.assertEqual(self.sql(KNOWN), [])

    def test_changes_by_sql_are_told_and_mended(self):
        self.load(catalogue())
        self.assertIn("ok", self.checked())
        before = self.sql("SELECT SUM(version) FROM data_versions "
                          "WHERE company_id = 1")
        self.sql("UPDATE data_versions SET connectors = connectors + 7 "
                 "WHERE company_id = 1")
        self.sql("UPDATE connectors SET company_id = 2 WHERE company_id = 1 "
                 "LIMIT 1")
        self.assertRegex(self.checked(), r"2 companies .*the first: 1")
        self.assertIn("database recount", self.run_ctl("check").out)
        self.assertEqual(self.ok("database", "recount").out.splitlines(),
                         ["company 1: -8", "company 2: +1"])
        self.check_known()
        self.assertNotEqual(self.sql(
            "SELECT SUM(version) FROM data_versions WHERE company_id = 1"),
            before, "answers that are kept are stale")
        self.assertIn("ok", self.checked())
        self.assertIn("nothing to do", self.ok("database", "recount").out)

    def test_rows_of_several_nodes_are_one_number(self):
        self.load(catalogue())
        self.sql("INSERT INTO data_versions (company_id, node, version, "
                 "connectors) VALUES (1, 7, 1, 3), (2, 9, 4, -1)")
        self.ok("database", "recount")
        self.check_known()


class Migration(CtlTest):
    migrate_first = False

    def test_counts_what_is_there(self):
        """Up to the migration before, rows, and then the rest."""
        import shutil

        from ctl_support import TOP
        folder = self.folder / "sql"
        shutil.copytree(TOP / "sql", folder)
        last = folder / "0008-number-of-connectors.sql"
        text = last.read_text()
        last.unlink()
        self.config.write_text(self.config.read_text().replace(
            str(TOP / "sql"), str(folder)))
        self.ok("secrets", "init")
        self.ok("migrate")
        self.sql("ALTER TABLE data_versions ADD connectors BIGINT NOT NULL "
                 "DEFAULT 0")
        self.load(catalogue())
        self.sql("ALTER TABLE data_versions DROP connectors")
        last.write_text(text)
        self.ok("migrate")
        self.assertEqual(self.sql(KNOWN), self.sql(REAL))


if __name__ == "__main__":
    unittest.main()
