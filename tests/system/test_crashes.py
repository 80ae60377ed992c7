"""Workers that crash while a web server's clients read and write.

200 crashes are the whole, see scale.py. Each may cost one request, the one
that was being served; whatever was stored is whole.
"""
import json
import os
import random
import signal
import threading
import time
import unittest
import urllib.request

from scale import say, scaled
from test_admin_direct import serves
from test_dev import LIST
from test_failures import pid_of
from write_support import BODY, PLAIN, SECRET, Writing, together

CLIENTS = 8
READS = ("?include=variables&per_page=5", "?sort=-name&per_page=50",
         "?filter[system]=none&include=authenticationImplementation.system")


class Asker:
    """One client: a store now and then, reads between."""

    def __init__(self, number, client):
        self.number, self.client = number, client
        self.stored, self.failed, self.asked = set(), [], 0

    def run(self, stop):
        chance = random.Random(self.number)
        while not stop.is_set():
            if chance.random() < 0.4:
                self.store()
            else:
                self.ask("GET", LIST + chance.choice(READS))

    def store(self):
        name = "crash %d of %d" % (self.asked, self.number)
        if self.ask("POST", LIST,
                    {**BODY, "name": name, "variables": [PLAIN, SECRET]},
                    Idempotency_Key=name.replace(" ", "-")):
            self.stored.add(name)

    def ask(self, method, *arguments, **headers):
        """True: it was answered. Otherwise it is noted."""
        begun = time.monotonic()
        status, _, _ = self.client.ask(method, *arguments, **headers)
        self.asked += 1
        if status != 200:
            self.failed.append((begun, time.monotonic(), method, status))
        return status == 200


class Crashes(Writing):
    def status(self):
        with urllib.request.urlopen(
                self.target.base + "/connectors-admin/status",
                timeout=10) as answer:
            return json.load(answer)

    def lane(self):
        """Process ids of the workers of the api lane that can serve."""
        return [worker["pid"] for worker in self.status()["workers"]
                if worker["lane"] == "api" and serves(worker)]

    def crash(self, number, size):
        """Crashes so many workers, each when the last is replaced; returns
        when: (before, after)."""
        times, chance = [], random.Random(1)
        for _ in range(number):
            time.sleep(chance.uniform(0.02, 0.1))
            victim = chance.choice(self.lane())
            begun = time.monotonic()
            os.kill(victim, signal.SIGSEGV)
            times.append((begun, time.monotonic()))
            deadline = begun + 20
            while len(self.lane()) < size or victim in self.lane():
                self.assertLess(time.monotonic(), deadline, "a new worker")
                time.sleep(0.01)
        return times

    def under_load(self, crashes, size):
        """(clients, times of the crashes)"""
        askers, stop, times = [], threading.Event(), []

        def work(number):
            if number == CLIENTS:
                try:
                    times.extend(self.crash(crashes, size))
                finally:
                    stop.set()
                return
            with self.client() as client:
                asker = Asker(number, client)
                askers.append(asker)
                asker.run(stop)

        together(CLIENTS + 1, work)
        return askers, times

    def died(self):
        with open(self.target.state + "/log/connectors.log") as log:
            return [line for line in log if "died of signal 11" in line]

    def test_a_crash_costs_the_request_that_was_served(self):
        crashes, before = scaled(200), self.status()
        size = len(self.lane())
        parent = pid_of(self.target, "connectors")
        askers, times = self.under_load(crashes, size)
        failed = [one for asker in askers for one in asker.failed]

        self.check_costs(times, failed)
        self.check_pool(parent, before, crashes)
        answered, stored = self.check_rows(askers)
        asked = sum(asker.asked for asker in askers)
        self.assertGreater(asked, 10 * crashes)
        say("%d crashes, %d of a worker that was serving: %d of %d requests "
            "lost, one each; %d stores answered, %d more stored, no row in "
            "pieces", crashes, sum("request id" in line
                                   for line in self.died()),
            len(failed), asked, answered, stored - answered)

    def check_costs(self, times, failed):
        """Each request that was lost has a crash of its own, one that fell
        between its beginning and its end."""
        self.assertLessEqual({status for _, _, _, status in failed}, {0, 503})
        free = list(times)
        for begun, ended, *what in sorted(failed, key=lambda one: one[1]):
            mine = next((crash for crash in free if crash[1] >= begun), None)
            self.assertTrue(mine and mine[0] <= ended,
                            (begun, ended, what, times, failed))
            free.remove(mine)

    def check_pool(self, parent, before, crashes):
        """The parent lives, and noted and replaced each."""
        after = self.status()
        self.assertEqual(pid_of(self.target, "connectors"), parent)
        self.assertEqual(after["pid"], parent)
        for one, two in zip(before["lanes"], after["lanes"]):
            self.assertEqual(two["restarts"] - one["restarts"],
                             crashes if two["lane"] == "api" else 0)
        self.assertEqual(len(self.died()), crashes)

    def check_rows(self, askers):
        """(stores that were answered, stores that are there)"""
        answered = {name for asker in askers for name in asker.stored}
        lost = sum(1 for asker in askers for _, _, method, _ in asker.failed
                   if method == "POST")
        names = set(self.target.dev(
            "sql", "-N", "-e", "SELECT name FROM connectors WHERE name "
            "LIKE 'crash %'").splitlines())
        self.assertLessEqual(answered, names)
        self.assertLessEqual(len(names), len(answered) + lost)
        self.assert_whole("crash %", len(names), 2)
        return len(answered), len(names)


if __name__ == "__main__":
    unittest.main()
