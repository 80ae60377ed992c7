"""A statement that reads is ended by the database after database.read_limit;
one that writes, or waits to, is not, and connectorsctl has all time.
"""
import contextlib
import json
import subprocess
import threading
import time
import unittest

from ctl_support import sequence
from pool_database import PoolTest, body

LIST = "/api/v1/connectors"
LIMIT = 0.3 # seconds
LONGER = 1.2


class ReadLimit(PoolTest):
    def pool(self, **settings):
        return super().pool(cache__answers="0", database__read_limit="300ms",
                            **settings)

    @contextlib.contextmanager
    def held(self, statement):
        """What another client holds; call what is given to let go."""
        client = subprocess.Popen(
            ["mariadb", "--no-defaults", "-S", self.server.socket, "-N",
             "--unbuffered", self.database], stdin=subprocess.PIPE,
            text=True, stdout=subprocess.PIPE)

        def let_go():
            if not client.stdin.closed:
                client.stdin.close()
                client.wait()

        with client:
            client.stdin.write(statement + "; SELECT 'held';\n")
            client.stdin.flush()
            while client.stdout.readline() != "held\n":
                pass
            yield let_go
            let_go()

    def read(self, pool, path=LIST, company=1):
        return pool.send(self.request(path, company=company))

    def assert_ended(self, pool, path, company=1):
        begun = time.monotonic()
        answer = self.read(pool, path, company)
        took = time.monotonic() - begun
        self.assertEqual(answer.status, 503, path)
        self.assertEqual(answer.json(), {"message": "Service Unavailable"})
        self.assertRegex(answer.headers["retry-after"], r"^\d+$")
        self.assertGreater(took, LIMIT * 0.9, path)

    def test_the_answer_and_the_log(self):
        pool = self.pool()
        for path in (LIST, LIST + "/1"):
            for company in (1, 2):
                self.read(pool, path, company)
        shown = LIST + "/1?include=variables"
        with self.held("LOCK TABLES variables WRITE"):
            self.assert_ended(pool, shown)
            self.assertEqual(self.read(pool).status, 200)
        with self.held("LOCK TABLES connectors WRITE"):
            # The count comes along with the key, the filtered one alone.
            self.assert_ended(pool, LIST, 2)
            self.assert_ended(pool, LIST + "?filter[system]=1")
        self.assertEqual(self.read(pool, shown).status, 200)
        ended = pool.wait_for(lambda: [
            line for line in pool.served() if line["status"] == 503][2:] and [
            line for line in pool.served() if line["status"] == 503], "log")
        self.assertEqual([(line["route"], line["company_id"])
                          for line in ended], [
            ("connectors.show", 1), ("connectors.index", 2),
            ("connectors.index", 1)])
        for line in ended:
            self.assertIn("database.read_limit", line["error"])
            self.assertEqual(line["level"], "error")
            # That of the key, and the one that was ended: it is not repeated.
            self.assertEqual(line["statements"], 2)

    def test_errors_of_the_key_come_first(self):
        """Though the statement that was ended would have told them."""
        pool = self.pool()
        self.read(pool)
        with self.held("LOCK TABLES connectors WRITE"):
            self.sql("UPDATE api_keys SET can_read = 0")
            self.assertEqual(self.read(pool).status, 403)
            self.sql("UPDATE api_keys SET revoked_at = UTC_TIMESTAMP(6)")
            self.assertEqual(self.read(pool).status, 401)

    def write(self, pool, method, path, data):
        return pool.send(self.request(path, method,
                                      json.dumps(data).encode()))

    def assert_waits(self, hold, ask, status=200):
        """What waits for longer than a read might is done in the end."""
        with self.held(hold) as let_go:
            timer = threading.Timer(LONGER, let_go)
            timer.start()
            begun = time.monotonic()
            answer = ask()
            self.assertGreater(time.monotonic() - begun, LONGER * 0.8)
            timer.join()
        self.assertEqual(answer.status, status, answer.body)

    def test_writes_are_not_ended(self):
        pool = self.pool()
        row = "BEGIN; SELECT id FROM connectors WHERE id = 1 FOR UPDATE"
        for hold, method, path, data in (
                ("LOCK TABLES audit_events WRITE", "POST", LIST, body(1, "a")),
                ("LOCK TABLES data_versions READ", "POST", LIST, body(1)),
                (row, "PUT", LIST + "/1", {"name": "New"}),
                (row, "DELETE", LIST + "/1", {})):
            self.assert_waits(hold, lambda: self.write(
                pool, method, path, data))

    def test_commit_is_not_ended(self):
        pool = self.pool()
        self.write(pool, "POST", LIST, body(1))
        self.assert_waits("FLUSH TABLES WITH READ LOCK", lambda: self.write(
            pool, "POST", LIST, body(1)))

    def test_command_line_has_all_time(self):
        option = ["-o", "database.read_limit=100ms"]
        for hold, command in (
                ("LOCK TABLES connectors WRITE", ["export"]),
                ("LOCK TABLES api_keys WRITE", ["key", "list"])):
            with self.held(hold) as let_go:
                threading.Timer(LONGER, let_go).start()
                self.ok(*command, *option)

    def test_a_read_that_works_hard(self):
        self.sql("INSERT INTO connectors (company_id, name, "
                 "authentication_implementation_id, timezone, date_format, "
                 "rate_limit_unit, rate_limit_duration, canonical_key, "
                 "created_at, updated_at) SELECT 1, CONCAT('n', seq), 1, "
                 "'UTC', 'Y', 'day', 1, CONCAT('s', seq), UTC_TIMESTAMP(6), "
                 "UTC_TIMESTAMP(6) FROM " + sequence(60000))
        hard = LIST + "?filter[system]=1,none"
        quick = PoolTest.pool(self, cache__answers="0",
                              database__read_limit="2ms")
        self.assertEqual(self.read(quick, hard).status, 503)
        for limit in ("0", "60s"):
            patient = PoolTest.pool(self, cache__answers="0",
                                    database__read_limit=limit)
            self.assertEqual(self.read(patient, hard).status, 200)

    def test_a_read_that_somebody_kills(self):
        pool = self.pool()
        with self.held("LOCK TABLES connectors WRITE"):
            answers = []
            patient = PoolTest.pool(self, database__read_limit="0")
            asking = threading.Thread(target=lambda: answers.append(
                self.read(patient)))
            asking.start()
            victims = pool.wait_for(lambda: self.server.sql(
                "SELECT id FROM information_schema.processlist WHERE state "
                "LIKE 'Waiting for table%%' AND db = '%s'" % self.database),
                "the statement")
            self.server.sql("KILL QUERY %s" % victims[0])
            asking.join()
        self.assertEqual(answers[0].status, 503)


if __name__ == "__main__":
    unittest.main()
