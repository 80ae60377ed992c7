"""When the server has no room for prepared statements (1461)."""
import contextlib
import json
import subprocess
import unittest

from pool_database import PoolTest, body

LIST = "/api/v1/connectors"
# Each needs statements that the others do not.
READS = [LIST, LIST + "?sort=-name", LIST + "/1?include=variables",
         LIST + "?filter[system]=1&include=certificate",
         LIST + "/key-1?include=authenticationImplementation.system"]


class Prepared(PoolTest):
    def limit(self, number):
        self.server.sql("SET GLOBAL max_prepared_stmt_count = %s" % number)

    def tearDown(self):
        self.limit("DEFAULT")

    def pool(self, **settings):
        return super().pool(cache__answers="0", **settings)

    def count(self):
        ((_, number),) = self.server.sql(
            "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'")
        return int(number)

    @contextlib.contextmanager
    def held_by_others(self, number):
        """Somebody else has so many statements prepared."""
        client = subprocess.Popen(
            ["mariadb", "--no-defaults", "-S", self.server.socket, "-N",
             "--unbuffered"], stdin=subprocess.PIPE, text=True,
            stdout=subprocess.PIPE)
        with client:
            client.stdin.write("".join(
                "PREPARE s%d FROM 'SELECT %d';" % (i, i)
                for i in range(number)) + "SELECT 'held';\n")
            client.stdin.flush()
            self.assertEqual(client.stdout.readline(), "held\n")
            yield
            client.stdin.close()

    def read(self, pool, path=LIST):
        return pool.send(self.request(path))

    def assert_unavailable(self, answer):
        self.assertEqual(answer.status, 503, answer.body)
        self.assertEqual(answer.json(), {"message": "Service Unavailable"})
        self.assertRegex(answer.headers["retry-after"], r"^\d+$")

    def assert_all_work(self, pool):
        for path in READS * 2:
            self.assertEqual(self.read(pool, path).status, 200, path)
        made = self.store(pool, body(1, "a", "b"))["data"]["id"]
        self.update(pool, made, {"name": "M", "variables": [
            {"key": "a", "label": "L", "value": "w"}]})
        self.assertEqual(pool.send(self.request(
            "%s/%d" % (LIST, made), "DELETE")).status, 200)

    def test_a_worker_makes_room_among_its_own(self):
        pool = self.pool()
        for number in (1, 2, 5):
            self.limit(number)
            self.assert_all_work(pool)
            self.assertLessEqual(self.count(), number)

    def test_room_is_made_beside_what_others_hold(self):
        pool = self.pool()
        self.limit(23)
        with self.held_by_others(20):
            self.assert_all_work(pool)

    def test_no_statement_at_all(self):
        pool = self.pool()
        self.limit(0)
        for path in READS:
            self.assert_unavailable(self.read(pool, path))
        self.assert_unavailable(pool.send(self.request(
            LIST, "POST", b"{}")))
        line = pool.wait_for(pool.served, "the log")[0]
        self.assertIn("1461", line["error"])
        self.limit(100)
        self.assert_all_work(pool)

    def test_all_used_up_by_others(self):
        pool = self.pool()
        self.limit(20)
        with self.held_by_others(20):
            self.assert_unavailable(self.read(pool))
        pool.wait_for(lambda: self.count() == 0, "others' end")
        self.assert_all_work(pool)

    def test_used_up_in_the_middle_of_a_write(self):
        """What a transaction did before is taken back."""
        pool = self.pool()
        self.limit(100)
        self.read(pool)
        before = self.sql("SELECT COUNT(*) FROM connectors")
        self.limit(0) # the key's statement is there already
        self.assert_unavailable(pool.send(self.request(
            LIST, "POST", json.dumps(body(1, "a")).encode())))
        self.assertEqual(self.sql("SELECT COUNT(*) FROM connectors"), before)
        self.limit(100)
        self.assert_all_work(pool)

    def test_command_line(self):
        self.limit(0)
        self.assertIn("1461", self.fails("key", "list"))
        self.limit(1)
        self.ok("key", "list")
        self.ok("export")


if __name__ == "__main__":
    unittest.main()
