"""./dev itself: what its commands print and leave.

Every test has a stack in a temporary folder; CONNECTORS_BUILD says which
programs it runs.
"""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
# Of the stacks, as ./dev reads it.
KIND = os.environ.get("CONNECTORS_DATABASE", "mariadb")
IS_CLUSTER = KIND in ("galera", "group-replication")
# For tests of what a cluster has three of; tests/clusters has its own.
one_server = unittest.skipIf(IS_CLUSTER, "needs a single database server")
LIST = "/api/v1/connectors"


def free_port():
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        return str(plug.getsockname()[1])


class Stack:
    def __init__(self, state):
        self.state, self.port = state, free_port()
        self.base = "http://127.0.0.1:" + self.port

    def dev(self, command, *arguments, status=0):
        result = subprocess.run(
            [str(TOP / "dev"), command, "--state", self.state, *arguments],
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=300)
        if result.returncode != status:
            raise AssertionError("./dev %s: exit %d\n%s" % (
                command, result.returncode, result.stdout))
        return result.stdout

    def up(self, *arguments):
        return self.dev("up", "--port", self.port, *arguments)

    def get(self, path, key):
        request = urllib.request.Request(self.base + path,
                                         headers={"Authorization": key})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def processes(self):
        """Command lines of everything that runs for this folder."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = entry.read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if self.state + "/" in line:
                found.append(line)
        return found


class Case(unittest.TestCase):
    def stack(self, folder=""):
        root = tempfile.mkdtemp(prefix="connectors-dev.")
        self.addCleanup(shutil.rmtree, root, True)
        state = root + folder
        stack = Stack(state)
        self.addCleanup(self.tell, stack)
        self.addCleanup(subprocess.run, [
            str(TOP / "dev"), "down", "--state", state],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return stack

    def tell(self, stack):
        """A word of the log on what went wrong, if something did."""
        log = pathlib.Path(stack.state, "log/connectors.log")
        if log.exists():
            bad = [line for line in log.read_text().splitlines()
                   if '"level":"info"' not in line]
            if bad and not self._outcome.result.wasSuccessful():
                print("\n".join(bad[-5:]))


class Dev(Case):
    def test_from_nothing_to_an_answer_and_back(self):
        stack = self.stack()
        text = stack.up("--workers", "2")
        self.assertIn(stack.base + LIST, text)
        commands = re.findall(r"^ *(curl .*)$", text, re.M)
        self.assertEqual(len(commands), 3, text)
        for command in commands:
            printed = subprocess.run(
                command + " -sf", shell=True, check=True, text=True,
                stdout=subprocess.PIPE, timeout=30).stdout
            self.assertTrue(json.loads(printed)["data"], command)

        self.check_second_up(stack)
        self.check_commands(stack)

        stack.dev("down")
        self.assertEqual(stack.processes(), [])
        self.assertIn("does not run", stack.dev("status", status=3))
        stack.dev("down")

        # The data stay.
        stack.up()
        key = stack.dev("key").strip()
        self.assertEqual(stack.get(LIST, key)[1]["meta"]["total"], 37)

    def check_second_up(self, stack):
        before = sorted(stack.processes())
        self.assertIn("already", stack.up())
        self.assertEqual(sorted(stack.processes()), before)
        self.assertIn("runs", stack.dev("up", "--port", free_port(),
                                        status=1))

    def check_commands(self, stack):
        nodes = 3 if IS_CLUSTER else 1
        self.assertEqual(stack.dev("status").count("runs (pid"), nodes + 2)
        key = stack.dev("key").strip()
        self.assertRegex(key, r"^cak_[0-9A-Za-z]{40,}$")
        self.assertEqual(stack.get(LIST, key)[0], 200)
        self.assertEqual(stack.get(LIST, key + "x")[0], 401)
        count = stack.dev("sql", "-N", "-e",
                          "SELECT COUNT(*) FROM connectors").strip()
        self.assertEqual(count, "40")
        self.assertIn("dev key", stack.dev("ctl", "key", "list"))
        self.assertIn("connectors.log", stack.dev("logs"))

    def test_two_side_by_side(self):
        one, two = self.stack(), self.stack()
        one.up()
        two.up()
        key = one.dev("key").strip()
        self.assertEqual(one.get(LIST, key)[0], 200)
        self.assertEqual(two.get(LIST, key)[0], 401)
        one.dev("down")
        self.assertEqual(one.processes(), [])
        self.assertEqual(two.get(LIST, two.dev("key").strip())[0], 200)

    def test_folder_with_a_long_name_and_a_blank(self):
        stack = self.stack("/a folder with a blank" + "/" + "x" * 100)
        os.makedirs(stack.state)
        stack.up()
        key = stack.dev("key").strip()
        self.assertEqual(stack.get(LIST, key)[0], 200)
        stack.dev("down")
        self.assertEqual(stack.processes(), [])

    def test_without_the_demo(self):
        stack = self.stack()
        self.assertIn("import", stack.up("--no-demo"))
        count = stack.dev("sql", "-N", "-e",
                          "SELECT COUNT(*) FROM connectors").strip()
        self.assertEqual(count, "0")

    def test_wrong_use(self):
        stack = self.stack()
        for arguments in (["--port", "x"], ["--port"], ["--what"],
                          ["--workers", "0"]):
            stack.dev("up", *arguments, status=1)
        self.assertEqual(subprocess.run(
            [str(TOP / "dev"), "what"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode, 2)


if __name__ == "__main__":
    unittest.main()
