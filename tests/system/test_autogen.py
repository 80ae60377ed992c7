"""./autogen.sh says which package is missing."""
import glob
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
MACROS = subprocess.run(["aclocal", "--print-ac-dir"], check=True, text=True,
                        stdout=subprocess.PIPE).stdout.strip()
TOOLS = ["sh", "dirname", "mkdir", "env", "perl", "m4"]


class Autogen(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory(prefix="connectors-autogen.")
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name)
        for name in ("autogen.sh", "configure.ac", "Makefile.am"):
            shutil.copy(TOP / name, self.folder)

    def autogen(self, **environment):
        return subprocess.run(
            [str(self.folder / "autogen.sh")], timeout=300, text=True,
            env={**os.environ, **environment}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def without(self, pattern):
        """With the macros of this machine but for those."""
        macros = self.folder / "macros"
        macros.mkdir()
        left_out = set(glob.glob(MACROS + "/" + pattern))
        self.assertTrue(left_out)
        for path in glob.glob(MACROS + "/*"):
            if path not in left_out:
                (macros / os.path.basename(path)).symlink_to(path)
        return self.autogen(
            ACLOCAL="aclocal --system-acdir=%s" % macros, ACLOCAL_PATH="")

    def assert_missing(self, result, package):
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"missing \(Debian: .*" + package)
        self.assertNotIn("undefined macro", result.stdout)
        self.assertFalse((self.folder / "configure").exists())

    def test_without_autoconf_archive(self):
        self.assert_missing(self.without("ax_*.m4"), "autoconf-archive")

    def test_without_pkg_config(self):
        self.assert_missing(self.without("pkg.m4"), "pkg")

    def test_without_autoconf_or_automake(self):
        for there, package in (([], "autoconf"),
                               (["autoreconf", "autoconf"], "automake")):
            folder = self.folder / ("bin-%d" % len(there))
            folder.mkdir()
            for name in TOOLS + there:
                (folder / name).symlink_to(shutil.which(name))
            self.assert_missing(self.autogen(PATH=str(folder)), package)

    def test_with_all_of_them(self):
        result = self.autogen()
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertTrue((self.folder / "configure").exists())


if __name__ == "__main__":
    unittest.main()
