"""Whose turn it is when there are more requests on kept connections than
workers, and each takes longer than it takes to help others."""
import select
import time
import unittest

from fastcgi import read_answer
from pool_database import TestedPool
from probe_support import Server
from test_kept import kept


def late(connection):
    """Hangs up after 50 ms."""
    time.sleep(0.05)


class Turns(TestedPool):
    def test_all_are_answered_as_often(self):
        with Server(late) as server:
            pool = self.pool(api__workers="2")
            test = self.probing(pool, server, keep=True)
            counts = dict.fromkeys(kept(self, pool, 12), 0)
            for sock in counts:
                sock.sendall(test)
            end = time.monotonic() + 4
            while time.monotonic() < end:
                for sock in select.select(counts, [], [], 5)[0]:
                    self.assertEqual(read_answer(sock).status, 422)
                    counts[sock] += 1
                    sock.sendall(test)
        least, most = min(counts.values()), max(counts.values())
        self.assertGreater(least, 5)
        self.assertLessEqual(most, least + 3, sorted(counts.values()))


if __name__ == "__main__":
    unittest.main()
