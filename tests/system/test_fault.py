"""A crash behind a connector test: the databases of strangers are asked by a
child of the worker, and the child's death is the child's alone."""
import os
import signal
import unittest

from fastcgi import read_answer, request
from pool_database import TestedPool
from probe_support import Server, silent
from test_admin_direct import HANDED
from test_failures import children


class Fault(TestedPool):
    def test_a_child_that_crashes_leaves_the_workers_connections_alone(self):
        with Server(silent) as server:
            pool = self.pool()
            test = self.probing(pool, server, keep=True)
            worker = pool.lane("api")[0]["pid"]
            with pool.connect() as resting, pool.connect() as testing:
                resting.sendall(request(keep=True))
                self.assertEqual(read_answer(resting).status, 404)
                handed = pool.metrics()[HANDED]
                testing.sendall(test)
                child = pool.wait_for(lambda: children(worker), "the child")[0]
                os.kill(child, signal.SIGSEGV)
                answer = read_answer(testing)
                self.assertEqual(answer.json()["test"]["reason"], "failed")
                for _ in range(3):
                    resting.sendall(request(keep=True))
                    self.assertEqual(read_answer(resting).status, 404)
            self.assertEqual(pool.metrics()[HANDED], handed)
            self.assertEqual(pool.lane("api")[0]["pid"], worker)


if __name__ == "__main__":
    unittest.main()
