"""Connections that the web server keeps: none of them holds a worker, and
nobody waits behind another while a worker is idle.

Talks FastCGI to connectors-fcgi without a web server and without a database.
"""
import contextlib
import os
import select
import signal
import socket
import time
import unittest

from fastcgi import Pool, read_answer, request
from pool_support import SLOW, BlackHole, is_stopped
from test_admin_direct import HANDED, AdminPool

KEEP = request(keep=True)


def ask(sock, data=KEEP):
    """An answer on a kept connection; None if it ended without."""
    try:
        sock.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        return None
    return read_answer(sock)


def is_closed(sock, seconds=0.0):
    """Whether the far side hangs up in this time, without a byte."""
    if not select.select([sock], [], [], seconds)[0]:
        return False
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:  # it had not read everything
        return True


class Kept(unittest.TestCase):
    def check_kept(self, sock, times=3):
        for _ in range(times):
            self.assertEqual(ask(sock).status, 404)
        self.assertFalse(is_closed(sock, 0.05))

    def test_one_connection_many_requests(self):
        with Pool(api__workers="1") as pool, pool.connect() as sock:
            for i in range(200):
                body = b"x" * i * 100
                answer = ask(sock, request(f"/api/v1/{i}", "POST", body,
                                           keep=True))
                self.assertEqual(answer.status, 404)
            self.assertFalse(is_closed(sock))
            pool.wait_for(lambda: len(pool.served()) == 200, "200 lines")

    def test_not_unless_asked(self):
        with Pool() as pool, pool.connect() as sock:
            self.check_kept(sock)
            self.assertEqual(ask(sock, request()).status, 404)
            self.assertTrue(is_closed(sock, 5))

    def test_not_when_said_to_be_the_last_request(self):
        """Whatever the flag says, with which nginx sends writes, too."""
        last = request(keep=True, CONNECTORS_LAST="1")
        with Pool() as pool, pool.connect() as fresh, pool.connect() as used:
            self.check_kept(used)
            for sock in (fresh, used):
                self.assertEqual(ask(sock, last).status, 404)
                self.assertTrue(is_closed(sock, 5))

    def test_switched_off(self):
        with Pool(limits__keep_connections="0") as pool:
            with pool.connect() as sock:
                self.assertEqual(ask(sock).status, 404)
                self.assertTrue(is_closed(sock, 5))

    def test_not_with_bytes_behind_the_request(self):
        """They would be lost: nothing says where the library stops."""
        with Pool() as pool, pool.connect() as sock:
            self.assertEqual(ask(sock, KEEP + KEEP[:20]).status, 404)
            self.assertTrue(is_closed(sock, 5))

    def test_as_many_as_allowed(self):
        """The one that rested longest makes room."""
        with Pool(api__workers="1", limits__keep_connections="3") as pool:
            socks = [pool.connect() for _ in range(5)]
            for sock in socks:
                self.assertEqual(ask(sock).status, 404)
            time.sleep(0.1)
            self.assertEqual([is_closed(sock) for sock in socks],
                             [True] * 2 + [False] * 3)
            socks[3].close()
            with pool.connect() as sock:
                time.sleep(0.1)
                self.check_kept(sock)
                self.assertFalse(is_closed(socks[2]))

    def test_idle_ones_are_closed_in_the_end(self):
        with Pool(limits__keep_timeout="300ms") as pool:
            with pool.connect() as sock:
                self.check_kept(sock)
                self.assertTrue(is_closed(sock, 5))

    def test_a_request_that_stays_half_is_dropped(self):
        with Pool(limits__read_timeout="300ms") as pool:
            with pool.connect() as sock:
                self.check_kept(sock)
                sock.sendall(KEEP[:30])
                self.assertTrue(is_closed(sock, 5))

    def test_in_pieces(self):
        with Pool() as pool, pool.connect() as sock:
            for cut in range(0, len(KEEP), 7):
                sock.sendall(KEEP[:cut])
                time.sleep(0.002)
                self.assertEqual(ask(sock, KEEP[cut:]).status, 404, cut)

    def test_more_silent_ones_than_places(self):
        """Kept connections have places of their own."""
        with Pool(api__workers="1", limits__read_timeout="60s") as pool:
            with pool.connect() as sock:
                self.check_kept(sock)
                silent = [pool.connect() for _ in range(200)]
                time.sleep(0.2)
                self.check_kept(sock)
                for other in silent:
                    other.close()


    def test_a_peer_that_takes_no_answers(self):
        """Until its buffer is full; then it is thrown out in time."""
        with Pool(api__workers="1", limits__body_timeout="300ms") as pool:
            def lines():
                return pool.log.read_bytes().count(b"request_id")

            with pool.connect() as deaf:
                for i in range(2000):
                    deaf.sendall(KEEP)
                    pool.wait_for(lambda n=i: lines() > n, "a line")
                    if b"not taken" in pool.log.read_bytes():
                        break
                self.assertLess(i, 1999)
                self.assertEqual(pool.ask().status, 404)
            self.assertEqual(pool.served()[i]["level"], "warning")
            self.assertFalse(pool.logged("killed"))


