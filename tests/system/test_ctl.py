"""connectorsctl: usage, migrate, key, secrets, check."""
import hashlib
import json
import re
import shutil
import subprocess
import unittest

from ctl_support import PROGRAM, TOP, CtlTest, catalogue


class Usage(CtlTest):
    migrate_first = False

    def test_wrong_usage_is_status_2_and_one_line(self):
        for arguments in ([], ["nope"], ["key"], ["secrets", "nope"],
                          ["import"], ["import", "a", "b"], ["--nope"],
                          ["migrate", "--nope"], ["key", "revoke", "x"],
                          ["key", "create"], ["key", "create", "--company"],
                          ["key", "create", "--company", "01"],
                          ["key", "create", "--company", "1", "--abilities",
                           "read,fly"],
                          ["key", "create", "--company", "1", "--expires",
                           "tomorrow"],
                          ["audit", "--since", "2024-13-01"]):
            with self.subTest(arguments):
                self.fails(*arguments, status=2)

    def test_help_and_version(self):
        text = self.ok("--help").out
        for name in ("migrate", "import", "export", "key create", "check",
                     "secrets rotate", "audit"):
            self.assertIn(name, text)
            self.assertIn("usage: connectorsctl " + name,
                          self.ok(*name.split(), "--help").out)
        self.assertRegex(self.ok("--version").out, r"^connectorsctl \d")
        self.assertRegex(self.ok("version").out, r"^connectorsctl \d")

    def test_common_options_stand_anywhere(self):
        other = "database.socket=/nowhere"
        self.assertIn("2002", self.fails("-o", other, "migrate"))
        self.assertIn("2002", self.fails("migrate", "-o", other))
        self.assertIn("missing.conf",
                      self.fails("migrate", "--config", "missing.conf"))

    def test_options_of_a_command_stand_behind_it(self):
        for option in ("--company", "--json", "--dry-run"):
            self.assertIn("%s stands behind the command" % option,
                          self.fails(option, "key", "list", status=2))

    def test_output_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([str(PROGRAM), "--help"], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)


