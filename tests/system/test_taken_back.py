"""A transaction that the server took back without a word, as nodes of Galera
were seen to while a SELECT ran: nothing is written outside of it."""
import unittest

from database_proxy import TAKEN_BACK, Proxy
from database_routes import COUNTS, Destroy, StoreKeyed, Update, change
from pool_database import PoolTest

# The first read in a transaction, and the one of what was written: steps
# behind its begin, and before its end.
FIRST, READ_BACK = 1, -3


class TakenBack(PoolTest):
    def setUp(self):
        super().setUp()
        self.sql("UPDATE api_keys SET last_used_at = '2100-01-01'")
        self.proxy = self.enterContext(
            Proxy(self.server.socket, self.folder))
        self.pool_ = self.pool(cache__answers="0",
                               database__hosts=self.proxy.host,
                               database__tls_mode="disabled")

    def strike(self, kind, offset):
        route = kind(self)
        route.send(route.prepare())
        request = route.prepare()
        self.proxy.arm()
        route.send(request)
        steps = self.proxy.steps
        at = offset % len(steps) + 1 if offset < 0 else \
            steps.index("START TRANSACTION") + 1 + offset
        request, before = route.prepare(), self.sql(COUNTS)[0]
        self.proxy.arm(TAKEN_BACK, at)
        answer = route.send(request)
        self.assertTrue(self.proxy.struck)
        self.assertEqual(answer.status, 200, answer.body)
        route.check(answer)
        self.assertEqual(change(before, self.sql(COUNTS)[0]), route.effect)
        again = route.again(True)
        if again is not None:
            self.assertEqual(route.send(again[0]).status, again[1])

    def test_before_anything_is_written(self):
        for kind in (StoreKeyed, Update, Destroy):
            with self.subTest(kind.__name__):
                self.strike(kind, FIRST)

    def test_before_what_was_written_is_read_back(self):
        self.strike(Update, READ_BACK)


if __name__ == "__main__":
    unittest.main()
