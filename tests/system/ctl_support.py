"""A private database server and connectorsctl on it, for test_ctl_*.py."""
import copy
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(
    os.environ.get("CONNECTORS_BUILD", TOP / "build")).resolve() / \
    "connectorsctl"
KIND = os.environ.get("CONNECTORS_DATABASE", "mariadb")
# Whether its servers are MySQL itself.
IS_MYSQL = KIND in ("mysql", "group-replication")


def needs_mariadb(what):
    return unittest.skipIf(IS_MYSQL, "only MariaDB has " + what)


def sequence(most):
    """A source of rows at the end of a statement: 1 to most, as seq."""
    places = range(len(str(most)))
    digits = " UNION ALL ".join("SELECT %d AS d" % d for d in range(10))
    return "(SELECT 1 + %s AS seq FROM %s) AS numbers WHERE seq <= %d " \
        "ORDER BY seq" % (
        " + ".join("%d * d%d.d" % (10 ** i, i) for i in places),
        ", ".join("(%s) AS d%d" % (digits, i) for i in places), most)


class Client:
    def sql(self, text, database="mysql"):
        """Rows of texts; NULL is None."""
        output = subprocess.run(
            ["mariadb", "--no-defaults", "-S", self.socket, "-N", "-B",
             "--raw", database], input=text, text=True, check=True,
            errors="surrogateescape", stdout=subprocess.PIPE).stdout
        return [tuple(None if cell == "NULL" else cell
                      for cell in line.split("\t"))
                for line in output.splitlines()]


class StackServer(Client):
    """The servers of a stack of the kind that CONNECTORS_DATABASE names; of a
    cluster the first node."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="connectors-ctl.")
        done = self.dev("up", "--no-api")
        if done.returncode != 0:
            self.stop()
            kind = unittest.SkipTest if done.returncode == 77 \
                else RuntimeError
            raise kind(done.stdout.strip())
        self.socket = self.folder + "/run/database.sock"

    def dev(self, command, *arguments):
        return subprocess.run(
            [str(TOP / "dev"), command, "--state", self.folder, *arguments],
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False, timeout=300)

    def stop(self):
        self.dev("down")
        shutil.rmtree(self.folder)


class Server(Client):
    """A database server of its own: no network, a socket in a new folder."""
    network = ["--skip-networking"]

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="connectors-ctl.")
        self.socket = self.folder + "/socket"
        as_root = ["--user=root"] if os.getuid() == 0 else []
        options = ["--no-defaults", "--datadir=" + self.folder + "/data",
                   # A server that starts removes what others have there.
                   "--tmpdir=" + self.folder, *as_root]
        try:
            subprocess.run(
                ["mariadb-install-db", *options, "--skip-test-db",
                 "--auth-root-authentication-method=socket"],
                check=True, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            self.process = subprocess.Popen(
                ["mariadbd", *options, *self.network,
                 "--socket=" + self.socket,
                 "--innodb-flush-log-at-trx-commit=0"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.wait()
        except BaseException:
            self.stop()
            raise

    def wait(self):
        deadline = time.monotonic() + 60
        while subprocess.run(
                ["mariadb-admin", "--no-defaults", "-S", self.socket, "ping"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                check=False).returncode != 0:
            if time.monotonic() > deadline:
                raise RuntimeError("the database server does not start")
            time.sleep(0.05)

    def stop(self):
        process = getattr(self, "process", None)
        if process is not None:
            process.terminate()
            process.wait(timeout=60)
        shutil.rmtree(self.folder)


class Result:
    def __init__(self, done):
        self.status, self.out, self.err = \
            done.returncode, done.stdout, done.stderr

    def counts(self):
        """{table: (inserted, updated, unchanged)} of an import."""
        return {words[0]: tuple(map(int, words[1:])) for words in
                (line.split() for line in self.out.splitlines()[1:])}


class CtlTest(unittest.TestCase):
    """Each test has a database, a key ring and a configuration of its own.

    The server is one for all tests of a run and ends with the process.
    """
    server = None
    numbers = itertools.count(1)
    migrate_first = True

    @classmethod
    def setUpClass(cls):
        if CtlTest.server is None:
            CtlTest.server = \
                Server() if KIND == "mariadb" else StackServer()
            unittest.addModuleCleanup(cls.stop_server)

    @staticmethod
    def stop_server():
        CtlTest.server.stop()
        CtlTest.server = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="connectors-ctl."))
        self.addCleanup(shutil.rmtree, self.folder)
        self.database = "test%d" % next(self.numbers)
        self.server.sql("CREATE DATABASE " + self.database)
        self.addCleanup(self.server.sql, "DROP DATABASE " + self.database)
        self.config = self.folder / "connectors.conf"
        self.config.write_text("\n".join([
            "[database]", *map("=".join, self.configuration().items()),
            "migrations=%s" % (TOP / "sql"), "[secrets]",
            "keyring_file=%s" % (self.folder / "ring"), ""]))
        if self.migrate_first:
            self.ok("secrets", "init")
            self.ok("migrate")

    def configuration(self):
        """Of the database."""
        return {"socket": self.server.socket, "name": self.database,
                "user": "root"}

    def run_ctl(self, *arguments, stdin=None, **options):
        return Result(subprocess.run(
            [str(PROGRAM), "--config", str(self.config), *arguments],
            **options, input=stdin, text=True, stdout=subprocess.PIPE, check=False,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL if stdin is None else None))

    # What these make is told on standard error.
    TELLING = (("company", "create"), ("user", "create"), ("key", "create"))

    def ok(self, *arguments, **options):
        result = self.run_ctl(*arguments, **options)
        self.assertEqual(result.status, 0, result.err + result.out)
        if arguments[:2] not in self.TELLING:
            self.assertEqual(result.err, "")
        return result

    def data(self, *arguments, **options):
        """What a command with --json has to say."""
        return json.loads(self.ok(*arguments, "--json", **options).out)["data"]

    def fails(self, *arguments, status=1, **options):
        """The one line on standard error, without the program's name."""
        result = self.run_ctl(*arguments, **options)
        self.assertEqual(result.status, status, result.out + result.err)
        self.assertEqual(result.err.count("\n"), 1, result.err)
        self.assertTrue(result.err.startswith("connectorsctl: "), result.err)
        return result.err[len("connectorsctl: "):-1]

    def sql(self, text):
        return self.server.sql(text, self.database)

    def count(self, table):
        """Rows, but for those that `migrate` puts in by itself."""
        given = " WHERE created_at <> '2024-01-01'" \
            if table == "authentication_types" else ""
        return int(self.sql("SELECT COUNT(*) FROM " + table + given)[0][0])

    def load(self, data):
        return self.ok("import", "-", stdin=json.dumps(data))

    def refused(self, data):
        return self.fails("import", "-", stdin=json.dumps(data))


