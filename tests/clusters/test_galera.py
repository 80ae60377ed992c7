"""Three nodes of Galera: conflicts, and what can befall a node under load."""
import unittest

from cluster import Galera
from scenes import ClusterCase


def setUpModule():
    GaleraCase.cluster = Galera()
    unittest.addModuleCleanup(GaleraCase.cluster.close)


class GaleraCase(ClusterCase):
    engine = "Galera"


class Conflicts(GaleraCase):
    def test_what_one_member_stored_another_changes_at_once(self):
        self.at_once()

    def test_clients_of_three_nodes_write_the_same_connectors(self):
        self.conflict()

    def test_clients_of_three_nodes_write_their_own_connectors(self):
        self.conflict(shared=False)


class Faults(GaleraCase):
    def test_a_node_is_killed(self):
        self.fault("node killed", lambda: self.cluster.kill(1), gone=(1,))

    def test_a_node_is_cut_off(self):
        self.fault("node isolated", lambda: self.cluster.isolate(2),
                   lambda: self.cluster.rejoin(2), gone=(2,))

    def test_a_node_stands_still(self):
        self.fault("node stopped (SIGSTOP)", lambda: self.cluster.stop(3),
                   lambda: self.cluster.go_on(3), gone=(3,))

    def test_a_node_is_made_read_only(self):
        self.fault("node read only", lambda: self.cluster.read_only(1),
                   lambda: self.cluster.read_only(1, False), gone=(1,),
                   after=6)

    def test_a_node_refuses_queries(self):
        self.fault("wsrep_reject_queries", lambda: self.cluster.reject(2),
                   lambda: self.cluster.reject(2, False), gone=(2,), after=6)

    def test_a_node_is_shut_down_and_comes_back(self):
        self.fault("node shut down", lambda: self.cluster.shut_down(3),
                   lambda: self.cluster.start(3), gone=(3,), after=6)


class Quorum(GaleraCase):
    def test_the_majority_is_killed_and_the_rest_is_made_the_cluster(self):
        """Reads cannot go on: the engine refuses them as well."""
        def strike():
            self.cluster.kill(1)
            self.cluster.kill(2)

        self.fault("quorum lost and regained", strike,
                   lambda: self.cluster.force(3), gone=(1, 2),
                   reads=False)


if __name__ == "__main__":
    unittest.main()
