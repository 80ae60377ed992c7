"""What an administrator asks the pool, through nginx, with a database."""
import json
import os
import pathlib
import re
import signal
import threading
import time
import unittest
import urllib.error
import urllib.request

from test_admin_direct import samples, serves
from test_dev import Case, LIST, one_server
from test_failures import pid_of

TOP = pathlib.Path(__file__).resolve().parents[2]
ADMIN = "/connectors-admin"
INDEX_200 = 'connectors_requests_total{route="connectors.index",' \
            'status="200"}'


class Documents(unittest.TestCase):
    def test_schema_version(self):
        """/ready asks for as many migrations as there are."""
        header = (TOP / "src/schema/schema.h").read_text()
        version = re.search(r"SCHEMA_VERSION (\d+)", header).group(1)
        files = sorted(path.name for path in (TOP / "sql").glob("[0-9]*.sql"))
        self.assertEqual([int(name[:4]) for name in files],
                         list(range(1, int(version) + 1)))


class Admin(Case):
    def setUp(self):
        self.one = self.stack()
        self.one.up("--workers", "2")
        self.addCleanup(self.one.dev, "down")
        self.key = self.one.dev("key").strip()

    def page(self, name):
        try:
            with urllib.request.urlopen(self.one.base + ADMIN + name,
                                        timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metrics(self):
        status, text = self.page("/metrics")
        self.assertEqual(status, 200)
        return samples(text), text

    def wait(self, condition, what, seconds=5):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, what + " in time")
            time.sleep(0.05)

    def wait_until_ready_is(self, wanted, seconds):
        self.wait(lambda: self.page("/ready")[0] == wanted,
                  "/ready is not %d" % wanted, seconds)

    def check_not_ready(self, check, words, seconds=2):
        """Red in time, with the cause, while the pool itself lives."""
        self.wait_until_ready_is(503, seconds)
        body = json.loads(self.page("/ready")[1])
        self.assertRegex(body["cause"], "^%s: .*%s" % (check, words))
        self.assertIs(body["checks"][check], False)
        self.assertEqual(self.page("/live")[0], 200)

    def ask(self, method, path, body=None, **headers):
        request = urllib.request.Request(
            self.one.base + path, method=method, data=body,
            headers={"Authorization": self.key,
                     "Content-Type": "application/json", **headers})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def log_line(self, request_id):
        log = pathlib.Path(self.one.state, "log/connectors.log")

        def found():
            return [line for line in log.read_text().splitlines()
                    if request_id in line]
        self.wait(found, "no log line")
        return json.loads(found()[0])

    def check_names(self):
        """docs/metrics.md has every measure, and only these."""
        listed = re.findall(r"^\| `(connectors_\w+)` \| (\w+) \|",
                            (TOP / "docs/metrics.md").read_text(), re.M)
        printed = re.findall(r"^# TYPE (connectors_\w+) (\w+)$",
                             self.metrics()[1], re.M)
        self.assertEqual(sorted(listed), sorted(printed))

    def check_counters(self):
        before, _ = self.metrics()
        for _ in range(20):
            self.one.get(LIST, self.key)
        wanted = before.get(INDEX_200, 0) + 20
        self.wait(lambda: self.metrics()[0].get(INDEX_200) == wanted,
                  "20 requests are not counted")
        after, _ = self.metrics()
        for name in ("database_statements_total", "database_seconds_total",
                     "cache_hits_total", "cache_misses_total", "cache_bytes",
                     "database_connects_total", "uptime_seconds"):
            self.assertGreater(after["connectors_" + name], 0, name)
        self.assertEqual(after["connectors_database_reconnects_total"], 0)

    def check_kept_answers(self):
        """A long answer comes back from the cache as it was, by whichever
        worker, and takes less there than it is long."""
        path = LIST + "?include=variables," \
            "authenticationImplementation.endpoints.fieldTags"
        before, _ = self.metrics()
        status, first = self.ask("GET", path)
        self.assertEqual(status, 200)
        self.assertGreater(len(first), 8192)
        self.assertEqual({self.ask("GET", path)[1] for _ in range(20)},
                         {first})
        after, _ = self.metrics()
        hits, kept = (after[name] - before[name] for name in (
            "connectors_cache_hits_total", "connectors_cache_bytes"))
        self.assertGreaterEqual(hits, 19)
        self.assertGreater(kept, 0)
        self.assertLess(kept, len(first))

    def check_tests(self):
        """Tests of the demo connectors, by their outcome."""
        seen = {}
        listed = self.one.get(LIST + "?per_page=8", self.key)[1]["data"]
        for connector in listed:
            status, text = self.ask(
                "POST", "%s/%d/test" % (LIST, connector["id"]))
            outcome = "ok" if status == 200 else \
                json.loads(text)["test"]["reason"]
            seen[outcome] = seen.get(outcome, 0) + 1
        name = 'connectors_tests_total{outcome="%s"}'
        self.wait(lambda: all(self.metrics()[0][name % outcome] == n
                              for outcome, n in seen.items()),
                  "the tests are not counted: %r" % seen)
        self.assertIn("ok", seen)
        total = sum(value for line, value in self.metrics()[0].items()
                    if line.startswith("connectors_tests_total"))
        self.assertEqual(total, len(listed))

    def check_locked_row(self):
        """Both workers wait for a lock: the admin lane tells of them, the
        log afterwards where the time went."""
        connector = self.one.get(LIST, self.key)[1]["data"][0]["id"]
        locker = threading.Thread(target=self.one.dev, args=(
            "sql", "-e", "BEGIN; SELECT id FROM connectors WHERE id = %d "
            "FOR UPDATE; SELECT SLEEP(2); COMMIT" % connector))
        locker.start()
        self.wait(lambda: self.one.dev(
            "sql", "-N", "-e", "SELECT COUNT(*) FROM information_schema."
            "processlist WHERE info LIKE 'SELECT SLEEP%'").strip() == "1",
            "no lock")
        writers = [threading.Thread(target=self.ask, args=(
            "PUT", "%s/%d" % (LIST, connector), b'{"name":"locked %d"}' % i),
            kwargs={"X-Request-Id": "locked-%d" % i}) for i in range(2)]
        for writer in writers:
            writer.start()
        self.wait(lambda: self.metrics()[0][
            'connectors_workers{lane="api",state="busy"}'] == 2, "not busy")
        times = []
        for _ in range(20):
            begun = time.monotonic()
            workers = json.loads(self.page("/status")[1])["workers"]
            times.append(time.monotonic() - begun)
        self.assertLess(sorted(times)[10], 0.02)
        self.assertEqual(
            {(w["route"], w["request_id"]) for w in workers
             if w["lane"] == "api" and serves(w)},
            {("connectors.update", "locked-0"),
             ("connectors.update", "locked-1")})
        self.assertEqual(self.page("/ready")[0], 200)
        # One of them loses its connection and begins its transaction anew.
        self.one.dev("sql", "-e", "KILL " + self.one.dev(
            "sql", "-N", "-e", "SELECT MIN(id) FROM information_schema."
            "processlist WHERE user = 'connectors' AND info LIKE "
            "'%FOR UPDATE%'").strip())
        for thread in [locker] + writers:
            thread.join()
        for name in ("transaction_retries", "database_reconnects"):
            self.assertEqual(
                self.metrics()[0]["connectors_%s_total" % name], 1, name)
        line = self.log_line("locked-0")
        self.assertEqual((line["message"], line["level"]),
                         ("slow request", "warning"))
        self.assertGreater(line["stages_ms"]["database"], 500)
        self.assertIn("encoding", line["stages_ms"])

    def check_far_side_in_the_log(self):
        for connector in self.one.get(LIST, self.key)[1]["data"]:
            path = "%s/%d/test" % (LIST, connector["id"])
            if self.ask("POST", path,
                        **{"X-Request-Id": "far-1"})[0] == 200:
                break
        line = self.log_line("far-1")
        self.assertGreater(line["far_side_ms"], 0)
        self.assertLess(line["far_side_ms"], line["duration_ms"])

    def check_counters_outlive_workers(self):
        self.one.get(LIST, self.key)
        self.wait(lambda: self.metrics()[0].get(INDEX_200), "not counted")
        before, _ = self.metrics()
        for worker in json.loads(self.page("/status")[1])["workers"]:
            if worker["lane"] == "api" and serves(worker):
                os.kill(worker["pid"], signal.SIGKILL)
        name = 'connectors_worker_restarts_total{lane="api"}'
        self.wait(lambda: self.metrics()[0][name] == 2, "not replaced")
        after, _ = self.metrics()
        for line, value in before.items():
            if "_total" in line or "_bucket" in line:
                self.assertGreaterEqual(after[line], value, line)
        self.assertEqual(after[INDEX_200], before[INDEX_200])
        self.assertGreater(after["connectors_cache_bytes"], 0)

    def test_measures(self):
        self.assertEqual(self.page("/none")[0], 404)
        for name in json.loads(self.page("/")[1]):
            self.assertEqual(self.page("/" + name)[0], 200, name)
        self.check_names()
        self.check_counters()
        self.check_kept_answers()
        self.check_tests()
        self.check_far_side_in_the_log()
        self.check_locked_row()
        self.check_counters_outlive_workers()

    @one_server
    def test_ready(self):
        ready = json.loads(self.page("/ready")[1])
        self.assertEqual(ready, {"status": "ready", "checks": {
            "database": True, "schema": True, "read": True, "write": True,
            "keys": True}})
        self.assertEqual(self.one.dev(
            "sql", "-N", "-e", "SELECT COUNT(*) FROM data_versions "
            "WHERE company_id < 0").strip(), "0")
        for check, words, bad, good in (
                ("schema", "1 of ",
                 "UPDATE schema_migrations SET version = version + 900 "
                 "WHERE version > 1",
                 "UPDATE schema_migrations SET version = version - 900 "
                 "WHERE version > 900"),
                ("read", "api_keys", "RENAME TABLE api_keys TO hidden",
                 "RENAME TABLE hidden TO api_keys"),
                ("write", "read.only", "SET GLOBAL read_only = 1",
                 "SET GLOBAL read_only = 0"),
                ("keys", "the key gone,", "INSERT INTO sealing_keys VALUES "
                 "('gone', UTC_TIMESTAMP(6))",
                 "DELETE FROM sealing_keys WHERE key_id = 'gone'")):
            self.one.dev("sql", "-e", bad)
            self.check_not_ready(check, words)
            self.one.dev("sql", "-e", good)
            self.wait_until_ready_is(200, 2)

        # A database that hangs, then one that is dead.
        database = pid_of(self.one, "database")
        os.kill(database, signal.SIGSTOP)
        try:
            self.check_not_ready("database", "", 2.5)
        finally:
            os.kill(database, signal.SIGCONT)
        self.wait_until_ready_is(200, 3)
        os.kill(database, signal.SIGKILL)
        self.check_not_ready("database", "")
        self.one.up()
        self.wait_until_ready_is(200, 5)
        self.one.get(LIST, self.key)
        self.wait(lambda: self.metrics()[0][
            "connectors_database_reconnects_total"] > 0, "no reconnect")


if __name__ == "__main__":
    unittest.main()
