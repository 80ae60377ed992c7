"""Every command of connectorsctl in the situations that any may meet.

With CONNECTORS_TABLE=FILE, exit status and first line of each go there."""
import json
import os
import signal
import subprocess
import unittest

from ctl_commands import COMMANDS, GROUPS
from ctl_support import PROGRAM, CtlTest, catalogue

# Words and options with which a command works; {name} is of the test.
WORDS = {
    "import": ["{file}"], "company create": ["Name"],
    "user create": ["--company", "1", "--name", "Ada", "--email", "a@x.test"],
    "key create": ["--company", "1"], "key revoke": ["{key}"],
    "implementation show": ["1"], "connector show": ["1"],
    "connector test": ["1"], "completion": ["bash"],
    "secrets init": ["-o", "secrets.keyring_file={folder}/fresh"],
    "database init": ["-o", "database.user=table_user", "-o",
                      "database.password_file={folder}/password", "-o",
                      "database.name={database}_table"],
}
# These fail as well as they may: a connector that cannot be tested, a service
# that does not run.
FAILING = {"connector test", "check"}
WITHOUT_DATABASE = {"catalogue", "config", "openapi", "completion", "version",
                    "secrets init", "secrets add-key"}
WITHOUT_CONFIGURATION = {"catalogue", "openapi", "completion", "version"}
# What is wrong is a part of their report.
REPORTING = {"check"}
CASES = {}  # {command: {case: (status, first line)}}


