"""A home on a shared server with the program in it, made by the commands of
docs/shared-hosting.md, word for word. CONNECTORS_BUILD says which build `make
install` installs.
"""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from fastcgi import TOP, read_answer, request

PAGE = (TOP / "docs/shared-hosting.md").read_text()
BUILD = pathlib.Path(os.environ.get("CONNECTORS_BUILD", TOP / "build"))
UNAVAILABLE = 77 # exit status of ./dev
MADE = {"install": "make install", "configure": "cat >etc/connectors.conf",
        "data": "ctl migrate", "script": "public_html/connectors.fcgi\" <<",
        "spawn": "run/api.sock\" -M", "reload": "kill -HUP",
        "end": "kill \"$(cat", "many": "multiwatch"}


def blocks():
    """The tested commands of the page, by what they are for."""
    found = re.findall(r"<!-- tested -->\n```sh\n(.*?)```", PAGE, re.S)
    named = {name: [text for text in found if words in text]
             for name, words in MADE.items()}
    if len(found) != len(MADE) or any(len(v) != 1 for v in named.values()):
        raise AssertionError("the page and MADE differ")
    return {name: texts[0] for name, texts in named.items()}


class Home(unittest.TestCase):
    database = () # options of ./dev up

    @classmethod
    def setUpClass(cls):
        cls.blocks = blocks()
        cls.state = tempfile.mkdtemp(prefix="connectors-hosting.")
        cls.home = pathlib.Path(cls.state) / "home/alice"
        (cls.home / "public_html").mkdir(parents=True)
        cls.addClassCleanup(shutil.rmtree, cls.state, True)
        cls.addClassCleanup(cls.dev, "down")
        with socket.socket() as plug:
            plug.bind(("127.0.0.1", 0))
            port = str(plug.getsockname()[1])
        # The host's database, made by the host.
        try:
            cls.dev("up", "--port", port, "--workers", "1", "--no-demo",
                    *cls.database)
        except subprocess.CalledProcessError as error:
            if error.returncode == UNAVAILABLE:
                raise unittest.SkipTest("this database is not to be had")
            raise
        cls.prepare_database()
        (cls.home / "catalogue.json").write_text((
            TOP / "demo/catalogue.json").read_text().replace("@PORT@", "80"))
        cls.run_block("install", cwd=BUILD)
        cls.run_block("configure")
        cls.key = re.search(r"^cak_\w+$", cls.run_block("data", status=None),
                            re.M).group(0)

    @classmethod
    def dev(cls, command, *arguments):
        return subprocess.run(
            [str(TOP / "dev"), command, "--state", cls.state + "/stack",
             *arguments], text=True, check=True, timeout=300,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout

    @classmethod
    def prepare_database(cls):
        cls.make_database("alice_connectors", "alice", "the password")

    @classmethod
    def make_database(cls, name, user, password):
        """As the administrator; the options that the account needs then."""
        path = pathlib.Path(cls.state) / "password"
        path.write_text(password)
        options = ["-o", "database.name=" + name, "-o", "database.user="
                   + user, "-o", "database.password_file=" + str(path)]
        cls.dev("ctl", "database", "init", *options)
        return options

    @classmethod
    def run_block(cls, name, status=0, cwd=None):
        """Runs commands of the page; of what they hold only the place of the
        database server is changed. status None: nobody minds."""
        text = cls.blocks[name].replace(
            "/run/mysqld/mysqld.sock", cls.state + "/stack/run/database.sock")
        result = subprocess.run(
            ["sh", "-c", ("" if status is None else "set -e\n") + text],
            text=True, cwd=cwd or cls.home, timeout=300,
            env={**os.environ, "HOME": str(cls.home)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        if status is not None and result.returncode != status:
            raise AssertionError("%s: exit %d\n%s" % (
                name, result.returncode, result.stdout))
        return result.stdout

    def wait_for(self, condition, what):
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.05)

    def ask(self, path, name="api.sock", method="GET"):
        """As a web server that is not nginx asks: without the last word."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(30)
            sock.connect(str(self.home / "connectors/run" / name))
            sock.sendall(request(path, method=method, end=False,
                                 HTTP_AUTHORIZATION=self.key))
            return read_answer(sock)

    def check_answers(self, name="api.sock"):
        answer = self.ask("/api/v1/connectors/1?include=variables", name)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json()["data"]["id"], 1)
        # 127.0.0.1 is not for tests, so it is judged and refused.
        answer = self.ask("/api/v1/connectors/3/test", name, "POST")
        self.assertEqual(answer.status, 422, answer.body)
        self.assertEqual(answer.json()["test"]["reason"], "address_refused")

    def pid(self):
        return int((self.home / "connectors/run/pid").read_text())

    def end(self):
        pid = self.pid()
        self.run_block("end")
        self.wait_for(lambda: not os.path.exists("/proc/%d" % pid),
                      "the pool does not end")
