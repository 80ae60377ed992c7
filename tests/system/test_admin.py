"""What an administrator asks the pool, through nginx."""
import json
import os
import pathlib
import re
import signal
import time
import unittest
import urllib.error
import urllib.request

from test_dev import Case, LIST
from test_failures import pid_of

TOP = pathlib.Path(__file__).resolve().parents[2]
ADMIN = "/connectors-admin"


def samples(text):
    """Metric lines as {name and labels: value}."""
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in text.splitlines() if not line.startswith("#")}


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

    def wait_until_ready_is(self, wanted, seconds):
        end = time.monotonic() + seconds
        while self.page("/ready")[0] != wanted:
            self.assertLess(time.monotonic(), end, "not %d in time" % wanted)
            time.sleep(0.1)

    def check_metrics(self):
        before, _ = self.metrics()
        for _ in range(20):
            self.one.get(LIST, self.key)
        after, text = self.metrics()
        name = 'connectors_requests_total{route="connectors.index",' \
               'status="200"}'
        self.assertEqual(after[name] - before.get(name, 0), 20)
        self.assertGreater(after["connectors_cache_hits_total"], 0)
        listed = set(re.findall(r"^\| `(connectors_\w+)`",
                                (TOP / "docs/metrics.md").read_text(), re.M))
        printed = set(re.findall(r"^# TYPE (connectors_\w+)", text, re.M))
        self.assertEqual(listed, printed)
        bucket = 'connectors_request_duration_seconds_%s{route=' \
                 '"connectors.index"%s}'
        self.assertEqual(after[bucket % ("bucket", ',le="+Inf"')],
                         after[bucket % ("count", "")])

    def check_status(self):
        workers = json.loads(self.page("/status")[1])["workers"]
        self.assertEqual(sum(w["lane"] == "api" for w in workers), 2)
        return [w["pid"] for w in workers if w["lane"] == "api"]

    def check_busy(self, pids):
        """It answers while every worker of the API is stopped."""
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            self.assertEqual(self.page("/live")[0], 200)
            self.assertEqual(self.page("/status")[0], 200)
            self.assertEqual(self.page("/ready")[0], 200)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def test_pages(self):
        self.assertEqual(self.page("/live")[0], 200)
        self.assertEqual(self.page("/ready")[0], 200)
        self.assertEqual(self.page("/none")[0], 404)
        self.check_metrics()
        pids = self.check_status()
        self.check_busy(pids)

        # Counters outlive a worker.
        before, _ = self.metrics()
        os.kill(pids[0], signal.SIGKILL)
        time.sleep(1)
        after, _ = self.metrics()
        self.assertEqual(after["connectors_worker_restarts_total"], 1)
        self.assertGreaterEqual(
            after["connectors_database_statements_total"],
            before["connectors_database_statements_total"])

        # Red within two seconds without a database, with the cause.
        os.kill(pid_of(self.one, "database"), signal.SIGKILL)
        self.wait_until_ready_is(503, 3)
        self.assertIn("database", json.loads(self.page("/ready")[1])["cause"])
        self.assertEqual(self.page("/live")[0], 200)
        self.one.up()
        self.wait_until_ready_is(200, 5)


if __name__ == "__main__":
    unittest.main()
