"""Whose turn it is when there are more requests on kept connections than
workers, and each takes longer than it takes to help others."""
import select
import time
import unittest

from fastcgi import read_answer, request
from pool_database import TestedPool
from probe_support import Server
from test_kept import kept, take_turns


def late(connection):
    """Hangs up after 50 ms."""
    time.sleep(0.05)


class Turns(TestedPool):
    def test_all_are_answered_as_often(self):
        with Server(late) as server:
            pool = self.pool(api__workers="2")
            test = self.probing(pool, server, keep=True)
            counts = take_turns(self, kept(self, pool, 12), test, 422, 4)
        least, most = counts[0], counts[-1]
        self.assertGreater(least, 5)
        self.assertLessEqual(most, least + 3, counts)

    def test_a_fresh_one_waits_for_one_answer_and_not_for_all(self):
        with Server(late) as server:
            pool = self.pool(api__workers="1")
            test = self.probing(pool, server, keep=True)
            socks = kept(self, pool, 12)
            for sock in socks:
                sock.sendall(test)
            time.sleep(0.1)
            fresh = {pool.connect() for _ in range(6)}
            for sock in fresh:
                self.addCleanup(sock.close)
                sock.sendall(request())
            answers = self.answers_until(socks, test, fresh)
        self.assertLess(answers, 18)

    def answers_until(self, socks, data, fresh):
        """How many there are on kept connections, on each of which there is
        always a request, until each fresh one has its own."""
        answers = 0
        while fresh:
            for sock in select.select([*socks, *fresh], [], [], 20)[0]:
                status = read_answer(sock).status
                if sock in fresh:
                    self.assertEqual(status, 404)
                    fresh.remove(sock)
                else:
                    answers += 1
                    sock.sendall(data)
        return answers


if __name__ == "__main__":
    unittest.main()
