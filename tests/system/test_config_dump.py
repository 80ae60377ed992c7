"""--dump-config and connectorsctl config: each value and its origin."""
import json
import os
import pathlib
import subprocess
import unittest

from config_support import Configuration
from fastcgi import PROGRAM

CTL = pathlib.Path(PROGRAM).with_name("connectorsctl")
SECRET = "canary-7f3e"


class Dump(Configuration):
    def dump(self, *options, **more):
        """{setting: (value, origin)}"""
        done = self.run_program("--dump-config", *options, **more)
        self.assertEqual((done.stderr, done.returncode), ("", 0))
        self.assertNotIn(SECRET, done.stdout)
        found = {}
        for line in done.stdout.splitlines():
            setting, origin = line.split("\t# ")
            name, _, value = setting.partition(" = ")
            found[name] = (value, origin)
        return found

    def test_file_and_line_command_line_and_default(self):
        at = self.write({"api.workers": "5", "test.total_timeout": "9000ms",
                         "pool.log_level": "debug"})
        found = self.dump("-o", "pool.log_level=error")
        where = "%s:%%d" % self.config
        self.assertEqual(found["api.workers"],
                         ("5", where % at["api.workers"]))
        self.assertEqual(found["test.total_timeout"],
                         ("9s", where % at["test.total_timeout"]))
        self.assertEqual(found["pool.log_level"], ("error", "command line"))
        self.assertEqual(found["database.name"], ("connectors", "default"))
        self.assertEqual(found["test.per_company"][1],
                         "default, by other settings")

    def test_each_setting_is_there_and_can_be_read_again(self):
        self.write({"test.allow_networks": "10.0.0.0/8, ::1",
                    "limits.body_max": "3K", "api.mode": "0640"})
        names = [line.split("\t")[0] for line in self.run_program(
            "--list-settings").stdout.splitlines()]
        found = self.dump()
        self.assertEqual([*found], [*names, "database.password"])
        del found["database.password"]
        again = self.dump(*(word for name, (value, _) in found.items()
                            for word in ("-o", "%s=%s" % (name, value))))
        del again["database.password"]
        self.assertEqual({name: value for name, (value, _) in found.items()},
                         {name: value for name, (value, _) in again.items()})

    def test_a_list_in_several_lines(self):
        self.config.write_text("[test]\nallow_networks = 10.0.0.0/8\n\n"
                               "allow_networks = ::1, 127.0.0.1\n")
        self.assertEqual(self.dump()["test.allow_networks"],
                         ("10.0.0.0/8, ::1, 127.0.0.1",
                          "%s:2, 4" % self.config))

    def test_where_the_password_comes_from_and_never_the_password(self):
        path = self.file("secret", SECRET + "\n")
        self.write({"database.password_file": path})
        self.assertEqual(self.dump()["database.password"],
                         ("(never shown)", "file %s" % path))
        self.write({"database.password_file": ...})
        self.assertEqual(
            self.dump(env={"CONNECTORS_DATABASE_PASSWORD": SECRET})
            ["database.password"][1],
            "environment CONNECTORS_DATABASE_PASSWORD")
        self.file("database-password", SECRET)
        self.file("keyring", "k1:" + "A" * 43 + "=\n")
        self.write({"database.password_file": ...,
                    "secrets.keyring_file": ...})
        found = self.dump(env={"CREDENTIALS_DIRECTORY": str(self.folder)})
        self.assertEqual(found["database.password"][1],
                         "credential %s/database-password" % self.folder)
        self.assertEqual(found["secrets.keyring_file"],
                         (str(self.folder / "keyring"),
                          "credential of systemd"))
        self.assertEqual(self.dump()["database.password"][1],
                         "nowhere: none is set")

    def test_what_is_wrong_is_told_behind_the_list(self):
        at = self.write({"api.workers": "many"})
        done = self.run_program("--dump-config")
        self.assertEqual(done.returncode, 1)
        self.assertIn("%s:%d" % (self.config, at["api.workers"]),
                      done.stderr)
        self.assertIn("api.workers = ", done.stdout)

    def test_a_check_says_what_it_checked(self):
        self.write({})
        for path, said in ((str(self.config), ": %s." % self.config),
                           ("", ": no file, defaults.")):
            done = subprocess.run(
                [PROGRAM, "--check-config", "-c", path], text=True,
                check=True, stdout=subprocess.PIPE)
            self.assertEqual(done.stdout,
                             "The configuration is good%s\n" % said)

    def test_connectorsctl_tells_the_same(self):
        self.write({"api.workers": "5"})
        found = self.dump("-o", "database.name=x")
        done = subprocess.run(
            [str(CTL), "-c", str(self.config), "config", "--json", "-o",
             "database.name=x"], check=True, stdout=subprocess.PIPE,
            env={**os.environ})
        self.assertEqual(found, {
            row["setting"]: (row["value"], row["origin"])
            for row in json.loads(done.stdout)["data"]})


if __name__ == "__main__":
    unittest.main()
