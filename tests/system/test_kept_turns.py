"""Whose turn it is when there are more requests on kept connections than
workers, and each takes longer than it takes to help others."""
import time
import unittest

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


if __name__ == "__main__":
    unittest.main()