class Every(CtlTest):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "catalogue.json"
        self.file.write_text(json.dumps(catalogue()))
        (self.folder / "password").write_text("x")
        self.load(catalogue())
        self.key = self.ok("key", "create", "--company", "1").out
        self.key_id, = self.sql("SELECT id FROM api_keys")[0]
        self.addCleanup(self.server.sql, "DROP USER IF EXISTS "
                        "table_user@localhost; DROP DATABASE IF EXISTS "
                        "%s_table" % self.database)

    def words(self, name):
        return name.split() + [
            word.format(file=self.file, folder=self.folder,
                        database=self.database, key=self.key_id)
            for word in WORDS.get(name, [])]

    def run_case(self, case, name, *more, words=None, **options):
        result = self.run_ctl(*(words or self.words(name)), *more,
                              stdin=self.key, **options)
        CASES.setdefault(name, {})[case] = (
            result.status, (result.err or result.out).split("\n")[0])
        return result

    def one_line(self, result, status):
        self.assertEqual(result.status, status, result.out + result.err)
        self.assertRegex(result.err, r"\Aconnectorsctl: [^\n]+\n\Z")

    def test_it_works(self):
        for name in COMMANDS:
            with self.subTest(name):
                result = self.run_case("works", name)
                self.assertEqual(result.status, name in FAILING,
                                 result.out + result.err)
                self.assertEqual(result.err.startswith("connectorsctl: "), False)

    def test_help(self):
        for name, command in COMMANDS.items():
            with self.subTest(name):
                for option in ("--help", "-h"):
                    result = self.run_case("--help", name, option)
                    self.assertEqual((result.status, result.err), (0, ""))
                    self.assertTrue(result.out.startswith(
                        "usage: connectorsctl %s [OPTIONS]" % name), result.out)
                for option in command.options:
                    self.assertIn("--" + option, result.out)
                self.assertLess(max(map(len, result.out.splitlines()[:-4])), 81)

    def test_wrong_words_and_options(self):
        for name, command in COMMANDS.items():
            with self.subTest(name):
                result = self.run_case("surplus word", name, "surplus")
                self.one_line(result, 2)
                self.assertIn('"surplus"', result.err)
                result = self.run_case("wrong option", name, "--wrong-option")
                self.one_line(result, 2)
                self.assertIn("--wrong-option", result.err)
                if command.words:
                    self.one_line(self.run_case("word missing", name,
                                                words=name.split()), 2)
                for option, value in command.options.items():
                    self.one_line(self.run_ctl(
                        *self.words(name), *(["--%s=x" % option] if not value
                                             else ["--" + option])), 2)

    def test_mistyped(self):
        for name, command in COMMANDS.items():
            with self.subTest(name):
                first = name.split()[0]
                wrong = name[:-2] + name[-1] + name[-2]
                result = self.run_case("mistyped", name, words=wrong.split())
                self.one_line(result, 2)
                self.assertIn('did you mean "%s"?' % name, result.err)
                self.assertIn("did you mean", self.run_ctl(
                    first[1:], *name.split()[1:]).err)
                for option in command.options:
                    self.assertIn(
                        'did you mean "--%s"?' % option, self.run_ctl(
                            *name.split(), "--" + option[:-1] + "xq"[
                                option.endswith("x")]).err)

    def test_groups(self):
        for group in GROUPS:
            names = [name for name in COMMANDS if name.split()[0] == group]
            for words in ((group, "--help"), (group, "-h"),
                          ("--help", group)):
                out = self.ok(*words).out
                self.assertTrue(out.startswith(
                    "usage: connectorsctl %s COMMAND" % group))
                for name in COMMANDS:
                    self.assertEqual("\n  %s " % name in out, name in names)
            for words in ((group,), (group, "--json")):
                said = self.fails(*words, status=2)
                for name in names:
                    self.assertIn(name.split()[1], said)
            self.assertIn('no command "nonsense"',
                          self.fails(group, "nonsense", status=2))

    def test_no_database(self):
        for name in COMMANDS:
            with self.subTest(name):
                result = self.run_case("no database", name, "-o",
                                       "database.socket=/nowhere")
                if name in WITHOUT_DATABASE:
                    self.assertEqual(result.status, 0, result.err)
                elif name in REPORTING:
                    self.assertEqual((result.status, result.err), (1, ""))
                    self.assertIn("FAIL  database", result.out)
                else:
                    self.one_line(result, 1)
                    self.assertIn("/nowhere", result.err)

    def test_no_rights_in_the_database(self):
        self.server.sql("CREATE USER IF NOT EXISTS poor@localhost; GRANT "
                        "SELECT ON %s.connectors TO poor@localhost"
                        % self.database)
        self.addCleanup(self.server.sql, "DROP USER poor@localhost")
        for name in COMMANDS:
            with self.subTest(name):
                result = self.run_case(
                    "no rights", name, "-o", "database.user=poor",
                    *(["--admin", "poor"] if name == "database init" else []))
                if name in WITHOUT_DATABASE:
                    self.assertEqual(result.status, 0, result.err)
                elif name in REPORTING:
                    self.assertEqual((result.status, result.err), (1, ""))
                else:
                    self.one_line(result, 1)
                    self.assertRegex(result.err, "denied")

    def test_no_rights_to_the_configuration(self):
        self.folder.chmod(0o755)
        self.config.chmod(0)
        options = {"user": "nobody"} if os.getuid() == 0 else {}
        for name in COMMANDS:
            with self.subTest(name):
                result = self.run_case("configuration not readable", name,
                                       **options)
                if name in WITHOUT_CONFIGURATION:
                    self.assertEqual(result.status, 0, result.err)
                elif name in REPORTING:
                    self.assertEqual((result.status, result.err), (1, ""))
                    self.assertIn("Permission denied", result.out)
                else:
                    self.one_line(result, 1)
                    self.assertIn("Permission denied", result.err)

    def closed(self, name, **options):
        read, write = os.pipe()
        os.close(read)
        try:
            return subprocess.run(
                [str(PROGRAM), "-c", str(self.config), *self.words(name)],
                stdout=write, stderr=subprocess.PIPE, input=self.key,
                text=True, check=False, timeout=60, **options)
        finally:
            os.close(write)

    def test_closed_pipe(self):
        telling = {" ".join(words) for words in self.TELLING}
        for name in COMMANDS:
            with self.subTest(name):
                done = self.closed(name)
                CASES.setdefault(name, {})["closed pipe"] = (
                    done.returncode, done.stderr.split("\n")[0])
                self.assertEqual(done.returncode, -signal.SIGPIPE, done.stderr)
                if name not in telling:
                    self.assertEqual(done.stderr, "")
        # Who ignores the signal gets a status.
        ignoring = self.closed("audit", preexec_fn=lambda: signal.signal(
            signal.SIGPIPE, signal.SIG_IGN), restore_signals=False)
        self.assertEqual((ignoring.returncode, ignoring.stderr), (1, ""))

    def test_json(self):
        for name, command in COMMANDS.items():
            with self.subTest(name):
                if "json" not in command.options:
                    self.assertNotRegex(name, "list|show|status|check|find|test")
                    continue
                more = ["--status"] if name == "migrate" else []
                result = self.run_case("--json", name, "--json", *more)
                self.assertIn("data", json.loads(result.out), result.out)
                for wrong in (["-o", "database.socket=/nowhere"],
                              ["-o", "database.migrations=/nowhere",
                               "-o", "database.name=no_such_database"],
                              ["--since" if name == "audit" else "--wrong", "x"]):
                    result = self.run_case("--json, failed", name, "--json",
                                           *more, *wrong)
                    if result.out or name not in ("config",):
                        told = json.loads(result.out)
                        self.assertTrue("message" in told or name in REPORTING
                                        or name == "config", told)

    @classmethod
    def tearDownClass(cls):
        path = os.environ.get("CONNECTORS_TABLE")
        if path:
            write_table(path)


def write_table(path):
    cases = list(dict.fromkeys(case for found in CASES.values()
                               for case in found))
    with open(path, "w", encoding="utf-8") as file:
        print("# Exit status and first line of every command", file=file)
        for name in COMMANDS:
            print("\n## %s\n\n| case | status | first line |\n|---|---|---|"
                  % name, file=file)
            for case in cases:
                if case in CASES[name]:
                    status, line = CASES[name][case]
                    print("| %s | %s | `%s` |" % (
                        case, status, line.replace("|", "\\|")), file=file)


if __name__ == "__main__":
    unittest.main()
