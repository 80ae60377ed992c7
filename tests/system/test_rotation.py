"""A refresh token that the far side exchanges is the connector's own from then
on, wherever the one before came from."""
import json
import threading
import time
import unittest

from far_side import REFRESHING, FarSide, Tested, variable

KEY = "refresh_token"
DEFAULT = ("authentication_implementation", 10)
OWN = ("connector", 100)
SECRETS = [variable(601, None, "client_id", "id", *DEFAULT),
           variable(602, None, "client_secret", "hush", *DEFAULT, True)]


class Rotation(Tested):
    def setUp(self):
        super().setUp()
        self.good, self.pause = "first", 0
        self.lock = threading.Lock()
        self.far = self.enterContext(FarSide(self.answer))

    def answer(self, path, body):
        """Each token is good once; a wrong one ends the test."""
        if path != "/token":
            return {}
        time.sleep(self.pause)
        with self.lock:
            if f"refresh_token={self.good}&" not in body + "&":
                return {"error": "invalid_grant"}
            self.good += "x"
            return {"access_token": "t", KEY: self.good}

    def started(self, *pairs, **settings):
        pool = self.start(self.far, [*SECRETS, *pairs], **settings)
        self.sql("UPDATE authentication_types SET `key` = '%s';"
                 "UPDATE authentication_implementations SET headers = '{}'"
                 % REFRESHING)
        return pool

    def own(self, connector=100, company=1):
        """What show says of the connector's token."""
        found = [one for one in self.show(self.running, connector, company)
                 ["variables"] if one["key"] == KEY]
        self.assertLessEqual(len(found), 1)
        return found[0] if found else None

    def passes(self, connector=100, company=1):
        self.assertEqual(self.outcome(self.running, connector, company),
                         (200, None))

    def check_chain(self, pool):
        """Three tests, each with the token that the one before got."""
        self.running = pool
        for _ in range(3):
            self.passes()
        self.assertEqual([form[KEY] for form in self.far.forms()
                          if KEY in form], ["first", "firstx", "firstxx"])
        one = self.own()
        self.assertEqual((one["value"], one["secret"]), ("********", True))
        rows = self.sql("SELECT value, company_id FROM variables WHERE id = %d"
                        % one["id"])
        self.assertEqual(rows, [(None, "1")])
        self.ok("secrets", "add-key")
        self.ok("secrets", "rotate")  # it opens
        return one

    def test_of_a_secret_default(self):
        default = variable(603, None, KEY, "first", *DEFAULT, True,
                           alias="rt", configurable=True, advanced=True)
        pool = self.started(default)
        one = self.check_chain(pool)
        self.assertEqual(one["label"], "Label of " + KEY)
        pivot = one["pivot"]
        self.assertEqual(
            (pivot["alias"], pivot["configurable"], pivot["required"],
             pivot["advanced"]), ("rt", True, False, True))
        rotated = self.sql(
            "SELECT changed FROM audit_events WHERE action = 'test'")
        self.assertEqual([json.loads(row[0]) for row in rotated],
                         [["variables." + KEY]] * 3)
        self.assertEqual(self.sql(
            "SELECT version FROM connectors WHERE id = 100"), [("4",)])
        # The catalogue's is what it was.
        self.assertEqual(
            self.sql("SELECT COUNT(*) FROM model_variables m JOIN variables v "
                     "ON v.id = m.variable_id WHERE v.`key` = '%s'" % KEY),
            [("2",)])

    def test_of_a_plain_default(self):
        self.check_chain(self.started(
            variable(603, None, KEY, "first", *DEFAULT)))

    def test_of_a_locked_default_that_its_company_has(self):
        """What the server makes its owner may remove."""
        self.running = pool = self.started(
            variable(603, 1, KEY, "first", DEFAULT[0], 30, True,
                     row={"locked": True}),
            variable(604, 1, "client_id", "id", DEFAULT[0], 30),
            variable(605, 1, "client_secret", "s", DEFAULT[0], 30, True))
        self.sql("UPDATE connectors SET authentication_implementation_id = 30 "
                 "WHERE id = 100")
        self.check_chain(pool)
        self.update(pool, 100, {"variables": [
            {"id": self.own()["id"], "key": KEY, "label": "L",
             "_destroy": True}]})

    def test_fills_an_own_one_without_a_value(self):
        for secret in (False, True):
            with self.subTest(secret=secret):
                self.setUp()
                one = self.check_chain(self.started(
                    variable(603, None, KEY, "first", *DEFAULT, True),
                    variable(604, 1, KEY, None, *OWN, secret)))
                self.assertEqual(one["id"], 604)

    def test_replaces_an_own_one(self):
        for secret in (False, True):
            with self.subTest(secret=secret):
                self.setUp()
                one = self.check_chain(self.started(
                    variable(603, None, KEY, "wrong", *DEFAULT, True),
                    variable(604, 1, KEY, "first", *OWN, secret)))
                self.assertEqual(one["id"], 604)

    def test_without_a_key_ring_there_is_a_warning(self):
        self.running = pool = self.started(
            variable(603, None, KEY, "first", *DEFAULT),
            secrets__keyring_file="")
        self.sql("UPDATE variables SET secret = 0, value = 'hush', "
                 "value_sealed = NULL WHERE id = 602")
        self.passes()
        line = pool.wait_for(lambda: [one for one in pool.lines()
                                      if "warning" in one], "the warning")[0]
        self.assertIn("connector 100", line["warning"])
        self.assertIsNone(self.own())

    def test_other_connectors_have_the_default(self):
        self.running = self.started(
            variable(603, None, KEY, "first", *DEFAULT, True))
        self.passes()
        self.good = "first"
        self.passes(200, 2)
        self.assertEqual([form[KEY] for form in self.far.forms()
                          if KEY in form], ["first", "first"])
        self.assertIsNotNone(self.own(200, 2))

    def test_even_if_the_test_fails_behind_it(self):
        self.running = pool = self.started(
            variable(603, None, KEY, "first", *DEFAULT, True))
        self.sql("UPDATE authentication_implementations SET "
                 "test_url = 'http://127.0.0.1:9/'")
        self.assertEqual(self.outcome(pool, 100)[0], 422)
        self.assertEqual(self.own()["value"], "********")
        self.sql("UPDATE authentication_implementations SET test_url = NULL")
        self.passes()

    def at_once(self, number):
        threads = [threading.Thread(target=self.passes)
                   for _ in range(number)]
        for thread in threads:
            thread.start()
        return threads

    def test_at_once_there_is_one(self):
        self.running = self.started(
            variable(603, None, KEY, "first", *DEFAULT, True),
            api__workers="5", test__per_company="5")
        for thread in self.at_once(5):
            thread.join()
        self.passes()
        self.assertEqual([len(form[KEY]) for form in self.far.forms()
                          if KEY in form], list(range(5, 11)))
        self.assertEqual(self.own()["value"], "********")

    def test_who_stores_one_meanwhile_knows_better(self):
        self.running = pool = self.started(
            variable(603, None, KEY, "first", *DEFAULT, True),
            api__workers="2")
        self.pause = 1
        [thread] = self.at_once(1)
        pool.wait_for(lambda: self.far.requests, "the test")
        self.update(pool, 100, {"variables": [
            {"key": KEY, "label": "Own", "value": "known"}]})
        thread.join()
        self.assertEqual(self.own()["value"], "known")

    def test_nothing_is_left_of_a_connector_that_is_deleted_meanwhile(self):
        self.running = pool = self.started(
            variable(603, None, KEY, "first", *DEFAULT, True),
            api__workers="2")
        self.pause, found = 1, []
        thread = threading.Thread(target=lambda: found.append(
            pool.send(self.request("/api/v1/connectors/100/test", "POST"))))
        thread.start()
        pool.wait_for(lambda: self.far.requests, "the test")
        self.ask(pool, "DELETE", "/api/v1/connectors/100", {}, 200, 1)
        thread.join()
        self.assertEqual(found[0].status, 404)
        self.assertEqual(
            self.sql("SELECT COUNT(*) FROM variables WHERE `key` = '%s'"
                     % KEY), [("1",)])
        self.assertEqual(self.sql("SELECT action FROM audit_events "
                                  "WHERE connector_id = 100 ORDER BY id"),
                         [("destroy",), ("test",)])


if __name__ == "__main__":
    unittest.main()
