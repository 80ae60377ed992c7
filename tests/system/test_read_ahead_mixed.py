"""Requests of all kinds wait together, in random order; each is answered as by
a pool that reads each for itself and keeps nothing."""
import json
import random
import unittest

from ahead_support import LIST, READ_AHEAD, AheadTest, answers, counts, \
    send_all
from pool_database import body

ODD_IDS = ("0", "-1", "9223372036854775807", "9223372036854775808",
           "18446744073709551616", "00001", "+1", "1.0", "1e0", " 1", "%31",
           "999999", "1%00", "a", "c1i1", "C1I1", "key-1", "%")
QUERIES = ("", "?fields=id", "?fields=name,id", "?include=variables_count",
           "?include=variables,certificate", "?filter[system]=1",
           "?filter[system]=999", "?filter[canonical_key]=c1i1",
           "?include=authenticationImplementation.system", "?include=nothing",
           "?fields=nothing", "?filter[nothing]=1", "?include=certificateExists",
           "?search=N1", "?sort=-name", "?sort=nothing", "?page=2&per_page=2",
           "?page=0", "?per_page=x", "?page=99", "?%zz", "?a=b")
RESOURCES = ("systems", "authentication-implementations", "connection-pools",
             "certificates", "connector-tests")
ROUNDS = 40
SOCKS = 20


class Mixed(AheadTest):
    def setUp(self):
        super().setUp()
        self.chance = random.Random(5)
        self.good = {company: self.add_keys(company, 5) for company in (1, 2)}
        self.good_keys = [key for keys in self.good.values() for key in keys]
        self.bad_keys = [
            *self.add_keys(1, 1, more="'2020-01-01', NULL"),
            *self.add_keys(2, 1, more="NULL, '2020-01-01'"),
            *self.add_keys(1, 1, "writes"), *self.add_keys(2, 1, "reads"),
            "cak_" + "x" * 40, "cak_", "", "x" * 300, "cak_" + "x" * 201]
        self.some_ids = [str(id) for id in self.ids(1) + self.ids(2)]

    def key(self):
        return self.chance.choice(
            self.good_keys if self.chance.random() < 0.8 else self.bad_keys)

    def path(self):
        choose = self.chance.choice
        kind = self.chance.random()
        id = choose(self.some_ids) if self.chance.random() < 0.8 \
            else choose(ODD_IDS)
        query = choose(QUERIES) if self.chance.random() < 0.5 else ""
        if kind < 0.5:
            return "%s/%s%s" % (LIST, id, query)
        if kind < 0.7:
            return LIST + query
        if kind < 0.75:
            return "%s/%s/tests%s" % (LIST, id, query)
        if kind < 0.8:
            return choose(("/api/v1/none", "/api/v1/openapi.json", "/", LIST +
                           "/", LIST + "//1", "/api/v1/connectors/1/2"))
        return "/api/v1/%s%s%s" % (
            choose(RESOURCES), choose(("", "/" + choose("1234567"))), query)

    def read(self):
        more = {}
        if self.chance.random() < 0.1:
            more["HTTP_IF_NONE_MATCH"] = self.chance.choice(
                ("*", '"x"', "W/\"1\""))
        return self.with_key(self.key(), self.path(), self.chance.choice(
            ("GET", "GET", "GET", "GET", "HEAD", "OPTIONS")), **more)

    def refused_write(self):
        """It leaves all as it was."""
        method, path, data = self.chance.choice((
            ("PUT", LIST + "/999999", {"name": "x"}),
            ("DELETE", LIST + "/999999", None),
            ("PUT", LIST + "/" + self.some_ids[0], {"name": 7}),
            ("POST", LIST, {"name": 7}), ("POST", LIST, [1]),
            ("POST", LIST + "/999999/test", None),
            ("PATCH", LIST, None), ("DELETE", LIST, None)))
        return self.with_key(self.key(), path, method, b"" if data is None
                             else json.dumps(data).encode())

    def pools(self):
        yield self.pool()
        yield self.pool(cache__answers="0", cache__catalogue="0",
                        api__workers="2", limits__keys_together="16")

    def busy_together(self, pool, socks, requests):
        """Two workers that are awake."""
        with self.locked("api_keys"):
            send_all(socks, requests)
        return answers(socks, len(requests))

    def test_each_answer_is_what_it_is_alone(self):
        for pool in self.pools():
            every = [self.with_key(key) for key in self.good_keys]
            socks = self.kept(pool, SOCKS, every * 4)
            meet = self.together if len(pool.serving()) == 1 \
                else self.busy_together
            for step in range(ROUNDS):
                requests = [self.read() if self.chance.random() < 0.9
                            else self.refused_write() for _ in socks]
                got = meet(pool, socks, requests)
                self.check_same(got, requests, step)
            self.assertGreater(counts(pool, READ_AHEAD)[0], ROUNDS)

    def test_ids_in_all_forms_beside_good_ones(self):
        key = self.good[1][0]
        pool = self.pool(cache__answers="0")
        requests = [self.with_key(key, LIST + "/" + id) for other in ODD_IDS
                    for id in (self.some_ids[0], other)]
        socks = self.kept(pool, len(requests), [self.with_key(key)])
        self.check_same(self.together(pool, socks, requests), requests)

    def test_rows_of_others_are_not_there(self):
        pool = self.pool(cache__answers="0")
        every = [self.with_key(key) for key in self.good_keys]
        socks = self.kept(pool, 10, every)
        for step in range(10):
            asked = [(company, self.chance.choice(self.ids(owner)), owner)
                     for company in (1, 2) for owner in (1, 2) for _ in "ab"]
            self.chance.shuffle(asked)
            requests = [self.with_key(self.chance.choice(self.good[company]),
                                      "%s/%d" % (LIST, id))
                        for company, id, _ in asked]
            got = self.together(pool, socks, requests)
            self.check_same(got, requests, step)
            self.assertEqual([answer.status for answer in got],
                             [200 if company == owner else 404
                              for company, _, owner in asked])
        self.assertGreater(counts(pool, READ_AHEAD)[0], 10)

    def test_writes_among_reads(self):
        """Reads of other rows; then all rows are what was written."""
        rows = [self.store(self.alone, body(name="W"))["data"]["id"]
                for _ in range(6)]
        ids = [id for id in self.ids(1) if id not in rows]
        pool = self.pool()
        every = [self.with_key(key) for key in self.good_keys]
        socks = self.kept(pool, SOCKS, every)
        for step in range(10):
            name = "step %d" % step
            requests = [self.with_key(
                self.good[1][n % 5], "%s/%d" % (LIST, id), "PUT",
                json.dumps({"name": name}).encode())
                for n, id in enumerate(rows)]
            requests += [self.with_key(
                self.chance.choice(self.good[1]), "%s/%d" % (LIST, self.chance
                                                             .choice(ids)))
                for _ in range(SOCKS - len(rows))]
            self.chance.shuffle(requests)
            got = self.together(pool, socks, requests)
            self.assertEqual({answer.status for answer in got}, {200})
            reads = [one for one in zip(got, requests) if b"PUT" not in one[1]]
            self.check_same(*zip(*reads), step)
            requests = [self.with_key(self.good[1][n % 5], "%s/%d" % (LIST, id))
                        for n, id in enumerate(rows)]
            got = self.together(pool, socks, requests)
            self.assertEqual({answer.json()["data"]["name"] for answer in got},
                             {name})
        self.assertGreater(counts(pool, READ_AHEAD)[0], 50)


if __name__ == "__main__":
    unittest.main()
