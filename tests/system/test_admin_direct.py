"""The admin lane over FastCGI, without a web server and without a database."""
import os
import signal
import socket
import statistics
import threading
import time
import unittest

from fastcgi import Pool, read_answer, request
from pool_support import SLOW, BlackHole

HANDED = "connectors_connections_handed_over_total"
NONE_404 = 'connectors_requests_total{route="none",status="404"}'


def samples(text):
    """Metric lines as {name and labels: value}."""
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in text.splitlines() if not line.startswith("#")}


def serves(worker):
    """Of /status. One that only refuses may be gone a moment later; the
    number of one that was just started may not be known."""
    return worker["state"] in ("idle", "busy") and worker["pid"] > 0


class AdminPool(Pool):
    """A pool with an admin lane beside the api lane."""

    def __init__(self, **settings):
        super().__init__(start=False, **settings)
        self.admin_socket = str(self.folder / "admin.sock")
        self.settings["admin__listen"] = "unix:" + self.admin_socket
        self.write_config()
        self.start()

    def admin(self, path, method="GET"):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(20)
            sock.connect(self.admin_socket)
            sock.sendall(request(path, method))
            return read_answer(sock)

    def metrics(self):
        return samples(self.admin("/metrics").body.decode())

    def status(self):
        return self.admin("/status").json()

    def lane(self, name):
        return [w for w in self.status()["workers"] if w["lane"] == name]

    def serving(self, lane="api"):
        """Process ids of the workers that serve."""
        return [worker["pid"] for worker in self.lane(lane) if serves(worker)]

    def is_idle(self):
        """Workers have also logged their answers, and what they note after."""
        return {worker["state"] for worker in self.lane("api")} == {"idle"}

    def wait_for_metric(self, name, value):
        """Counting comes a moment after the answer."""
        return self.wait_for(lambda: self.metrics().get(name) == value,
                             f"{name} = {value}", 5)


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pool = AdminPool()

    @classmethod
    def tearDownClass(cls):
        cls.pool.__exit__()

    def test_methods_and_paths(self):
        for path in ("/", "/live", "/ready", "/metrics", "/status"):
            get, head = (self.pool.admin(path, method)
                         for method in ("GET", "HEAD"))
            self.assertEqual(head.status, get.status, path)
            self.assertEqual(head.body, b"")
            self.assertGreater(int(head.headers["content-length"]), 0)
            for method in ("POST", "PUT", "DELETE", "OPTIONS", "X"):
                answer = self.pool.admin(path, method)
                self.assertEqual(answer.status, 405)
                self.assertEqual(answer.headers["allow"], "GET, HEAD")
        for path in ("//", "/index", "/lives", "/live/", "/api/v1/connectors"):
            self.assertEqual(self.pool.admin(path).status, 404, path)

    def test_index_names_what_there_is(self):
        named = self.pool.admin("/").json()
        self.assertEqual(list(named), ["live", "ready", "metrics", "status"])
        for name, text in named.items():
            self.assertIn(self.pool.admin("/" + name).status, (200, 503))
            self.assertTrue(text)

    def test_live(self):
        answer = self.pool.admin("/live")
        self.assertEqual((answer.status, answer.json()),
                         (200, {"status": "alive"}))

    def test_the_text_of_the_measures(self):
        answer = self.pool.admin("/metrics")
        self.assertEqual(answer.headers["content-type"],
                         "text/plain; version=0.0.4; charset=utf-8")
        text = answer.body.decode()
        self.assertTrue(text.endswith("\n"))
        for line in text.splitlines():
            self.assertRegex(line, r"^# (HELP|TYPE) connectors_\w+ \S.*$|"
                             r'^connectors_\w+(\{\w+="[^"]*"'
                             r'(,\w+="[^"]*")*\})? [0-9.]+$')
        # Every line once, every metric told of once.
        names = [line.rsplit(" ", 1)[0] for line in text.splitlines()]
        self.assertEqual(len(names), len(set(names)))

    def test_status(self):
        status = self.pool.status()
        self.assertEqual(status["pid"], self.pool.process.pid)
        self.assertEqual(status["config"], str(self.pool.config))
        self.assertEqual(status["database"], {
            "hosts": "", "name": "connectors", "user": "connectors",
            "socket": str(self.pool.folder / "none.sock")})
        self.assertEqual(status["keyring_file"], "")
        self.assertEqual(status["lanes"][0]["listen"],
                         "unix:" + self.pool.socket)
        self.assertRegex(status["version"], r"^\d+\.\d")
        self.assertRegex(status["started"], r"^20\d\d-.*Z$")
        self.assertEqual([lane["lane"] for lane in status["lanes"]],
                         ["api", "test", "admin"])
        self.assertEqual(status["lanes"][0]["workers"], 2)
        workers = status["workers"]
        self.assertEqual(sorted(w["pid"] for w in workers),
                         self.pool.workers())
        for worker in workers:
            self.assertLessEqual(worker["state_ms"], worker["age_ms"])

    def test_status_shows_who_is_busy_with_what(self):
        def busy():
            return [(w["lane"], w["path"])
                    for w in self.pool.status()["workers"]
                    if w["state"] == "busy"]

        # Who answered before is idle a moment after that.
        self.pool.wait_for(lambda: busy() == [("admin", "/status")],
                           "nobody but the one who is asked")

    def test_ready_names_the_cause(self):
        answer = self.pool.admin("/ready")
        self.assertEqual(answer.status, 503)
        body = answer.json()
        self.assertEqual(body["status"], "not ready")
        self.assertIn("database: database: 2002", body["cause"])
        self.assertEqual(body["checks"], {
            "database": False, "schema": None, "read": None, "write": None,
            "keys": None})
        self.assertIn("retry-after", answer.headers)


