"""Faults between pool and database, at each step of each route.

What has to hold, whatever goes wrong: an answer comes in time; a 2xx is in the
database, whole; what is not a 2xx is a 503, and then there whole or not at all;
the same sent again has the one effect; the next request is served (after one
more 503 at most); no worker dies.

A run of all tests takes a few steps of each route; all of them, and the table:

    CONNECTORS_TEST_SCALE=1 python3 tests/system/test_database_faults.py
"""
import itertools
import threading
import time
import unittest

from ctl_support import catalogue
from database_proxy import FAULTS, Proxy
from database_routes import COUNTS, LIST, ROUTES, change
from pool_database import PoolTest
from scale import SCALE, say
from write_support import ORPHANS

LIMIT = "1s"   # database.request_limit of these pools
BOUND = 1 + 2  # seconds in which any answer comes, on a busy machine
PAUSE = 0.15   # longer than that after an attempt to connect that failed
LANES = 4
# These wait until the limit.
SLOW = ("slow drip", "black hole", "half-open", "unreachable")


class Lane(PoolTest):
    """A database, a proxy before it and a pool of one worker."""
    tcp = True

    def idle(self):
        """Not a test: lanes are what a test works with."""

    def setUp(self):
        super().setUp()
        self.sql("UPDATE authentication_types SET `key` = 'none';"
                 # Nobody notes the use of these keys meanwhile.
                 "UPDATE api_keys SET last_used_at = '2100-01-01'")
        self.proxy = self.enterContext(
            Proxy(self.server.socket, self.folder))
        where = {"database__hosts": self.proxy.host} if self.tcp else \
            {"database__socket": self.proxy.socket}
        self.pool_ = self.pool(
            admin__workers="1", cache__answers="0",
            database__tls_mode="disabled", database__request_limit=LIMIT,
            **where)
        self.workers = self.pool_.workers()

    def counts(self):
        return self.sql(COUNTS)[0]

    def wait_for_ready(self):
        """And until the next one looks for itself, and commits."""
        self.pool_.wait_for(
            lambda: self.pool_.admin("/ready").status == 200, "ready", 5)
        time.sleep(1.1)

    def steps(self, route):
        """The steps of a route whose statements are prepared: now and then
        another's are among them, or a store has to seal anew, so the fewest of
        two times."""
        route.send(route.prepare())
        return min((self.steps_once(route) for _ in range(2)), key=len)

    def steps_once(self, route):
        request = route.prepare()
        self.proxy.arm()
        route.send(request)
        return list(self.proxy.steps)

    def strike(self, route, fault, at):
        """One case; the status that the request got."""
        route.send(route.prepare())
        request, before = route.prepare(), self.counts()
        self.proxy.arm(fault, at)
        begun = time.monotonic()
        answer = route.send(request)
        took = time.monotonic() - begun
        struck = self.proxy.struck
        self.proxy.heal()
        assert struck, "the fault met nothing"
        assert answer is not None, "no answer"
        assert took < BOUND, "took %.1f s" % took
        assert answer.status in (route.good, 503), answer.status
        self.next_is_served()
        done = change(before, self.counts())
        if answer.status == 200:
            route.check(answer)
            assert done == route.effect, ("a wrong 200", done)
        assert done in (route.effect, *route.no_effect), ("half of it", done)
        self.ask_again(route, done == route.effect, before)
        return answer.status

    def next_is_served(self):
        request = self.request(LIST)
        statuses = [self.pool_.send(request).status]
        if statuses[0] == 503:
            time.sleep(PAUSE)
            statuses.append(self.pool_.send(request).status)
        assert statuses[-1] == 200, statuses

    def ask_again(self, route, done, before):
        again = route.again(done)
        if again is None:
            return
        answer = route.send(again[0])
        assert answer.status == again[1], (again[1], answer.status,
                                           answer.body)
        whole = change(before, self.counts())
        assert whole == route.effect, ("sent again", whole)

    def recover(self):
        """After a case that went wrong, so that the next is a case again."""
        for _ in range(100):
            try:
                self.proxy.heal()
                if self.pool_.send(self.request(LIST)).status == 200:
                    return
            except (AssertionError, OSError):
                pass
            time.sleep(PAUSE)

    def end(self):
        for name, statement in ORPHANS.items():
            assert self.sql(statement) == [("0",)], name
        assert self.pool_.workers() == self.workers, "a worker died"


class UnixLane(Lane):
    tcp = False


class Table:
    """What came of each fault at each route."""

    def __init__(self):
        self.cases, self.refused, self.wrong = {}, {}, []
        self.lock = threading.Lock()

    def add(self, fault, route, status):
        with self.lock:
            cell = fault, route
            self.cases[cell] = self.cases.get(cell, 0) + 1
            if status == 503:
                self.refused[cell] = self.refused.get(cell, 0) + 1

    def cell(self, fault, route):
        return "%d/%d" % (self.refused.get((fault, route), 0),
                          self.cases.get((fault, route), 0))

    def print(self):
        lines = ["%-22s" % "503s / cases" + "".join(
            "%11s" % route for route in ROUTES)]
        for fault in FAULTS:
            lines.append("%-22s" % fault + "".join(
                "%11s" % self.cell(fault, route) for route in ROUTES))
        say("%s\n  %d cases, %d wrong\n", "\n  ".join(lines),
            sum(self.cases.values()), len(self.wrong))


def chosen(cases):
    """All of them, or those of a normal run: each fault at each route once;
    those that last, at three of them."""
    if SCALE >= 1:
        return cases
    few, turn = [], itertools.count(3)
    for key, group in itertools.groupby(
            cases, lambda case: (case[1], case[0])):
        group = list(group)
        if key[0] not in SLOW or key[1] in ("show", "store, key", "ready"):
            few.append(group[next(turn) * 5 % len(group)])
    return few


class Faults(PoolTest):
    maxDiff = None

    def lanes(self, kind, n):
        lanes = [kind("idle") for _ in range(n)]
        for lane in lanes:
            self.addCleanup(lane.doCleanups)
            lane.setUp()
        return lanes

    def work(self, lane, cases, table):
        routes = {name: kind(lane) for name, kind in ROUTES.items()}
        for route, fault, at in cases:
            try:
                table.add(fault, route,
                          lane.strike(routes[route], fault, at))
            except (AssertionError, OSError) as error:
                table.wrong.append((route, fault, at, repr(error)))
                lane.recover()
        try:
            lane.end()
        except AssertionError as error:
            table.wrong.append(repr(error))

    def run_table(self, kind):
        lanes, table = self.lanes(kind, LANES), Table()
        cases, steps = [], {}
        for name, route in ROUTES.items():
            steps[name] = lanes[0].steps(route(lanes[0]))
            cases += [(name, fault, at + 1) for fault in FAULTS
                      for at in range(len(steps[name]))]
        cases = chosen(cases)
        threads = [threading.Thread(target=self.work, args=(
            lane, cases[i::LANES], table)) for i, lane in enumerate(lanes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        table.print()
        self.assertEqual([(*w[:3], steps[w[0]][w[2] - 1], w[3])
                          if len(w) == 4 else w for w in table.wrong], [])

    def test_over_tcp(self):
        self.run_table(Lane)

    @unittest.skipIf(SCALE < 1, "the same over TCP is run")
    def test_over_a_unix_socket(self):
        self.run_table(UnixLane)


if __name__ == "__main__":
    unittest.main()
