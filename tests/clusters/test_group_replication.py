"""Group Replication, multi-primary: conflicts, and what can befall a member under
load."""
import unittest

from cluster import DETECTION, Group
from scenes import ClusterCase


def setUpModule():
    GroupCase.cluster = Group()
    unittest.addModuleCleanup(GroupCase.cluster.close)


class GroupCase(ClusterCase):
    engine = "Group Replication"


class Conflicts(GroupCase):
    def test_what_one_member_stored_another_changes_at_once(self):
        self.at_once()

    def test_clients_of_three_members_write_the_same_connectors(self):
        self.conflict()

    def test_clients_of_three_members_write_their_own_connectors(self):
        self.conflict(shared=False)


class Faults(GroupCase):
    def test_a_member_is_killed(self):
        self.fault("member killed", lambda: self.cluster.kill(1), gone=(1,),
                   after=20, detection=DETECTION)

    def test_a_member_leaves_the_group(self):
        self.fault("member left", lambda: self.cluster.leave(2),
                   lambda: self.cluster.join(2), gone=(2,), after=8)

    def test_a_member_stands_still(self):
        self.fault("member stopped (SIGSTOP)", lambda: self.cluster.stop(3),
                   lambda: self.cluster.go_on(3), gone=(3,), after=20,
                   detection=DETECTION)

    def test_a_member_is_made_read_only(self):
        self.fault("member read only", lambda: self.cluster.read_only(1),
                   lambda: self.cluster.read_only(1, False), gone=(1,),
                   after=6)


class Quorum(GroupCase):
    def test_the_majority_is_killed_and_the_rest_is_made_the_group(self):
        """Reads go on; writes hang until somebody decides."""
        def strike():
            self.cluster.kill(1)
            self.cluster.kill(2)

        self.fault("quorum lost and regained", strike,
                   lambda: self.cluster.force(3), gone=(1, 2), after=15)


if __name__ == "__main__":
    unittest.main()