class Migrate(CtlTest):
    migrate_first = False

    def setUp(self):
        super().setUp()
        self.sql_folder = self.folder / "sql"
        self.sql_folder.mkdir()
        self.config.write_text(self.config.read_text().replace(
            str(TOP / "sql"), str(self.sql_folder)))
        self.write("0001-first.sql", "CREATE TABLE IF NOT EXISTS a (id INT "
                   "PRIMARY KEY); -- it's\nINSERT IGNORE INTO a VALUES (1);")
        self.write("0002-second.sql",
                   "CREATE TABLE IF NOT EXISTS b (id INT PRIMARY KEY);")

    def write(self, name, text):
        (self.sql_folder / name).write_text(text)

    def test_applies_once_and_tells(self):
        result = self.run_ctl("migrate", "--status")
        self.assertEqual(result.status, 1)
        self.assertEqual(result.out.split(),
                         ["pending", "0001-first.sql",
                          "pending", "0002-second.sql"])
        self.assertEqual(self.ok("migrate").out,
                         "applied 0001-first.sql\napplied 0002-second.sql\n")
        self.assertEqual(self.ok("migrate").out, "nothing to do: 2 applied\n")
        self.assertEqual(self.ok("migrate", "--status").out.split(),
                         ["applied", "0001-first.sql",
                          "applied", "0002-second.sql"])
        text = (self.sql_folder / "0002-second.sql").read_bytes()
        self.assertEqual(
            self.sql("SELECT name, checksum FROM schema_migrations "
                     "WHERE version = 2"),
            [("0002-second.sql", hashlib.sha256(text).hexdigest())])
        self.assertEqual(self.sql("SELECT * FROM a"), [("1",)])

    def test_files_with_other_names_are_left_alone(self):
        self.write("0003.sql", "broken")
        self.write("notes.txt", "broken")
        self.write("003-x.sql", "broken")
        self.ok("migrate")

    def test_changed_file_is_refused(self):
        self.ok("migrate")
        self.write("0001-first.sql", "SELECT 1;")
        self.write("0003-third.sql", "CREATE TABLE c (id INT PRIMARY KEY);")
        for arguments in (["migrate"], ["migrate", "--status"]):
            self.assertRegex(self.fails(*arguments),
                             "^0001-first.sql was changed after")
        self.assertEqual(self.sql("SHOW TABLES LIKE 'c'"), [])

    def test_missing_file_is_refused(self):
        self.ok("migrate")
        (self.sql_folder / "0002-second.sql").unlink()
        self.assertRegex(self.fails("migrate"),
                         "^0002-second.sql was applied, but its file")

    def test_same_number_is_refused(self):
        self.write("0002-other.sql", "SELECT 1;")
        self.assertIn("have the same number", self.fails("migrate"))

    def test_failure_names_file_and_line_and_is_run_again(self):
        self.write("0002-second.sql", "SELECT 1;\n\n-- here:\nSELEKT 2;")
        self.assertRegex(self.fails("migrate"),
                         "^0002-second.sql, line 4: database: 1064 .*SELEKT")
        self.assertEqual(self.sql("SELECT version FROM schema_migrations"),
                         [("1",)])
        self.write("0002-second.sql", "SELECT 'x")
        self.assertRegex(self.fails("migrate"),
                         "^0002-second.sql, line 1: a quote or a comment")
        self.write("0002-second.sql", "SELECT 2")
        self.assertEqual(self.ok("migrate").out, "applied 0002-second.sql\n")

    def test_many_at_once(self):
        self.write("0001-first.sql", "CREATE TABLE a (id INT PRIMARY KEY);"
                   "SELECT SLEEP(0.5);")
        running = [subprocess.Popen(
            [str(PROGRAM), "--config", str(self.config), "migrate"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(5)]
        outputs = [process.communicate() for process in running]
        self.assertEqual([process.returncode for process in running],
                         [0] * 5, outputs)
        self.assertEqual(sum("applied 0001" in out for out, _ in outputs), 1)

    def test_no_folder(self):
        shutil.rmtree(self.sql_folder)
        self.assertIn(str(self.sql_folder), self.fails("migrate"))


class Shipped(CtlTest):
    def test_each_migration_can_be_run_again(self):
        tables = [name for name, in self.sql("SHOW TABLES")]
        made = [self.sql("SHOW CREATE TABLE " + name) for name in tables]
        self.sql("DELETE FROM schema_migrations")
        self.assertIn("applied 0001", self.ok("migrate").out)
        self.assertEqual(made, [self.sql("SHOW CREATE TABLE " + name)
                                for name in tables])


class Secrets(CtlTest):
    def ring(self):
        return self.folder / "ring"

    def keys(self):
        return [line.split(":")[0]
                for line in self.ring().read_text().splitlines()]

    def status(self):
        """{column: {key: values}}"""
        found = {}
        for line in self.ok("secrets", "status").out.splitlines()[1:]:
            column, key, values = line.split()[:3]
            found.setdefault(column, {})[key] = int(values)
        return found

    def test_init_never_replaces(self):
        before = self.ring().read_bytes()
        self.assertEqual(self.ring().stat().st_mode & 0o7777, 0o600)
        self.assertIn("is there already", self.fails("secrets", "init"))
        self.assertEqual(self.ring().read_bytes(), before)

    def test_needs_a_configured_ring(self):
        for command in ("init", "add-key", "status", "rotate"):
            self.assertIn("secrets.keyring_file", self.fails(
                "secrets", command, "-o", "secrets.keyring_file="))

    def test_rotate(self):
        self.load(catalogue())
        first = self.keys()[0]
        self.assertEqual(self.status(), {"variables.value": {first: 2}})
        self.ok("secrets", "add-key")
        second = self.keys()[0]
        self.assertEqual(self.keys(), [second, first])
        self.assertIn("variables.value: 2 sealed anew with " + second,
                      self.ok("secrets", "rotate").out)
        self.assertEqual(self.status(), {"variables.value": {second: 2}})
        self.assertIn("variables.value: 0 sealed anew",
                      self.ok("secrets", "rotate").out)
        # They open to the same: an import of the same values changes nothing.
        self.assertEqual(self.load(catalogue()).counts()["variables"],
                         (0, 0, 4))

    def test_rotate_many(self):
        data = catalogue()
        data["variables"] = [
            {"id": number, "company_id": 1, "key": "k", "label": "k",
             "value": "secret %d" % number, "secret": True}
            for number in range(1, 1702)]
        data["model_variables"] = []
        self.load(data)
        self.ok("secrets", "add-key")
        self.assertIn("1701 sealed anew", self.ok("secrets", "rotate").out)
        self.assertEqual(self.load(data).counts()["variables"], (0, 0, 1701))

    def test_rotate_never_overwrites_what_is_stored_meanwhile(self):
        data = {"companies": [{"id": 1, "name": "c"}], "variables": [
            {"id": number, "company_id": 1, "key": "k", "label": "k",
             "value": "old", "secret": True} for number in range(1, 3001)]}
        self.load(data)
        for turn in range(3):
            self.ok("secrets", "add-key")
            for row in data["variables"]:
                row["value"] = "new %d" % turn
            path = self.folder / "new.json"
            path.write_text(json.dumps(data))
            running = [subprocess.Popen(
                [str(PROGRAM), "--config", str(self.config), *command],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for command in (["import", str(path)], ["secrets", "rotate"])]
            outputs = [process.communicate() for process in running]
            self.assertEqual([process.returncode for process in running],
                             [0, 0], outputs)
            self.ok("secrets", "rotate")
            self.assertEqual(self.load(data).counts()["variables"],
                             (0, 0, 3000))
            self.assertEqual(self.status(),
                             {"variables.value": {self.keys()[0]: 3000}})

    def test_altered_value_is_told_and_left(self):
        self.load(catalogue())
        self.sql("UPDATE variables SET value_sealed = "
                 "CONCAT(value_sealed, 'x') WHERE id = 2")
        self.ok("secrets", "add-key")
        result = self.run_ctl("secrets", "rotate")
        self.assertEqual(result.status, 1)
        self.assertIn("variables.value of row 2 does not authenticate",
                      result.err)
        self.assertIn("1 sealed anew", result.out)
        self.assertIn("1 do not open", result.out)

    def test_missing_key_is_named(self):
        self.load(catalogue())
        first = self.keys()[0]
        self.ring().unlink()
        self.ok("secrets", "init")
        result = self.run_ctl("secrets", "status")
        self.assertEqual(result.status, 1)
        self.assertRegex(result.out, first + r"\s+2\s+NOT in the key ring")
        self.assertIn(first, self.run_ctl("check").out)


class Check(CtlTest):
    migrate_first = False

    def check(self, *options):
        result = self.run_ctl("check", *[part for lane in
                                         ("api", "test", "admin")
                                         for part in
                                         ("-o", lane + ".listen=")],
                              *options)
        return result.status, re.findall(r"^(ok|FAIL) +([a-z ]+?)  ",
                                         result.out, re.M), result.out

    def test_goes_from_nothing_to_all_ok(self):
        status, parts, out = self.check()
        self.assertEqual(status, 1)
        self.assertIn(("FAIL", "migrations"), parts)
        self.assertIn("run: connectorsctl migrate", out)
        self.ok("secrets", "init")
        self.ok("migrate")
        status, parts, out = self.check()
        self.assertEqual(status, 0, out)
        self.assertEqual([word for word, _ in parts], ["ok"] * 7)

    def test_names_what_is_wrong(self):
        self.ok("secrets", "init")
        self.ok("migrate")
        for change, fault in (
                ("ALTER TABLE logos DROP COLUMN url",
                 "column logos.url is missing"),
                ("ALTER TABLE logos ADD COLUMN url INT NOT NULL",
                 "column logos.url has a type that does not fit"),
                ("ALTER TABLE logos MODIFY url VARCHAR(9) NOT NULL",
                 "column logos.url is too small"),
                ("ALTER TABLE logos MODIFY url VARCHAR(2048) NULL",
                 "column logos.url must not allow NULL")):
            self.sql(change)
            status, _, out = self.check()
            self.assertEqual(status, 1)
            self.assertIn(fault, out)

    def test_database_away_and_socket_missing(self):
        status, parts, _ = self.check("-o", "database.socket=/nowhere")
        self.assertEqual((status, parts[-1]), (1, ("FAIL", "database")))
        self.ok("secrets", "init")
        self.ok("migrate")
        status, parts, out = self.check("-o", "api.listen=unix:/nowhere")
        self.assertEqual((status, parts[-1]), (1, ("FAIL", "sockets")))
        self.assertIn("/nowhere", out)

    def test_warns_of_what_a_library_cannot_do(self):
        library = re.search(r"libssh2/1\.(\d+)", subprocess.run(
            ["curl", "--version"], capture_output=True, text=True).stdout)
        is_old = bool(library) and int(library.group(1)) < 11
        status, _, out = self.check("-o", "database.socket=/nowhere")
        self.assertEqual("SHA-1" in out, is_old, out)
        self.assertEqual(bool(re.search("^warn +tests ", out, re.M)), is_old)

    def test_configuration_that_is_wrong(self):
        self.config.write_text("[database]\nnope=1\n")
        result = self.run_ctl("check")
        self.assertEqual(result.status, 1)
        self.assertIn("FAIL  configuration", result.out)


if __name__ == "__main__":
    unittest.main()
