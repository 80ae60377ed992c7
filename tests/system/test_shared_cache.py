"""What the workers of a lane keep together: an answer that one of them made is
every other's, whoever is killed meanwhile."""
import contextlib
import os
import pathlib
import random
import signal
import socket
import threading
import time
import unittest

from fragment_support import (ALL, IMPLEMENTATIONS, LIST, OF_TWO, SHARED,
                              FragmentTest)
from pool_database import TestedPool, body
from pool_support import BlackHole, is_stopped

WORKERS = 4
HITS = "connectors_cache_hits_total"
MISSES = "connectors_cache_misses_total"
BYTES = "connectors_cache_bytes"
FRAGMENT_HITS = "connectors_fragment_hits_total"
FRAGMENT_MISSES = "connectors_fragment_misses_total"
FRAGMENT_BYTES = "connectors_fragment_bytes"
SHOW = LIST + "/c1i%d" % SHARED
SEEN = [number for number in IMPLEMENTATIONS if number != OF_TWO]
LOCK = 64  # bytes
DAMAGED = "was not what had been written"
SHARED_MEMORY = "/dev/zero (deleted)"


def regions(pid, size=None):
    """(address, size) of the memory that a process shares with others."""
    found = []
    for line in pathlib.Path("/proc/%d/maps" % pid).read_text().splitlines():
        if line.endswith(SHARED_MEMORY):
            first, last = (int(part, 16) for part in
                           line.split()[0].split("-"))
            found.append((first, last - first))
    return [one for one in found if size in (None, one[1])]


def mappings(pid, size=None):
    return [region[1] for region in regions(pid, size)]


def counts(pool, *names):
    """What was counted since they were asked for last, once all has been
    counted: that comes a moment after the answer."""
    before = -1, None
    while before[0] != before[1]:
        time.sleep(0.05)
        before = [pool.metrics()[name] for name in names], before[0]
    return before[0]


@contextlib.contextmanager
def only(pool, pid):
    """No other worker of the lane serves."""
    others = [other for other in pool.serving() if other != pid]
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        pool.wait_for(lambda: all(map(is_stopped, others)), "that they stop")
        yield
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


