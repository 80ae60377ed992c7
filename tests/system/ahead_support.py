"""Requests that wait together: on kept connections of workers that are stopped
meanwhile, so that each finds all of them when it goes on."""
import contextlib
import hashlib
import os
import signal
import subprocess
import time

from fastcgi import read_answer, request
from fragment_support import FragmentTest
from pool_support import is_stopped
from test_shared_cache import counts

LIST = "/api/v1/connectors"
READ_AHEAD = "connectors_requests_read_ahead_total"
STATEMENTS = "connectors_database_statements_total"
# How the keys of a company differ.
RIGHTS = {"all": (1, 1, 1), "reads": (1, 0, 0), "writes": (0, 1, 1)}


def tell(pids, number):
    """A worker that refused while others were busy may have ended."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def is_still(pid):
    return not os.path.exists("/proc/%d" % pid) or is_stopped(pid)


@contextlib.contextmanager
def stopped(pool, pids=None):
    pids = pids or pool.serving()
    tell(pids, signal.SIGSTOP)
    try:
        pool.wait_for(lambda: all(map(is_still, pids)), "that they stop")
        yield
    finally:
        tell(pids, signal.SIGCONT)


def facts(answer):
    """All of an answer but for what no two have alike."""
    return answer.status, answer.body, {
        name: value for name, value in answer.headers.items()
        if name not in ("x-request-id", "date")}


def send_all(socks, requests):
    assert len(requests) <= len(socks)
    for sock, data in zip(socks, requests):
        sock.sendall(data)


def answers(socks, n):
    return [read_answer(sock) for sock in socks[:n]]


class AheadTest(FragmentTest):
    """Companies 1 and 2 with connectors to everything."""

    def setUp(self):
        super().setUp()
        self.alone = self.pool(cache__answers="0", cache__catalogue="0",
                               limits__keys_together="1")
        # Nobody notes the use of a key meanwhile: that is a statement.
        self.sql("UPDATE api_keys SET last_used_at = '2100-01-01'")

    def add_keys(self, company, n, rights="all", more="NULL, NULL"):
        """Texts of new ones; more: until when, and since when revoked."""
        self.key_number = getattr(self, "key_number", 0)
        made = []
        for _ in range(n):
            self.key_number += 1
            made.append("cak_" + hashlib.sha256(
                b"%d" % self.key_number).hexdigest()[:40])
            self.sql(
                "INSERT INTO api_keys (company_id, name, key_hash, can_read, "
                "can_write, can_test, expires_at, revoked_at, last_used_at, "
                "created_at, updated_at) VALUES (%d, 'K', '%s', %d, %d, %d, "
                "%s, '2100-01-01', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))" % (
                    company, hashlib.sha256(made[-1].encode()).hexdigest(),
                    *RIGHTS[rights], more))
        return made

    def ids(self, company):
        return [int(id) for id, in self.sql(
            "SELECT id FROM connectors WHERE company_id = %d "
            "ORDER BY id" % company)]

    @staticmethod
    def with_key(key, path=LIST, method="GET", body=b"", **more):
        return request(path, method, body, keep=True,
                       HTTP_AUTHORIZATION="Bearer " + key, **more)

    def kept(self, pool, n, requests=()):
        """Connections that were used already: for each of the requests once,
        so that one worker at least knows the keys."""
        socks = [pool.connect() for _ in range(n)]
        for sock in socks:
            self.addCleanup(sock.close)
        for i in range(max(n, len(requests))):
            sock = socks[i % n]
            sock.sendall(requests[i % len(requests)] if requests
                         else request(keep=True))
            self.assertIsNotNone(read_answer(sock))
        pool.wait_for(pool.is_idle, "all lines of the log")
        return socks

    @contextlib.contextmanager
    def locked(self, table):
        """Whoever asks for it waits; the statements are the server's own."""
        client = subprocess.Popen(
            ["mariadb", "--no-defaults", "-S", self.server.socket, "-N",
             "--unbuffered", self.database], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        try:
            client.stdin.write(b"LOCK TABLES %s WRITE; SELECT 1;\n"
                               % table.encode())
            client.stdin.flush()
            self.assertEqual(client.stdout.readline(), b"1\n")
            yield
        finally:
            client.communicate(timeout=20)

    def wait_for_blocked(self, n):
        wait_until(lambda: int(self.server.sql(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE db = "
            "'%s' AND state LIKE 'Waiting for table%%'" % self.database)
            [0][0]) >= n)

    def together(self, pool, socks, requests):
        with stopped(pool):
            send_all(socks, requests)
        return answers(socks, len(requests))

    def costs(self, pool, socks, requests):
        """Answers; statements; how many requests were read ahead."""
        before, = counts(pool, READ_AHEAD)
        served = len(pool.served())
        got = self.together(pool, socks, requests)
        lines = pool.wait_for(lambda: self.new_lines(
            pool, served, len(requests)), "the log")
        return got, sum(line.get("statements", 0) for line in lines), \
            counts(pool, READ_AHEAD)[0] - before

    @staticmethod
    def new_lines(pool, before, n):
        """Of the API, once there are so many."""
        lines = [line for line in pool.served()[before:]
                 if line["lane"] == "api"]
        return lines if len(lines) == n else None

    def check_same(self, got, requests, what=""):
        """As of a pool that reads each for itself and keeps nothing."""
        for number, (answer, data) in enumerate(zip(got, requests)):
            self.assertIsNotNone(answer, (what, number, data))
            self.assertEqual(facts(answer), facts(self.alone.send(data)),
                             (what, number, data))


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()
