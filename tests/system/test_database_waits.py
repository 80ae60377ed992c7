"""A database that lets clients wait: for a row's lock, for COMMIT, for any
answer at all. Every answer comes in time, and nobody waits twice for the same.
"""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

from ctl_support import CtlTest, Server, needs_mariadb
from database_proxy import Proxy
from database_routes import LIST
from pool_database import PoolTest, body
from probe_support import free_port

SOON = 1.5   # seconds for what does not wait, on a busy machine
BOUND = 3.5  # for what waits as long as it may, which is 2.2
# Of a real server: COMMIT waits, each statement before it does not.
HOLD_COMMITS = "; ".join("BACKUP STAGE " + stage for stage in (
    "START", "FLUSH", "BLOCK_DDL", "BLOCK_COMMIT"))
UNUSED = "UPDATE api_keys SET last_used_at = NULL"


class Client:
    """Of the server; holds what its statement takes until it is closed."""

    def __init__(self, socket, database, statement):
        self.process = subprocess.Popen(
            ["mariadb", "--no-defaults", "-S", socket, "-N", "--unbuffered",
             database], stdin=subprocess.PIPE, text=True,
            stdout=subprocess.PIPE)
        self.process.stdin.write(statement + "; SELECT 'held';\n")
        self.process.stdin.flush()
        while self.process.stdout.readline() != "held\n":
            assert self.process.poll() is None, statement

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()


class Waits(PoolTest):
    def held(self, statement):
        return Client(self.server.socket, self.database, statement)

    def setUp(self):
        super().setUp()
        self.sql("UPDATE authentication_types SET `key` = 'none'")

    def timed(self, ask, bound):
        """The answer, which comes in time."""
        begun = time.monotonic()
        answer = ask()
        took = time.monotonic() - begun
        self.assertIsNotNone(answer)
        self.assertLess(took, bound, answer.status)
        return answer

    def list_soon(self, pool):
        answer = self.timed(lambda: pool.send(self.request(LIST)), SOON)
        self.assertEqual(answer.status, 200, answer.body)

    def used(self):
        return self.sql("SELECT last_used_at IS NOT NULL FROM api_keys "
                        "WHERE company_id = 1")[0][0] == "1"

    def statements(self, pool):
        return pool.metrics()["connectors_database_statements_total"]

    def settled(self, pool):
        """Once that of a worker is counted, too, that refused meanwhile."""
        while True:
            before = self.statements(pool)
            time.sleep(0.3)
            if self.statements(pool) == before:
                return before


class Notes(Waits):
    """Of the use of a key."""

    def test_use_is_noted_after_the_answer(self):
        pool = self.pool()
        for _ in range(2):
            self.sql(UNUSED)
            self.list_soon(pool)
            pool.wait_for(self.used, "the note")

    def test_once_a_minute(self):
        pool = self.pool(cache__answers="0")
        self.list_soon(pool)
        pool.wait_for(self.used, "the note")
        pool.wait_for(pool.is_idle, "the worker")
        before = self.statements(pool)
        for _ in range(3):
            self.list_soon(pool)
        # The key with the count of the list, and its rows.
        pool.wait_for(lambda: self.statements(pool) == before + 6,
                      "6 statements")

    def none_runs(self):
        """The server has ended, too, what the pool gave up."""
        return self.server.sql(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE db = "
            "'%s' AND info IS NOT NULL" % self.database) == [("0",)]

    def check_held(self, statement):
        """Answers come at once, and after one attempt nobody tries again."""
        pool = self.pool(cache__answers="0")
        self.list_soon(pool)
        pool.wait_for(self.used, "the note")
        self.sql(UNUSED)
        with self.held(statement):
            self.list_soon(pool)
            pool.wait_for(pool.is_idle, "the worker", 2)
            before = self.settled(pool)
            for _ in range(5):
                self.list_soon(pool)
            pool.wait_for(pool.is_idle, "the worker", 2)
            self.assertLessEqual(self.statements(pool), before + 5 * 2 + 1)
            # Released before that, a COMMIT that nobody waits for is done.
            pool.wait_for(self.none_runs, "the end at the server", 3)
        self.assertFalse(self.used())

    def test_locked_row(self):
        self.check_held("BEGIN; SELECT * FROM api_keys FOR UPDATE")

    def test_table_that_may_only_be_read(self):
        self.check_held("LOCK TABLES api_keys READ")

    def test_read_lock_of_all_tables(self):
        self.check_held("FLUSH TABLES WITH READ LOCK")

    @needs_mariadb("BACKUP STAGE")
    def test_commit_hangs(self):
        self.check_held(HOLD_COMMITS)

    def test_another_key_is_noted_while_one_is_locked(self):
        pool = self.pool()
        with self.held("BEGIN; SELECT * FROM api_keys WHERE company_id = 1 "
                       "FOR UPDATE"):
            self.list_soon(pool)
            self.assertEqual(
                pool.send(self.request(LIST, company=2)).status, 200)
            pool.wait_for(lambda: self.sql(
                "SELECT last_used_at IS NOT NULL FROM api_keys "
                "WHERE company_id = 2") == [("1",)], "the note")


