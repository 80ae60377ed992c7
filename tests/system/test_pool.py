"""The pool of workers: what crashes and signals do to it.

Talks FastCGI to connectors-fcgi without a web server and without a database:
a path that is no route needs neither.
"""
import os
import random
import signal
import time
import unittest

from fastcgi import Pool, read_answer, request
from pool_support import SLOW, BlackHole, Loads
from scale import say, scaled


class Workers(unittest.TestCase):
    def test_killed_worker_is_replaced(self):
        with Pool(api__workers="2") as pool:
            for _ in range(8):
                for _ in range(6):
                    pool.ask()
                victims = [pid for pid in pool.workers()]
                os.kill(victims[0], signal.SIGKILL)
                begun = time.monotonic()
                pool.wait_for(lambda: len(pool.workers()) == 2
                              and victims[0] not in pool.workers(),
                              "a new worker")
                self.assertLess(time.monotonic() - begun, 1)
                self.assertEqual(pool.ask().status, 404)
            self.assertEqual(len(pool.logged("died of signal 9")), 8)
            self.assertIsNone(pool.process.poll())

    def test_crashes_under_load_cost_one_request_each(self):
        kills = scaled(200)
        with Pool(api__workers="4") as pool:
            with Loads(pool, 4) as loads:
                for _ in range(kills):
                    time.sleep(0.05)
                    self.crash_one(pool)
                time.sleep(0.2)
            self.assertLessEqual(len(loads.bad), kills, loads.bad)
            self.assertGreater(loads.good, 5 * kills)
            self.assertIsNone(pool.process.poll())
            for words in ("died of signal 11", "replaces one that died"):
                self.assertEqual(len(pool.logged(words)), kills, words)
        say("%d workers crashed: %d of %d requests lost", kills,
            len(loads.bad), len(loads.bad) + loads.good)

    def crash_one(self, pool):
        victim = random.choice(pool.workers())
        os.kill(victim, signal.SIGSEGV)
        pool.wait_for(lambda: victim not in pool.workers()
                      and len(pool.workers()) == 4, "a new worker")

    def test_workers_that_die_at_once_are_held_back(self):
        with Pool(api__workers="1", pool__restart_backoff="200ms") as pool:
            deaths = 0
            deadline = time.monotonic() + 2
            while time.monotonic() < deadline:
                for pid in pool.workers():
                    os.kill(pid, signal.SIGKILL)
                    deaths += 1
                time.sleep(0.01)
            self.assertLess(deaths, 20)
            pool.wait_for(lambda: pool.ask() is not None, "an answer")

    def test_request_timeout(self):
        with BlackHole() as hole, Pool(
                api__workers="1", database__hosts=hole.host,
                database__connect_timeout="30s",
                api__request_timeout="500ms") as pool:
            begun = time.monotonic()
            self.assertIsNone(pool.ask(**SLOW, HTTP_X_REQUEST_ID="slow-1"))
            self.assertLess(time.monotonic() - begun, 3)
            line = pool.logged("request_timeout")[0]["message"]
            self.assertIn("GET /api/v1/connectors", line)
            self.assertIn("slow-1", line)
            pool.wait_for(lambda: pool.ask() is not None, "an answer")

    def test_max_requests(self):
        with Pool(api__workers="2", pool__max_requests="5",
                  pool__max_requests_jitter="3") as pool:
            seen = set()
            for _ in range(60):
                self.assertEqual(pool.ask().status, 404)
                seen.update(pool.workers())
            self.assertGreater(len(seen), 6)
            self.assertEqual(pool.logged("died"), [])

    def test_workers_leave_with_the_parent(self):
        with Pool() as pool:
            workers = pool.workers()
            pool.process.kill()
            pool.process.wait()
            pool.wait_for(lambda: not any(
                os.path.exists(f"/proc/{pid}") for pid in workers),
                "the workers' end")

    def test_memory_is_hidden(self):
        """Secrets: not in the environment, not dumpable."""
        with Pool(start=False) as pool:
            pool.start(env={"CONNECTORS_DATABASE_PASSWORD": "canary-1"})
            for pid in [pool.process.pid] + pool.workers():
                with open(f"/proc/{pid}/limits") as file:
                    self.assertRegex(file.read(), "Max core file size +0 ")
                self.assertEqual(os.stat(f"/proc/{pid}/environ").st_uid, 0)
                if os.getuid() == 0:
                    with open(f"/proc/{pid}/environ") as file:
                        self.assertNotIn("canary-1", file.read())


