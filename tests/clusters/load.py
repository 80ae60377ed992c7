"""Load on several pools at once, with a book of what was acknowledged.

A Book is written by many threads; it is judged when they have ended. Times are
of time.monotonic().
"""
import collections
import json
import random
import threading
import time

LIST = "/api/v1/connectors"
Entry = collections.namedtuple("Entry", "begun ended pool kind status note")


def connector(id):
    return "%s/%d" % (LIST, id)


def name_of(answer):
    return answer.json()["data"]["name"]


def data(name, **more):
    return json.dumps({"name": name, **more}).encode()


def longest_gap(times, begun, ended):
    """The longest time between two neighbours of begun, times..., ended."""
    points = [begun, *sorted(times), ended]
    return max(b - a for a, b in zip(points, points[1:]))


# Seconds; a beat of the engine that took longer is the end of an outage, or was
# let through in the middle of one, and no sign of service before.
BEAT_MAX = 5


class Book:
    def __init__(self):
        self.entries = []
        self.begun = time.monotonic()
        self.ended = None
        self.going = True
        self.threads = []

    def note(self, begun, pool, kind, status, note=""):
        self.entries.append(Entry(begun, time.monotonic(), pool, kind,
                                  status, note))

    def call(self, pools, n, kind, method, path, body=None, **headers):
        """One request to the nth pool, noted."""
        begun = time.monotonic()
        status, answer = pools[n].call(method, path, body, **headers)
        note = "" if status in (0, 200) else \
            answer.body[:100].decode(errors="replace")
        self.note(begun, n, kind, status, note)
        return status, answer

    def run(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def end(self):
        self.going = False
        self.ended = time.monotonic()
        for thread in self.threads:
            thread.join(120)

    def of(self, *kinds):
        return [entry for entry in self.entries if entry.kind in kinds]

    def statuses(self, *kinds):
        return dict(collections.Counter(
            entry.status for entry in self.of(*kinds)))

    def notes(self, *statuses):
        return dict(collections.Counter(
            (entry.kind, entry.status, entry.note)
            for entry in self.entries if entry.status in statuses))

    def gap(self, kind, together=False):
        """The longest time without a 200 that any of the pools had; together:
        that none of them had."""
        entries = self.beats() if kind == "engine" else self.of(kind)
        pools = [None] if together else {entry.pool for entry in entries}
        return max(longest_gap(
            [entry.ended for entry in entries
             if pool in (None, entry.pool) and entry.status == 200
             and entry.ended < self.ended], self.begun, self.ended)
            for pool in pools)

    def beats(self):
        """What the engine wrote while it served."""
        return [entry for entry in self.of("engine") if entry.status == 200
                and entry.ended - entry.begun < BEAT_MAX]

    def first_good(self, pool, after, *kinds):
        """Seconds from then to the next 200; None: there was none."""
        good = [entry.ended - after for entry in self.of(*kinds)
                if entry.pool == pool and entry.status == 200
                and entry.ended > after]
        return min(good, default=None)


class Counters:
    """Writers that share connectors and count them up under If-Match."""

    def __init__(self, book, pools, ids):
        self.book, self.pools, self.ids = book, pools, ids
        self.done = collections.Counter()
        self.lock = threading.Lock()

    def work(self, n, seed):
        rnd = random.Random(seed)
        while self.book.going:
            id = rnd.choice(self.ids)
            status, answer = self.book.call(self.pools, n, "get", "GET",
                                            connector(id))
            if status != 200:
                continue
            count = int(name_of(answer).split("-")[1])
            status, _ = self.book.call(
                self.pools, n, "count", "PUT", connector(id),
                data("count-%d" % (count + 1)),
                if_match=answer.headers["etag"])
            if status == 200:
                with self.lock:
                    self.done[id] += 1


class Updates:
    """Writers that share connectors and write names of their own."""

    def __init__(self, book, pools, ids):
        self.book, self.pools, self.ids = book, pools, ids
        self.sent, self.acknowledged = (collections.defaultdict(set)
                                        for _ in range(2))

    def work(self, n, seed):
        rnd, k = random.Random(seed), 0
        while self.book.going:
            id, k = rnd.choice(self.ids), k + 1
            name = "u-%d-%d" % (seed, k)
            self.sent[id].add(name)
            status, _ = self.book.call(self.pools, n, "update", "PUT",
                                       connector(id), data(name))
            if status == 200:
                self.acknowledged[id].add(name)


class Pairs:
    """Stores that are sent twice at once, to two pools, with one
    Idempotency-Key."""

    def __init__(self, book, pools, implementation, tag):
        self.book, self.pools, self.tag = book, pools, tag
        self.implementation = implementation
        self.ids = collections.defaultdict(set)  # key: ids that were answered
        self.answers = collections.defaultdict(list)  # all, to tell of

    def work(self, seed):
        rnd, k = random.Random(seed), 0
        while self.book.going:
            k += 1
            key = "%s-%d-%d" % (self.tag, seed, k)
            both = [threading.Thread(target=self.store, args=(key, n))
                    for n in rnd.sample(range(len(self.pools)), 2)]
            for thread in both:
                thread.start()
            for thread in both:
                thread.join()

    def store(self, key, n, kind="store"):
        status, answer = self.book.call(
            self.pools, n, kind, "POST", LIST,
            store_body(key, self.implementation), idempotency_key=key)
        told = (round(time.monotonic() - self.book.begun, 3), n, status)
        if status == 200:
            id = answer.json()["data"]["id"]
            self.ids[key].add(id)
            told += (id, answer.headers.get("idempotency-replayed"))
        self.answers[key].append(told)
        return status


def store_body(name, implementation):
    return data(name, authentication_implementation_id=implementation,
                timezone="UTC", date_format="Y-m-d",
                rate_limit_unit="minute", rate_limit_duration=60)


class Owner:
    """Writes one connector that no other writes: every acknowledged name must
    be there, and there is nothing that 409 or 412 could be right about."""

    def __init__(self, book, pools, n, id, conditional):
        self.book, self.pools, self.n, self.id = book, pools, n, id
        self.conditional = conditional
        self.sent = self.acknowledged = 0
        self.count = 0  # of acknowledged writes
        self.etag = None

    def work(self):
        while self.book.going:
            self.sent += 1
            headers = {"if_match": self.etag} if self.etag else {}
            status, answer = self.book.call(
                self.pools, self.n, "own", "PUT", connector(self.id),
                data("w-%d" % self.sent), **headers)
            self.etag = None
            if status == 200:
                self.acknowledged, self.count = self.sent, self.count + 1
                if self.conditional:
                    self.etag = answer.headers["etag"]
            else:
                time.sleep(0.05)


class Storer:
    """Stores with an Idempotency-Key, each sent until it is acknowledged."""

    def __init__(self, pairs, n):
        self.pairs, self.n, self.sent = pairs, n, set()

    def work(self):
        k = 0
        while self.pairs.book.going:
            k += 1
            key = "%s-own%d-%d" % (self.pairs.tag, self.n, k)
            self.sent.add(key)
            while self.pairs.store(key, self.n, "own store") != 200:
                if not self.pairs.book.going:
                    return
                time.sleep(0.05)
            time.sleep(0.1)


def read(book, pools, n, ids, seed):
    rnd = random.Random(seed)
    while book.going:
        path = connector(rnd.choice(ids)) if seed % 2 else \
            LIST + "?per_page=%d" % rnd.randint(1, 30)
        status, _ = book.call(pools, n, "read", "GET", path)
        time.sleep(0.02 if status == 200 else 0.05)


def watch_ready(book, pools, n):
    while book.going:
        begun = time.monotonic()
        book.note(begun, n, "ready", pools[n].ready())
        time.sleep(0.1)


def watch_engine(book, cluster, node):
    """Writes by the engine itself, on a node: its gaps are the engine's."""
    k = 0
    while book.going:
        k += 1
        begun = time.monotonic()
        try:
            cluster.sql(node, "REPLACE INTO watch.beats VALUES (%d, %d)"
                        % (node, k), timeout=60)
            status = 200
        except Exception:  # whatever it is, the engine did not write
            status = 503
        book.note(begun, node, "engine", status)
        time.sleep(0.05)
