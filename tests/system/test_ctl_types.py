"""Authentication types come with the program; connectors-catalogue(5) tells
what else a catalogue may have."""
import json
import re
import shutil
import subprocess
import unittest

import probe_support
from ctl_support import PROGRAM, TOP, CtlTest, catalogue

PAGE = PROGRAM.parent / "man/connectors-catalogue.5"
STORED = "SELECT id, `key` FROM authentication_types ORDER BY id"


def setUpModule():
    probe_support.make_cli()


class Types(CtlTest):
    def test_come_with_migrate_in_the_order_of_the_page(self):
        known = list(probe_support.auth_types())
        self.assertEqual([key for _, key in self.sql(STORED)], known)
        self.assertEqual([int(id) for id, _ in self.sql(STORED)],
                         list(range(1, len(known) + 1)))
        told = re.findall(r"^\.Ss (\S+)\n.*, the type with the id (\d+)\.$",
                          PAGE.read_text(), re.M)
        self.assertEqual(told, [(key, id) for id, key in self.sql(STORED)])

    def test_that_are_missing_are_added_again(self):
        self.assertIn("nothing to do", self.ok("migrate").out)
        before = self.sql(STORED)
        self.sql("DELETE FROM authentication_types WHERE id IN (2, 14)")
        self.assertIn("added 2 authentication types", self.ok("migrate").out)
        self.assertEqual(self.sql(STORED), before)

    def test_whose_id_is_taken_get_another(self):
        self.sql("DELETE FROM authentication_types WHERE `key` = 'basic'")
        self.sql("UPDATE authentication_types SET id = 2 WHERE id = 3")
        self.ok("migrate")
        stored = dict((key, id) for id, key in self.sql(STORED))
        self.assertEqual(stored["digest"], "2")
        self.assertGreater(int(stored["basic"]), 15)

    def test_are_added_to_a_database_that_has_others_under_their_ids(self):
        """Of a version before types came with migrate: the ids in use are
        low, and so is the one that the server chooses next."""
        known = dict(self.sql("SELECT `key`, id FROM authentication_types"))
        for others in (7, 1, len(known)):
            self.sql("DELETE FROM authentication_types")
            self.sql("ALTER TABLE authentication_types AUTO_INCREMENT = 1")
            for id in range(1, others + 1):
                self.sql("INSERT INTO authentication_types (id, `key`, name, "
                         f"created_at, updated_at) VALUES ({id}, 'own-{id}', "
                         "'Own', NOW(6), NOW(6))")
            with self.subTest(others=others):
                self.assertIn(f"added {len(known)} authentication types",
                              self.ok("migrate").out)
                stored = {key: id for id, key in self.sql(STORED)}
                self.assertLessEqual(set(known), set(stored))
                self.assertEqual(
                    {key: id for key, id in known.items()
                     if int(id) > others},
                    {key: stored[key] for key, id in known.items()
                     if int(id) > others})

    def test_with_other_ids_in_a_file_are_stored_once(self):
        data = catalogue()
        time = {"created_at": "2026-01-01T00:00:00Z"}
        # 1 and 2 the other way round, and one under an id of its own.
        data["authentication_types"] = [
            {"id": id, "key": key, "name": key, **time}
            for id, key in ((1, "basic"), (2, "none"), (70, "token"))]
        self.load(data)
        stored = self.sql(STORED)
        keys = [key for _, key in stored]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertLessEqual({("1", "basic"), ("2", "none"), ("70", "token")},
                             set(stored))
        again = self.load(data)
        self.assertEqual(again.counts()["authentication_types"], (0, 0, 3))
        self.assertEqual(self.sql(STORED), stored)

    def test_are_the_files_own_where_it_has_them(self):
        """As if nothing had been there."""
        stored = self.sql("SELECT `key`, name FROM authentication_types "
                          "ORDER BY id")
        data = {"authentication_types": [
            {"id": id, "key": key, "name": name}
            for id, (key, name) in enumerate(stored, 1)]}
        n = len(stored)
        self.assertEqual(self.load(data).counts()["authentication_types"],
                         (n, 0, 0))
        self.assertEqual(self.load(data).counts()["authentication_types"],
                         (0, 0, n))
        self.assertIn("nothing to do", self.ok("migrate").out)

    def test_that_nothing_uses_are_in_no_export(self):
        self.assertEqual(json.loads(self.ok("export").out)[
            "authentication_types"], [])
        data = catalogue()
        data["authentication_types"] = []
        data["authentication_implementations"][0][
            "authentication_type_id"] = 5
        self.load(data)
        self.assertEqual([row["key"] for row in json.loads(
            self.ok("export").out)["authentication_types"]],
            ["none", "token"])

    def test_that_something_refers_to_stay(self):
        data = catalogue()
        data["authentication_types"] = []
        data["authentication_implementations"][0][
            "authentication_type_id"] = 5
        self.load(data)
        self.load({"authentication_types": [
            {"id": 80, "key": "token", "name": "Token"}]})
        self.assertEqual([id for id, key in self.sql(STORED)
                          if key == "token"], ["5", "80"])


class Page(CtlTest):
    def columns(self):
        """{table: columns} as the page has them."""
        text = PAGE.read_text().split(".Sh TABLES\n")[1].split("\n.Sh ")[0]
        return {part.split("\n")[0]: re.findall(r"^\.It Ic (\w+)$", part, re.M)
                for part in text.split(".Ss ")[1:]}

    def test_has_every_column_that_an_import_takes(self):
        columns = self.columns()
        self.assertGreater(len(columns), 20)
        for table, names in columns.items():
            self.assertTrue(names, table)
            wrong = self.run_ctl("import", "--dry-run", "-", stdin=json.dumps(
                {table: [{"surplus": 1, **dict.fromkeys(names)}]})).err
            self.assertIn(f"{table}[0].surplus", wrong)
            for name in names:
                self.assertNotRegex(wrong, rf"{table}\[0\]\.{name}: is (no|not "
                                    r"a) column|the server's own")

    def test_example_is_imported(self):
        example = re.search(r"^\.Bd -literal\n(.*?)^\.Ed", PAGE.read_text(),
                            re.M | re.S).group(1)
        done = self.load(json.loads(example))
        self.assertEqual(done.counts()["systems"], (1, 0, 0))
        again = self.load(json.loads(example))
        self.assertEqual(again.counts()["model_variables"], (0, 0, 1))

    def test_names_all_fixed_values_of_what_it_lists(self):
        text = PAGE.read_text()
        for word in ("purple_inverted", "SQLSRV", "OPTIONS", "Receive", "xml",
                     "authentication_implementation", "hmac"):
            self.assertEqual(word in text, word != "hmac", word)

    @unittest.skipUnless(shutil.which("mandoc"), "needs mandoc")
    def test_is_well_formed(self):
        for page in (PAGE, *sorted((TOP / "man").glob("*.[58]"))):
            done = subprocess.run(
                ["mandoc", "-Tlint", "-Wwarning", str(page)], text=True,
                stdout=subprocess.PIPE, check=False)
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
