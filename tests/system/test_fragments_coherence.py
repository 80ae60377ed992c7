"""Answers, numbers of rows and parts of answers that workers keep together, while
the catalogue and the companies' own data change: on pools of one database, as
hosts would be, and on all workers of one. What is kept is compared with what a
pool answers that keeps nothing."""
import itertools
import json
import os
import random
import signal
import threading
import unittest

from fragment_support import (ALL, BELOW, COUNTS, IMPLEMENTATIONS, LIST, OWN,
                              SHARED, FragmentTest)
from pool_database import body

SEED = 20
STEPS = 600
# One change of each kind of row below an implementation, or of how they hang
# together; each changes what SHARED shows.
CHANGES = (
    ("systems", SHARED, {"label": "anew"}),
    ("systems", SHARED, {"logo_id": 2}),
    ("logos", 2, {"url": "https://logo.test/anew"}),
    ("system_types", 1, {"name": "Anew"}),
    ("authentication_types", 1, {"name": "Anew"}),
    ("authentication_implementations", SHARED, {"name": "Anew"}),
    ("endpoints", 11, {"name": "Anew"}),
    ("endpoints", 11, {"system_id": 1, "entity_type_id": None}),
    ("endpoints", 11, {"entity_type_id": 1}),
    ("entity_types", 1, {"name": "Anew"}),
    ("filters", 11, {"value": "anew"}),
    ("filters", 14, {"model_id": 11}),
    ("endpoint_schemas", 11, {"schema": ["anew"]}),
    ("field_tags", 1, {"name": "Anew"}),
    ("variables", 21, {"value": "anew"}),
    ("model_variables", 21, {"alias": "anew"}),
)
LINKS = (
    ("authentication_implementation_endpoints",
     {"authentication_implementation_id": SHARED, "endpoint_id": 14}),
    ("endpoint_field_tags",
     {"endpoint_id": 11, "field_tag_id": 1, "field_path": "anew"}),
)
FIELDS = ("", "&fields=id,name", "&fields[systems]=name",
          "&fields[endpoints]=name&fields[variables]=key",
          "&fields[logos]=url&fields[authentication_implementations]=name")
MORE = ("", "&per_page=2", "&per_page=4&page=2", "&sort=-name",
        "&filter[system]=1", "&filter[canonical_key]=c1i4,c2i4,c1i2,c2i5",
        "&search=N")


