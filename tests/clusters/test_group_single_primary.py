"""Group Replication with a single primary: reads on all members, writes on one,
whichever stands first in hosts."""
import unittest

from cluster import DETECTION, NODES, Group
from load import connector, data
from scenes import ClusterCase


def setUpModule():
    GroupCase.cluster = Group("--single-primary")
    unittest.addModuleCleanup(GroupCase.cluster.close)


class GroupCase(ClusterCase):
    engine = "GR, single primary"
    single = True

    def secondary(self):
        primary = self.cluster.primary()
        return next(node for node in NODES if node != primary)


class Hosts(GroupCase):
    def test_writes_pass_with_a_secondary_first_in_hosts(self):
        primary = self.cluster.primary()
        others = [node for node in NODES if node != primary]
        pool = self.enterContext(self.cluster.pool(*others, primary))
        for k in range(5):
            status, answer = pool.call("PUT", connector(self.ids[0]),
                                       data("first-%d" % k))
            self.assertEqual(status, 200, answer and answer.body)
        self.assertEqual(pool.ready(), 200)


class Faults(GroupCase):
    def test_the_primary_is_switched_over(self):
        to = self.secondary()
        self.fault("switched over", lambda: self.cluster.switch_to(to))

    def test_the_primary_is_killed(self):
        primary = self.cluster.primary()
        self.fault("primary killed", lambda: self.cluster.kill(primary),
                   after=45, detection=DETECTION)

    def test_the_primary_stands_still(self):
        primary = self.cluster.primary()
        self.fault("primary stopped (SIGSTOP)",
                   lambda: self.cluster.stop(primary),
                   lambda: self.cluster.go_on(primary), after=45,
                   detection=DETECTION)

    def test_a_secondary_is_killed(self):
        to = self.secondary()
        self.fault("secondary killed", lambda: self.cluster.kill(to),
                   after=45, detection=DETECTION)


if __name__ == "__main__":
    unittest.main()
