"""A cluster of three nodes by ./dev up, what can befall its nodes, and a pool of
connectors-fcgi for each node.

Nodes are 1, 2 and 3. Every fault has a way back, and `heal` takes it.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/system"))

from fastcgi import request  # noqa: E402
from test_admin_direct import AdminPool  # noqa: E402
from test_dev import free_port  # noqa: E402

NODES = (1, 2, 3)
DETECTION = 5  # seconds until a group suspects a member that is silent
UNAVAILABLE = 77  # exit status of ./dev: what the kind needs cannot be had


class Cluster:
    """The stack; its own pool is not used by the tests."""

    def __init__(self, kind, *options):
        self.kind = kind
        self.state = tempfile.mkdtemp(prefix="connectors-cluster.")
        try:
            self.dev("up", "--database", kind, "--port", free_port(),
                     *options)
            self.key = self.dev("key").strip()
            self.base = int(self.fact("node-ports"))
            self.sql(1, "CREATE DATABASE watch; CREATE TABLE watch.beats "
                     "(id INT PRIMARY KEY, n BIGINT NOT NULL)")
        except BaseException:
            self.close()
            raise

    def close(self):
        for node in NODES:
            with contextlib.suppress(OSError, ValueError):
                self.signal(node, signal.SIGCONT)
        subprocess.run([str(TOP / "dev"), "down", "--state", self.state],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.state)

    def dev(self, command, *arguments):
        done = subprocess.run(
            [str(TOP / "dev"), command, "--state", self.state, *arguments],
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=600)
        if done.returncode == UNAVAILABLE:
            raise unittest.SkipTest(done.stdout.splitlines()[-1])
        if done.returncode != 0:
            raise RuntimeError(done.stdout)
        return done.stdout

    def fact(self, name):
        return pathlib.Path(self.state, "facts", name).read_text().strip()

    def port(self, node, offset=0):
        return self.base + (node - 1) * 4 + offset

    def name(self, node):
        return "database" + ("" if node == 1 else str(node))

    def socket(self, node):
        return "%s/run/%s.sock" % (self.state, self.name(node))

    def pid(self, node):
        return int(pathlib.Path(self.state, "run", self.name(node) + ".pid")
                   .read_text())

    def client(self, node, database="mysql"):
        return ["mariadb", "--no-defaults", "-uroot", "-N", "-B", "-S",
                self.socket(node), database]

    def sql(self, node, text, database="mysql", timeout=60):
        """Rows of texts."""
        output = subprocess.run(
            self.client(node, database), input=text, text=True, check=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=timeout).stdout
        return [line.split("\t") for line in output.splitlines()]

    # What befalls a node.

    def signal(self, node, number):
        os.kill(self.pid(node), number)

    def kill(self, node):
        self.signal(node, signal.SIGKILL)

    def stop(self, node):
        self.signal(node, signal.SIGSTOP)

    def go_on(self, node):
        self.signal(node, signal.SIGCONT)

    def shut_down(self, node):
        self.dev("node", "stop", str(node))

    def start(self, node):
        self.dev("node", "start", str(node))

    def read_only(self, node, on=True):
        if self.kind == "group-replication" and on:
            self.sql(node, "SET GLOBAL super_read_only = ON")
        elif self.kind == "group-replication":
            self.sql(node, "SET GLOBAL super_read_only = OFF;"
                     "SET GLOBAL read_only = OFF")
        else:
            self.sql(node, "SET GLOBAL read_only = %s" % ("OFF", "ON")[on])

    def is_up(self, node):
        """Whether the node can be read and written, by its own word."""
        try:
            self.sql(node, "REPLACE INTO watch.beats VALUES (%d, 0)"
                     % (100 + node), timeout=2)
            return True
        except (subprocess.SubprocessError, OSError):
            return False

    def wait_for(self, condition, what, seconds=90):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError("%s did not come in %d s"
                                     % (what, seconds))
            time.sleep(0.2)

    def alive(self, node):
        try:
            os.kill(self.pid(node), 0)
            with open("/proc/%d/stat" % self.pid(node)) as stat:
                return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False

    def pool(self, *order, **settings):
        """A pool whose hosts are the nodes in this order."""
        etc = self.state + "/etc/"
        pool = NodePool(
            database__hosts=",".join("127.0.0.1:%d" % self.port(node)
                                     for node in order),
            database__socket="", database__user="connectors",
            database__name="connectors",
            database__password_file=etc + "database-password",
            database__tls_mode=self.tls_mode,
            secrets__keyring_file=etc + "keyring", api__workers="8",
            **settings)
        pool.key = self.key
        return pool


class Galera(Cluster):
    tls_mode = "disabled"

    def __init__(self):
        super().__init__("galera")

    def option(self, node, text):
        self.sql(node, "SET GLOBAL wsrep_provider_options = '%s'" % text)

    def isolate(self, node):
        self.option(node, "gmcast.isolate=1")

    def rejoin(self, node):
        self.option(node, "gmcast.isolate=0")

    def reject(self, node, on=True):
        self.sql(node, "SET GLOBAL wsrep_reject_queries = %s"
                 % ("NONE", "ALL")[on])

    def force(self, node):
        """Makes the part of the cluster that the node is in the cluster."""
        self.option(node, "pc.bootstrap=1")

    def state_of(self, node):
        rows = dict(self.sql(
            node, "SHOW STATUS WHERE variable_name IN ('wsrep_cluster_status',"
            "'wsrep_local_state_comment', 'wsrep_cluster_size')", timeout=3))
        return (rows["wsrep_cluster_status"],
                rows["wsrep_local_state_comment"],
                int(rows["wsrep_cluster_size"]))

    def is_whole(self):
        try:
            return all(self.state_of(node) == ("Primary", "Synced", 3)
                       for node in NODES)
        except (subprocess.SubprocessError, OSError, KeyError):
            return False

    def heal(self):
        for node in NODES:
            if not self.alive(node):
                continue
            self.go_on(node)
            self.sql(node, "SET GLOBAL wsrep_reject_queries = NONE;"
                     "SET GLOBAL read_only = OFF")
            self.rejoin(node)
        for node in NODES:
            if not self.alive(node):
                self.start(node)
        self.wait_for(self.is_whole, "the whole cluster")


class Group(Cluster):
    tls_mode = "required"

    def __init__(self, *options):
        super().__init__("group-replication", *options)

    def members(self, node):
        """{node: (state, role)} as a node sees it."""
        ports = {str(self.port(other)): other for other in NODES}
        return {ports[port]: (state, role) for port, state, role in self.sql(
            node, "SELECT member_port, member_state, member_role FROM "
            "performance_schema.replication_group_members "
            "WHERE member_port > 0", timeout=5)}

    def primary(self):
        for node in filter(self.alive, NODES):
            for member, what in self.members(node).items():
                if what == ("ONLINE", "PRIMARY"):
                    return member
        return None

    def switch_to(self, node):
        uuid = self.sql(node, "SELECT @@server_uuid")[0][0]
        self.sql(node, "SELECT group_replication_set_as_primary('%s')" % uuid)

    def leave(self, node):
        self.sql(node, "STOP GROUP_REPLICATION")

    def join(self, node):
        self.sql(node, "START GROUP_REPLICATION", timeout=90)

    def force(self, node):
        """MySQL 9.7 takes a minute for it."""
        self.sql(node, "SET GLOBAL group_replication_force_members = "
                 "'127.0.0.1:%d'" % self.port(node, 1), timeout=180)
        self.sql(node, "SET GLOBAL group_replication_force_members = ''")

    def is_whole(self):
        try:
            return all(len(seen) == 3 and
                       all(state == "ONLINE" for state, _ in seen.values())
                       for seen in map(self.members, NODES))
        except (subprocess.SubprocessError, OSError, KeyError):
            return False

    def heal(self):
        for node in filter(self.alive, NODES):
            self.go_on(node)
        time.sleep(1)
        for node in NODES:
            if not self.alive(node):
                self.start(node)
        for node in NODES:
            if self.members(node).get(node, ("",))[0] in ("OFFLINE", "ERROR"):
                self.sql(node, "STOP GROUP_REPLICATION", timeout=60)
                self.join(node)
        self.wait_for(self.is_whole, "the whole group")
        if self.fact_or("single-primary", "OFF") == "OFF":
            for node in NODES:
                self.read_only(node, False)

    def fact_or(self, name, fallback):
        try:
            return self.fact(name)
        except OSError:
            return fallback


class NodePool(AdminPool):
    """Requests of company 1, and whether the pool says it is ready."""

    def call(self, method, path, body=None, **headers):
        """(status, answer); the status is 0 if the connection was lost."""
        data = b"" if body is None else body
        fields = {"HTTP_" + name.upper(): value
                  for name, value in headers.items()}
        try:
            answer = self.send(request(
                path, method, data, HTTP_AUTHORIZATION="Bearer " + self.key,
                **fields), timeout=90)
        except OSError:
            return 0, None
        return (answer.status if answer else 0), answer

    def ready(self):
        try:
            return self.admin("/ready").status
        except (OSError, AttributeError):
            return 0
