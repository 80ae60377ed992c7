"""Several hosts: the one that serves is used, for writes the one that takes
them, and nobody has to be told when that changes.

Most tests have one server behind two proxies, which are the hosts; so both have
the same data, and each can go wrong by itself. Replicas are two servers.
"""
import json
import pathlib
import tempfile
import time
import unittest

from ctl_support import Server
from database_proxy import Proxy
from database_routes import (COUNTS, LIST, Destroy, Index, Show, Store, Update,
                             change)
from pool_database import PoolTest, body
from test_dev import free_port

# A host that cannot serve, and one that takes no writes.
GONE = {1047: "Galera: not ready", 1053: "is stopping", 3032: "offline mode",
        3100: "group replication: hook failed",
        3796: "group replication: not in its group"}
READ_ONLY = {1290: "read only", 1836: "read only mode"}
PASSWORD = "a password of these tests"


class TwoHosts(PoolTest):
    def setUp(self):
        super().setUp()
        self.sql("UPDATE api_keys SET last_used_at = '2100-01-01'")
        self.both = [self.enterContext(
            Proxy(self.server.socket, self.new_folder())) for _ in range(2)]
        self.pool_ = self.pool(
            admin__workers="1", cache__answers="0",
            database__hosts=", ".join(proxy.host for proxy in self.both),
            database__tls_mode="disabled")

    def new_folder(self):
        folder = tempfile.mkdtemp(dir=self.folder)
        return pathlib.Path(folder)

    def counts(self):
        return self.sql(COUNTS)[0]

    def used(self):
        """The host that the worker is connected to, and stays with."""
        for _ in range(10):
            for proxy in self.both:
                proxy.arm()
            self.assertEqual(self.pool_.send(
                self.request(Index.path)).status, 200)
            used = [proxy for proxy in self.both if proxy.steps]
            if len(used) == 1:
                break
        return used[0]

    def steps(self, route):
        """Those of the route once its statements are prepared; the fewest of
        two times: a store may have to seal anew."""
        route.send(route.prepare())
        return min((self.steps_once(route) for _ in range(2)), key=len)

    def steps_once(self, route):
        request, used = route.prepare(), self.used()
        used.arm()
        route.send(request)
        return list(used.steps)

    def strike(self, route, number, at):
        """The host says an error from this step of the route on."""
        route.send(route.prepare())
        request, before, used = route.prepare(), self.counts(), self.used()
        used.arm(number, at)
        try:
            answer = route.send(request)
            self.assertTrue(used.struck, "the error met nothing")
        finally:
            used.heal()
        self.assertEqual(answer.status, route.good, answer.body)
        route.check(answer)
        self.assertEqual(change(before, self.counts()), route.effect)
        again = route.again(True)
        if again is not None:
            self.assertEqual(route.send(again[0]).status, again[1])

    def each_step(self, kind, numbers, since=None):
        route = kind(self)
        steps = self.steps(route)
        begin = 0 if since is None else steps.index(since) + 1
        for number in numbers:
            for at in range(begin, len(steps)):
                with self.subTest(error=number, step=steps[at]):
                    self.strike(route, number, at + 1)

    def test_a_read_goes_on_elsewhere(self):
        for kind in (Index, Show):
            self.each_step(kind, GONE)

    def test_a_store_goes_on_elsewhere(self):
        self.each_step(Store, GONE)

    def test_an_update_goes_on_elsewhere(self):
        self.each_step(Update, GONE)

    def test_a_destroy_goes_on_elsewhere(self):
        self.each_step(Destroy, GONE)

    def test_a_write_that_is_refused_goes_on_elsewhere(self):
        for kind in (Store, Update, Destroy):
            self.each_step(kind, READ_ONLY, "START TRANSACTION")

    def test_no_host_can_serve(self):
        for proxy in self.both:
            proxy.arm(1047, 1)
        self.assertEqual(self.pool_.send(self.request(Index.path)).status,
                         503)
        for proxy in self.both:
            proxy.heal()
        self.pool_.wait_for(lambda: self.pool_.send(
            self.request(Index.path)).status == 200, "an answer", 1)


class Replica(Server):
    """One of two servers: a primary and what follows it."""

    def __init__(self, number):
        self.port = int(free_port())
        self.network = [
            "--bind-address=127.0.0.1", "--port=%d" % self.port,
            "--server-id=%d" % number, "--log-bin=log",
            "--log-slave-updates", "--skip-name-resolve"]
        super().__init__()

    host = property(lambda self: "127.0.0.1:%d" % self.port)

    def words(self, text):
        """All cells of all rows."""
        return [cell for row in self.sql(text) for cell in row]

    def follow(self, other):
        self.sql("CHANGE MASTER TO master_host = '127.0.0.1', master_port = "
                 "%d, master_user = 'follower', master_password = '%s', "
                 "master_use_gtid = slave_pos; START SLAVE; "
                 "SET GLOBAL read_only = 1" % (other.port, PASSWORD))

    def lead(self):
        self.sql("STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0")

    def logins(self):
        """How many the account of the service has ever had."""
        return int(self.words("SHOW GLOBAL STATUS LIKE 'Connections'")[1])

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=60)


