"""Rows that are older than they need be go by themselves: a few at a time, also
when nobody asks anything, and nobody waits for it.
"""
import json
import random
import threading
import time
import unittest

import fastcgi
from ctl_support import sequence
from pool_database import PoolTest, body

AGE = "UTC_TIMESTAMP(6) - INTERVAL %s"
REMOVED = 'connectors_rows_removed_total{table="%s"}'
SEEN = 2.5 # seconds after which a first turn is over


class Tidy(PoolTest):
    def pool(self, **settings):
        """With a lane for tests, whose workers do it."""
        return super().pool(
            test__listen="unix:%s/test%d" % (self.folder, next(self.numbers)),
            test__workers="2", **settings)

    def add_answers(self, ages):
        """Answers kept under an Idempotency-Key, so old each."""
        first = self.number("SELECT COUNT(*) FROM idempotency_keys")
        self.rows("idempotency_keys (api_key_id, idempotency_key, body_hash, "
                  "status, etag, location, answer, created_at)", [
                      "1, 'k%d', 'x', 200, '', '', '{}', %s"
                      % (first + i, AGE % age) for i, age in enumerate(ages)])

    def add_audit(self, ages):
        self.rows("audit_events (company_id, action, connector_id, "
                  "connector_name, changed, request_id, token, created_at)", [
                      "1, 'store', 1, 'n', '[]', 'r', UUID_SHORT(), "
                      + AGE % age for age in ages])

    def add_tests(self, tests):
        """(connector, ok, age), in the order of their ids."""
        self.rows("connector_tests (company_id, connector_id, ok, created_at, "
                  "updated_at)", ["1, %d, %s, %s, UTC_TIMESTAMP(6)" % (
                      connector, ok, AGE % age)
                      for connector, ok, age in tests])

    def rows(self, table, values):
        self.sql("INSERT INTO %s VALUES %s" % (
            table, ", ".join("(%s)" % row for row in values)))

    def number(self, statement):
        return int(self.sql(statement)[0][0])

    def left(self, table):
        return self.number("SELECT COUNT(*) FROM " + table)

    def wait_left(self, pool, table, number, seconds=15):
        pool.wait_for(lambda: self.left(table) == number,
                      "%d of %s" % (number, table), seconds)

    def test_what_goes_and_what_stays(self):
        self.add_answers(["25 HOUR", "24 HOUR", "23 HOUR", "1 MINUTE"])
        self.add_audit(["400 DAY", "1 DAY"])
        self.add_tests([(1, 1, "99 DAY"), (1, 0, "98 DAY"), # the newest stays
                    (2, 1, "91 DAY"), (2, "NULL", "91 DAY"), (2, 0, "1 DAY")])
        pool = self.pool()
        self.wait_left(pool, "idempotency_keys", 2)
        self.wait_left(pool, "connector_tests", 2)
        self.assertEqual(
            self.sql("SELECT connector_id, ok FROM connector_tests "
                     "ORDER BY id"), [("1", "0"), ("2", "0")])
        self.assertEqual(self.left("audit_events"), 2)
        for table, number in (("idempotency_keys", 2), ("audit_events", 0),
                              ("connector_tests", 3)):
            pool.wait_for_metric(REMOVED % table, number)
        self.assertLessEqual({line["lane"] for line in pool.served()},
                             {"admin"})
        self.assertEqual(pool.logged("old rows"), [])

    def test_each_has_its_time(self):
        self.add_audit(["31 DAY", "29 DAY"])
        self.add_tests([(1, 1, "12 DAY"), (1, 1, "9 DAY"), (1, 1, "8 DAY")])
        self.add_answers(["3 HOUR", "1 HOUR"])
        pool = self.pool(retention__audit_days="30",
                         retention__tests_days="10",
                         limits__idempotency_hours="2")
        self.wait_left(pool, "audit_events", 1)
        self.wait_left(pool, "connector_tests", 2)
        self.wait_left(pool, "idempotency_keys", 1)

    def test_kept_for_ever(self):
        self.add_audit(["9999 DAY"])
        self.add_tests([(1, 1, "9999 DAY"), (1, 1, "9998 DAY")])
        self.add_answers(["25 HOUR"])
        pool = self.pool(retention__tests_days="0", retention__audit_days="0")
        self.wait_left(pool, "idempotency_keys", 0)
        time.sleep(SEEN)
        self.assertEqual(self.left("connector_tests"), 2)
        self.assertEqual(self.left("audit_events"), 1)

    def test_many_go_in_batches(self):
        self.add_answers(["30 HOUR"] * 1200 + ["1 HOUR"])
        self.add_tests([(1 + i % 2, 1, "100 DAY") for i in range(1202)])
        # The same time for all rows of one statement.
        self.sql("CREATE TABLE removed (at DATETIME(6)); "
                 "CREATE TRIGGER removes AFTER DELETE ON idempotency_keys "
                 "FOR EACH ROW INSERT INTO removed VALUES (NOW(6))")
        pool = self.pool()
        self.wait_left(pool, "idempotency_keys", 1)
        self.wait_left(pool, "connector_tests", 2)
        batches = [int(n) for n, in self.sql(
            "SELECT COUNT(*) FROM removed GROUP BY at")]
        self.assertEqual(sum(batches), 1200)
        self.assertLessEqual(max(batches), 500)
        pool.wait_for_metric(REMOVED % "idempotency_keys", 1200)
        pool.wait_for_metric(REMOVED % "connector_tests", 1200)

    def test_the_newest_of_each_connector_stays(self):
        random.seed(5)
        self.sql("INSERT INTO connectors (company_id, name, "
                 "authentication_implementation_id, timezone, date_format, "
                 "rate_limit_unit, rate_limit_duration, canonical_key, "
                 "created_at, updated_at) SELECT 1, 'n', 1, 'UTC', 'Y', "
                 "'day', 1, CONCAT('s', seq), UTC_TIMESTAMP(6), "
                 "UTC_TIMESTAMP(6) FROM " + sequence(300))
        connectors = [int(row[0]) for row in self.sql(
            "SELECT id FROM connectors")]
        tests = [(random.choice(connectors), random.choice(("0", "1", "NULL")),
                  "%d DAY" % (200 - i // 20)) for i in range(3000)]
        self.add_tests(tests)
        ended = {connector: i for i, (connector, ok, _) in enumerate(tests)
                 if ok != "NULL"}
        stays = [i for i, (connector, _, age) in enumerate(tests)
                 if int(age.split()[0]) < 90 or ended.get(connector) == i]
        # Nodes of a cluster leave numbers to the others.
        ids = [int(row[0]) for row in self.sql(
            "SELECT id FROM connector_tests ORDER BY id")]
        pool = self.pool()
        self.wait_left(pool, "connector_tests", len(stays), 30)
        time.sleep(SEEN)
        self.assertEqual([int(row[0]) for row in self.sql(
            "SELECT id FROM connector_tests ORDER BY id")],
            [ids[i] for i in stays])

    def test_without_a_lane_for_it(self):
        """The last lane that there is does it."""
        self.add_answers(["25 HOUR"])
        pool = self.enterContext(fastcgi.Pool(
            database__socket=self.server.socket, database__user="root",
            database__name=self.database, api__workers="2"))
        self.wait_left(pool, "idempotency_keys", 0)

    def test_several_pools_on_one_database(self):
        self.add_answers(["25 HOUR"] * 2100)
        self.add_tests([(1, 1, "100 DAY")] * 2101)
        pools = [self.pool() for _ in range(3)]
        self.wait_left(pools[0], "idempotency_keys", 0, 30)
        self.wait_left(pools[0], "connector_tests", 1, 30)
        time.sleep(SEEN)
        for table, number in (("idempotency_keys", 2100),
                              ("connector_tests", 2100)):
            self.assertEqual(sum(pool.metrics()[REMOVED % table]
                                 for pool in pools), number)
        for pool in pools:
            self.assertEqual(pool.logged("old rows"), [])

    def test_nobody_waits_for_it(self):
        """Though the rows that are to go are held by somebody else."""
        self.add_answers(["25 HOUR"] * 10)
        pool = self.pool()
        held = threading.Event()
        holding = threading.Thread(target=lambda: self.sql(
            "BEGIN; SELECT * FROM idempotency_keys FOR UPDATE; "
            "SELECT SLEEP(4)"))
        holding.start()
        slowest, until = 0, time.monotonic() + 4
        while time.monotonic() < until:
            begun = time.monotonic()
            answer = pool.send(self.request(
                "/api/v1/connectors", "POST",
                json.dumps(body(1, "a")).encode()))
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(pool.admin("/live").status, 200)
            slowest = max(slowest, time.monotonic() - begun)
        holding.join()
        self.assertLess(slowest, 0.8)

    def test_what_goes_wrong_is_told_and_nothing_else_suffers(self):
        self.add_answers(["25 HOUR"])
        self.sql("RENAME TABLE idempotency_keys TO hidden")
        pool = self.pool()
        pool.wait_for(lambda: pool.logged("old rows"), "a warning")
        self.assertEqual(pool.send(self.request(
            "/api/v1/connectors/1")).status, 200)
        time.sleep(SEEN)
        self.assertEqual(len(pool.logged("old rows")), 1)


if __name__ == "__main__":
    unittest.main()
