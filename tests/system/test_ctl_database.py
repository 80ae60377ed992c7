"""connectorsctl database init: what it makes, and what it found."""
import itertools
import unittest

from ctl_support import CtlTest


class Init(CtlTest):
    migrate_first = False
    accounts = itertools.count(1)

    def setUp(self):
        super().setUp()
        self.account = "made%d" % next(self.accounts)
        self.password = self.folder / "password"
        self.password.write_text("first\n")
        self.name = "made_%s" % self.account
        self.options = ("-o", "database.name=" + self.name,
                        "-o", "database.user=" + self.account,
                        "-o", "database.password_file=%s" % self.password)
        self.addCleanup(self.server.sql, "DROP USER IF EXISTS %s@localhost"
                        % self.account)
        self.addCleanup(self.server.sql, "DROP DATABASE IF EXISTS "
                        + self.name)

    def init(self):
        return self.ok("database", "init", *self.options).out

    def test_a_second_time_says_that_nothing_changed(self):
        self.assertEqual(self.init(), "database %s: made; account "
                         "%s@localhost: made\n" % (self.name, self.account))
        self.ok("migrate", *self.options)
        for _ in range(2):
            self.assertEqual(
                self.init(), "nothing changed: database %s: was there; "
                "account %s@localhost: was there\n"
                % (self.name, self.account))
        self.ok("migrate", "--status", *self.options)

    def test_what_was_not_as_it_is_now_is_told(self):
        self.init()
        changed = "its password and its rights are set"
        self.password.write_text("second\n")
        self.assertIn(changed, self.init())
        self.assertTrue(self.init().startswith("nothing changed"))
        self.server.sql("REVOKE DROP ON `%s`.* FROM %s@localhost"
                        % (self.name.replace("_", r"\_"), self.account))
        self.assertIn(changed, self.init())
        self.server.sql("DROP DATABASE " + self.name)
        self.assertIn("database %s: made; account %s@localhost: was there"
                      % (self.name, self.account), self.init())
        self.assertTrue(self.init().startswith("nothing changed"))

    def test_needs_a_password_and_an_administrator(self):
        self.password.write_text("\n")
        self.assertIn("database.password_file", self.fails(
            "database", "init", *self.options))
        self.password.write_text("x\n")
        self.fails("database", "init", "--admin", "nobody", *self.options)
        self.fails("database", "init", "--admin-password-file", "/missing",
                   *self.options)


if __name__ == "__main__":
    unittest.main()
