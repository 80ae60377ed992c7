"""Writes while editors meet, requests come twice and workers die.

The numbers of the whole: 32 editors with 500 updates each, 1,000 stores sent
twice at once, 5,000 stores while workers are killed. A run of all tests takes
a tenth of them; the whole is

    CONNECTORS_TEST_SCALE=1 python3 tests/system/test_write_safety.py
"""
import http.client
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import unittest

from test_dev import LIST, Stack, TOP
from test_failures import children, pid_of

sys.path.insert(0, str(TOP / "tests/api"))

import catalogue

SCALE = float(os.environ.get("CONNECTORS_TEST_SCALE", "0.1"))
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


def scaled(number):
    return max(int(number * SCALE), 1)


def say(text, *values):
    print("\n  " + text % values, end=" ", file=sys.stderr, flush=True)


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


def kill_workers(parent, stop, killed):
    """Kills one worker after the other, of any lane, at random moments."""
    chance = random.Random(1)
    while not stop.wait(chance.uniform(0.02, 0.2)):
        workers = children(parent)
        if not workers:
            continue
        try:
            os.kill(chance.choice(workers), signal.SIGKILL)
            killed.append(1)
        except ProcessLookupError:
            pass


class WriteSafety(unittest.TestCase):
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

    def made(self, **more):
        status, _, text = self.ask(
            "POST", LIST, {**BODY, "name": "One", **more})
        self.assertEqual(status, 200, text)
        return json.loads(text)["data"]

    def test_editors_never_overwrite_each_other(self):
        editors, updates = 32, scaled(500)
        one = self.made(variables=[
            {"key": "count", "label": "c", "value": "0"}])
        path = "%s/%d" % (LIST, one["id"])
        done, refused = [], []

        def edit_once(client, name):
            _, headers, text = client.ask("GET", path + "?include=variables")
            tag = headers["ETag"]
            [variable] = json.loads(text)["data"]["variables"]
            status, headers, text = client.ask("PUT", path, {
                "name": name, "variables": [
                    {"id": variable["id"],
                     "value": str(int(variable["value"]) + 1)}]},
                If_Match=tag)
            if status == 200:
                done.append((headers["ETag"], tag, name))
            else:
                refused.append(status)

        def edit(i):
            with self.client() as client:
                for n in range(updates):
                    edit_once(client, "editor %d, update %d" % (i, n))

        together(editors, edit)
        self.assertLessEqual(set(refused), {412})
        self.assertEqual(len(done) + len(refused), editors * updates)
        self.check_history(path, one, done)
        say("%d editors x %d updates: %d done, %d refused with 412",
            editors, updates, len(done), len(refused))

    def check_history(self, path, one, done):
        """Each update stands on the one before; the last is what is left."""
        def version(tag):
            return int(tag.strip('"').split("-")[0])

        done.sort(key=lambda update: version(update[0]))
        self.assertEqual([version(tag) for tag, _, _ in done],
                         list(range(2, len(done) + 2)))
        for tag, base, _ in done:
            self.assertEqual(version(base), version(tag) - 1)
        _, headers, text = self.ask("GET", path + "?include=variables")
        data = json.loads(text)["data"]
        self.assertEqual(version(headers["ETag"]), len(done) + 1)
        self.assertEqual(data["name"], done[-1][2])
        self.assertEqual(data["variables"][0]["value"], str(len(done)))
        self.assertEqual(self.number(
            "SELECT COUNT(*) FROM audit_events WHERE action = 'update' "
            "AND connector_id = %d" % one["id"]), len(done))

    def test_stores_that_are_sent_twice_at_once(self):
        stores, pairs = scaled(1000), 8
        answers = [[None, None] for _ in range(stores)]
        starts = [threading.Barrier(2) for _ in range(stores)]
        conflicts = []

        def send(client, n):
            starts[n].wait()
            answer, met = client.insist(
                "POST", LIST, {**BODY, "name": "twice %d" % n,
                               "variables": [SECRET]},
                Idempotency_Key="twice-%d" % n)
            conflicts.extend(met)
            return answer

        def work(i):
            with self.client() as client:
                for n in range(i // 2, stores, pairs):
                    answers[n][i % 2] = send(client, n)

        together(2 * pairs, work)
        self.assertLessEqual(set(conflicts), {409})
        for one, two in answers:
            self.assertEqual((one[0], two[0]), (200, 200))
            self.assertEqual(json.loads(one[2]), json.loads(two[2]))
            self.assertEqual(one[1]["ETag"], two[1]["ETag"])
            self.assertEqual(
                sorted(str(answer[1]["Idempotency-Replayed"])
                       for answer in (one, two)), ["None", "true"])
        self.assert_more(stores, 1)
        say("%d stores, each sent twice at once: %d rows, %d times 409",
            stores, stores, len(conflicts))

    def test_workers_die_while_clients_write(self):
        stores, clients = scaled(5000), 16
        stop, killed, met, replayed = threading.Event(), [], [], []

        def write(i):
            with self.client() as client:
                for n in range(i, stores, clients):
                    (status, headers, text), statuses = client.insist(
                        "POST", LIST, {**BODY, "name": "killed %d" % n,
                                       "variables": [PLAIN, SECRET]},
                        Idempotency_Key="killed-%d" % n)
                    self.assertEqual(status, 200, text)
                    self.assertEqual(json.loads(text)["data"]["name"],
                                     "killed %d" % n)
                    met.extend(statuses)
                    if headers["Idempotency-Replayed"]:
                        replayed.append(n)

        killer = threading.Thread(target=kill_workers, args=(
            pid_of(self.target, "connectors"), stop, killed))
        killer.start()
        try:
            together(clients, write)
        finally:
            stop.set()
            killer.join()
        self.assertTrue(killed)
        self.check_once_each(stores)
        say("%d stores, %d workers killed, %d tries without an answer, %d "
            "answers replayed: one row each", stores, len(killed), len(met),
            len(replayed))

    def check_once_each(self, stores):
        self.assert_more(stores, 2)
        self.assertEqual(self.number(
            "SELECT COUNT(DISTINCT name) FROM connectors WHERE name LIKE "
            "'killed %'"), stores)
        self.assertEqual(self.number(
            "SELECT COUNT(*) FROM (SELECT c.id FROM connectors c "
            "LEFT JOIN model_variables m ON m.model_type = 'connector' "
            "AND m.model_id = c.id WHERE c.name LIKE 'killed %' "
            "GROUP BY c.id HAVING COUNT(m.id) <> 2) bad"), 0)
        self.assertEqual(self.number(
            "SELECT COUNT(*) FROM connectors c WHERE c.name LIKE 'killed %' "
            "AND (SELECT COUNT(*) FROM audit_events a WHERE "
            "a.connector_id = c.id AND a.action = 'store') <> 1"), 0)


if __name__ == "__main__":
    unittest.main()
