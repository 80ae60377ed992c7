"""The number of all rows of a list, which is known and not counted."""
import concurrent.futures
import random
import unittest
import uuid

from support import LIST
from writing import OTHER, WRITER, Writing, body, path, sql, variable


class Totals(Writing):
    def total(self, query="", company=WRITER):
        return self.get(query + ("&" if query else "?") + "x=" +
                        uuid.uuid4().hex, company).json()["meta"]["total"]

    def stored(self, company=WRITER):
        return int(sql("SELECT COUNT(*) FROM connectors WHERE company_id = %d"
                       % company)[0][0])

    def check(self):
        for company in (WRITER, OTHER, 1):
            self.assertEqual(self.total(company=company),
                             self.stored(company))

    def test_are_those_of_the_rows_from_the_start(self):
        self.check()

    def test_follow_stores_and_deletes(self):
        before = self.total()
        ids = [self.made(variable("a"))["id"] for _ in range(3)]
        self.assertEqual(self.total(), before + 3)
        self.destroy(ids[1])
        self.assertEqual(self.total(), before + 2)
        self.ask("PATCH", path(ids[0]), {"name": "Other"})
        self.assertEqual(self.total(), before + 2)
        self.check()

    def test_are_the_same_after_writes_that_do_nothing(self):
        one = self.made()["id"]
        before = self.total()
        self.ask("POST", LIST, body(timezone="Nowhere"), status=422)
        self.ask("POST", LIST, {"name": 1}, status=422)
        self.ask("DELETE", path(one), status=412,
                 headers={"If-Match": '"999"'})
        self.ask("DELETE", path(999999), status=404)
        self.assertEqual(self.total(), before)
        self.destroy(one)
        self.destroy(one, 404)
        self.assertEqual(self.total(), before - 1)
        self.check()

    def test_count_a_replayed_store_once(self):
        before = self.total()
        for _ in range(3):
            self.ask("POST", LIST, body(), headers={
                "Idempotency-Key": "totals-%s" % self.id()})
        self.assertEqual(self.total(), before + 1)
        self.check()

    def test_of_filters_follow_too(self):
        query = "?filter[canonical_key]="
        one = self.made()
        query += one["canonical_key"] + ",another"
        for page in ("", "&page=2", "&include=variables", "&per_page=1"):
            self.assertEqual(self.total(query + page), 1)
        self.destroy(one["id"])
        self.assertEqual(self.total(query), 0)

    def test_of_filters_that_look_alike_are_apart(self):
        one, two = self.made(), self.made()
        both = "%s,%s" % (one["canonical_key"], two["canonical_key"])
        for _ in range(2):
            self.assertEqual(
                self.total("?filter[canonical_key]=" + both), 2)
            self.assertEqual(self.total("?filter[canonical_key]=%s" %
                                        one["canonical_key"]), 1)
            self.assertEqual(self.total("?search=" + both), 0)
            self.assertEqual(self.total(
                "?filter[canonical_key]=%s&filter[system]=%s"
                % (both, two["canonical_key"])), 0)

    def test_are_right_after_many_writes_at_once(self):
        random_numbers = random.Random(20)

        def work(seed):
            numbers = random.Random(seed)
            mine = []
            for _ in range(12):
                if mine and numbers.random() < 0.4:
                    self.destroy(mine.pop())
                else:
                    mine.append(self.made()["id"])
            return len(mine)

        before = self.total()
        seeds = [random_numbers.random() for _ in range(6)]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            more = sum(pool.map(work, seeds))
        self.assertEqual(self.total(), before + more)
        self.check()


if __name__ == "__main__":
    unittest.main()
