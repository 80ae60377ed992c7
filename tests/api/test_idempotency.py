"""Idempotency-Key: a store that is sent again happens once."""
import json
import threading
import unittest
import uuid

from support import LIST, dev
from writing import (OTHER, WRITER, Writing, body, counts, path, secret, sql,
                     variable)


RUNNING = "A request with this Idempotency-Key is still running."


def fresh():
    return "test " + str(uuid.uuid4())


class Idempotency(Writing):
    def send(self, key, data, status=200, query="", **more):
        return self.ask("POST", LIST + query, data,
                        {"Idempotency-Key": key, **more.pop("headers", {})},
                        status=status, **more)

    def assert_replay(self, first, again):
        self.assertIsNone(first.headers["Idempotency-Replayed"])
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assertEqual(again.status, first.status)
        self.assertEqual(again.json(), first.json())
        for name in ("ETag", "Content-Location", "Content-Type",
                     "Cache-Control"):
            self.assertEqual(again.headers[name], first.headers[name], name)

    def test_replay(self):
        key, data = fresh(), body(name="Once", variables=[
            variable("a", "1"), secret("s", "x")])
        first = self.send(key, data)
        before = counts()
        for _ in range(8): # on every worker
            again = self.send(key, data)
            self.assert_replay(first, again)
            self.assertNotEqual(again.headers["X-Request-Id"],
                                first.headers["X-Request-Id"])
        self.assertEqual(counts(), before)

    def test_other_keys_and_none_are_other_stores(self):
        data, ids = body(), set()
        for key in (fresh(), fresh()):
            ids.add(self.send(key, data).json()["data"]["id"])
        ids.add(self.store(data).json()["data"]["id"])
        ids.add(self.store(data).json()["data"]["id"])
        self.assertEqual(len(ids), 4)

    def test_keys_differ_byte_for_byte(self):
        key, data = fresh(), body()
        ids = {self.send(one, data).json()["data"]["id"]
               for one in (key, key.upper(), key + "x")}
        self.assertEqual(len(ids), 3)

    def test_another_body(self):
        key = fresh()
        first = self.send(key, body(name="A"))
        before = counts()
        for data in (body(name="B"), body(name="A", type="x"), {}):
            answer = self.send(key, data, 422)
            self.assertIn("message", answer.json())
            self.assertIsNone(answer.headers["Idempotency-Replayed"])
        self.assertEqual(counts(), before)
        self.assert_replay(first, self.send(key, body(name="A")))

    def test_another_query(self):
        key, data = fresh(), body()
        first = self.send(key, data, query="?include=certificate")
        self.assertIn("certificate", first.json()["data"])
        before = counts()
        for query in ("", "?", "?include=variables", "?include=certificate&",
                      "?fields=name"):
            answer = self.send(key, data, 422, query)
            self.assertIn("query", answer.json()["message"])
        self.assertEqual(counts(), before)
        self.assert_replay(first, self.send(
            key, data, query="?include=certificate"))
        key = fresh()
        self.send(key, data)
        self.send(key, data, 422, "?include=certificate")

    def test_another_company_has_keys_of_its_own(self):
        key = fresh()
        data = body(61)
        one = self.send(key, data).json()["data"]
        two = self.send(key, data, company=OTHER)
        self.assertIsNone(two.headers["Idempotency-Replayed"])
        self.assertNotEqual(two.json()["data"]["id"], one["id"])

    def test_first_answer_outlives_its_connector(self):
        key, data = fresh(), body(name="Short")
        first = self.send(key, data)
        one = first.json()["data"]["id"]
        self.update(one, {"name": "Changed"})
        self.assert_replay(first, self.send(key, data))
        self.destroy(one)
        self.assert_replay(first, self.send(key, data))
        self.ask("GET", path(one), status=404)

    def test_a_422_is_kept(self):
        key, data = fresh(), body(name=None, timezone="x")
        first = self.send(key, data, 422)
        self.errors(first)
        self.assert_replay(first, self.send(key, data, 422))
        # So is one of the further checks.
        key, data = fresh(), body(401)
        first = self.send(key, data, 422)
        self.assert_replay(first, self.send(key, data, 422))

    def test_what_comes_before_validation_is_not_kept(self):
        key = fresh()
        self.send(key, b"{", 400)
        self.send(key, body(), 400, "?include=none")
        self.send(key, b"x", 415, headers={"Content-Type": "text/plain"})
        self.send(key, body(), 401,
                  headers={"Authorization": "cak_" + "x" * 40})
        reader = dev("ctl", "key", "create", "--company", str(WRITER),
                     "--abilities", "read").split()[-1]
        self.send(key, body(), 403, headers={"Authorization": reader})
        first = self.send(key, body())
        self.assertIsNone(first.headers["Idempotency-Replayed"])
        # And each of these comes before a replay.
        self.send(key, b"{", 400)
        self.send(key, body(), 401,
                  headers={"Authorization": "cak_" + "x" * 40})
        self.send(key, body(), 403, headers={"Authorization": reader})

    def test_keys_that_are_none(self):
        before = counts()
        for key in ("x" * 256, "ä", "a\tb", "\x7f", "x" * 3000):
            answer = self.ask("POST", LIST, body(),
                              {"Idempotency-Key": key.encode()}, status=400)
            self.assertIn("Idempotency-Key", answer.json()["message"])
        self.assertEqual(counts(), before)
        for key in ("x" * 255, "!", "~", "a b\"'\\"):
            first = self.send(key, body())
            self.assert_replay(first, self.send(key, body()))

    def test_other_methods_do_not_look_at_it(self):
        key, one = fresh(), self.made()["id"]
        for name in ("a", "b", "a"):
            answer = self.ask("PUT", path(one), {"name": name},
                              {"Idempotency-Key": key}, status=200)
            self.assertEqual(answer.json()["data"]["name"], name)
            self.assertIsNone(answer.headers["Idempotency-Replayed"])
        # Nor do they touch what a store left with it.
        first = self.send(key, body())
        for data, status in (({"name": None}, 422), ({"name": "c"}, 200)):
            self.ask("PUT", path(one), data, {"Idempotency-Key": key},
                     status=status)
        self.ask("DELETE", path(one), None, {"Idempotency-Key": key},
                 status=200)
        self.assert_replay(first, self.send(key, body()))

    def test_after_a_day_it_is_new(self):
        key, data = fresh(), body()
        first = self.send(key, data).json()["data"]["id"]
        sql("UPDATE idempotency_keys SET created_at = created_at - INTERVAL "
            "1439 MINUTE WHERE idempotency_key = '%s'" % key)
        self.assertEqual(self.send(key, data).json()["data"]["id"], first)
        sql("UPDATE idempotency_keys SET created_at = created_at - INTERVAL "
            "2 MINUTE WHERE idempotency_key = '%s'" % key)
        answer = self.send(key, data)
        self.assertNotEqual(answer.json()["data"]["id"], first)
        self.assertIsNone(answer.headers["Idempotency-Replayed"])
        self.assert_replay(answer, self.send(key, data))

    def test_nothing_secret_is_kept(self):
        key = fresh()
        self.send(key, body(variables=[secret("s", "not kept with the key")]))
        self.send(fresh(), body(name=None, variables=[
            secret("s", "not kept with the key")]), 422)
        rows = sql("SELECT * FROM idempotency_keys")
        self.assertTrue([row for row in rows if key in row])
        self.assertNotIn("not kept with the key", str(rows))

    def at_once(self, key, bodies):
        """The answers to a store of each body, all sent at once."""
        answers = []
        start = threading.Barrier(len(bodies))

        def ask(data):
            start.wait()
            answers.append(self.send(key, data, None))

        threads = [threading.Thread(target=ask, args=(data,))
                   for data in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def assert_running(self, answers):
        """Whatever is refused of them says why, in one way."""
        for answer in answers:
            if answer.status == 409:
                self.assertEqual(answer.json(), {"message": RUNNING})

    def test_at_once(self):
        for _ in range(30):
            key, data = fresh(), body(name="At once")
            answers = self.at_once(key, [data] * 8)
            self.assertLessEqual({answer.status for answer in answers},
                                 {200, 409})
            self.assert_running(answers)
            good = [json.loads(answer.body) for answer in answers
                    if answer.status == 200]
            self.assertTrue(good)
            for one in good:
                self.assertEqual(one, good[0])
            self.assertEqual(
                sum(answer.headers["Idempotency-Replayed"] is None
                    for answer in answers if answer.status == 200), 1)
            self.assertEqual(self.send(key, data).json()["data"]["id"],
                             good[0]["data"]["id"])

    def test_at_once_with_other_bodies(self):
        for _ in range(30):
            key = fresh()
            answers = self.at_once(
                key, [body(name="At once %d" % (i % 2)) for i in range(8)])
            self.assertLessEqual({answer.status for answer in answers},
                                 {200, 409, 422})
            self.assert_running(answers)
            names = {answer.json()["data"]["name"] for answer in answers
                     if answer.status == 200}
            self.assertEqual(len(names), 1)
            for answer in answers:
                if answer.status == 422:
                    self.assertIn("Idempotency-Key", answer.json()["message"])

    def test_at_once_what_is_invalid(self):
        for _ in range(30):
            answers = self.at_once(fresh(), [body(name=None)] * 8)
            self.assertLessEqual({answer.status for answer in answers},
                                 {422, 409})
            self.assert_running(answers)
            for answer in answers:
                if answer.status == 422:
                    self.errors(answer)

    def test_at_once_when_it_is_done(self):
        """Who only looks at the first answer keeps nobody else from it."""
        for _ in range(30):
            key, data = fresh(), body(name="Done")
            first = self.send(key, data)
            for again in self.at_once(key, [data] * 8):
                self.assert_replay(first, again)


if __name__ == "__main__":
    unittest.main()