class Shared(FragmentTest):
    def workers_pool(self, **settings):
        pool = self.pool(api__workers=str(WORKERS), **settings)
        pool.wait_for(lambda: len(pool.serving()) == WORKERS, "the workers")
        return pool

    def ask_each(self, pool, path=ALL, company=1):
        for pid in pool.serving():
            with only(pool, pid):
                self.get(pool, path, company)
                # It keeps the answer, too, before it is stopped.
                pool.wait_for(pool.is_idle, "what follows the answer")

    def test_an_answer_of_one_worker_is_every_others(self):
        pool = self.workers_pool()
        for path in (ALL, SHOW, LIST + "?per_page=2&page=2"):
            before = counts(pool, HITS, MISSES)
            self.ask_each(pool, path)
            hits, misses = (after - then for after, then in zip(
                counts(pool, HITS, MISSES), before))
            self.assertEqual(hits, WORKERS - 1, path)
            # A list looks for its number of rows, too.
            self.assertIn(misses, (1, 2), path)

    def test_after_a_change_it_is_made_once(self):
        pool = self.workers_pool()
        self.ask_each(pool)
        for _ in range(3):
            self.store(pool, body(SHARED, "k"))
            hits, misses = counts(pool, HITS, MISSES)
            for _ in range(5):
                self.ask_each(pool)
            after = counts(pool, HITS, MISSES)
            self.assertLessEqual(after[1] - misses, 2)
            self.assertEqual(after[0] - hits, 5 * WORKERS - 1)

    def test_a_part_of_one_worker_is_every_others(self):
        pool = self.workers_pool(cache__answers="0")
        self.ask_each(pool)
        hits, misses = counts(pool, FRAGMENT_HITS, FRAGMENT_MISSES)
        self.assertEqual(hits, misses * (WORKERS - 1))
        self.assertGreater(hits, 0)

    def test_a_worker_that_takes_anothers_place_has_it(self):
        pool = self.workers_pool()
        self.get(pool)
        held = counts(pool, BYTES, FRAGMENT_BYTES)
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM):
            before = set(pool.serving())
            for pid in before:
                os.kill(pid, number)
            pool.wait_for(lambda: len(set(pool.serving()) - before) == WORKERS,
                          "new workers")
            self.assertEqual(counts(pool, BYTES, FRAGMENT_BYTES), held)
            hits, misses = counts(pool, HITS, MISSES)
            self.ask_each(pool)
            self.assertEqual(counts(pool, HITS, MISSES),
                             [hits + WORKERS, misses])

    def test_bytes_are_those_of_the_lane(self):
        one, many = self.pool(), self.workers_pool()
        self.get(one)
        self.ask_each(many)
        self.assertEqual(counts(one, BYTES, FRAGMENT_BYTES),
                         counts(many, BYTES, FRAGMENT_BYTES))

    def reload(self, pool, **settings):
        pool.settings.update(settings)
        pool.write_config()
        before = set(pool.workers())
        ready = len(pool.logged("ready"))
        pool.tell(signal.SIGHUP)
        pool.wait_for(lambda: len(pool.logged("ready")) > ready
                      and not before & set(pool.workers()), "the reload")

    def test_a_reload_begins_with_nothing(self):
        pool = self.workers_pool()
        parent = pool.process.pid
        first = len(mappings(parent))
        for size in ("16M", "3M", "0", "5M", "16M", "16M"):
            self.ask_each(pool)
            self.reload(pool, cache__answers=size)
            self.assertEqual(counts(pool, BYTES), [0])
            hits, misses = counts(pool, HITS, MISSES)
            self.ask_each(pool)
            after = counts(pool, HITS, MISSES)
            if size == "0":
                self.assertEqual(after[0], hits)
                continue
            self.assertEqual(after[0] - hits, WORKERS - 1)
            self.assertLessEqual(after[1] - misses, 2)
            self.assertEqual(
                len(mappings(parent, int(size[:-1]) << 20)), 1)
        self.assertEqual(len(mappings(parent)), first, "a leak")

    def test_a_worker_of_before_a_reload_goes_on_with_its_own(self):
        pool = self.workers_pool()
        wanted = self.get(pool).body
        old, *_ = pool.serving()
        os.kill(old, signal.SIGSTOP)
        pool.settings["cache__answers"] = "3M"
        pool.write_config()
        pool.tell(signal.SIGHUP)
        pool.wait_for(lambda: len(set(pool.workers()) - {old}) > 1
                      and len([pid for pid in pool.serving() if pid != old]) ==
                      WORKERS, "new workers")
        self.assertEqual(len(mappings(old, 16 << 20)), 1)
        self.assertEqual(len(mappings(pool.process.pid, 16 << 20)), 0)
        self.get(pool)
        os.kill(old, signal.SIGCONT)
        pool.wait_for(lambda: old not in pool.workers(), "that it leaves")
        self.assertEqual(self.get(pool).body, wanted)
        self.assertEqual(pool.logged("died"), [])

    def test_what_is_damaged_is_found_and_told_once(self):
        """As by a worker that writes where it should not; but for the lock,
        with which the memory begins."""
        pool = self.workers_pool(cache__answers="3M")
        wanted = self.get(pool).body
        for damage in (os.urandom, lambda size: b"\xff" * size,
                       lambda size: b"\x10" * size):
            told = len(pool.logged(DAMAGED))
            first, size = regions(pool.serving()[0], 3 << 20)[0]
            with open("/proc/%d/mem" % pool.serving()[0], "r+b",
                      buffering=0) as memory:
                memory.seek(first + LOCK)
                memory.write(damage(size - LOCK))
            self.assertEqual(self.get(pool).body, wanted)
            pool.wait_for(lambda: len(pool.logged(DAMAGED)) == told + 1,
                          "a line in the log")
            hits, misses = counts(pool, HITS, MISSES)
            self.ask_each(pool)
            self.assertEqual(counts(pool, HITS, MISSES),
                             [hits + WORKERS, misses])
            self.assertEqual(len(pool.logged(DAMAGED)), told + 1)
        self.assertEqual(pool.logged("died"), [])

    def test_lanes_do_not_share(self):
        pool = self.workers_pool(test__listen="unix:%s" % (
            self.folder / "t.sock"), test__workers="1",
            cache__answers="3M")
        pool.wait_for(lambda: pool.lane("test"), "the other lane")
        other, = (worker["pid"] for worker in pool.lane("test"))
        for pid in (other, *pool.serving()):
            self.assertEqual(len(mappings(pid, 3 << 20)), 1)
        # Of both lanes, to tell how much they hold.
        self.assertEqual(len(mappings(pool.process.pid, 3 << 20)), 2)
        self.ask_each(pool)
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(20)
            sock.connect(str(self.folder / "t.sock"))
            before = counts(pool, MISSES)
            sock.sendall(self.request(ALL))
            while sock.recv(65536):
                pass
        self.assertGreater(counts(pool, MISSES), before)


