"""What reading ahead costs the database, in rows that it touches."""
import unittest

from ahead_support import LIST, AheadTest, counts, send_all, stopped
from ctl_support import sequence
from fastcgi import read_answer

SHOW = LIST + "/%d"
MANY = 5000
N = 9
# What a key and its row need, with their versions: each found by an index.
EACH = 40


class Costs(AheadTest):
    """Thousands of keys and connectors."""

    def setUp(self):
        super().setUp()
        self.some_keys = self.add_keys(1, N)
        self.sql(
            "INSERT INTO api_keys (company_id, name, key_hash, can_read, "
            "can_write, can_test, created_at, updated_at) SELECT 1, 'M', "
            "SHA2(CONCAT('m', seq), 256), 1, 1, 1, UTC_TIMESTAMP(6), "
            "UTC_TIMESTAMP(6) FROM " + sequence(MANY))
        self.sql(
            "INSERT INTO connectors (company_id, name, "
            "authentication_implementation_id, timezone, date_format, "
            "rate_limit_unit, rate_limit_duration, canonical_key, created_at, "
            "updated_at) SELECT 1, CONCAT('n', seq), 1, 'UTC', 'Y', 'day', 1, "
            "CONCAT('s', seq), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM "
            + sequence(MANY))
        self.sql("INSERT INTO data_versions (company_id, node, version) "
                 "SELECT 100 + seq, 1, 1 FROM " + sequence(MANY))
        self.ok("database", "recount")
        self.sql("ANALYZE TABLE connectors, api_keys, data_versions")

    def touched_by(self, pool, requests):
        socks = self.kept(pool, N, requests)
        # Others ask the server for something now and then.
        return min(self.touched_once(pool, socks, requests)
                   for _ in range(3))

    def touched_once(self, pool, socks, requests):
        with stopped(pool):
            send_all(socks, requests)
            # Asking for the number costs something itself.
            asking = -self.touched() + self.touched()
            before = self.touched() + asking
        for sock in socks[:len(requests)]:
            self.assertEqual(read_answer(sock).status, 200)
        return self.touched() - before

    def check_costs(self, requests, most, **settings):
        with self.subTest(**settings):
            pool = self.pool(**settings)
            found = counts(pool, "connectors_requests_read_ahead_total")[0]
            self.assertLess(self.touched_by(pool, requests), most)
            self.assertGreaterEqual(
                counts(pool, "connectors_requests_read_ahead_total")[0],
                found + N - 2)
        return pool

    def shows(self):
        ids = self.ids(1)
        return [self.with_key(key, SHOW % id) for key, id in zip(
            self.some_keys, ids[::len(ids) // N])]

    def test_rows(self):
        self.check_costs(self.shows(), N * EACH, cache__answers="0")

    def test_keys_alone(self):
        self.check_costs(self.shows(), N * EACH)

    def test_where_nodes_write(self):
        self.sql("UPDATE data_versions SET one_node = 0;"
                 "INSERT INTO data_versions (company_id, node, version) "
                 "VALUES (0, 2, 5), (1, 2, 7)")
        self.check_costs(self.shows(), N * EACH, cache__answers="0")

    def test_rows_and_numbers(self):
        """A page of two rows costs some more."""
        requests = self.shows()
        for number in (2, 6):
            requests[number] = self.with_key(
                self.some_keys[number], LIST + "?per_page=2")
        self.check_costs(requests, (N + 4) * EACH, cache__answers="0")

    def test_not_more_than_alone(self):
        requests = self.shows()
        together, alone = (
            self.touched_by(self.pool(cache__answers="0",
                                      limits__keys_together=most), requests)
            for most in ("8", "1"))
        self.assertLess(together, alone * 2 + 100)

    def test_each_number_of_requests(self):
        """Each may be a statement of its own."""
        pool = self.pool(cache__answers="0", limits__keys_together="16")
        for n in range(2, N + 1):
            self.assertLess(self.touched_by(pool, self.shows()[:n]),
                            (n + 1) * EACH, n)


if __name__ == "__main__":
    unittest.main()