class Signals(unittest.TestCase):
    def test_stop_finishes_requests(self):
        with BlackHole() as hole, Pool(
                api__workers="2", database__hosts=hole.host) as pool:
            slow = pool.connect()
            slow.sendall(request(**SLOW))
            time.sleep(0.2)
            pool.tell(signal.SIGTERM)
            self.assertEqual(read_answer(slow).status, 503)
            slow.close()
            self.assertEqual(pool.process.wait(10), 0)
            self.assertFalse(os.path.exists(pool.socket))
            self.assertFalse(pool.pid_file.exists())

    def test_stop_serves_what_waits(self):
        """Requests that were connected when the signal came."""
        with BlackHole() as hole, Pool(
                api__workers="1", database__hosts=hole.host) as pool:
            slow = pool.connect()
            slow.sendall(request(**SLOW))
            time.sleep(0.2)
            waiting = [pool.connect() for _ in range(10)]
            for sock in waiting:
                sock.sendall(request())
            pool.tell(signal.SIGTERM)
            self.assertEqual(read_answer(slow).status, 503)
            for sock in waiting:
                self.assertEqual(read_answer(sock).status, 404)
                sock.close()
            slow.close()
            self.assertEqual(pool.process.wait(10), 0)

    def test_stop_has_a_limit(self):
        with BlackHole() as hole, Pool(
                database__hosts=hole.host, database__connect_timeout="30s",
                pool__graceful_timeout="300ms") as pool:
            slow = pool.connect()
            slow.sendall(request(**SLOW))
            time.sleep(0.2)
            begun = time.monotonic()
            self.assertEqual(pool.stop(), 0)
            self.assertLess(time.monotonic() - begun, 3)
            self.assertTrue(pool.logged("graceful_timeout"))
            slow.close()

    def test_quit_stops_at_once(self):
        with BlackHole() as hole, Pool(
                database__hosts=hole.host,
                database__connect_timeout="30s") as pool:
            slow = pool.connect()
            slow.sendall(request(**SLOW))
            time.sleep(0.2)
            begun = time.monotonic()
            self.assertEqual(pool.stop(signal.SIGQUIT), 0)
            self.assertLess(time.monotonic() - begun, 2)
            slow.close()

    def test_stop_of_a_single_worker(self):
        with Pool(api__workers="2") as pool, Loads(pool, 3) as loads:
            for _ in range(5):
                before = pool.workers()
                os.kill(before[0], signal.SIGTERM)
                pool.wait_for(lambda: before[0] not in pool.workers()
                              and len(pool.workers()) == 2, "a new worker")
            self.assertEqual(loads.bad, [])

    def test_reload_loses_nothing(self):
        with Pool(api__workers="3") as pool, Loads(pool, 6) as loads:
            for _ in range(10):
                before = set(pool.workers())
                done = len(pool.logged("ready"))
                pool.tell(signal.SIGHUP)
                pool.wait_for(lambda: len(pool.logged("ready")) > done,
                              "the end of the reload")
                pool.wait_for(lambda: not before & set(pool.workers()),
                              "the old workers' end")
            self.assertEqual(len(pool.workers()), 3)
            self.assertEqual(loads.bad, [])
            self.assertGreater(loads.good, 100)

    def test_reload_takes_the_new_configuration(self):
        with Pool(api__workers="1") as pool:
            pool.settings["api__workers"] = "4"
            pool.settings["api__mode"] = "0600"
            pool.write_config()
            pool.tell(signal.SIGHUP)
            pool.wait_for(lambda: len(pool.workers()) == 4, "4 workers")
            self.assertTrue(pool.logged("api.mode changed"))

    def test_reload_refuses_a_bad_configuration(self):
        with Pool(api__workers="2") as pool:
            before = pool.workers()
            pool.write_config("[api]\nworker = 3\n")
            pool.tell(signal.SIGHUP)
            line = pool.wait_for(lambda: pool.logged("reload refused"),
                                 "the refusal")[0]
            self.assertIn("connectors.conf:2", line["message"])
            self.assertEqual(pool.ask().status, 404)
            self.assertEqual(pool.workers(), before)

    def test_log_is_opened_anew(self):
        with Pool(start=False) as pool:
            log = pool.folder / "own.log"
            pool.settings["pool__log_file"] = str(log)
            pool.write_config()
            pool.log = log
            log.touch()
            pool.start()
            pool.ask()
            log.rename(pool.folder / "old.log")
            pool.tell(signal.SIGUSR1)
            pool.wait_for(log.exists, "a new log")
            pool.wait_for(lambda: pool.ask() and pool.served(), "a line")


if __name__ == "__main__":
    unittest.main()
