"""Writes while editors meet, requests come twice and workers die.

The numbers of the whole: 32 editors with 500 updates each, 1,000 stores sent
twice at once, 5,000 stores while workers are killed. A run of all tests takes
a tenth of them; the whole is

    CONNECTORS_TEST_SCALE=1 python3 tests/system/test_write_safety.py
"""
import json
import os
import random
import signal
import threading
import unittest

from scale import say, scaled
from test_dev import LIST
from test_failures import children, pid_of
from write_support import BODY, PLAIN, SECRET, Writing, together


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


class WriteSafety(Writing):
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
        self.assert_whole("killed %", stores, 2)
        say("%d stores, %d workers killed, %d tries without an answer, %d "
            "answers replayed: one row each", stores, len(killed), len(met),
            len(replayed))


if __name__ == "__main__":
    unittest.main()