class Counting(unittest.TestCase):
    def test_requests_are_counted_once_on_every_worker(self):
        with AdminPool(api__workers="4") as pool:
            threads = [threading.Thread(
                target=lambda: [pool.ask() for _ in range(50)])
                for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            pool.wait_for_metric(NONE_404, 300)
            served = [w["requests"] for w in pool.lane("api")]
            self.assertEqual(sum(served), 300)
            self.assertGreater(sum(n > 0 for n in served), 1)

            # Nothing is lost with a worker, nor at a reload.
            os.kill(pool.lane("api")[0]["pid"], signal.SIGKILL)
            pool.wait_for_metric(
                'connectors_worker_restarts_total{lane="api"}', 1)
            pool.tell(signal.SIGHUP)
            pool.wait_for(lambda: len(pool.logged("ready")) > 1, "reload")
            pool.ask()
            pool.wait_for_metric(NONE_404, 301)
            metrics = pool.metrics()
            count = 'connectors_request_duration_seconds_%s{route="none"%s}'
            self.assertEqual(metrics[count % ("count", "")], 301)
            self.assertEqual(metrics[count % ("bucket", ',le="+Inf"')], 301)
            self.assertEqual(
                metrics['connectors_worker_restarts_total{lane="test"}'], 0)
            self.assertEqual(
                metrics['connectors_worker_kills_total{lane="api"}'], 0)
            self.assertEqual(pool.status()["lanes"][0]["restarts"], 1)

    def test_a_killed_request(self):
        with BlackHole() as hole, AdminPool(
                api__workers="1", api__request_timeout="300ms",
                database__hosts=hole.host,
                database__connect_timeout="30s") as pool:
            self.assertIsNone(pool.ask(**SLOW))
            pool.wait_for_metric(
                'connectors_worker_restarts_total{lane="api"}', 1)
            self.assertEqual(pool.metrics()[
                'connectors_worker_kills_total{lane="api"}'], 1)

    def test_recycled_workers(self):
        with AdminPool(api__workers="1", pool__max_requests="5",
                       pool__max_requests_jitter="0") as pool:
            for _ in range(10):
                pool.ask()
            pool.wait_for_metric(
                'connectors_worker_recycles_total{lane="api"}', 2)
            self.assertEqual(pool.metrics()[
                'connectors_worker_restarts_total{lane="api"}'], 0)

    def test_dropped_requests(self):
        name = "connectors_requests_dropped_total"
        with AdminPool(limits__read_timeout="200ms") as pool:
            with pool.connect():
                pass  # only looked
            self.assertEqual(pool.ask().status, 404)
            self.assertEqual(pool.metrics()[name], 0)
            self.assertIsNone(pool.send(b"GET / HTTP/1.1\r\n\r\n"))
            pool.wait_for_metric(name, 1)
            self.assertIsNone(pool.send(request()[:40]))  # half, then silent
            pool.wait_for_metric(name, 2)
            with pool.connect() as sock:  # half, then gone
                sock.sendall(request()[:40])
            pool.wait_for_metric(name, 3)
            self.assertIsNone(pool.send(request(end=False)))
            pool.wait_for_metric(name, 4)
            self.assertEqual(pool.metrics()[NONE_404], 1)

    def test_reconnects(self):
        with AdminPool() as pool:
            pool.ask(**SLOW)
            metrics = pool.metrics()
            self.assertEqual(metrics["connectors_database_connects_total"], 0)
            self.assertEqual(metrics["connectors_database_statements_total"],
                             0)


class Busy(unittest.TestCase):
    def times_of(self, pool, path, n=30):
        times = []
        for _ in range(n):
            begun = time.monotonic()
            self.assertEqual(pool.admin(path).status, 200)
            times.append(time.monotonic() - begun)
        return times

    def test_all_workers_wait_for_the_database(self):
        with BlackHole() as hole, AdminPool(
                database__hosts=hole.host,
                database__connect_timeout="30s") as pool:
            socks = [pool.connect() for _ in range(6)]
            for i, sock in enumerate(socks):
                sock.sendall(request(**SLOW, HTTP_X_REQUEST_ID=f"stuck-{i}"))
            pool.wait_for(lambda: all(
                w["state"] == "busy" for w in pool.lane("api")), "busy")
            self.assertEqual(pool.metrics()[
                'connectors_workers{lane="api",state="busy"}'], 2)
            for worker in filter(serves, pool.lane("api")):
                self.assertEqual(worker["route"], "connectors.index")
                self.assertEqual(worker["method"], "GET")
                self.assertRegex(worker["request_id"], r"^stuck-\d$")
            for path in ("/live", "/status", "/metrics"):
                self.assertLess(
                    statistics.median(self.times_of(pool, path)), 0.02)

            # The first look waits, all others know soon that it does.
            first = threading.Thread(target=pool.admin, args=("/ready",))
            begun = time.monotonic()
            first.start()
            time.sleep(0.55)
            answer = pool.admin("/ready")
            self.assertLess(time.monotonic() - begun, 1)
            self.assertEqual(answer.status, 503)
            self.assertIn("no answer for", answer.json()["cause"])
            self.assertLess(max(self.times_of(pool, "/live", 3)), 0.5)
            first.join()
            self.assertLess(time.monotonic() - begun, 2.5)
            for sock in socks:
                sock.close()

    def test_all_workers_are_stopped(self):
        with AdminPool() as pool:
            pids = [w["pid"] for w in pool.lane("api")]
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            try:
                for path in ("/live", "/status", "/metrics"):
                    self.assertLess(
                        statistics.median(self.times_of(pool, path)), 0.02)
            finally:
                for pid in pids:
                    os.kill(pid, signal.SIGCONT)


class Log(unittest.TestCase):
    def test_time_in_the_queue(self):
        with AdminPool(limits__slow_request="1s") as pool:
            for name, ago in (("a", 1.2), ("b", 0.1), ("c", None)):
                sent = ago and "%.3f" % (time.time() - ago)
                self.assertEqual(pool.ask(
                    CONNECTORS_SENT=sent, HTTP_X_REQUEST_ID=name).status, 404)
            lines = pool.wait_for(
                lambda: len(pool.served()) == 3 and pool.served(), "lines")
            slow, quick, unknown = sorted(
                lines, key=lambda line: line["request_id"])
            self.assertEqual((slow["message"], slow["level"]),
                             ("slow request", "warning"))
            self.assertGreaterEqual(slow["queue_ms"], 1100)
            self.assertEqual(slow["stages_ms"]["queue"], slow["queue_ms"])
            self.assertAlmostEqual(
                sum(slow["stages_ms"].values()),
                slow["queue_ms"] + slow["duration_ms"], delta=0.01)
            self.assertEqual(quick["level"], "info")
            self.assertGreaterEqual(quick["queue_ms"], 90)
            self.assertNotIn("stages_ms", quick)
            self.assertNotIn("queue_ms", unknown)


if __name__ == "__main__":
    unittest.main()