def kept(test, pool, n):
    """Connections that were used already."""
    socks = [pool.connect() for _ in range(n)]
    for sock in socks:
        test.addCleanup(sock.close)
        test.assertEqual(ask(sock).status, 404)
    return socks


def take_turns(test, socks, data, status, seconds):
    """Each connection has a request always. How many were answered on each."""
    counts = dict.fromkeys(socks, 0)
    for sock in socks:
        sock.sendall(data)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for sock in select.select(socks, [], [], 5)[0]:
            test.assertEqual(read_answer(sock).status, status)
            counts[sock] += 1
            sock.sendall(data)
    return sorted(counts.values())


class SlowRequests(unittest.TestCase):
    """What has to go on while some workers are busy for seconds."""
    SLOW = request(**SLOW, REQUEST_ID="slow", keep=True)

    def setUp(self):
        self.hole = self.enterContext(BlackHole())

    def pool(self, n, kind=Pool, workers=2, slow="3s"):
        """And n connections that it keeps."""
        pool = self.enterContext(kind(
            api__workers=str(workers), database__hosts=self.hole.host,
            database__connect_timeout=slow))
        return pool, kept(self, pool, n)

    def two_workers(self):
        """The first connection has a slow request; the workers: busy, idle."""
        pool, socks = self.pool(12, AdminPool)
        socks[0].sendall(self.SLOW)
        busy = pool.wait_for(lambda: [
            w["pid"] for w in pool.lane("api") if w["state"] == "busy" and
            w.get("request_id") == "slow"], "a busy worker")[0]
        idle = [w["pid"] for w in pool.lane("api") if w["pid"] != busy][0]
        return pool, socks, busy, idle

    def check_others_do_not_wait(self, socks, n=1):
        """While the first n have a slow request."""
        begun = time.monotonic()
        for sock in socks[n:]:
            sock.sendall(KEEP)
        for sock in socks[n:]:
            self.assertEqual(read_answer(sock).status, 404)
        self.assertLess(time.monotonic() - begun, 1.5)
        for sock in socks[:n]:
            self.assertEqual(read_answer(sock).status, 503)

    def test_none_waits_behind_one(self):
        """Whichever connections the worker holds that serves it."""
        _, socks = self.pool(12)
        for late in (0.0, 0.1):
            socks[0].sendall(self.SLOW)
            time.sleep(late)
            self.check_others_do_not_wait(socks)

    def test_none_waits_behind_many(self):
        """In a lane with more workers than have a seat of their own."""
        _, socks = self.pool(45, workers=36)
        for sock in socks[:35]:
            sock.sendall(self.SLOW)
        time.sleep(0.2)
        self.check_others_do_not_wait(socks, 35)

    def test_new_workers_serve_what_old_busy_ones_keep(self):
        pool, socks = self.pool(12)
        before = set(pool.workers())
        for sock in socks[:2]:
            sock.sendall(self.SLOW)
        time.sleep(0.2)
        pool.tell(signal.SIGHUP)
        pool.wait_for(lambda: len(set(pool.workers()) - before) == 2,
                      "new workers")
        self.check_others_do_not_wait(socks, 2)

    def test_who_replaces_a_killed_one_serves_what_busy_ones_keep(self):
        pool, socks, busy, idle = self.two_workers()
        time.sleep(0.1)
        os.kill(idle, signal.SIGKILL)
        pool.wait_for(lambda: {w["pid"] for w in pool.lane("api")} not in
                      ({busy}, {busy, idle}), "another worker")
        self.check_others_do_not_wait(socks)

    def test_a_killed_one_ends_what_it_served(self):
        """At once, though its neighbour has a copy of the connection."""
        _, socks, busy, _ = self.two_workers()
        os.kill(busy, signal.SIGKILL)
        self.assertTrue(is_closed(socks[0], 0.9))
        for sock in socks[1:]:
            self.assertEqual(ask(sock).status, 404)

    def test_the_one_answered_longest_ago_is_first_after_it(self):
        """However late its request came."""
        pool, socks = self.pool(6, workers=1, slow="1s")
        socks[0].sendall(self.SLOW)
        time.sleep(0.1)
        for i in (3, 1, 5, 2, 4):
            socks[i].sendall(request(REQUEST_ID=f"number-{i}", keep=True))
        for sock in socks:
            read_answer(sock)
        pool.wait_for(lambda: len(pool.served()) == 12, "all lines")
        self.assertEqual(
            [line["request_id"] for line in pool.served()[7:]],
            [f"number-{i}" for i in (1, 2, 3, 4, 5)])

    def test_a_crash_costs_one_request(self):
        """The others had reached the same worker."""
        pool, socks = self.pool(12, workers=1)
        worker = pool.workers()[0]
        socks[0].sendall(self.SLOW)
        time.sleep(0.005)
        for sock in socks[1:]:
            sock.sendall(KEEP)
        os.kill(worker, signal.SIGSEGV)
        self.assertIsNone(read_answer(socks[0]))
        for sock in socks[1:]:
            self.assertEqual(read_answer(sock).status, 404)
        self.assertTrue(pool.wait_for(
            lambda: pool.logged("died of signal 11"), "the log line"))
        self.assertNotEqual(pool.workers(), [worker])