class Commits(Waits):
    """COMMIT gets no answer, all else does: what is the same however."""

    def ready(self, pool):
        return self.timed(lambda: pool.admin("/ready"), BOUND)

    def wait_for_ready(self, pool, status, seconds):
        pool.wait_for(lambda: self.ready(pool).status == status,
                      "ready %d" % status, seconds)

    def check_told(self, pool):
        """That nothing can be written."""
        answer = self.ready(pool)
        self.assertEqual(answer.status, 503)
        self.assertEqual(answer.json()["checks"], {
            "database": True, "schema": True, "read": True, "write": False,
            "keys": None})

    def check_routes(self, pool):
        """Reads are served, writes refused, all in time."""
        connector = LIST + "/1"
        for path, method, data, status in (
                (LIST, "GET", None, 200),
                (connector + "?include=variables", "GET", None, 200),
                (connector + "/test", "POST", None, 503),
                (LIST, "POST", body(1, "k"), 503),
                (connector, "PUT", {"name": "other"}, 503),
                (connector, "DELETE", None, 503)):
            data = b"" if data is None else json.dumps(data).encode()
            answer = self.timed(lambda: pool.send(
                self.request(path, method, data)), BOUND)
            self.assertEqual(answer.status, status, (method, path))
            if status == 503:
                self.assertIn("retry-after", answer.headers)


class Held(Commits):
    @needs_mariadb("BACKUP STAGE")
    def test_backup_holds_commits(self):
        pool = self.pool(cache__answers="0")
        self.wait_for_ready(pool, 200, 5)
        with self.held(HOLD_COMMITS):
            self.wait_for_ready(pool, 503, 3)
            self.check_told(pool)
            self.check_routes(pool)
        self.wait_for_ready(pool, 200, 3)
        self.assertEqual(self.sql("SELECT COUNT(*) FROM data_versions "
                                  "WHERE company_id < 0"), [("0",)])

    def test_no_commit_comes_back(self):
        with Proxy(self.server.socket, self.folder) as proxy:
            pool = self.pool(cache__answers="0",
                             database__socket=proxy.socket)
            self.wait_for_ready(pool, 200, 5)
            proxy.swallowed = "COMMIT"
            self.wait_for_ready(pool, 503, 3)
            self.check_told(pool)
            self.check_routes(pool)
            proxy.swallowed = None
            self.wait_for_ready(pool, 200, 3)

    def commits(self):
        return int(self.server.sql("SHOW GLOBAL STATUS LIKE 'Com_commit'")
                   [0][1])

    def test_ready_commits_once_a_second_at_most(self):
        pool = self.pool()
        self.wait_for_ready(pool, 200, 5)
        before, begun = self.commits(), time.monotonic()
        asked = 0
        while time.monotonic() < begun + 2.5:
            self.assertEqual(self.ready(pool).status, 200)
            asked += 1
        self.assertGreater(asked, 20)
        self.assertLessEqual(self.commits() - before,
                             time.monotonic() - begun + 1)


