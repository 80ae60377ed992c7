"""An error in the middle of a result: the rows end with it, it is told as what
it is, and the connection, which is good, is kept."""
import subprocess
import unittest

from ctl_support import KIND, PROGRAM, CtlTest

BUILD = PROGRAM.parent
CLI = BUILD / "tests/system/db_cli"
OK, INTERNAL, UNAVAILABLE = 0, 12, 13  # of enum error
BEFORE = 2000  # rows that come before the error
MANY = "FROM numbers"

# What ends a result after its first rows: the server's number for it.
ERRORS = {
    "SELECT IF(n > %d, (SELECT 1 UNION SELECT n), n) %s": 1242,
    "SELECT IF(n > %d, EXP(n), n) %s": 1690,
    "SELECT IF(n > %d, raise(), n) %s": 1644,
    "SELECT IF(n > %d, POW(n, n), 1), REPEAT('x', 5000) %s": 1690,
    "SELECT n, IF(n > %d, CAST(0 - n AS SIGNED) * ~0, n) %s": 1690,
}


class Fetch(CtlTest):
    migrate_first = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        subprocess.run(["make", "-s", "-C", BUILD, "tests/system/db_cli"],
                       check=True, stdout=subprocess.DEVNULL)

    def setUp(self):
        super().setUp()
        self.sql("CREATE TABLE numbers (n INT PRIMARY KEY);"
                 "INSERT INTO numbers VALUES %s;" % ", ".join(
                     "(%d)" % n for n in range(1, BEFORE + 11)))
        self.function("raise", "SIGNAL SQLSTATE '45000'")
        self.function("kill_me", "KILL CONNECTION_ID()")

    def function(self, name, does):
        self.sql("DELIMITER //\nCREATE FUNCTION %s() RETURNS INT DETERMINISTIC "
                 "BEGIN %s; "
                 "RETURN 1; END//" % (name, does))

    def run_all(self, *statements):
        """[(error, number, rows, connections, log)] of the statements."""
        out = subprocess.run(
            [CLI, self.server.socket, "root", self.database], timeout=120,
            input="".join(text + "\n" for text in statements), text=True,
            check=True, stdout=subprocess.PIPE).stdout
        lines = [line.split("\t", 4) for line in out.splitlines()]
        self.assertEqual(len(lines), len(statements), out)
        return [(*map(int, line[:4]), line[4]) for line in lines]

    def test_errors_behind_the_first_rows(self):
        for text, number in ERRORS.items():
            with self.subTest(text):
                bad, good = self.run_all(text % (BEFORE, MANY),
                                         "SELECT n " + MANY)
                self.assertEqual(bad[:4], (INTERNAL, number, 0, 1), bad)
                self.assertRegex(bad[4], r"^database: %d .+" % number)
                self.assertEqual(good[:4], (OK, 0, BEFORE + 10, 1), good)

    def test_the_same_statement_again(self):
        """It stays prepared, and works once what was wrong is gone."""
        text = "SELECT IF(n > %d, (SELECT x FROM two), n) %s" % (BEFORE, MANY)
        self.sql("CREATE TABLE two (x INT PRIMARY KEY); "
                 "INSERT INTO two VALUES (1), (2)")
        bad, gone, good, rest = self.run_all(
            text, "DELETE FROM two WHERE x = 2", text, "SELECT 1")
        self.assertEqual(bad[:4], (INTERNAL, 1242, 0, 1), bad)
        self.assertEqual(gone[:4], (OK, 0, 0, 1), gone)
        self.assertEqual(good[:4], (OK, 0, BEFORE + 10, 1), good)
        self.assertEqual(rest[:4], (OK, 0, 1, 1), rest)

    @unittest.skipIf(KIND == "galera", "its functions may not KILL")
    def test_a_killed_connection_is_another_matter(self):
        text = "SELECT IF(n > %d, kill_me(), n), REPEAT('x', 5000) %s" % (
            BEFORE, MANY)
        bad, good = self.run_all(text, "SELECT n " + MANY)
        self.assertEqual(bad[0], UNAVAILABLE, bad)
        self.assertEqual((good[0], good[2]), (OK, BEFORE + 10), good)
        self.assertGreater(good[3], 1)


if __name__ == "__main__":
    unittest.main()
