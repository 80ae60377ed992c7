"""docs/shared-hosting.md, word for word: its commands are run in a home of their
own, and the API is asked over what they started.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import unittest

from hosting_support import PAGE, Home
from test_dev import one_server


def kill(pid):
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        pass


@one_server
class SharedHosting(Home):
    def log(self):
        return (self.home / "connectors/run/log").read_text()

    def test_everything_is_in_one_folder(self):
        self.assertEqual(
            sorted(path.name for path in self.home.iterdir()),
            ["catalogue.json", "connectors", "public_html"])
        for name in ("connectors-locations.conf", "connectors-maps.conf",
                     "connectors-server.conf", "connectors-upstream.conf"):
            self.assertTrue((self.home / "connectors/share/connectors/nginx"
                             / name).is_file())

    def test_manager(self):
        self.run_block("script")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.home / "connectors/run/manager.sock"))
            listener.listen(8)
            # What a manager gives: the listener, and nothing open beside it.
            pool = subprocess.Popen(
                [str(self.home / "public_html/connectors.fcgi")],
                stdin=listener, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})
        try:
            self.check_answers("manager.sock")
        finally:
            pool.terminate()
            self.assertEqual(pool.wait(20), 0)

    @unittest.skipUnless(shutil.which("spawn-fcgi"), "spawn-fcgi is missing")
    def test_spawn_fcgi(self):
        self.run_block("spawn")
        self.addCleanup(kill, self.pid())
        mode = (self.home / "connectors/run/api.sock").stat().st_mode
        self.assertEqual(mode & 0o777, 0o660)
        self.check_answers()
        before = self.log().count("replacing the workers")
        self.run_block("reload")
        self.wait_for(lambda: self.log().count("replacing the workers")
                      > before, "no reload")
        self.check_answers()
        self.end()

    @unittest.skipUnless(shutil.which("spawn-fcgi") and os.path.exists(
        "/usr/bin/multiwatch"), "multiwatch or spawn-fcgi is missing")
    def test_multiwatch(self):
        self.run_block("many")
        self.addCleanup(kill, self.pid())
        for _ in range(4):
            self.check_answers("many.sock")
        self.end()

    def test_names_are_names(self):
        """Whatever stands in them, they are quoted."""
        options = self.make_database("od`d_n'a%me", "o'us\\er", "p'a\\s\"s`")
        again = self.make_database("od`d_n'a%me", "o'us\\er", "other")
        self.assertEqual(options, again)
        self.dev("ctl", "migrate", *options)
        self.assertIn("nothing to do", self.dev("ctl", "migrate", *options))
        # The wildcards of a GRANT give no right to another database.
        with self.assertRaises(subprocess.CalledProcessError):
            self.dev("ctl", "migrate", *options, "-o",
                     "database.name=od`dxn'a%me")



class MySql(Home):
    """The same on a MySQL that the host gives: a database that is not made
    for us, an account that may do what the page says and nothing else."""
    database = ("--database", "mysql")

    @classmethod
    def prepare_database(cls):
        rights = re.search(r"<!-- tested: rights -->\n +([A-Z, ]+)", PAGE)
        cls.dev("sql", "-e", "CREATE DATABASE alice_connectors CHARACTER SET "
                "latin1; CREATE USER alice@localhost IDENTIFIED BY "
                "'the password'; GRANT %s ON alice_connectors.* TO "
                "alice@localhost" % rights.group(1).strip())

    @unittest.skipUnless(shutil.which("spawn-fcgi"), "spawn-fcgi is missing")
    def test_all_is_well(self):
        self.run_block("spawn")
        self.addCleanup(kill, self.pid())
        self.check_answers()
        answer = self.ask("/api/v1/connectors?filter[system]=tideline+shop"
                          "&include=variables")
        self.assertEqual(answer.status, 200, answer.body)
        self.end()


if __name__ == "__main__":
    unittest.main()
