"""Writes that arrive cut: whatever is missing of them, nothing happens.

Every beginning of a PUT, a POST and a DELETE, as a web server would send them,
goes straight to the workers of a real stack, ended by FIN or by RST. The
database, the workers and the log must be as they were; then each goes whole
and must do its work, or the beginnings would have proved nothing.
"""
import json
import os
import shutil
import socket
import struct
import tempfile
import time
import unittest

from fastcgi import Pool, log_lines, read_answer, request
from test_dev import LIST, Stack
from test_failures import children, pid_of, run_folder

OPEN_DOOR = 1  # of the demo: an implementation that asks for host and port
FIELDS = {"authentication_implementation_id": OPEN_DOOR, "timezone": "UTC",
          "date_format": "Y-m-d", "rate_limit_unit": "minute",
          "rate_limit_duration": 60}
VARIABLES = [{"key": "host", "label": "Host", "value": "127.0.0.9"},
             {"key": "port", "label": "Port", "value": "9"},
             {"key": "token", "label": "Token", "value": "t", "secret": True}]
REMARK = {"key": "remark", "label": "Remark", "value": "updated too"}
RESET = struct.pack("ii", 1, 0)
HARMLESS = request(LIST)  # without a key: 401, and no trace in the database


def keeping(data):
    """The same request with the flag FCGI_KEEP_CONN."""
    return data[:8 + 2] + b"\1" + data[8 + 3:]


def open_tcp(pool):
    host, port = pool.settings["api__listen"].split(":")
    return socket.create_connection((host, int(port)), 20)


def open_unix(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(20)
    sock.connect(path)
    return sock


def send_some(sock, data):
    """The other side may have closed before all of it is there."""
    try:
        sock.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass


class Writes:
    """A DELETE, a POST and a PUT of one test, which all carry its name."""

    def __init__(self, name, key, connector, victim):
        self.name, self.connector, self.victim = name, connector, victim
        update = {"name": "updated by " + name, "variables": [REMARK]}
        store = {**FIELDS, "name": "stored by " + name,
                 "variables": VARIABLES}
        self.all = {
            method: request(path, method, data and json.dumps(data).encode(),
                            HTTP_AUTHORIZATION=key, HTTP_X_REQUEST_ID=(
                                "cut-%s-%s" % (name, method)))
            for method, path, data in (
                ("DELETE", "%s/%d" % (LIST, victim), b""),
                ("POST", LIST, store),
                ("PUT", "%s/%d" % (LIST, connector), update))}


class CutRequests(unittest.TestCase):
    # A connector to update and one to delete for each test, of the demo's.
    connectors = iter(range(1, 37))

    @classmethod
    def setUpClass(cls):
        cls.target = target = Stack(tempfile.mkdtemp(prefix="connectors-cut."))
        cls.addClassCleanup(shutil.rmtree, target.state, True)
        cls.addClassCleanup(target.dev, "down")
        target.up("--workers", "2")
        cls.key = target.dev("key").strip()
        cls.tables = target.dev("sql", "-N", "-e", "SHOW TABLES").split()
        cls.api = str(run_folder(target) / "api.sock")

    def setUp(self):
        name = self._testMethodName.removeprefix("test_")
        self.writes = Writes(name, self.key, next(self.connectors),
                             next(self.connectors))
        # So that the key is not noted as used by what looks at the effects.
        self.assertEqual(self.show(self.writes.victim)[0], 200)
        self.log = self.target.state + "/log/connectors.log"
        self.parent = pid_of(self.target, "connectors")

    def second_pool(self):
        """Workers that listen on TCP, beside the stack's own."""
        with socket.create_server(("127.0.0.1", 0)) as plug:
            address = "127.0.0.1:%d" % plug.getsockname()[1]
        etc = self.target.state + "/etc"
        pool = Pool(
            api__listen=address, secrets__keyring_file=etc + "/keyring",
            database__socket=str(run_folder(self.target) / "database.sock"),
            database__password_file=etc + "/database-password")
        self.addCleanup(pool.__exit__)
        self.log, self.parent = str(pool.log), pool.process.pid
        return pool

    def show(self, connector):
        return self.target.get("%s/%d?include=variables" % (LIST, connector),
                               self.key)

    def state(self):
        """What cut requests must leave alone: every row, every worker."""
        return self.target.dev(
            "sql", "-N", "-e", "CHECKSUM TABLE " + ",".join(self.tables)), \
            sorted(children(self.parent))

    def served(self):
        """(method, status) of the requests of this test that were served."""
        lines = log_lines(self.log)
        self.assertEqual([line for line in lines
                          if "died" in line["message"]
                          or "killed" in line["message"]], [])
        mine = "cut-" + self.writes.name
        return [(line["method"], line["status"]) for line in lines
                if line.get("request_id", "").startswith(mine)]

    def check(self, connect, flagged, cut):
        """cut(sock, data) for each beginning of each write, on a connection
        of its own; then all of them whole."""
        before = self.state()
        for data in self.writes.all.values():
            data = flagged(data)
            for end in range(len(data)):
                with connect() as sock:
                    cut(sock, data[:end])
        with connect() as sock:
            sock.sendall(HARMLESS)
            self.assertEqual(read_answer(sock).status, 401)
        time.sleep(0.5)  # for what a worker may still have in hand
        self.assertEqual(self.state(), before)
        self.assertEqual(self.served(), [])
        self.check_whole(connect, flagged)

    def check_whole(self, connect, flagged):
        answers = {}
        for method, data in self.writes.all.items():
            with connect() as sock:
                sock.sendall(flagged(data))
                answers[method] = read_answer(sock)
                self.assertEqual(answers[method].status, 200,
                                 answers[method].body)
        self.assertEqual(self.show(self.writes.victim)[0], 404)
        made = self.show(answers["POST"].json()["data"]["id"])[1]["data"]
        self.assertEqual(made["name"], "stored by " + self.writes.name)
        self.assertEqual([one["key"] for one in made["variables"]],
                         [one["key"] for one in VARIABLES])
        updated = self.show(self.writes.connector)[1]["data"]
        self.assertEqual(updated["name"], "updated by " + self.writes.name)
        self.assertIn(REMARK["value"],
                      [one["value"] for one in updated["variables"]])
        self.assertEqual(sorted(self.served()), [
            ("DELETE", 200), ("POST", 200), ("PUT", 200)])

    def end_by_fin(self, sock, data):
        send_some(sock, data)
        try:
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            return  # closed by the other side
        self.assertIsNone(read_answer(sock), len(data))

    def end_by_reset(self, sock, data):
        """Now and then the worker has the time to take it in first."""
        send_some(sock, data)
        if len(data) % 2:
            time.sleep(0.001)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    def end_second_by_fin(self, sock, data):
        """Behind a whole request, if the connection is kept after it."""
        sock.sendall(keeping(HARMLESS))
        self.assertEqual(read_answer(sock).status, 401)
        self.end_by_fin(sock, data)

    def test_fin(self):
        self.check(lambda: open_unix(self.api), bytes, self.end_by_fin)

    def test_fin_and_keep(self):
        self.check(lambda: open_unix(self.api), keeping, self.end_by_fin)

    def test_fin_behind_another(self):
        self.check(lambda: open_unix(self.api), keeping,
                   self.end_second_by_fin)

    def test_reset(self):
        pool = self.second_pool()
        self.check(lambda: open_tcp(pool), bytes, self.end_by_reset)

    def test_reset_and_keep(self):
        pool = self.second_pool()
        self.check(lambda: open_tcp(pool), keeping, self.end_by_reset)


if __name__ == "__main__":
    unittest.main()
