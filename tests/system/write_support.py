"""What tests of concurrent writing share: clients, bodies, and a stack whose
rows are counted.
"""
import http.client
import json
import random
import shutil
import sys
import tempfile
import threading
import time
import unittest

from test_dev import LIST, Stack, TOP

sys.path.insert(0, str(TOP / "tests/api"))

import catalogue

BODY = {"authentication_implementation_id": 402, "timezone": "UTC",
        "date_format": "Y-m-d", "rate_limit_unit": "minute",
        "rate_limit_duration": 60}
SECRET = {"key": "secret", "label": "s", "secret": True, "value": "x"}
PLAIN = {"key": "plain", "label": "p", "value": "1"}
# Nothing that belongs to a connector may be left without it, or be missing.
ORPHANS = {
    "links without a connector":
        "SELECT COUNT(*) FROM model_variables m LEFT JOIN connectors c "
        "ON c.id = m.model_id WHERE m.model_type = 'connector' "
        "AND c.id IS NULL",
    "links without a variable":
        "SELECT COUNT(*) FROM model_variables m LEFT JOIN variables v "
        "ON v.id = m.variable_id WHERE v.id IS NULL",
    "variables without a link":
        "SELECT COUNT(*) FROM variables v LEFT JOIN model_variables m "
        "ON m.variable_id = v.id WHERE m.id IS NULL",
    "secrets that are not sealed":
        "SELECT COUNT(*) FROM variables v JOIN model_variables m "
        "ON m.variable_id = v.id WHERE v.`key` = 'secret' "
        "AND v.value_sealed IS NULL",
    "keys without an answer":
        "SELECT COUNT(*) FROM idempotency_keys WHERE status = 0"}


class Client:
    """Requests on a kept connection, made anew when it breaks."""

    def __init__(self, stack, key):
        self.port, self.connection = int(stack.port), None
        self.headers = {"Authorization": key,
                        "Content-Type": "application/json"}

    def ask(self, method, path, data=None, **headers):
        """(status, headers, body); a connection that breaks is status 0."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=60)
        try:
            self.connection.request(
                method, path, None if data is None else json.dumps(data),
                {**self.headers, **{name.replace("_", "-"): value
                                    for name, value in headers.items()}})
            answer = self.connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            return 0, {}, b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.connection is not None:
            self.connection.close()

    def insist(self, method, path, data, **headers):
        """Asks again, as a client should, until there is an answer that
        counts; the answer and the statuses met on the way."""
        met = []
        for again in range(400):
            answer = self.ask(method, path, data, **headers)
            if answer[0] not in (0, 409, 502, 503, 504):
                return answer, met
            met.append(answer[0])
            time.sleep(random.uniform(0.01, 0.02 * min(again + 2, 20)))
        raise AssertionError("no answer in the end: %r" % met[-5:])


def together(number, work):
    """Runs work(0) ... work(number - 1) in threads of their own."""
    failed = []

    def run(i):
        try:
            work(i)
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=run, args=(i,))
               for i in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


class Writing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.target = target = Stack(tempfile.mkdtemp(
            prefix="connectors-write."))
        cls.addClassCleanup(shutil.rmtree, target.state, True)
        cls.addClassCleanup(target.dev, "down")
        target.up("--no-demo", "--workers", "8")
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(catalogue.build(), file)
            file.flush()
            target.dev("ctl", "import", file.name)
        cls.key = target.dev(
            "ctl", "key", "create", "--company", "4").split()[-1]

    def setUp(self):
        self.before = self.counts()

    def client(self):
        """To be used in a with statement, each in one thread."""
        return Client(self.target, self.key)

    def ask(self, method, path, data=None):
        with self.client() as client:
            return client.ask(method, path, data)

    def number(self, statement):
        return int(self.target.dev("sql", "-N", "-e", statement))

    def counts(self):
        return {table: self.number("SELECT COUNT(*) FROM " + table)
                for table in ("connectors", "variables", "model_variables",
                              "audit_events", "idempotency_keys")}

    def assert_more(self, stores, variables):
        """So many rows more than before the test, and nothing loose."""
        each = {"variables": variables, "model_variables": variables}
        self.assertEqual(self.counts(), {
            table: number + stores * each.get(table, 1)
            for table, number in self.before.items()})
        for name, statement in ORPHANS.items():
            self.assertEqual(self.number(statement), 0, name)

    def assert_whole(self, names, stores, variables):
        """As above, and each of the new connectors, whose names are alike, is
        there once with all of its variables and one line of audit."""
        self.assert_more(stores, variables)
        these = "FROM connectors c WHERE c.name LIKE '%s'" % names
        self.assertEqual(self.number(
            "SELECT COUNT(DISTINCT c.name) " + these), stores)
        self.assertEqual(self.number(
            "SELECT COUNT(*) %s AND (SELECT COUNT(*) FROM model_variables m "
            "WHERE m.model_type = 'connector' AND m.model_id = c.id) <> %d"
            % (these, variables)), 0)
        self.assertEqual(self.number(
            "SELECT COUNT(*) %s AND (SELECT COUNT(*) FROM audit_events a "
            "WHERE a.connector_id = c.id AND a.action = 'store') <> 1"
            % these), 0)

    def made(self, **more):
        status, _, text = self.ask(
            "POST", LIST, {**BODY, "name": "One", **more})
        self.assertEqual(status, 200, text)
        return json.loads(text)["data"]
