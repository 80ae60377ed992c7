"""Versions of data that several nodes of a cluster raise, each in a row of its
own, as workers see them. One server stands for the nodes: a session's
auto_increment_offset tells which node it is on."""
import unittest

from ctl_support import CtlTest, catalogue
from pool_database import PoolTest, body

LIST = "/api/v1/connectors"
SHOW = LIST + "/1"
ONE_NODE = "SELECT one_node FROM data_versions WHERE company_id = 0"


class Nodes(PoolTest):
    def on_node(self, number, of=3):
        """Whoever connects from now on."""
        self.server.sql("SET GLOBAL auto_increment_increment = %d; "
                        "SET GLOBAL auto_increment_offset = %d" % (of, number))
        self.addCleanup(
            self.server.sql, "SET GLOBAL auto_increment_increment = 1; "
            "SET GLOBAL auto_increment_offset = 1")

    def get(self, pool, path, company=1):
        answer = pool.send(self.request(path, company=company))
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()

    def total(self, pool, path=LIST):
        return self.get(pool, path)["meta"]["total"]

    def test_one_node_adds_nothing_up(self):
        pool = self.pool()
        for _ in range(3):
            self.get(pool, SHOW)
        self.update(pool, 1, {"name": "Other"})
        self.get(pool, SHOW)
        self.assertEqual(self.sql(ONE_NODE), [("1",)])
        self.assertEqual(self.statements(pool, 5)[1:3], [1, 1])

    def test_first_write_of_another_node_is_seen_by_the_first(self):
        first = self.pool()
        self.get(first, SHOW)
        before = self.total(first)
        self.assertEqual(self.total(first), before)
        self.on_node(2)
        second = self.pool()
        self.update(second, 1, {"name": "Of node 2"})
        self.assertEqual(self.get(first, SHOW)["data"]["name"], "Of node 2")
        self.assertEqual(self.sql(ONE_NODE), [("0",)])
        self.store(second, body())
        self.assertEqual(self.total(first), before + 1)
        self.store(first, body())
        self.assertEqual(self.total(second), before + 2)
        self.assertEqual(self.total(first), before + 2)

    def test_import_by_another_node_is_seen_by_the_first(self):
        path = SHOW + "?include=authenticationImplementation.system"
        first = self.pool()
        self.get(first, path)
        self.on_node(3)
        data = catalogue()
        data["systems"][0]["label"] = "Of node 3"
        self.load(data)
        system = self.get(first, path)["data"]["authentication_implementation"]
        self.assertEqual(system["system"]["label"], "Of node 3")

    def test_what_was_true_of_one_node_is_not_when_it_is_alone_again(self):
        """Others joined, wrote, and left while no request came."""
        first = self.pool()
        self.get(first, SHOW)
        self.on_node(2)
        second = self.pool()
        self.update(second, 1, {"name": "Of node 2"})
        second.stop()
        self.on_node(1, of=1)
        self.assertEqual(self.get(first, SHOW)["data"]["name"], "Of node 2")
        third = self.pool()
        self.update(third, 1, {"name": "Of node 1"})
        self.assertEqual(self.get(first, SHOW)["data"]["name"], "Of node 1")

    def test_refused_write_of_another_node_tells_nothing(self):
        self.on_node(2)
        second = self.pool()
        self.store(second, {"name": 7}, status=422)
        self.assertEqual(self.sql(ONE_NODE), [("1",)])

    def test_row_that_tells_may_be_missing(self):
        pool = self.pool()
        self.sql("DELETE FROM data_versions WHERE company_id = 0")
        self.get(pool, SHOW)
        self.update(pool, 1, {"name": "Other"})
        self.assertEqual(self.get(pool, SHOW)["data"]["name"], "Other")
        self.sql("INSERT INTO data_versions (company_id, version) VALUES "
                 "(0, 1) ON DUPLICATE KEY UPDATE version = version + 1")
        self.assertEqual(self.get(self.pool(), SHOW)["data"]["name"], "Other")


class Migration(CtlTest):
    migrate_first = False

    def test_on_a_cluster_versions_are_always_added_up(self):
        self.server.sql("SET GLOBAL auto_increment_increment = 2")
        self.addCleanup(self.server.sql,
                        "SET GLOBAL auto_increment_increment = 1")
        self.ok("migrate")
        self.assertEqual(self.sql(ONE_NODE), [("0",)])

    def test_on_a_server_alone_they_are_in_one_row(self):
        self.ok("migrate")
        self.assertEqual(self.sql(ONE_NODE), [("1",)])


if __name__ == "__main__":
    unittest.main()
