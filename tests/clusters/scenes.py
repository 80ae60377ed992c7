"""What is done to every kind of cluster: conflicts, and faults under load.

A scene judges itself after its load has ended. The limits are those that
docs/clusters.md promises.
"""
import time
import unittest
import uuid

import figures
from cluster import NODES
from load import (LIST, Book, Counters, Owner, Pairs, Storer, Updates,
                  connector, data, name_of, read, store_body, watch_engine,
                  watch_ready)

READ_GAP = 3        # seconds
BEYOND_ENGINE = 3   # seconds, on top of the engine's own gap
TRUTH = 3           # seconds until `ready` tells what is so
AHEAD = 1           # seconds by which it may be ahead of the writes
RETURN = 1          # seconds from the engine's return to ours
CONFLICT_SECONDS = 12
RUNNING = "Idempotency-Key is still running"
LOAD_BEFORE, LOAD_AFTER = 3, 12


class ClusterCase(unittest.TestCase):
    """Subclasses are given a class attribute `cluster`, made once."""
    engine = ""
    cluster = None
    single = False # one node alone takes writes, whichever it is

    def setUp(self):
        self.cluster.heal()
        self.pools = [self.enterContext(self.cluster.pool(
            *NODES[i:], *NODES[:i])) for i in range(3)]
        self.ids = self.connectors()

    def connectors(self):
        status, answer = self.pools[0].call(
            "GET", LIST + "?per_page=40")
        self.assertEqual(status, 200)
        return [row["id"] for row in answer.json()["data"]][:37]

    def writing(self):
        """A pool whose first host takes writes."""
        return self.pools[(self.cluster.primary() if self.single else 1) - 1]

    def implementation(self):
        """One that asks for no variable, found by trying."""
        for id in range(1, 40):
            status, _ = self.writing().call("POST", LIST,
                                            store_body("x", id))
            if status == 200:
                return id
        raise AssertionError("no implementation takes a plain store")

    def name_all(self, ids, name):
        """All nodes see it then."""
        for id in ids:
            status, answer = self.writing().call("PUT", connector(id),
                                                 data(name))
            self.assertEqual(status, 200, answer and answer.body)
        time.sleep(1)

    def rows(self, text, node=None):
        return self.cluster.sql(node or self.reader(), text, "connectors",
                                timeout=30)

    def reader(self):
        """A node that has everything by now."""
        return next(node for node in NODES if self.cluster.alive(node))

    def audited(self, ids):
        """{connector: rows}"""
        found = self.rows(
            "SELECT connector_id, COUNT(*) FROM audit_events "
            "WHERE connector_id IN (%s) GROUP BY connector_id"
            % ",".join(map(str, ids)))
        return {int(id): int(n) for id, n in found}

    def name_now(self, id):
        """By a pool that answers."""
        for _ in range(120):
            for pool in self.pools:
                status, answer = pool.call("GET", connector(id))
                if status == 200:
                    return name_of(answer)
            time.sleep(0.25)
        raise AssertionError("connector %d cannot be read" % id)

    def note(self, what, **values):
        figures.note(self.engine, what, **values)

    # Conflicts.

    def conflict(self, shared=True):
        """24 clients, 8 a pool: half count up, half write names of their
        own; two pairs of stores beside them."""
        ids = self.ids[:20] if shared else self.ids[:24]
        self.name_all(ids, "count-0")
        book, before = Book(), self.audited(ids)
        if not shared:
            self.own(book, ids)
            return self.judge_own(book)
        counters = Counters(book, self.pools, ids[:10])
        updates = Updates(book, self.pools, ids[10:])
        pairs = Pairs(book, self.pools, self.implementation(),
                      uuid.uuid4().hex[:12])
        for n in range(3):
            for i in range(8):
                work = counters.work if i % 2 else updates.work
                book.run(work, n, n * 100 + i)
        for seed in (1, 2):
            book.run(pairs.work, seed)
        time.sleep(CONFLICT_SECONDS)
        book.end()
        time.sleep(1)
        return self.judge_conflict(book, counters, updates, pairs, before)

    def judge_conflict(self, book, counters, updates, pairs, before):
        kinds = ("count", "update", "store")
        writes = book.of(*kinds)
        refused = sum(entry.status in (0, 503) for entry in writes)
        share = 100 * refused / max(len(writes), 1)
        after = self.audited(counters.ids + updates.ids)
        wrong = self.wrong_counts(counters, before, after) + \
            self.wrong_updates(updates, before, after) + \
            self.wrong_audit(counters.ids + updates.ids)
        doubled = self.doubled(pairs)
        self.note("conflict, same 20", writes=len(writes),
                  **{"503 %": share}, lost=len(wrong), doubled=len(doubled))
        self.assertEqual(wrong, [], book.notes(0, 503, 500))
        self.assertEqual(doubled, [])
        self.assertEqual(book.statuses("update").keys() - {200, 503, 0},
                         set(), book.notes(409, 412, 500))
        self.assertLessEqual(share, 1, (book.statuses(*kinds),
                                        book.notes(0, 503)))

    def wrong_counts(self, counters, before, after):
        """A counter is what was acknowledged, and has as many audit rows.
        A 503 that took effect after all would count as well."""
        wrong = []
        for id in counters.ids:
            at = int(self.name_now(id).split("-")[1])
            rows = after[id] - before.get(id, 0)
            if not at == counters.done[id] == rows:
                wrong.append((id, "is at", at, "acknowledged",
                              counters.done[id], "audited", rows))
        return wrong

    def wrong_updates(self, updates, before, after):
        wrong = []
        for id in updates.ids:
            rows = after[id] - before.get(id, 0)
            if rows != len(updates.acknowledged[id]):
                wrong.append((id, "acknowledged",
                              len(updates.acknowledged[id]), "audited", rows))
            if self.name_now(id) not in updates.sent[id] | {"count-0"}:
                wrong.append((id, "has a name that nobody sent"))
        return wrong

    def wrong_audit(self, ids):
        """What the pools' logs say of requests that left other than one row
        of audit, or left one and were not answered with 200."""
        told = {line["request_id"]: line for pool in self.pools
                for line in pool.served()}
        wrong = []
        for id, request, n in self.rows(
                "SELECT connector_id, request_id, COUNT(*) FROM audit_events "
                "WHERE connector_id IN (%s) GROUP BY connector_id, request_id"
                % ",".join(map(str, ids))):
            line = told.get(request)
            if line and (line["status"] != 200 or n != "1"):
                wrong.append((id, n, "rows of audit", line))
        return wrong

    def doubled(self, pairs):
        """Keys with other than one connector and one audit row, or with two
        answers that differ."""
        stored = dict(self.rows(
            "SELECT name, COUNT(*) FROM connectors WHERE name LIKE '%s-%%' "
            "GROUP BY name" % pairs.tag))
        audited = dict(self.rows(
            "SELECT connector_name, COUNT(*) FROM audit_events WHERE "
            "connector_name LIKE '%s-%%' GROUP BY connector_name"
            % pairs.tag))
        return [(key, pairs.answers[key], stored.get(key), audited.get(key))
                for key, ids in pairs.ids.items()
                if len(ids) != 1 or stored.get(key) != "1"
                or audited.get(key) != "1"]

    def own(self, book, ids):
        self.owners = [Owner(book, self.pools, n % 3, id, n % 2)
                       for n, id in enumerate(ids)]
        for owner in self.owners:
            book.run(owner.work)
        time.sleep(CONFLICT_SECONDS)
        book.end()

    def judge_own(self, book):
        writes = book.of("own")
        refused = sum(entry.status != 200 for entry in writes)
        self.note("conflict, own connectors", writes=len(writes),
                  **{"503 %": 100 * refused / max(len(writes), 1)})
        self.assertEqual(book.statuses("own").keys(), {200}, book.notes(
            0, 409, 412, 503))

    def at_once(self):
        """What one member stored another changes and removes at once."""
        implementation, pools = self.implementation(), self.pools
        for k in range(30):
            status, answer = pools[k % 3].call(
                "POST", LIST, store_body("at-once", implementation))
            self.assertEqual(status, 200)
            path = connector(answer.json()["data"]["id"])
            status, answer = pools[(k + 1) % 3].call(
                "PUT", path, data("changed"), if_match=answer.headers["etag"])
            self.assertEqual(status, 200, answer and answer.body)
            status, answer = pools[(k + 2) % 3].call("DELETE", path)
            self.assertEqual(status, 200, answer and answer.body)

    # Faults.

    def fault(self, what, strike, mend=None, gone=(), after=LOAD_AFTER,
              reads=True, detection=0):
        """strike() under load, mend() after half of the time; gone: nodes
        that the engine's own watch is not on; reads: whether they go on;
        detection: seconds until the engine finds out by itself."""
        book = Book()
        ids = self.ids[20:26]
        self.name_all(ids, "w-0")
        before = self.audited(ids)
        owners = [Owner(book, self.pools, i % 3, id, i >= 3)
                  for i, id in enumerate(ids)]
        pairs = Pairs(book, self.pools, self.implementation(),
                      uuid.uuid4().hex[:12])
        storers = [Storer(pairs, n) for n in range(3)]
        watched = [node for node in NODES if node not in gone]
        book.begun = time.monotonic()
        for worker in owners + storers:
            book.run(worker.work)
        for n in range(3):
            for seed in (1, 2):
                book.run(read, book, self.pools, n, self.ids, seed)
            book.run(watch_ready, book, self.pools, n)
        for node in watched:
            book.run(watch_engine, book, self.cluster, node)
        struck = self.strike(strike, mend, after)
        book.end()
        self.cluster.heal()
        time.sleep(1)
        missing = self.missing(owners, before) + self.unstored(storers, pairs)
        self.judge_fault(what, book, missing, struck, reads, detection)

    def strike(self, strike, mend, after):
        time.sleep(LOAD_BEFORE)
        struck = time.monotonic()
        strike()
        time.sleep(after)
        if mend:
            mend()
            time.sleep(after)
        return struck

    def judge_fault(self, what, book, missing, struck, reads, detection):
        # Of a store that was cut off, the first may indeed be running still.
        wrong = sum(entry.status in (409, 412) and RUNNING not in entry.note
                    for entry in book.of("own", "own store"))
        engine = book.gap("engine", together=self.single)
        found = {"read gap": book.gap("read"), "write gap": book.gap("own"),
                 "engine's gap": engine, "missing": len(missing),
                 "409/412": wrong, "ready lies": self.lies(book),
                 "back after": self.back(book, struck)}
        self.note(what, **found)
        late = found["back after"] is None or found["back after"] > RETURN
        faults = [text for text, is_so in (
            ("reads stood still", reads and found["read gap"] > READ_GAP),
            ("writes stood still",
             found["write gap"] > max(engine, detection) + BEYOND_ENGINE),
            ("acknowledged writes are wrong: %s" % missing[:5], missing),
            ("409 or 412: %s" % book.notes(409, 412), wrong),
            ("ready does not tell the truth", found["ready lies"]),
            ("not back with the engine", late)) if is_so]
        self.assertEqual(faults, [], (found, book.statuses("own"),
                                      book.statuses("read"),
                                      book.notes(0, 500, 503)))

    def missing(self, owners, before):
        after = self.audited([owner.id for owner in owners])
        wrong = []
        for owner in owners:
            at = int(self.name_now(owner.id).split("-")[1])
            rows = after[owner.id] - before.get(owner.id, 0)
            if not owner.acknowledged <= at <= owner.sent or \
                    not owner.count <= rows <= owner.sent:
                wrong.append((owner.id, "is at", at, "acknowledged",
                              owner.acknowledged, "sent", owner.sent,
                              "audited", rows, "of", owner.count))
        return wrong

    def unstored(self, storers, pairs):
        """Also what was never acknowledged may be there only once."""
        twice = self.rows(
            "SELECT name FROM connectors WHERE name LIKE '%s-%%' "
            "GROUP BY name HAVING COUNT(*) > 1" % pairs.tag)
        return self.doubled(pairs) + twice

    def lies(self, book):
        """Answers of ready that three seconds of writes had disproved."""
        lies = 0
        for n in range(3):
            writes = [entry for entry in book.of("own", "own store")
                      if entry.pool == n]
            for sample in book.of("ready"):
                if sample.pool != n or sample.begun < book.begun + TRUTH:
                    continue
                # Those under way count as what becomes of them, and so do the
                # next ones: ready may know it first.
                seen = [entry.status == 200 for entry in writes
                        if entry.begun <= sample.begun + AHEAD
                        and entry.ended >= sample.begun - TRUTH]
                truth = (all(seen) and bool(seen), any(seen))
                lies += (sample.status == 200) not in truth
        return lies

    def back(self, book, struck):
        """From the engine's return (its first write after its longest gap
        since the strike, on any node that was watched) to the first write of
        the slowest pool; 0 if the engine was never away."""
        beats = sorted(entry.ended for entry in book.beats()
                       if entry.ended > struck)
        points = [struck, *beats]
        away, returned = max(((b - a, b) for a, b in zip(points, points[1:])),
                             default=(0, struck))
        if away <= 1:
            return 0
        waits = [book.first_good(n, returned, "own") for n in range(3)]
        return None if None in waits else max(waits)