class Neighbours(unittest.TestCase):
    def test_a_busy_worker_leaves_fresh_connections_to_others(self):
        """Handing one on costs more than another's taking it himself."""
        with AdminPool(api__workers="1") as pool:
            worker = pool.lane("api")[0]["pid"]
            before, whole = pool.metrics()[HANDED], request()
            with pool.connect() as first, contextlib.ExitStack() as stack:
                first.sendall(whole[:20])
                time.sleep(0.05)  # it is taken
                os.kill(worker, signal.SIGSTOP)
                pool.wait_for(lambda: is_stopped(worker), "that it stops")
                first.sendall(whole[20:])
                socks = [first] + [stack.enter_context(pool.connect())
                                   for _ in range(50)]
                for sock in socks[1:]:
                    sock.sendall(whole)
                os.kill(worker, signal.SIGCONT)
                for sock in socks:
                    self.assertEqual(read_answer(sock).status, 404)
            self.assertLess(pool.metrics()[HANDED] - before, 10)

    def test_a_worker_that_stands_still_keeps_nobody_waiting(self):
        with Pool(api__workers="2") as pool:
            socks = kept(self, pool, 12)
            for worker in pool.workers():
                os.kill(worker, signal.SIGSTOP)
                try:
                    for sock in socks:
                        self.assertEqual(ask(sock).status, 404)
                finally:
                    os.kill(worker, signal.SIGCONT)

    def test_none_starves(self):
        """Many more connections than workers, each with a request always."""
        with Pool(api__workers="2") as pool:
            counts = take_turns(self, kept(self, pool, 16), KEEP, 404, 2)
            least, most = counts[0], counts[-1]
            print(f"\n16 kept connections, 2 workers: {least} to {most} "
                  "answers each")
            self.assertGreater(4 * least, most)

    def test_faults_of_all_kinds(self):
        with Pool(api__workers="1") as pool:
            sock = kept(self, pool, 1)[0]
            for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE,
                           signal.SIGILL, signal.SIGABRT):
                worker = pool.workers()
                time.sleep(0.05)  # the last answer is behind it
                os.kill(worker[0], number)
                pool.wait_for(lambda before=worker:
                              pool.workers() not in ([], before),
                              "another worker")
                self.assertTrue(pool.logged(f"died of signal {number:d}"))
                self.assertEqual(ask(sock).status, 404, number)

    def test_recycling_keeps_connections(self):
        with Pool(api__workers="1", pool__max_requests="5",
                  pool__max_requests_jitter="0") as pool:
            first = pool.workers()
            sock = kept(self, pool, 1)[0]
            for _ in range(50):
                self.assertEqual(ask(sock).status, 404)
            self.assertNotEqual(pool.workers(), first)

    def test_reload_keeps_connections(self):
        with Pool(api__workers="3") as pool:
            socks = kept(self, pool, 8)
            for _ in range(5):
                before = set(pool.workers())
                pool.tell(signal.SIGHUP)
                for _ in range(20):
                    for sock in socks:
                        self.assertEqual(ask(sock).status, 404)
                pool.wait_for(lambda gone=before:
                              not gone & set(pool.workers()), "new workers")
            for sock in socks:
                self.assertEqual(ask(sock).status, 404)

    def test_stop_answers_what_was_asked(self):
        """And closes only then, or when nothing was asked for a while."""
        with Pool(api__workers="2") as pool:
            socks = kept(self, pool, 8)
            for sock in socks[:4]:
                sock.sendall(KEEP)
            pool.tell(signal.SIGTERM)
            for sock in socks[:4]:
                self.assertEqual(read_answer(sock).status, 404)
                self.assertTrue(is_closed(sock, 5))
            for sock in socks[4:]:
                self.assertTrue(is_closed(sock, 5))
            self.assertEqual(pool.process.wait(5), 0)

    def test_peers_that_earn_their_place_and_fall_silent(self):
        """One good request, and then nothing or half a one."""
        with Pool(api__workers="1", limits__keep_connections="8") as pool:
            silent = kept(self, pool, 8)
            for sock in silent[:4]:
                sock.sendall(KEEP[:len(KEEP) // 2])
            for _ in range(50):
                self.assertEqual(pool.ask().status, 404)
            with pool.connect() as sock:
                self.assertEqual(ask(sock).status, 404)


class Tcp(unittest.TestCase):
    def test_kept_over_tcp(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with Pool(api__listen=f"127.0.0.1:{port}") as pool:
            self.assertTrue(pool.workers())
            with socket.create_connection(("127.0.0.1", port), 5) as sock:
                for _ in range(10):
                    self.assertEqual(ask(sock).status, 404)
                self.assertFalse(is_closed(sock, 0.05))


if __name__ == "__main__":
    unittest.main()
