"""connectorsctl key, company, user."""
import contextlib
import hashlib
import os
import pty
import re
import signal
import subprocess
import termios
import unittest

from ctl_support import PROGRAM, CtlTest, catalogue


class Keys(CtlTest):
    def setUp(self):
        super().setUp()
        self.load(catalogue())

    def test_create_prints_the_key_alone_and_stores_its_hash(self):
        key = self.ok("key", "create", "--company", "1").out
        self.assertRegex(key, r"^cak_[0-9A-Za-z]{40}\n$")
        self.assertEqual(
            self.sql("SELECT company_id, user_id, key_hash, can_read, "
                     "can_write, can_test, expires_at FROM api_keys"),
            [("1", None, hashlib.sha256(key[:-1].encode()).hexdigest(),
              "1", "1", "1", None)])

    def test_create_with_everything(self):
        self.ok("key", "create", "--company", "2", "--user", "2", "--name",
                "CI ü", "--abilities", "test,read", "--expires", "2030-01-31")
        self.assertEqual(
            self.sql("SELECT company_id, user_id, name, can_read, can_write, "
                     "can_test, expires_at FROM api_keys"),
            [("2", "2", "CI ü", "1", "0", "1",
              "2030-01-31 00:00:00.000000")])
        listed = self.ok("key", "list", "--company", "2").out.splitlines()
        self.assertEqual(len(listed), 2)
        self.assertRegex(listed[1], r"\tr-t\tvalid\t2030-01-31T00:00:00.000000Z\t.*CI ü$")
        self.assertEqual(
            len(self.ok("key", "list", "--company", "1").out.splitlines()), 1)

    def test_owner_must_be_there(self):
        self.assertEqual(
            self.fails("key", "create", "--company", "9"),
            "there is no company 9 (connectorsctl company list tells which "
            "there are)")
        self.assertEqual(
            self.fails("key", "create", "--company", "1", "--user", "2"),
            "company 1 has no user 2")

    def test_revoke(self):
        self.ok("key", "create", "--company", "1")
        id, = self.sql("SELECT id FROM api_keys")[0]
        self.assertEqual(self.ok("key", "revoke", id).out,
                         "revoked key %s\n" % id)
        first = self.sql("SELECT revoked_at FROM api_keys")
        self.assertIsNotNone(first[0][0])
        self.assertRegex(
            self.ok("key", "revoke", id).out,
            r"^nothing changed: key %s was revoked at \d{4}-.*Z\n$" % id)
        self.assertEqual(self.sql("SELECT revoked_at FROM api_keys"), first)
        self.assertEqual(self.fails("key", "revoke", "999"),
                         "there is no API key 999")

    def test_create_tells_people_id_company_and_expiry(self):
        for options, expires in (
                ([], "never"),
                (["--expires", "2999-01-31"], "2999-01-31T00:00:00.000000Z"),
                (["--expires", "2999-01-31T12:00:00+02:00"],
                 "2999-01-31T10:00:00.000000Z")):
            made = self.ok("key", "create", "--company", "2", *options)
            number, = self.sql("SELECT MAX(id) FROM api_keys")[0]
            self.assertEqual(made.err, "key %s of company 2 (Two), "
                             "expires: %s\n" % (number, expires))
            self.assertNotIn(made.out.strip(), made.err)

    def test_create_refuses_an_expiry_that_is_past(self):
        for when in ("2020-01-31", "2024-02-29T23:59:59Z",
                     "1000-01-01T00:00:00.000001-12:00"):
            self.assertRegex(
                self.fails("key", "create", "--company", "1", "--expires",
                           when, status=2), r"^--expires: .* is past")
        self.assertEqual(self.sql("SELECT * FROM api_keys"), [])

    def test_name_is_a_text_of_its_column(self):
        for name in ("", " \u2003", "x" * 256, os.fsdecode(b"\xff")):
            self.fails("key", "create", "--company", "1", "--name", name,
                       status=2)

    def test_list_tells_states(self):
        for _ in range(3):
            self.ok("key", "create", "--company", "1")
        ids = [key["id"] for key in self.data("key", "list")]
        self.ok("key", "revoke", str(ids[1]))
        self.sql("UPDATE api_keys SET expires_at = '2020-01-01' "
                 "WHERE id = %d" % ids[2])
        self.assertEqual([(key["id"], key["state"], key["can_write"])
                          for key in self.data("key", "list")],
                         [(ids[0], "valid", True), (ids[1], "revoked", True),
                          (ids[2], "expired", True)])

    def test_list_of_a_company_that_is_not_there(self):
        self.assertEqual(self.fails("key", "list", "--company", "9"),
                         "there is no company 9")
        self.assertEqual(self.data("key", "list", "--company", "2"), [])

    def test_find_tells_whose_a_key_is_and_never_the_key(self):
        first = self.ok("key", "create", "--company", "1").out
        second = self.ok("key", "create", "--company", "2", "--name",
                         "its name").out
        ids = [id for id, in self.sql("SELECT id FROM api_keys ORDER BY id")]
        for text in (second, second.strip(), "\n\t %s \n\n" % second,
                     "Bearer " + second):
            found = self.ok("key", "find", stdin=text)
            self.assertRegex(found.out, r"(?m)^%s\t2\t.*its name$" % ids[1])
            self.assertNotIn(second.strip(), found.out)
            self.assertNotIn(hashlib.sha256(
                second.strip().encode()).hexdigest(), found.out)
        self.ok("key", "revoke", ids[0])
        self.assertEqual(self.data("key", "find", stdin=first)[0]["state"],
                         "revoked")

    def test_find_does_not_repeat_what_it_does_not_know(self):
        unknown = "cak_" + "A1b2C3d4E5" * 4
        for text, fault in ((unknown, "nobody has this key"),
                            ("", "standard input must hold"),
                            ("cak_short", "standard input must hold"),
                            ("x" * 10000, "standard input must hold"),
                            ("a\0b", "standard input must hold")):
            said = self.fails("key", "find", stdin=text)
            self.assertTrue(said.startswith(fault), said)
            self.assertNotIn(text.strip()[:9] or "\0", said)

    def test_find_on_a_terminal_does_not_show_what_is_typed(self):
        key = self.ok("key", "create", "--company", "1").out.strip()
        with self.finding() as (process, parent, child):
            shown = os.read(parent, 100)
            os.write(parent, key.encode() + b"\n")
            self.assertIn(b"valid", process.communicate(timeout=60)[0])
            os.close(child)
            shown += os.read(parent, 1000)
        self.assertTrue(shown.startswith(b"API key"), shown)
        self.assertNotIn(key.encode(), shown)

    @contextlib.contextmanager
    def finding(self):
        """The command that asks for a key on a terminal; the descriptors of its
        two ends. Whoever started the tests may have had SIGINT ignored."""
        parent, child = pty.openpty()
        process = subprocess.Popen(
            [str(PROGRAM), "--config", str(self.config), "key", "find"],
            stdin=child, stdout=subprocess.PIPE, stderr=child,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        try:
            yield process, parent, child
        finally:
            process.kill()
            process.communicate()
            os.close(parent)

    def test_a_terminal_shows_again_what_is_typed(self):
        """Whatever ends the command."""
        for number in (signal.SIGINT, signal.SIGTERM, None):
            with self.finding() as (process, parent, child):
                os.read(parent, 100)
                self.assertFalse(termios.tcgetattr(child)[3] & termios.ECHO)
                if number is None:
                    os.write(parent, b"x\n")
                else:
                    process.send_signal(number)
                status = process.wait(timeout=60)
                self.assertEqual(status, 1 if number is None else -number)
                self.assertTrue(termios.tcgetattr(child)[3] & termios.ECHO)
                os.close(child)


class Companies(CtlTest):
    def test_key_without_any_company_says_what_to_do(self):
        self.assertRegex(self.fails("key", "create", "--company", "1"),
                         "no company yet.*connectorsctl company create NAME")

    def test_create_prints_the_id_alone(self):
        names, ids = ("Acme", "Ünïcode & \u5317", "x" * 255), []
        for name in names:
            made = self.ok("company", "create", name)
            id, = self.sql("SELECT MAX(id) FROM companies")[0]
            self.assertEqual(made.out, id + "\n")
            ids.append(int(id))
            self.assertTrue(made.err.startswith(
                "made company %d: %s\n" % (ids[-1], name)), made.err)
            self.assertRegex(self.ok(
                "key", "create", "--company", made.out.strip()).out, "^cak_")
        self.assertEqual([(row["id"], row["name"], row["keys"])
                          for row in self.data("company", "list")],
                         [(id, name, 1) for id, name in zip(ids, names)])

    def test_names_are_refused_as_an_import_does(self):
        for name in ("", "  ", "\u200b", "x" * 256, os.fsdecode(b"a\xff")):
            self.fails("company", "create", name, status=2)
        self.assertEqual(self.data("company", "list"), [])

    def test_users(self):
        one, two = (self.ok("company", "create", name).out.strip()
                    for name in ("One", "Two"))
        made = self.ok("user", "create", "--company", two, "--name", "Ada",
                       "--email", "ada@x.test")
        id, = self.sql("SELECT id FROM users")[0]
        self.assertEqual((made.out, made.err),
                         (id + "\n", "made user %s: Ada\n" % id))
        self.assertEqual(self.data("user", "list", "--company", one), [])
        user, = self.data("user", "list", "--company", two)
        self.assertEqual((user["company_id"], user["email"]),
                         (int(two), "ada@x.test"))
        self.ok("key", "create", "--company", two, "--user", id)

    def test_users_that_are_refused(self):
        company = self.ok("company", "create", "One").out.strip()
        good = {"company": company, "name": "Ada", "email": "a@x.test"}
        for change, status in (
                ({"company": None}, 2), ({"name": None}, 2),
                ({"email": None}, 2), ({"email": "nobody"}, 2),
                ({"email": "a b@x.test"}, 2), ({"name": " "}, 2),
                ({"company": "0"}, 2), ({"company": "99"}, 1)):
            options = [word for name, value in {**good, **change}.items()
                       if value is not None for word in ("--" + name, value)]
            self.fails("user", "create", *options, status=status)
        self.assertEqual(self.data("user", "list"), [])
        self.assertEqual(self.fails("user", "list", "--company", "99"),
                         "there is no company 99")

    def test_answers_that_workers_keep_become_stale(self):
        company = self.ok("company", "create", "One").out.strip()
        before = self.sql("SELECT * FROM data_versions")
        self.ok("user", "create", "--company", company, "--name", "Ada",
                "--email", "a@x.test")
        self.assertNotEqual(self.sql("SELECT * FROM data_versions"), before)

    def test_texts_of_people_do_not_reach_the_terminal_as_orders(self):
        name = "a\x1b[2J\u009b31m\tb\r\nc"
        self.ok("company", "create", name)
        text = self.ok("company", "list").out
        self.assertIsNone(re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text))
        self.assertEqual(len(text.splitlines()), 2)
        self.assertEqual(self.data("company", "list")[0]["name"], name)


if __name__ == "__main__":
    unittest.main()
