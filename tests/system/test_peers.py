"""What peers can do to the workers: ask, be slow, be silent, talk nonsense.

Talks FastCGI to connectors-fcgi without a web server and without a database:
a path that is no route needs neither.
"""
import os
import resource
import socket
import statistics
import struct
import threading
import time
import unittest

from fastcgi import (BEGIN, PARAMS, STDIN, Pool, pair, read_answer, record,
                     request, stream)
from pool_support import SLOW, BlackHole

WHOLE = request("/api/v1/none/1?x=1", "DELETE", HTTP_IF_MATCH='"1-a"')


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pool = Pool(api__workers="1", limits__params_max="8K",
                        limits__body_max="100K")

    @classmethod
    def tearDownClass(cls):
        cls.pool.__exit__()

    def test_headers(self):
        answer = self.pool.ask(HTTP_X_REQUEST_ID="my.id-1_A")
        self.assertEqual(answer.status, 404)
        self.assertEqual(answer.headers["x-request-id"], "my.id-1_A")
        self.assertEqual(answer.headers["content-type"], "application/json")
        self.assertEqual(answer.headers["cache-control"],
                         "no-cache, private")
        self.assertEqual(int(answer.headers["content-length"]),
                         len(answer.body))
        self.assertIn("message", answer.json())

    def test_request_ids(self):
        for given, other, expected in (
                ("a" * 64, "b", "a" * 64), ("a" * 65, "b", "b"),
                ("a b", "c_d", "c_d"), ("", "e", "e"), (None, "f", "f")):
            answer = self.pool.ask(HTTP_X_REQUEST_ID=given, REQUEST_ID=other)
            self.assertEqual(answer.headers["x-request-id"], expected)
        fresh = self.pool.ask(HTTP_X_REQUEST_ID="\n", REQUEST_ID="ä")
        self.assertRegex(fresh.headers["x-request-id"], "^[0-9a-f]{32}$")

    def test_head_has_the_length_and_no_body(self):
        get, head = self.pool.ask(), self.pool.ask(method="HEAD")
        self.assertEqual(head.headers["content-length"],
                         get.headers["content-length"])
        self.assertEqual(head.body, b"")

    def test_large_body_is_413(self):
        answer = self.pool.ask(method="POST", body=b"x" * (101 << 10))
        self.assertEqual(answer.status, 413)
        answer = self.pool.ask(method="POST", body=b"x" * (99 << 10))
        self.assertEqual(answer.status, 404)

    def test_body_without_length(self):
        for size in (0, 1, 1000, 70000):
            answer = self.pool.ask(method="POST", body=b"x" * size,
                                   CONTENT_LENGTH="")
            self.assertEqual(answer.status, 404)

    def test_long_parameters_are_400(self):
        for size in (8 << 10, 64 << 10, 120 << 10):
            answer = self.pool.ask("/api/v1/none?" + "x" * size)
            self.assertEqual(answer.status, 400)
            self.assertIn("too large", answer.json()["message"])
        self.assertIsNone(self.pool.ask("/" + "x" * (200 << 10)))

    def test_long_wait_is_503(self):
        long_ago = "%.3f" % (time.time() - 5)
        answer = self.pool.ask(CONNECTORS_SENT=long_ago)
        self.assertEqual(answer.status, 503)
        self.assertEqual(answer.headers["retry-after"], "1")
        head = self.pool.ask(method="HEAD", CONNECTORS_SENT=long_ago)
        self.assertEqual((head.status, head.body), (503, b""))
        for sent in ("%.3f" % time.time(), "x", "", "1.000", "1." * 9):
            answer = self.pool.ask(CONNECTORS_SENT=sent)
            self.assertEqual(answer.status, 404, sent)

    def test_log_line(self):
        answer = self.pool.ask("/api/v1/none?secret=1", "PUT", b"{}",
                               HTTP_AUTHORIZATION="cak_secret")
        ident = answer.headers["x-request-id"]
        line = self.pool.wait_for(lambda: [
            x for x in self.pool.served() if x["request_id"] == ident],
            "the log line")[0]
        self.assertEqual((line["method"], line["status"], line["bytes"]),
                         ("PUT", 404, len(answer.body)))
        self.assertEqual(line["remote"], "192.0.2.1")
        self.assertNotIn("secret", self.pool.log.read_text())


