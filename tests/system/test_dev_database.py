"""./dev up --database: which servers a stack has, and that it keeps to them."""
import re
import unittest

import test_dev
from scale import SCALE

LARGE = unittest.skipIf(
    SCALE < 1, "the part clusters brings up clusters too (minutes)")
UNAVAILABLE = 77


class Kinds(test_dev.Case):
    def up(self, stack, *arguments):
        """Skips what this machine cannot have."""
        try:
            return stack.up(*arguments)
        except AssertionError as error:
            if "exit %d\n" % UNAVAILABLE in str(error):
                self.skipTest(str(error).splitlines()[-1])
            raise

    def sql(self, stack, text, *node):
        return stack.dev("sql", *node, "-N", "-B", "-e", text).strip()

    def check_answers(self, stack):
        key = stack.dev("key").strip()
        self.assertEqual(stack.get(test_dev.LIST, key)[0], 200)

    def test_mysql(self):
        stack = self.stack()
        self.up(stack, "--database", "mysql")
        self.assertNotIn("MariaDB", self.sql(stack, "SELECT VERSION()"))
        self.check_answers(stack)
        stack.dev("down")
        self.assertEqual(stack.processes(), [])
        stack.up()
        self.assertNotIn("MariaDB", self.sql(stack, "SELECT VERSION()"))

    @LARGE
    def test_galera(self):
        stack = self.stack()
        self.up(stack, "--database", "galera")
        for node in "1", "2", "3":
            self.assertRegex(self.sql(
                stack, "SHOW STATUS LIKE 'wsrep_cluster_size'", "--node",
                node), r"\t3$")
        self.assertIn("mariadb", stack.dev("sql", "-N", "-e",
                                           "SELECT LOWER(VERSION())"))
        self.check_cluster(stack)

    @LARGE
    def test_group_replication(self):
        for options, primaries in (((), 3), (("--single-primary",), 1)):
            with self.subTest(options):
                stack = self.stack()
                self.up(stack, "--database", "group-replication", *options)
                self.assertEqual(self.sql(
                    stack, "SELECT COUNT(*), SUM(member_role = 'PRIMARY') "
                    "FROM performance_schema.replication_group_members "
                    "WHERE member_state = 'ONLINE'"), "3\t%d" % primaries)
                self.check_cluster(stack)

    def check_cluster(self, stack):
        """Nodes go and come; all of them go, and all of them come."""
        self.check_answers(stack)
        self.assertEqual(stack.dev("status").count("runs (pid"), 5)
        stack.dev("node", "stop", "3")
        text = stack.dev("status", status=3)
        self.assertIn("database3: does not run", text)
        stack.dev("node", "start", "3")
        stack.dev("node", "start", "3", status=1)
        stack.dev("node", "start", "4", status=1)
        stack.dev("down")
        self.assertEqual(stack.processes(), [])
        stack.up()
        self.check_answers(stack)
        self.assertEqual(
            {self.sql(stack, "SELECT COUNT(*) FROM connectors.connectors",
                      "--node", node) for node in "123"}, {"40"})
        stack.dev("down")

    def test_a_stack_keeps_its_kind(self):
        stack = self.stack()
        stack.up("--database", "mariadb", "--no-api")
        self.assertEqual(len(stack.processes()), 1, stack.processes())
        for kind in "mysql", "galera", "group-replication":
            self.assertRegex(stack.dev("up", "--database", kind, status=1),
                             "has mariadb, not " + kind)
        self.assertIn("no cluster", stack.dev("node", "stop", "1", status=1))
        self.assertTrue(re.search("MariaDB", self.sql(
            stack, "SELECT VERSION()")))

    def test_kinds_that_there_are_not(self):
        stack = self.stack()
        text = stack.dev("up", "--database", "sqlite", status=1)
        for kind in "mariadb", "mysql", "galera", "group-replication":
            self.assertIn(kind, text)
        stack.dev("up", "--database", status=1)
        stack.dev("up", "--database", "galera", "--single-primary", status=1)


if __name__ == "__main__":
    unittest.main()
