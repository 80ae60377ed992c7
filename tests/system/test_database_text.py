"""Text is UTF-8 in the database and in what is read from it, whatever the
server takes for its default, with either client library."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from ctl_support import PROGRAM, TOP, catalogue
from tls_servers import MARIADB, Database

# Of one to four bytes a letter.
NAMES = ["Zürich", "Łódź €", "東京", "𝄞 O'Neil \\ \"x\"", "ü"]
# What the server takes for its default; and MariaDB can be told not to listen
# to what a client says of itself when it connects.
DEFAULTS = [["--character-set-server=" + name]
            for name in ("latin1", "utf8mb3", "cp1251", "ucs2")]
if MARIADB:
    DEFAULTS += [["--character-set-server=latin1",
                  "--skip-character-set-client-handshake"],
                 ["--character-set-server=utf8mb4",
                  "--collation-server=utf8mb4_bin"]]
# User, password, database: the words of the login are text as well.
ACCOUNTS = [("plain", "pass word", "plain"), ("bücher", "p", "connectors"),
            ("reader", "Schlüssel €", "other"), ("r2", "p", "verbände"),
            ("łódź", "пароль", "日本")]


def named(names):
    """A catalogue of companies of these names."""
    return {**catalogue(), "companies": [
        {"id": number, "name": name}
        for number, name in enumerate(names, 1)]}


class DatabaseText(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="connectors-text.")))

    def server(self, *options):
        server = Database(None, *options)
        self.addCleanup(server.stop)
        return server

    def account(self, server, user, password, database):
        """Makes it, and a configuration for it."""
        self.assertTrue(server.runs(
            f"CREATE DATABASE IF NOT EXISTS `{database}`;"
            f"CREATE USER `{user}`@localhost IDENTIFIED BY '{password}';"
            f"GRANT ALL ON `{database}`.* TO `{user}`@localhost"))
        (self.folder / "password").write_text(password)
        self.config = self.folder / "connectors.conf"
        self.config.write_text("\n".join([
            "[database]", "socket = " + server.socket, "user = " + user,
            "name = " + database,
            "password_file = %s" % (self.folder / "password"),
            "migrations = %s" % (TOP / "sql"), "[secrets]",
            "keyring_file = %s" % (self.folder / "ring"), ""]))

    def ok(self, *arguments, stdin="", status=0):
        result = subprocess.run(
            [PROGRAM, "--config", self.config, *arguments], input=stdin,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False)
        self.assertEqual((result.returncode, result.stderr),
                         (status, ""))
        return result.stdout

    def test_defaults_of_the_server(self):
        for options in DEFAULTS:
            with self.subTest(options):
                self.keeps_names(self.server(*options))

    def keeps_names(self, server):
        self.account(server, "plain", "p", "text")
        (self.folder / "ring").unlink(missing_ok=True)
        for command in (["secrets", "init"], ["migrate"]):
            self.ok(*command)
        self.ok("import", "-", stdin=json.dumps(
            named(NAMES), ensure_ascii=False))
        self.assertEqual(
            server.ask("SELECT HEX(name) FROM text.companies ORDER BY id")
            .stdout.split(),
            [name.encode().hex().upper() for name in NAMES])
        exported = json.loads(self.ok("export"))
        self.assertEqual([row["name"] for row in exported["companies"]], NAMES)

    def test_the_words_of_the_login(self):
        for options in DEFAULTS[:2]:
            server = self.server(*options)
            for account in ACCOUNTS:
                with self.subTest(options, account=account):
                    self.account(server, *account)
                    self.assertIn("0001", self.ok(
                        "migrate", "--status", status=1))  # none is there


if __name__ == "__main__":
    unittest.main()