class Peers(unittest.TestCase):
    def test_nothing_cut_is_served(self):
        """Every prefix of a request, ended by FIN."""
        with Pool(limits__read_timeout="5s") as pool:
            for end in range(len(WHOLE)):
                with pool.connect() as sock:
                    sock.sendall(WHOLE[:end])
                    sock.shutdown(socket.SHUT_WR)
                    self.assertIsNone(read_answer(sock), end)
            self.assertEqual(pool.send(WHOLE).status, 404)
            pool.wait_for(pool.served, "the log line")
            self.assertEqual(len(pool.served()), 1)
            self.assertEqual(pool.logged("died"), [])

    def test_nothing_reset_is_served(self):
        """The same over TCP, ended by RST, with a body."""
        data = request("/api/v1/none", "PUT", b'{"name":"x"}')
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = listener.getsockname()
            with Pool(start=False, api__listen="fd:0") as pool:
                pool.start(stdin=listener)
                for end in range(0, len(data)):
                    sock = socket.create_connection(address)
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                    struct.pack("ii", 1, 0))
                    sock.sendall(data[:end])
                    sock.close()
                with socket.create_connection(address) as sock:
                    sock.sendall(data)
                    self.assertEqual(read_answer(sock).status, 404)
                pool.wait_for(pool.served, "the log line")
                self.assertEqual(len(pool.served()), 1)
                self.assertEqual(pool.logged("died"), [])

    def test_cut_large_body(self):
        data = request(method="PUT", body=b"x" * 300000)
        with Pool(limits__body_timeout="500ms") as pool:
            for end in (70000, 150000, len(data) - 8, len(data) - 1):
                with pool.connect() as sock:
                    sock.sendall(data[:end])
                    sock.shutdown(socket.SHUT_WR)
                    self.assertIsNone(read_answer(sock), end)
                with pool.connect() as sock:
                    begun = time.monotonic()
                    sock.sendall(data[:end])
                    self.assertIsNone(read_answer(sock), end)
                    self.assertLess(time.monotonic() - begun, 3)
            self.assertEqual(pool.served(), [])
            self.assertEqual(pool.send(data).status, 404)

    def test_wrong_requests_are_dropped(self):
        pairs = pair("CONNECTORS_END", "1")
        begin = record(BEGIN, struct.pack("!HB5x", 1, 0))
        rest = stream(STDIN, b"")
        wrong = {
            "no end": request(end=False),
            "end is not 1": request(end=False, CONNECTORS_END="0"),
            "too long": request(body=b"abc", CONTENT_LENGTH="2"),
            "too short": request(body=b"abc", CONTENT_LENGTH="4"),
            "odd length": request(body=b"abc", CONTENT_LENGTH="3x"),
            "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "version": b"\2" + request()[1:],
            "role": record(BEGIN, struct.pack("!HB5x", 2, 0))
            + stream(PARAMS, pairs) + rest,
            "management": record(9, b"", 0) + request(),
            "begin twice": begin + request(),
            "other request": begin + record(PARAMS, pairs, 2)
            + record(PARAMS) + rest,
            "huge pair": begin + stream(
                PARAMS, b"\xff\xff\xff\xff\xff\xff\xff\xff") + rest,
            "pair beyond": begin + stream(PARAMS, b"\x05\x05abcde123") + rest,
            "nameless": begin + stream(PARAMS, b"\0\1x" + pairs) + rest,
            "NUL": begin + stream(PARAMS, b"\1\1A\0" + pairs) + rest,
            "body before": begin + record(STDIN, b"x") + request()[16:],
            "padded begin": record(BEGIN, struct.pack("!HB5x", 1, 0),
                                   padding=8) + request()[16:],
            "padded end": begin + record(PARAMS, pairs)
            + record(PARAMS, padding=8) + rest,
            "abort": begin + stream(PARAMS, pairs) + record(2),
        }
        with Pool(limits__read_timeout="5s") as pool:
            for name, data in wrong.items():
                begun = time.monotonic()
                self.assertIsNone(pool.send(data), name)
                self.assertLess(time.monotonic() - begun, 1, name)
            self.assertEqual(pool.served(), [])
            self.assertEqual(pool.ask().status, 404)
            self.assertEqual(pool.logged("died"), [])

    def test_end_can_be_waived(self):
        with Pool(limits__end_parameter="no") as pool:
            self.assertEqual(pool.ask(end=False).status, 404)

    def test_padding_and_many_records(self):
        pairs = pair("CONNECTORS_END", "1") + pair("REQUEST_URI", "/x")
        data = record(BEGIN, struct.pack("!HB5x", 1, 0))
        for byte in pairs:
            data += record(PARAMS, bytes([byte]), padding=3)
        data += record(PARAMS) + record(STDIN, b"a", padding=255)
        data += record(STDIN)
        with Pool() as pool:
            self.assertEqual(pool.send(data).status, 404)

    def attack(self, pool, behaviour, n):
        """n peers that come back as soon as they are thrown out."""
        going = threading.Event()
        going.set()

        def peer():
            while going.is_set():
                try:
                    with pool.connect(5) as sock:
                        behaviour(sock)
                except OSError:
                    time.sleep(0.01)

        for _ in range(n):
            threading.Thread(target=peer, daemon=True).start()
        time.sleep(0.3)
        return going

    def test_stuck_peers_hold_nobody_up(self):
        def silent(sock):
            sock.recv(1)

        def half(sock):
            sock.sendall(WHOLE[:len(WHOLE) // 2])
            sock.recv(1)

        def junk(sock):
            sock.sendall(os.urandom(100))
            sock.recv(1)
            time.sleep(0.02)

        def drip(sock):
            for byte in WHOLE:
                sock.sendall(bytes([byte]))
                time.sleep(0.1)

        with Pool(api__workers="2") as pool:
            attacks = [self.attack(pool, behaviour, 8)
                       for behaviour in (silent, half, junk, drip)]
            times = []
            for _ in range(200):
                begun = time.monotonic()
                self.assertEqual(pool.ask().status, 404)
                times.append(time.monotonic() - begun)
            for attack in attacks:
                attack.clear()
            print("\n32 stuck peers, 2 workers: median %.1f ms, p99 %.1f ms"
                  % (1000 * statistics.median(times),
                     1000 * percentile(times, 0.99)))
            self.assertLess(percentile(times, 0.99), 0.5)

    def test_complete_requests_do_not_wait_behind_a_slow_one(self):
        """A worker that has taken connections in and then serves one for long
        hands the others on."""
        with BlackHole() as hole, Pool(
                api__workers="2", database__connect_timeout="3s",
                database__hosts=hole.host, limits__read_timeout="5s") as pool:
            early = [pool.connect() for _ in range(20)]
            time.sleep(0.3)
            slow = pool.connect()
            slow.sendall(request(**SLOW))
            time.sleep(0.3)
            begun = time.monotonic()
            for sock in early:
                sock.sendall(request())
                self.assertEqual(read_answer(sock).status, 404)
                sock.close()
            self.assertLess(time.monotonic() - begun, 1)
            self.assertEqual(read_answer(slow).status, 503)
            slow.close()

    def test_lack_of_descriptors(self):
        """More silent connections than a process may have open."""
        with Pool(start=False, api__workers="1",
                  limits__read_timeout="60s") as pool:
            pool.start(preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_NOFILE, (30, 30)))
            worker = pool.workers()
            silent = [pool.connect() for _ in range(100)]
            time.sleep(0.5)
            self.assertEqual(pool.ask().status, 404)
            self.assertEqual(pool.workers(), worker)
            for sock in silent:
                sock.close()
            self.assertEqual(pool.ask().status, 404)

    def test_more_pending_than_places(self):
        with Pool(api__workers="1", limits__read_timeout="60s") as pool:
            silent = [pool.connect() for _ in range(200)]
            for _ in range(20):
                self.assertEqual(pool.ask().status, 404)
            for sock in silent:
                sock.close()

    def test_client_that_does_not_take_its_answer(self):
        with Pool(api__workers="1", limits__body_timeout="300ms") as pool:
            sock = pool.connect()
            sock.sendall(request())
            sock.close()
            self.assertEqual(pool.ask().status, 404)


if __name__ == "__main__":
    unittest.main()
