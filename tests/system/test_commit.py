"""A connection that dies with COMMIT: what is answered is what is stored."""
import json
import os
import signal
import socket
import threading
import unittest
import urllib.error
import urllib.request

from test_dev import Case, LIST, one_server
from test_failures import children, pid_of, run_folder

# COM_QUERY in a packet: three bytes of length, its number, 3, the statement.
COMMIT = b"\x07\x00\x00\x00\x03COMMIT"
EVERY = 10 ** 9


class Between:
    """Stands at the database's socket in its place. The next connections
    that send COMMIT are cut: as many as cut says, before the server reads
    it, or after it has answered."""

    def __init__(self, path):
        self.path, self.real = path, path.with_suffix(".real")
        self.cut, self.answered = 0, False

    def __enter__(self):
        self.path.rename(self.real)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.real.replace(self.path)

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self.real))
            threading.Thread(target=self.serve, args=(client, server),
                             daemon=True).start()

    def serve(self, client, server):
        """One to the other in turn: the protocol is question and answer."""
        back = threading.Thread(target=pass_on, args=(server, client),
                                daemon=True)
        with client, server:
            back.start()
            while data := client.recv(65536):
                if self.cut and data == COMMIT:
                    self.cut -= 1
                    client.shutdown(socket.SHUT_WR)
                    if self.answered:
                        server.sendall(data)
                        back.join() # it ends with what cannot be passed on
                    break
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)


def pass_on(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass


@one_server
class Commit(Case):
    def setUp(self):
        self.target = self.stack()
        self.target.up("--workers", "2")
        self.key = self.target.dev("key").strip()
        # Or the note of its use would be a COMMIT as well.
        self.target.dev("sql", "-e",
                        "UPDATE api_keys SET last_used_at = '2100-01-01'")
        self.between = Between(run_folder(self.target) / "database.sock")

    def listed(self):
        status, body = self.target.get(LIST, self.key)
        self.assertEqual(status, 200, body)
        return body["data"]

    def update(self, name):
        """The status of an update; the workers' connections are new ones."""
        for worker in children(pid_of(self.target, "connectors")):
            os.kill(worker, signal.SIGKILL)
        request = urllib.request.Request(
            "%s%s/%d" % (self.target.base, LIST, self.listed()[0]["id"]),
            json.dumps({"name": name}).encode(),
            {"Authorization": self.key, "Content-Type": "application/json"},
            method="PUT")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def check(self, cut, answered, status, times):
        """What is answered, and how many times it was written."""
        with self.between as between:
            between.cut, between.answered = cut, answered
            self.assertEqual(self.update("Renamed"), status)
            self.assertLess(between.cut, cut, "no COMMIT was cut")
            between.cut = 0
            self.assertEqual([row["name"] for row in self.listed()]
                             .count("Renamed"), times)
        self.assertEqual(self.target.dev(
            "sql", "-N", "-e", "SELECT COUNT(*) FROM audit_events "
            "WHERE action = 'update'").split(), [str(times)])

    def test_commit_never_arrives(self):
        self.check(1, False, 200, 1)

    def test_commit_arrives_at_last(self):
        self.check(6, False, 200, 1)

    def test_commit_is_done_and_its_answer_lost(self):
        self.check(1, True, 200, 1)

    def test_no_commit_arrives(self):
        self.check(EVERY, False, 503, 0)


if __name__ == "__main__":
    unittest.main()