class Replicas(PoolTest):
    """A primary, and a replica that is the first of the hosts."""

    def setUp(self):
        self.primary, self.replica = (self.replica_of(n) for n in (1, 2))
        self.primary.sql(
            "CREATE USER follower@'127.0.0.1' IDENTIFIED BY '%s';"
            "GRANT REPLICATION SLAVE ON *.* TO follower@'127.0.0.1';"
            "CREATE USER service@'127.0.0.1' IDENTIFIED BY '%s';"
            "CREATE DATABASE service; "
            "GRANT ALL ON service.* TO service@'127.0.0.1'"
            % (PASSWORD, PASSWORD))
        self.replica.follow(self.primary)
        super().setUp()

    def configuration(self):
        """The replica is the first of the hosts, for connectorsctl too."""
        password = self.folder / "password"
        password.write_text(PASSWORD)
        return {
            "hosts": "%s,%s" % (self.replica.host, self.primary.host),
            "socket": "", "user": "service", "name": "service",
            "password_file": str(password), "tls_mode": "disabled"}

    def replica_of(self, number):
        made = Replica(number)
        self.addCleanup(made.stop)
        return made

    def start(self):
        self.await_replica()
        self.pool_ = self.pool(cache__answers="0", admin__workers="1")

    def await_replica(self):
        """All that the primary has."""
        at = self.primary.words("SELECT @@gtid_binlog_pos")[0]
        self.assertEqual(self.replica.words(
            "SELECT MASTER_GTID_WAIT('%s', 10)" % at), ["0"])

    def status(self, method="GET", data=None):
        path = LIST if method == "POST" else LIST + "/1"
        return self.pool_.send(self.request(
            path, method, json.dumps(data or {}).encode())).status

    def renames(self, name, status=200):
        self.assertEqual(self.status("PUT", {"name": name}), status)

    def name_at(self, server):
        return server.words("SELECT name FROM service.connectors "
                          "WHERE id = 1")

    def test_a_write_finds_the_primary_behind_a_replica(self):
        self.start()
        self.assertEqual(self.status(), 200)
        self.renames("first")
        self.assertEqual(self.name_at(self.primary), ["first"])
        self.assertEqual(self.status("POST", body(1)), 200)

    def test_writes_follow_a_switchover_there_and_back(self):
        self.start()
        self.renames("one")
        self.await_replica()
        self.primary.sql("SET GLOBAL read_only = 1")
        self.replica.lead()
        self.renames("two")
        self.assertEqual(self.name_at(self.replica), ["two"])
        self.replica.sql("SET GLOBAL read_only = 1")
        self.primary.sql("SET GLOBAL read_only = 0")
        self.renames("three")
        self.assertEqual(self.name_at(self.primary), ["three"])

    def test_reads_go_on_over_one_connection_when_nothing_takes_writes(self):
        self.start()
        self.renames("one")
        self.primary.sql("SET GLOBAL read_only = 1")
        self.renames("refused", 503)
        before = [server.logins() for server in (self.primary, self.replica)]
        for _ in range(50):
            self.assertEqual(self.status(), 200)
        after = [server.logins() for server in (self.primary, self.replica)]
        # The count is asked over a connection as well.
        self.assertLess(sum(after) - sum(before), 6)
        self.assertEqual(self.pool_.admin("/ready").status, 503)
        self.primary.sql("SET GLOBAL read_only = 0")
        self.pool_.wait_for(
            lambda: self.status("PUT", {"name": "again"}) == 200,
            "a write", 1)

    def test_reads_and_writes_go_on_when_the_primary_dies(self):
        self.start()
        self.renames("one")
        self.await_replica()
        self.primary.kill()
        self.assertEqual(self.status(), 200)
        self.replica.lead()
        self.pool_.wait_for(
            lambda: self.status("PUT", {"name": "two"}) == 200, "a write", 1)

    def test_connectorsctl_finds_the_primary(self):
        self.ok("key", "create", "--company", "1")
        self.await_replica()
        self.primary.sql("SET GLOBAL read_only = 1")
        self.assertIn("1290", self.fails("key", "create", "--company", "1"))
        self.assertIn("connectors", self.ok("export").out)


if __name__ == "__main__":
    unittest.main()