def proportional(pid):
    """Bytes of memory of a process, shared ones divided by who shares them."""
    path = pathlib.Path("/proc/%d/smaps_rollup" % pid)
    line, = (line for line in path.read_text().splitlines()
             if line.startswith("Pss:"))
    return int(line.split()[1]) << 10


class Memory(FragmentTest):
    """Eight workers whose caches are full."""
    MOST = 60 << 20
    ROWS, REQUESTS = 90, 1200

    def fill(self, pool, part):
        """Each request is another one for the cache."""
        for number in range(part, self.REQUESTS, WORKERS):
            self.get(pool, ALL + "&per_page=%d&number=%d" % (
                self.ROWS - number % 8, number))

    def test_of_a_pool_is_bounded(self):
        pool = self.pool(api__workers="8")
        if "libasan" in pathlib.Path(
                "/proc/%d/maps" % pool.process.pid).read_text():
            self.skipTest("a sanitizer takes memory of its own")
        for number in range(self.ROWS):
            self.store(pool, body(SEEN[number % len(SEEN)], "k%d" % number))
        threads = [threading.Thread(target=self.fill, args=(pool, part))
                   for part in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        held, = counts(pool, BYTES)
        found = [proportional(pid) for pid in
                 (pool.process.pid, *pool.workers())]
        self.assertEqual(len(found), 1 + 8 + 2)
        self.assertLess(sum(found), self.MOST, found)
        self.assertGreater(held, 12 << 20)


class Storm(FragmentTest):
    """Workers are killed at any instruction, and everything changes."""
    PATHS = (ALL, SHOW, LIST, LIST + "?per_page=2&page=2&sort=-name",
             LIST + "?include=authenticationImplementation.system")
    CLIENTS = 4
    KILLS = 80

    def setUp(self):
        super().setUp()
        self.wanted = {(path, company): self.get(self.bare, path, company).body
                       for path in self.PATHS[:1] + self.PATHS[2:]
                       for company in (1, 2)}
        self.over, self.good, self.wrong = threading.Event(), 0, []

    def client(self, pool, chance):
        while not self.over.is_set():
            path, company = chance.choice(list(self.wanted))
            try:
                answer = pool.send(self.request(path, company=company))
            except OSError as error:
                self.wrong.append(repr(error))
                continue
            if answer is None or answer.status == 503:
                continue  # of the worker that was killed
            if answer.body != self.wanted[path, company]:
                self.wrong.append((path, company, answer.body))
            self.good += 1

    def test_no_answer_is_wrong_and_none_is_waited_for(self):
        pool = self.pool(api__workers=str(WORKERS), cache__answers="100K",
                         pool__restart_backoff="1ms")
        chance = random.Random(1)
        threads = [threading.Thread(target=self.client, args=(
            pool, random.Random(number))) for number in range(self.CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            for number in range(self.KILLS):
                time.sleep(chance.uniform(0.005, 0.05))
                victim = chance.choice(pool.serving() or [0])
                if victim:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(victim, signal.SIGKILL)
                if number % 8 == 0:
                    self.touch()
        finally:
            self.over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(self.wrong, [])
        self.assertGreater(self.good, self.KILLS)
        self.assertEqual(pool.logged(DAMAGED), [])
        for path, company in self.wanted:
            self.check_same(pool, path, company)


class Probing(TestedPool):
    def test_the_process_that_talks_to_a_server_does_not_have_it(self):
        """A server may take it over."""
        with BlackHole() as server:
            server.port = server.listener.getsockname()[1]
            pool = self.pool(cache__answers="3M")
            asking = threading.Thread(target=pool.send, args=(
                self.probing(pool, server),))
            asking.start()
            worker, = pool.serving()
            path = pathlib.Path("/proc/%d/task/%d/children" % (worker, worker))
            child = int(pool.wait_for(path.read_text, "a child").split()[0])
            self.assertEqual(len(mappings(worker, 3 << 20)), 1)
            self.assertEqual(len(mappings(child, 3 << 20)), 0)
            os.kill(child, signal.SIGKILL)
            asking.join()


if __name__ == "__main__":
    unittest.main()
