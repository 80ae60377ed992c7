"""The measures tell when certificates expire, without a word of whose they are."""
import unittest

from ctl_support import sequence
from pool_database import PoolTest

NEXT = "connectors_certificate_expiry_timestamp_seconds"
EXPIRED = "connectors_certificates_expired"


class Expiry(PoolTest):
    def given(self, *certificates):
        """(seconds from now or None, whether a connector uses it), each."""
        self.sql("UPDATE connectors SET certificate_id = NULL;"
                 "DELETE FROM certificates")
        for i, (seconds, used) in enumerate(certificates, 1):
            expires = "NULL" if seconds is None else \
                f"UTC_TIMESTAMP(6) + INTERVAL {seconds} SECOND"
            self.sql("INSERT INTO certificates (id, company_id, name, "
                     "fingerprint_sha256, expires_at, created_at, updated_at) "
                     f"VALUES ({i}, 1, 'n', 'f', {expires}, "
                     "UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))")
            if used:
                self.sql("INSERT INTO connectors (company_id, name, "
                         "authentication_implementation_id, timezone, "
                         "date_format, rate_limit_unit, rate_limit_duration, "
                         "certificate_id, canonical_key, created_at, "
                         "updated_at) VALUES (1, 'n', 1, 'UTC', 'Y', 'day', "
                         f"1, {i}, 'c{i}', UTC_TIMESTAMP(6), "
                         "UTC_TIMESTAMP(6))")

    def told(self):
        """What a pool of its own finds with its first look."""
        pool = self.pool(test__listen="")
        pool.wait_for(lambda: EXPIRED in pool.metrics(), "a look")
        return pool, pool.metrics()

    def test_next_of_those_that_are_used(self):
        now = int(self.sql("SELECT UNIX_TIMESTAMP()")[0][0])
        self.given((3600, False), (86400, True), (7200, True), (None, True),
                   (-60, True), (-86400, True), (-1, False))
        pool, told = self.told()
        self.assertAlmostEqual(told[NEXT], now + 7200, delta=60)
        self.assertEqual(told[EXPIRED], 2)
        self.assertEqual(pool.logged("expiry"), [])

    def test_none(self):
        self.given()
        _, told = self.told()
        self.assertNotIn(NEXT, told)
        self.assertEqual(told[EXPIRED], 0)

    def test_only_such_as_never_expire(self):
        self.given((None, True))
        _, told = self.told()
        self.assertNotIn(NEXT, told)
        self.assertEqual(told[EXPIRED], 0)

    def test_looks_at_certificates_and_not_at_all_connectors(self):
        self.given(*[(3600, True)] * 8)
        self.sql("SET foreign_key_checks = 0; INSERT INTO connectors "
                 "(company_id, name, authentication_implementation_id, "
                 "timezone, date_format, rate_limit_unit, "
                 "rate_limit_duration, canonical_key, created_at, updated_at) "
                 "SELECT 1, 'n', 1, 'UTC', 'Y', 'day', 1, CONCAT('s', seq), "
                 "UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM " + sequence(5000))
        self.sql("ANALYZE TABLE connectors")
        before = self.touched()
        _, told = self.told()
        self.assertIn(NEXT, told)
        self.assertLess(self.touched() - before, 4000)

    def test_far_away(self):
        """Beyond what 32 bits of seconds hold."""
        self.given((3000000000, True))
        now = int(self.sql("SELECT UNIX_TIMESTAMP()")[0][0])
        _, told = self.told()
        self.assertAlmostEqual(told[NEXT], now + 3000000000, delta=60)

    def test_a_fault_is_logged_and_rows_go_all_the_same(self):
        self.sql("ALTER TABLE certificates RENAME COLUMN expires_at TO gone")
        self.sql("INSERT INTO idempotency_keys (api_key_id, idempotency_key, "
                 "body_hash, status, etag, location, answer, created_at) "
                 "VALUES (1, 'k', 'x', 200, '', '', '{}', "
                 "UTC_TIMESTAMP(6) - INTERVAL 25 HOUR)")
        pool = self.pool(test__listen="")
        pool.wait_for(lambda: pool.logged("expiry of certificates"), "a line")
        self.assertNotIn(EXPIRED, pool.metrics())
        self.assertEqual(
            self.sql("SELECT COUNT(*) FROM idempotency_keys"), [("0",)])


if __name__ == "__main__":
    unittest.main()