class Coherence(FragmentTest):
    def setUp(self):
        super().setUp()
        known = {"system_types": {"name": "Shop"},
                 "authentication_types": {"key": "token", "name": "Token"},
                 "field_tags": {"name": "SKU"}}
        for table, values in known.items():
            self.rows[table] = [{"id": 1, **values}]
        self.pools = [
            self.pool(api__workers="3", pool__restart_backoff="1ms"),
            self.pool(cache__answers="0"),
            # Where all is turned over again and again.
            self.pool(api__workers="2", cache__answers="60K",
                      cache__catalogue="30K")]

    def see(self):
        """Every worker has kept what both companies see."""
        for pool, company in itertools.product(self.pools, (1, 2)):
            for _ in range(6):
                self.check_same(pool, company=company)

    def test_an_import_of_each_kind_is_seen_by_the_next_request(self):
        self.see()
        loads = [(self.change, (table, id), values)
                 for table, id, values in CHANGES]
        loads += [(lambda table, row=None: self.load({table: [row]}),
                   (table,), {"row": row}) for table, row in LINKS]
        for load, where, values in loads:
            before = self.below(2, SHARED)
            load(*where, **values)
            self.assertNotEqual(self.below(2, SHARED), before, where)
            self.see()

    def test_a_write_elsewhere_is_seen_by_the_next_request(self):
        self.see()
        for writer, reader in itertools.permutations(self.pools, 2):
            made = self.store(writer, body(SHARED, "a"))["data"]["id"]
            self.check_same(reader)
            self.update(writer, made, {"variables": [
                {"key": "b", "label": "B", "value": "w"}]})
            self.check_same(reader)
            self.ask(writer, "DELETE", "/api/v1/connectors/%d" % made, {},
                     200, 1)
            self.check_same(reader)

    def path(self, chance, company):
        """Some list or show with some includes."""
        includes = chance.sample(BELOW + OWN + COUNTS, chance.randint(1, 8))
        query = "?include=" + ",".join(includes) + chance.choice(FIELDS)
        if chance.random() < 0.3:
            return "%s/c%di%d%s" % (LIST, company,
                                    chance.choice(IMPLEMENTATIONS), query)
        return LIST + query + chance.choice(MORE)

    def write(self, chance, pool, company):
        """One of the company's own changes; refused where it may not see the
        implementation."""
        path = "%s/c%di%d" % (LIST, company, chance.choice(IMPLEMENTATIONS))
        method, path, data = chance.choice((
            ("POST", LIST, body(chance.choice(IMPLEMENTATIONS), "k")),
            ("PUT", path, {"variables": [
                {"key": "k%d" % chance.randrange(5), "label": "L",
                 "value": str(chance.random())}]}),
            ("PUT", path, {"certificate_id": chance.choice((None, company))}),
            ("PUT", path, {"authentication_implementation_id":
                           chance.choice(IMPLEMENTATIONS)})))
        answer = pool.send(self.request(
            path, method, json.dumps(data).encode(), company))
        self.assertIn(answer.status, (200, 422), answer.body)

    def import_something(self, chance):
        """A change of the catalogue, back and forth."""
        table, id, values = chance.choice(CHANGES)
        row, = (row for row in self.rows[table] if row["id"] == id)
        if chance.random() < 0.5:
            values = {name: self.first[table, id].get(name) for name in values}
            if None in values.values():
                return
        row.update(values)
        self.load({table: [row]})

    def move(self, chance):
        """A row of the catalogue to a company, or to all."""
        table, id = chance.choice((("systems", SHARED), ("systems", 3),
                                   ("variables", 21), ("variables", 23)))
        company = chance.choice((None, 1, 2))
        self.give(table, id, company)
        row, = (row for row in self.rows[table] if row["id"] == id)
        row["company_id"] = company
        self.touch()

    def kill(self, chance):
        """A worker of the first pool, in the middle of what it does."""
        pool = self.pools[0]
        worker = chance.choice(pool.serving())
        threading.Thread(target=self.ask_in_vain, args=(pool,)).start()
        os.kill(worker, signal.SIGKILL)
        pool.wait_for(lambda: worker not in pool.workers()
                      and len(pool.serving()) == 3, "another worker")

    def ask_in_vain(self, pool):
        pool.send(self.request(ALL))

    def test_whatever_is_done_answers_are_those_of_the_database(self):
        """A model with a fixed seed: mostly looks, some writes, now and then an
        import, of rows of a company too, and a worker that is killed."""
        chance = random.Random(SEED)
        self.first = {(table, row["id"]): dict(row)
                      for table, rows in self.rows.items()
                      for row in rows if "id" in row}
        paths = {company: [self.path(chance, company) for _ in range(8)]
                 for company in (1, 2)}
        for step in range(STEPS):
            company, what = chance.choice((1, 2)), chance.random()
            pool = chance.choice(self.pools)
            with self.subTest(step=step):
                if what < 0.1:
                    self.write(chance, pool, company)
                elif what < 0.13:
                    self.import_something(chance)
                elif what < 0.16:
                    self.move(chance)
                elif what < 0.19:
                    self.kill(chance)
                else:
                    path = chance.choice(paths[company])
                    # What was made, and what was kept of it.
                    for _ in range(2):
                        self.check_same(pool, path, company)
        for kind, share in ("fragment", 1 / 6), ("cache", 1 / 10):
            hits = sum(pool.metrics()["connectors_%s_hits_total" % kind]
                       for pool in self.pools)
            self.assertGreater(hits, STEPS * share, kind)

    def test_what_was_committed_is_seen_while_others_write(self):
        """Readers on two pools, while imports number a system anew and writes
        go on: no answer shows a number below the last one that was committed
        before it was asked for."""
        committed, over, faults = [0], threading.Event(), []

        def read(pool, company):
            while not over.is_set():
                least = committed[0]
                answer = pool.send(self.request(ALL, company=company))
                for row in json.loads(answer.body)["data"]:
                    shown = row["authentication_implementation"]
                    if shown is None or shown["system"]["id"] != SHARED:
                        continue
                    numbers = {int(shown["system"]["label"])} | {
                        int(e["system"]["label"]) for e in shown["endpoints"]
                        if e["system"] and e["system"]["id"] == SHARED}
                    if min(numbers) < least:
                        faults.append((numbers, least))

        def write(pool):
            while not over.is_set():
                self.store(pool, body(SHARED, "k"))

        self.change("systems", SHARED, label="0")
        threads = [threading.Thread(target=read, args=pair) for pair in
                   itertools.product(self.pools, (1, 2))]
        threads.append(threading.Thread(target=write, args=self.pools[1:2]))
        for thread in threads:
            thread.start()
        try:
            for number in range(1, 25):
                self.change("systems", SHARED, label=str(number))
                committed[0] = number
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(faults, [])
        self.see()


if __name__ == "__main__":
    unittest.main()
