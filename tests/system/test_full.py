"""A lane whose workers are all busy: who waits is told so in time, and is
served after all when a worker gets free in that time."""
import os
import signal
import threading
import time
import unittest

from fastcgi import read_answer, request
from pool_support import BlackHole, Loads, SLOW
from test_admin_direct import AdminPool

QUEUE = 1.5  # seconds, pool.queue_timeout
SLACK = 1.2  # of a busy machine


class Full(unittest.TestCase):
    def pool(self, busy, workers=2, keep=False, **settings):
        """A pool whose workers are busy for so many seconds."""
        hole = self.enterContext(BlackHole())
        pool = self.enterContext(AdminPool(**{
            "api__workers": str(workers), "database__hosts": hole.host,
            "database__connect_timeout": "%ds" % busy,
            "database__request_limit": "%ds" % busy,
            "pool__queue_timeout": "%dms" % (QUEUE * 1000), **settings}))
        self.slow = [pool.connect() for _ in range(workers)]
        for sock in self.slow:
            self.addCleanup(sock.close)
            sock.sendall(request(**SLOW, keep=keep))
        pool.wait_for(lambda: self.busy(pool) == workers, "busy workers")
        self.begun = time.monotonic()
        return pool

    def busy(self, pool):
        return [w["state"] for w in pool.lane("api")].count("busy")

    def asked(self, pool, *arguments, **keywords):
        """(seconds, answer) of a request on a connection of its own."""
        begun = time.monotonic()
        answer = pool.ask(*arguments, **keywords)
        return time.monotonic() - begun, answer

    def check_refused(self, seconds, answer):
        self.assertEqual(answer.status, 503)
        self.assertEqual(answer.json(), {"message": "Service Unavailable"})
        self.assertRegex(answer.headers["retry-after"], r"^[1-9]\d*$")
        self.assertLess(seconds, QUEUE + SLACK)

    def test_a_request_that_comes_at_once(self):
        pool = self.pool(20)
        self.check_refused(*self.asked(pool))
        line = pool.wait_for(lambda: [
            one for one in pool.served() if one["status"] == 503], "a line")
        self.assertIn("busy", line[0]["error"])

    def test_requests_that_come_later(self):
        pool = self.pool(20)
        for pause in (0.7, 0, 0.3):
            time.sleep(pause)
            seconds, answer = self.asked(pool)
            self.check_refused(seconds, answer)
            # There was time for a worker to get free.
            self.assertGreater(seconds, QUEUE / 2)

    def test_a_request_that_came_before_all_were_busy_for_long(self):
        """And another that is sent in pieces."""
        pool = self.pool(20)
        data = request()
        with pool.connect() as sock:
            sock.sendall(data[:40])
            time.sleep(0.3)
            sock.sendall(data[40:])
            begun = time.monotonic()
            self.check_refused(0, read_answer(sock))
            self.assertLess(time.monotonic() - begun, QUEUE + SLACK)

    def test_more_than_a_worker_has_places_for(self):
        pool = self.pool(20)
        found, number = [], 300

        def ask():
            found.append(self.asked(pool))

        threads = [threading.Thread(target=ask) for _ in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(found), number)
        for seconds, answer in found:
            self.check_refused(seconds, answer)

    def test_who_gets_free_meanwhile_serves(self):
        pool = self.pool(3, pool__queue_timeout="20s")
        time.sleep(1)  # somebody refuses by now
        for _ in range(3):
            seconds, answer = self.asked(pool)
            self.assertEqual(answer.status, 404)
        self.assertLess(time.monotonic() - self.begun, 3 + SLACK)

    def test_many_who_wait_are_all_served(self):
        pool = self.pool(2, pool__queue_timeout="20s")
        time.sleep(0.5)
        socks = [pool.connect() for _ in range(400)]
        for sock in socks:
            self.addCleanup(sock.close)
            sock.sendall(request())
        for sock in socks:
            self.assertEqual(read_answer(sock).status, 404)
        self.assertLess(time.monotonic() - self.begun, 2 + 2 * SLACK)

    def test_kept_connections(self):
        """Those that rest when all get busy; one of them is in use again."""
        hole = self.enterContext(BlackHole())
        pool = self.enterContext(AdminPool(
            api__workers="2", database__hosts=hole.host,
            database__connect_timeout="6s", database__request_limit="6s",
            pool__queue_timeout="%dms" % (QUEUE * 1000)))
        socks = [pool.connect() for _ in range(10)]
        for sock in socks:
            self.addCleanup(sock.close)
            sock.sendall(request(keep=True))
            self.assertEqual(read_answer(sock).status, 404)
        for sock in socks[:2]:
            sock.sendall(request(**SLOW, keep=True))
        pool.wait_for(lambda: self.busy(pool) == 2, "busy workers")
        for round in range(2):
            begun = time.monotonic()
            for sock in socks[2:]:
                sock.sendall(request(keep=True))
            for sock in socks[2:]:
                self.check_refused(time.monotonic() - begun,
                                   read_answer(sock))
        for sock in socks[:2]:
            self.assertEqual(read_answer(sock).status, 503)
        for sock in socks:
            sock.sendall(request(keep=True))
            self.assertEqual(read_answer(sock).status, 404)

    def test_a_kept_connection_is_served_by_who_gets_free(self):
        pool = self.pool(3, keep=True, pool__queue_timeout="20s")
        time.sleep(1)
        with pool.connect() as sock:
            for _ in range(3):
                sock.sendall(request(keep=True))
                self.assertEqual(read_answer(sock).status, 404)
        for sock in self.slow:
            self.assertEqual(read_answer(sock).status, 503)
            sock.sendall(request(keep=True))
            self.assertEqual(read_answer(sock).status, 404)

    def test_who_refuses_is_there_only_as_long_as_all_are_busy(self):
        pool = self.pool(3)

        def states():
            return sorted(w["state"] for w in pool.lane("api"))

        pool.wait_for(lambda: "refusing" in states(), "who refuses", 2)
        self.assertEqual(states(), ["busy", "busy", "refusing"])
        self.assertEqual(pool.metrics()[
            'connectors_workers{lane="api",state="refusing"}'], 1)
        pool.wait_for(lambda: states() == ["idle", "idle"], "an end", 6)
        lane = pool.status()["lanes"][0]
        self.assertEqual((lane["restarts"], lane["recycles"]), (0, 0))
        self.assertEqual(len(pool.workers()), 4)

    def test_it_may_die(self):
        pool = self.pool(20)
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM):
            pid = pool.wait_for(lambda: [
                w["pid"] for w in pool.lane("api")
                if w["state"] == "refusing"], "who refuses", 4)[0]
            os.kill(pid, number)
            pool.wait_for(lambda: pid not in pool.workers(), "its end")
        self.check_refused(*self.asked(pool))
        # Who refused is busy with it for a moment longer.
        pool.wait_for(lambda: self.busy(pool) == 2, "two busy workers")

    def test_without_a_limit_of_the_queue_all_wait(self):
        pool = self.pool(3, pool__queue_timeout="0")
        seconds, answer = self.asked(pool)
        self.assertEqual(answer.status, 404)
        self.assertGreater(seconds, 1.5)

    def test_a_reload_and_a_stop_while_all_are_busy(self):
        pool = self.pool(4, pool__queue_timeout="20s")
        pool.wait_for(lambda: "refusing" in [
            w["state"] for w in pool.lane("api")], "who refuses", 4)
        waiting = [pool.connect() for _ in range(5)]
        for sock in waiting:
            sock.sendall(request())
        pool.tell(signal.SIGHUP)
        for sock in waiting:
            with sock:
                self.assertEqual(read_answer(sock).status, 404)
        for sock in self.slow:
            self.assertEqual(read_answer(sock).status, 503)
        self.assertEqual(pool.logged("killed"), [])
        self.stop_while_busy()

    def stop_while_busy(self):
        pool = self.pool(3, pool__queue_timeout="20s")
        pool.wait_for(lambda: "refusing" in [
            w["state"] for w in pool.lane("api")], "who refuses", 4)
        waiting = [pool.connect() for _ in range(5)]
        for sock in waiting:
            sock.sendall(request())
        time.sleep(0.2)
        pool.tell(signal.SIGTERM)
        for sock in waiting:
            with sock:
                self.assertEqual(read_answer(sock).status, 404)
        self.assertEqual(pool.process.wait(10), 0)
        self.assertEqual(pool.logged("killed"), [])

    def test_short_requests_need_nobody_who_refuses(self):
        with AdminPool(api__workers="2") as pool, Loads(pool, 12) as loads:
            deadline = time.monotonic() + 3
            while time.monotonic() < deadline:
                self.assertNotIn("refusing", [
                    w["state"] for w in pool.lane("api")])
                time.sleep(0.05)
            self.assertEqual(loads.bad, [])


if __name__ == "__main__":
    unittest.main()
