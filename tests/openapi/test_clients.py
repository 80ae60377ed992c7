"""Clients that are made from the document, each through the whole life of a
connector: found by includes and filters, stored, changed, tested, deleted."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import urllib.request
import uuid

import tools

BASE = os.environ["CONNECTORS_BASE_URL"]
# Of the catalogue: an implementation whose test asks nobody, and its system.
IMPLEMENTATION, SYSTEM = "402", "Write shop"
COMPANY = "4"


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        key = subprocess.run(
            [str(tools.TOP / "dev"), "ctl", "--state",
             os.environ["CONNECTORS_STATE"], "key", "create", "--company",
             COMPANY], check=True, capture_output=True, text=True,
            timeout=60).stdout.split()[-1]
        cls.environment = {"CONNECTORS_KEY": key, "SYSTEM": SYSTEM,
                           "IMPLEMENTATION": IMPLEMENTATION}

    def live(self, *command, cwd=tools.HERE):
        result = subprocess.run(
            command, cwd=cwd, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
            env={**os.environ, **self.environment, "ONCE": str(uuid.uuid4())})
        self.assertEqual((result.returncode, result.stdout), (0, "lived\n"))

    def test_typescript(self):
        tools.install()
        folder = pathlib.Path(tempfile.mkdtemp(dir=tools.FOLDER))
        self.addCleanup(shutil.rmtree, folder)
        shutil.copy(tools.HERE / "life.ts", folder)
        shutil.copy(tools.HERE / "package.json", folder)
        with urllib.request.urlopen(BASE + "/api/v1/openapi.json",
                                    timeout=30) as answer:
            (folder / "openapi.json").write_bytes(answer.read())
        for program, *arguments in (
                ("openapi-typescript", "openapi.json", "-o", "api.d.ts"),
                ("tsc", "--strict", "--noUncheckedIndexedAccess", "--target",
                 "es2022", "--module", "nodenext", "--skipLibCheck",
                 "life.ts")):
            status, output = tools.run(program, *arguments, cwd=folder)
            self.assertEqual(status, 0, output)
        self.live("node", "life.js", cwd=folder)

    def test_perl(self):
        if subprocess.run(["perl", "-MOpenAPI::Client", "-e1"],
                          capture_output=True).returncode != 0:
            self.skipTest("libopenapi-client-perl is not installed")
        self.live("perl", "life.pl")


if __name__ == "__main__":
    unittest.main()
