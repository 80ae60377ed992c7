"""How connectorsctl prints: on a terminal, between tabs, as JSON, and how far
it is."""
import json
import os
import pty
import re
import subprocess
import threading
import unittest

from ctl_support import PROGRAM, CtlTest, catalogue


def read_all(fd):
    """What is written to a terminal until nobody has it open."""
    found = b""
    while True:
        try:
            part = os.read(fd, 65536)
        except OSError:
            return found
        if not part:
            return found
        found += part


class Output(CtlTest):
    def on_terminal(self, *arguments, out=True, err=False):
        """(status, standard output, standard error); a terminal is what is
        named, and texts have its line ends."""
        parent, child = pty.openpty()
        with subprocess.Popen(
                [str(PROGRAM), "--config", str(self.config), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=child if out else subprocess.PIPE,
                stderr=child if err else subprocess.PIPE) as process:
            os.close(child)
            shown = []
            reader = threading.Thread(
                target=lambda: shown.append(read_all(parent)))
            reader.start()
            plain, said = process.communicate(timeout=120)
            reader.join()
        os.close(parent)
        text = shown[0].decode().replace("\r\n", "\n")
        return (process.returncode, text if out else plain.decode(),
                text if err else said.decode())


class Terminal(Output):
    def setUp(self):
        super().setUp()
        self.load(catalogue())
        for name in ("short", "a name that is long", "Ünïcodé \u5317\u4eac"):
            self.ok("key", "create", "--company", "1", "--name", name)

    def columns(self, text):
        """Where the columns begin, by the titles; all rows agree."""
        lines = text.splitlines()
        starts = [match.start() for match in re.finditer(r"\S+( \S+)*",
                                                         lines[0])]
        for line in lines[1:]:
            for start in starts[1:]:
                self.assertEqual(line[start - 2:start], "  ", (line, start))
                self.assertNotEqual(line[start:start + 1], " ")
        return len(starts)

    def test_lists_are_aligned(self):
        for command, columns in (("key list", 9), ("company list", 6),
                                 ("user list", 5), ("connector list", 6),
                                 ("system list", 7), ("secrets status", 4)):
            status, out, err = self.on_terminal(*command.split())
            self.assertEqual((status, err), (0, ""))
            self.assertEqual(self.columns(out), columns, out)
            self.assertNotIn("\t", out)
            plain = self.ok(*command.split()).out
            self.assertEqual(
                {line.count("\t") for line in plain.splitlines()},
                {columns - 1})

    def test_audit_is_aligned_over_its_pages(self):
        self.sql("INSERT INTO audit_events (company_id, action, connector_id,"
                 " connector_name, changed, request_id, token, created_at) "
                 "VALUES " + ", ".join(
                     "(1, 'test', %d, '%s', '[]', 'r', 't%d', "
                     "'2024-01-01 10:00:00')" % (number, "n" * (number % 30),
                                                 number)
                     for number in range(1, 2502)))
        status, out, _ = self.on_terminal("audit")
        self.assertEqual(status, 0)
        lines = out.splitlines()
        self.assertEqual(len(lines), 2502)
        self.assertEqual(len({line.rindex("  []  ") for line in lines[1:]}),
                         1)
        self.assertIn("2024-01-01T10:00:00Z", lines[1])
        self.assertEqual(len(self.data("audit")), 2501)

    def test_shown_things_are_aligned(self):
        _, out, _ = self.on_terminal("connector", "show", "1")
        fields = out.split("\n\n")[0].splitlines()
        self.assertEqual({line[:20].rstrip() for line in fields},
                         {line.split("  ")[0] for line in fields})

    def test_json_is_the_same_on_a_terminal(self):
        for command in ("key list", "check", "connector show 1"):
            words = [*command.split(), "--json"]
            self.assertEqual(json.loads(self.on_terminal(*words)[1]),
                             json.loads(self.run_ctl(*words).out))


class OddBytes(Output):
    """--json is JSON in UTF-8 whatever the bytes are."""
    ODD = [b"\xff", b"a\xc3", b"\xed\xa0\x80", b"\x01\"\\\n\t\x7f",
           "\u2028\U0001f600".encode()]

    def parse(self, *arguments, status):
        result = subprocess.run(
            [str(PROGRAM), "--config", str(self.config), *arguments,
             "--json"], capture_output=True, check=False)
        self.assertEqual(result.returncode, status, result)
        return json.loads(result.stdout.decode("utf-8"))

    def test_in_file_names(self):
        for odd in self.ODD:
            folder = os.path.join(os.fsencode(self.folder),
                                  b"sql-" + odd.replace(b"\n", b""))
            os.mkdir(folder)
            name = b"0001-" + odd + b".sql"
            with open(os.path.join(folder, name), "wb") as file:
                file.write(b"SELECT 1;")
            self.sql("DELETE FROM schema_migrations")
            found = self.parse("migrate", "--status", "-o",
                               b"database.migrations=" + folder, status=1)
            self.assertEqual([row["state"] for row in found["data"]],
                             ["pending"])
            if odd.isascii() or odd == self.ODD[-1]:
                self.assertEqual(found["data"][0]["file"], name.decode())

    def test_in_the_configuration_and_messages(self):
        for odd in self.ODD:
            found = self.parse("config", "-o", b"database.name=" + odd,
                               status=0)
            self.assertIn("database.name",
                          [row["setting"] for row in found["data"]])
            for command in (("company", "list"), ("audit",),
                            ("secrets", "status"), ("implementation", "show",
                                                    "1")):
                found = self.parse(*command, "-o", b"database.socket=/"
                                   + odd, status=1)
                self.assertIn("message", found)
            found = self.parse("check", "-o", b"database.socket=/" + odd,
                               status=1)
            self.assertIn("failed", [row["state"] for row in found["data"]])
            self.parse("connector", "show", odd, status=2)
            self.parse("key", "list", "--company", odd, status=2)

    def test_in_names(self):
        name = "\"\\\x01\x1f\u2028\U0001f600</script>"
        self.ok("company", "create", name)
        self.assertEqual(self.parse("company", "list", status=0)["data"][0]
                         ["name"], name)

    def test_in_an_import(self):
        path = self.folder / "odd.json"
        for odd in self.ODD:
            path.write_bytes(b'{"companies": [{"id": 1, "name": "' + odd +
                             b'", "' + odd + b'": 1}], "' + odd + b'": []}')
            found = self.parse("import", str(path), status=1)
            self.assertIn("message", found)

    def test_errors_of_an_import_by_path(self):
        data = catalogue()
        data["connectors"][0]["timezone"] = "Mars"
        data["companies"][0]["name"] = ""
        path = self.folder / "wrong.json"
        path.write_text(json.dumps(data))
        found = self.parse("import", str(path), status=1)
        self.assertEqual([*found], ["message", "errors"])
        self.assertEqual(sorted(found["errors"]),
                         ["companies[0].name", "connectors[0].timezone"])


class Progress(Output):
    """On a terminal a line tells how far a command is, and goes again."""

    def shown(self, *arguments):
        status, out, err = self.on_terminal(*arguments, out=False, err=True)
        self.assertEqual(status, 0, err)
        self.assertTrue(err == "" or err.endswith(" \r"), err)
        self.assertEqual(self.run_ctl(*arguments).err, "")
        return out, err

    def test_of_each_command_that_may_take_long(self):
        data = catalogue()
        data["variables"] += [
            {"id": number, "company_id": 1, "key": "k", "label": "k",
             "value": "secret %d" % number, "secret": True}
            for number in range(10, 4010)]
        path = self.folder / "many.json"
        path.write_text(json.dumps(data))
        self.assertIn("%", self.shown("import", str(path))[1])
        self.ok("secrets", "add-key")
        _, err = self.shown("secrets", "rotate")
        self.assertIn("counts variables.value", err)
        self.assertRegex(err, r"\d+ % variables")
        for words, text in ((["secrets", "status"], "counts variables"),
                            (["migrate", "--status"], "")):
            self.assertIn(text, self.shown(*words)[1])
        _, _, err = self.on_terminal("check", out=False, err=True)
        self.assertIn("looks at: migrations", err)
        out, _ = self.shown("export")
        self.assertEqual(len(json.loads(out)["variables"]), 4004)

    def test_a_database_that_does_not_answer(self):
        status, _, err = self.on_terminal(
            "key", "list", "-o", "database.socket=/nowhere", err=True,
            out=False)
        self.assertEqual(status, 1)
        said, line = err.rsplit("\r", 1)
        self.assertIn("asks the database at /nowhere", said)
        self.assertTrue(line.startswith("connectorsctl: database: 2002"))

    def test_nothing_stands_behind_what_is_printed(self):
        """Both are one terminal: each line begins in its first column."""
        for words in (["key", "create", "--company", "1"], ["key", "list"],
                      ["company", "create", "Name"], ["connector", "show",
                                                      "1"],
                      ["connector", "test", "1"], ["check"],
                      ["secrets", "rotate"], ["migrate"], ["audit"],
                      ["company", "list", "--json"]):
            self.load(catalogue())
            parent, child = pty.openpty()
            with subprocess.Popen(
                    [str(PROGRAM), "--config", str(self.config), *words],
                    stdin=subprocess.DEVNULL, stdout=child, stderr=child):
                os.close(child)
                shown = read_all(parent).decode()
            os.close(parent)
            for line in shown.replace("\r\n", "\n").split("\n"):
                last = line.split("\r")[-1]
                self.assertNotRegex(last, "asks the|looks at|tests conn|%")
                self.assertTrue("\r" not in line or re.search(
                    r" {72}\r[^\r]*$", line), (words, line))

    def test_of_migrations(self):
        self.sql("DELETE FROM schema_migrations")
        _, err = self.shown("migrate")
        self.assertRegex(err, r"1 of \d+: 0001-")

    def test_a_long_list_into_a_file(self):
        self.load({**catalogue(), "connectors": [
            {**catalogue()["connectors"][0], "id": number,
             "canonical_key": "k%d" % number} for number in range(1, 3001)]})
        self.shown("connector", "list")


if __name__ == "__main__":
    unittest.main()
