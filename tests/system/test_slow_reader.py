"""A web server that takes a long answer slowly."""
import time
import unittest

from fastcgi import read_answer, request
from pool_database import PoolTest, body

LIST = "/api/v1/connectors?per_page=40&include=variables"


class SlowReader(PoolTest):
    def fill(self, pool):
        """Makes the list more than a socket's buffers take."""
        data = body(1, "key")
        data["variables"][0]["value"] = "x" * 10000
        for _ in range(40):
            self.store(pool, data)

    def test_a_reader_that_stops_is_given_up(self):
        """Also when the answer before it has set the timer already."""
        pool = self.pool(limits__body_timeout="1s", limits__send_buffer="0")
        self.fill(pool)
        for _ in range(2):
            before = len(pool.logged("answer not taken"))
            self.assertEqual(pool.send(request()).status, 404)
            time.sleep(0.3)
            with pool.connect() as stopped:
                stopped.sendall(self.request(LIST))
                pool.wait_for(lambda: len(pool.logged("answer not taken")) >
                              before, "the end of the answer")
            self.assertEqual(pool.send(self.request(LIST)).status, 200)

    def test_others_go_on_and_the_answer_is_whole(self):
        """The worker that waits for the reader has a second connection: it is
        passed on meanwhile, and the answer goes on afterwards."""
        pool = self.pool(limits__send_buffer="0")
        self.fill(pool)
        ask = self.request(LIST, keep=True)
        with pool.connect() as other, pool.connect() as slow:
            for sock in (other, slow):
                sock.sendall(request(keep=True))
                self.assertEqual(read_answer(sock).status, 404)
            for _ in range(3):
                slow.sendall(ask)
                time.sleep(0.2)
                answer = read_answer(slow)
                self.assertEqual(answer.status, 200)
                self.assertEqual(len(answer.body),
                                 int(answer.headers["content-length"]))
                self.assertGreater(len(answer.body), 400000)
            other.sendall(request(keep=True))
            self.assertEqual(read_answer(other).status, 404)

    def test_a_worker_does_not_wait_for_what_the_kernel_takes(self):
        """The only one: it serves others while nobody reads its answer."""
        pool = self.pool()
        self.fill(pool)
        before = pool.n_served()
        with pool.connect() as slow:
            slow.sendall(self.request(LIST))
            for _ in range(3):
                self.assertEqual(pool.send(request(), 5).status, 404)
            pool.wait_for(lambda: len(pool.served()) == before + 4, "lines")
            answer = read_answer(slow)
            self.assertEqual(answer.status, 200)
            self.assertGreater(len(answer.body), 400000)


if __name__ == "__main__":
    unittest.main()