_CATALOGUE = {
    "companies": [{"id": 1, "name": "One"}, {"id": 2, "name": "Two"}],
    "users": [{"id": 1, "company_id": 1, "name": "Ada", "email": "a@x.test"},
              {"id": 2, "company_id": 2, "name": "Bob", "email": "b@x.test"}],
    "system_types": [{"id": 1, "name": "Shop"}],
    "systems": [
        {"id": number, "company_id": company, "name": "System",
         "label": "System", "colour": "blue", "version": 1,
         "version_name": "1", "system_type_id": 1, "protocol": "HTTP",
         "date_format": "Y-m-d", "rate_limit_unit": "minute",
         "rate_limit_duration": 60}
        for number, company in ((1, None), (2, 2))],
    "authentication_types": [{"id": 1, "key": "token", "name": "Token"}],
    "authentication_implementations": [
        {"id": 1, "system_id": 1, "authentication_type_id": 1, "name": "T",
         "headers": {"Accept": "x"}},
        {"id": 2, "system_id": 2, "authentication_type_id": 1, "name": "T"}],
    "endpoints": [
        {"id": number, "name": "E", "system_id": number, "endpoint": "/x",
         "http_method": "GET", "data_type": "json", "direction": "Receive"}
        for number in (1, 2)],
    "authentication_implementation_endpoints": [
        {"authentication_implementation_id": 1, "endpoint_id": 1}],
    "endpoint_schemas": [{"id": 1, "endpoint_id": 1, "schema": [1, None]}],
    "field_tags": [{"id": 1, "name": "SKU"}],
    "endpoint_field_tags": [
        {"endpoint_id": 1, "field_tag_id": 1, "field_path": "a.b"},
        {"endpoint_id": 1, "field_tag_id": 1, "field_path": "A.b"}],
    "platform_apps": [{"id": 1, "key": "app", "name": "App"},
                      {"id": 2, "key": "other", "name": "Other"}],
    "sessions": [{"id": "s-1", "company_id": 1}, {"id": "s-2",
                                                  "company_id": 2}],
    "connection_pools": [
        {"id": 1, "company_id": 1, "name": "Pool", "limit": 2},
        {"id": 2, "company_id": 2, "name": "Pool", "limit": 2}],
    "certificates": [
        {"id": number, "company_id": number, "name": "C",
         "fingerprint_sha256": "0" * 64} for number in (1, 2)],
    "connectors": [
        {"id": number, "company_id": 1, "name": "Connector %d" % number,
         "authentication_implementation_id": 1, "timezone": "UTC",
         "date_format": "Y-m-d", "rate_limit_unit": "minute",
         "rate_limit_duration": 60, "canonical_key": "key-%d" % number}
        for number in (1, 2)],
    "variables": [
        {"id": 1, "company_id": 1, "key": "host", "label": "Host",
         "value": "a.test"},
        {"id": 2, "company_id": 1, "key": "token", "label": "Token",
         "value": "canary-7f3e", "secret": True},
        {"id": 3, "company_id": 1, "key": "empty", "label": "Empty",
         "value": "", "secret": True},
        {"id": 4, "company_id": None, "key": "page", "label": "Page",
         "value": None}],
    "model_variables": [
        {"id": number, "variable_id": number, "model_type": kind,
         "model_id": model}
        for number, kind, model in ((1, "connector", 1), (2, "connector", 1),
                                    (3, "connector", 2), (4, "endpoint", 1))],
}


def catalogue():
    """A small catalogue with every kind of reference; the caller's own."""
    return copy.deepcopy(_CATALOGUE)
