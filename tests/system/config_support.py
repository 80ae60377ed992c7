"""Configurations for test_config*.py: a good one, changed where a test says so,
and what the program says to it."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from fastcgi import PROGRAM

KEY = "k1:" + "A" * 43 + "=\n"


class Configuration(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="connectors-conf."))
        self.addCleanup(shutil.rmtree, self.folder)
        self.file("ring", KEY)
        self.file("password", "x\n")
        self.config = self.folder / "connectors.conf"
        self.good = {
            "database.socket": self.folder / "none.sock",
            "database.password_file": self.folder / "password",
            "secrets.keyring_file": self.folder / "ring",
            "pool.pid_file": self.folder / "pid",
            "pool.log_file": "",
            "api.listen": "unix:%s/api.sock" % self.folder,
            "test.listen": "unix:%s/test.sock" % self.folder,
            "admin.listen": "unix:%s/admin.sock" % self.folder}

    def file(self, name, text, mode=0o600):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def write(self, changes):
        """The file; returns {setting: its line}. A value of ... leaves the
        setting out; {d} in one is the folder."""
        settings = {**self.good, **changes}
        lines, at, last = [], {}, None
        for name in sorted(settings):
            section, _, short = name.partition(".")
            if settings[name] is ...:
                continue
            if section != last:
                lines.append("[%s]" % section)
            last = section
            value = str(settings[name]).replace("{d}", str(self.folder))
            lines.append("%s = %s" % (short, value))
            at[name] = len(lines)
            lines[-1:] = lines[-1].split("\n")
        self.config.write_text("\n".join(lines) + "\n")
        return at

    def run_program(self, *arguments, **options):
        return subprocess.run(
            [PROGRAM, "-c", str(self.config), *arguments], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            stdin=subprocess.DEVNULL, check=False, **options)

    def check(self, **options):
        return self.run_program("--check-config", **options)

    def accepted(self, changes, **options):
        self.write(changes)
        done = self.check(**options)
        self.assertEqual(done.returncode, 0, (changes, done.stderr))
        self.assertIn("good", done.stdout)

    def complaints(self, done):
        """[(line of the file, setting, text)]"""
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        found = []
        for line in done.stderr.splitlines():
            if line.startswith("{"):
                continue
            match = re.fullmatch(r"connectors-fcgi: %s:(\d+): (\w+\.\w+)(.*)"
                                 % re.escape(str(self.config)), line)
            self.assertIsNotNone(match, line)
            found.append((int(match[1]), match[2], match[3]))
        return found

    def refused(self, changes, *expected, run=None):
        """expected: (setting, words) of each complaint, in any order."""
        at = self.write(changes)
        found = self.complaints((run or self.check)())
        self.assertEqual(sorted(name for _, name, _ in found),
                         sorted(name for name, _ in expected),
                         (changes, found))
        for name, words in expected:
            texts = [text for line, setting, text in found
                     if setting == name and line == at[name]]
            self.assertTrue(any(words in text for text in texts),
                            (changes, name, words, at[name], found))