class OwnServer(Server):
    """On a port too, with TLS for whom wants it, and with a binary log."""

    def __init__(self, folder):
        self.port = free_port()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-keyout", "%s/key" % folder, "-out",
             "%s/cert" % folder], check=True, capture_output=True)
        os.chmod("%s/key" % folder, 0o644)
        os.chmod(folder, 0o755)
        self.network = ["--bind-address=127.0.0.1", "--port=%d" % self.port,
                        "--ssl-key=%s/key" % folder, "--log-bin",
                        "--ssl-cert=%s/cert" % folder]
        super().__init__()

    @contextlib.contextmanager
    def stopped(self):
        self.process.send_signal(signal.SIGSTOP)
        # On a busy machine its threads go on until each has its turn.
        while any(stat.read_text().rsplit(")", 1)[1].split()[0] != "T"
                  for stat in pathlib.Path("/proc").glob(
                      "%d/task/*/stat" % self.process.pid)):
            time.sleep(0.01)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


class OnOwnServer(Waits):
    @classmethod
    def setUpClass(cls):
        root = tempfile.TemporaryDirectory(prefix="connectors-waits.")
        cls.addClassCleanup(root.cleanup)
        cls.shared, CtlTest.server = CtlTest.server, OwnServer(
            pathlib.Path(root.name))
        super().setUpClass()
        cls.server.sql("CREATE USER t@'127.0.0.1' IDENTIFIED BY 'x'; "
                       "GRANT ALL ON *.* TO t@'127.0.0.1'")

    @classmethod
    def tearDownClass(cls):
        CtlTest.server.stop()
        CtlTest.server = cls.shared


class Unacknowledged(OnOwnServer, Commits):
    """A replica has to have each COMMIT, and there is none: the server waits,
    also for a client that has left."""

    @contextlib.contextmanager
    def waiting(self):
        self.server.sql("SET GLOBAL rpl_semi_sync_master_timeout = 3600000; "
                        "SET GLOBAL rpl_semi_sync_master_enabled = 1")
        try:
            yield
        finally:
            self.server.sql("SET GLOBAL rpl_semi_sync_master_enabled = 0")

    def test_routes(self):
        pool = self.pool(cache__answers="0")
        self.wait_for_ready(pool, 200, 5)
        with self.waiting():
            self.wait_for_ready(pool, 503, 3)
            self.check_told(pool)
            self.check_routes(pool)
        self.wait_for_ready(pool, 200, 3)

    def test_ready_leaves_one_hanging_commit(self):
        pool = self.pool()
        self.wait_for_ready(pool, 200, 5)
        with self.waiting():
            for _ in range(12):
                self.ready(pool)
                time.sleep(0.25)
            self.check_told(pool)
            self.assertEqual(self.server.sql(
                "SELECT COUNT(*) FROM information_schema.processlist "
                "WHERE info = 'COMMIT'"), [("1",)])
        self.wait_for_ready(pool, 200, 3)


class Stopped(OnOwnServer):
    """SIGSTOP: the server's connections stay, and nothing comes on them."""

    def over_tcp(self, mode):
        password = self.folder / "password"
        password.write_text("x")
        password.chmod(0o600)
        return self.pool(
            cache__answers="0", database__user="t", database__tls_mode=mode,
            database__password_file=str(password),
            database__hosts="127.0.0.1:%d" % self.server.port)

    def check(self, pool):
        write = json.dumps(body(1)).encode()
        for ask in (lambda: pool.send(self.request(LIST)),
                    lambda: pool.send(self.request(LIST, "POST", write)),
                    lambda: pool.send(self.request(LIST + "/1/test", "POST"))):
            self.assertEqual(ask().status, 200)
            pool.wait_for(pool.is_idle, "the worker")
            with self.server.stopped():
                self.assertEqual(self.timed(ask, BOUND).status, 503)
                # There is no connection any more, and none to be had.
                self.assertEqual(self.timed(ask, BOUND).status, 503)
            pool.wait_for(lambda: ask().status == 200, "recovery", 5)
        self.assertEqual(pool.admin("/ready").status, 200)
        with self.server.stopped():
            pool.wait_for(lambda: self.timed(
                lambda: pool.admin("/ready"), BOUND).status == 503, "503", 3)

    def test_over_tls(self):
        self.check(self.over_tcp("required"))

    def test_in_the_clear(self):
        self.check(self.over_tcp("disabled"))

    def test_over_a_unix_socket(self):
        self.check(self.pool(cache__answers="0"))


if __name__ == "__main__":
    unittest.main()
