"""Each status that the OpenAPI document declares, of each operation: support
looks whether the answer is as declared, here it is asked for."""
import json
import unittest

import stack
from catalogue_write import NONE
from described import PATH
from support import KEYS, dev, send
from writing import WRITER, Writing, body

METHODS = ("get", "post", "put", "patch", "delete")
LONG = "x" * 9000
NOBODY = "999999999"


class Statuses(Writing):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = send("GET", PATH).json()
        cls.operations = [
            (method.upper(), path, operation)
            for path, operations in cls.document["paths"].items()
            for method, operation in operations.items() if method in METHODS]

    def key(self, *more):
        return dev("ctl", "key", "create", "--company", str(WRITER),
                   *more).split()[-1]

    def having(self, status):
        """The operations that declare a status."""
        found = [(method, path, operation)
                 for method, path, operation in self.operations
                 if status in operation["responses"]]
        self.assertTrue(found)
        return found

    def row(self, collection):
        """The id of a row that the path names, for a destroy a new one."""
        if collection.endswith("/connectors"):
            return self.store(body(NONE)).json()["data"]["id"]
        rows = self.ask("GET", collection, status=200).json()["data"]
        return rows[0]["id"]

    def target(self, path, name=None):
        head, brace, rest = path.partition("{")
        if not brace:
            return path
        return "%s%s%s" % (head, name or self.row(head.rstrip("/")),
                           rest.partition("}")[2])

    def request(self, method, path, operation, expect, query="", name=None,
                headers=None, data=None, key=None):
        if data is None and "requestBody" in operation:
            data = json.dumps(body(NONE)).encode()
        answer = send(method, self.target(path, name) + query,
                      {"Authorization": key or KEYS[WRITER],
                       **(headers or {})}, data)
        self.assertEqual(answer.status, expect, "%s %s: %r" % (
            method, path, answer.body[:300]))
        return answer

    def each(self, status, **how):
        for method, path, operation in self.having(str(status)):
            with self.subTest(method=method, path=path):
                self.request(method, path, operation, status, **how)

    def test_good_ones(self):
        self.each(200)

    def test_not_modified(self):
        self.each(304, headers={"If-None-Match": "*"})

    def test_bad_names_and_bodies(self):
        for method, path, operation in self.having("400"):
            with self.subTest(method=method, path=path):
                if "get" == method.lower():
                    self.request(method, path, operation, 400,
                                 "?include[]=none")
                if "{" in path:
                    self.request(method, path, operation, 400, name="%00")
                if "requestBody" in operation:
                    self.request(method, path, operation, 400, data=b"{")

    def test_no_key(self):
        self.each(401, key="none")

    def test_a_key_without_the_ability(self):
        for method, path, operation in self.having("403"):
            keys = [self.key("--abilities", ability)
                    for ability in ("read", "test")]
            target = self.target(path)
            statuses = [send(method, target, {"Authorization": key}).status
                        for key in keys]
            self.assertIn(403, statuses, path)

    def test_no_such_row(self):
        self.each(404, name=NOBODY)

    def test_other_methods(self):
        for _, path, operation in self.having("405"):
            self.request("FOO", path, {}, 405, name=NOBODY)

    def test_the_first_one_still_runs(self):
        for method, path, operation in self.having("409"):
            with stack.storing(KEYS[WRITER], "runs"):
                self.request(method, path, operation, 409,
                             headers={"Idempotency-Key": "runs"})

    def test_changed_since(self):
        self.each(412, headers={"If-Match": '"0-0"'})

    def test_too_large(self):
        self.each(413, data=b" " * (8 * 1024 * 1024 + 1))

    def test_too_long(self):
        self.each(414, query="?x=" + LONG, name=NOBODY)
        self.each(431, headers={"X-Long": LONG}, name=NOBODY)

    def test_other_media_types(self):
        self.each(415, headers={"Content-Type": "text/plain"})

    def test_values_that_are_not_valid(self):
        for method, path, operation in self.having("422"):
            if "/test" in path and method == "POST":
                continue
            with self.subTest(method=method, path=path):
                if "requestBody" in operation:
                    self.request(method, path, operation, 422,
                                 data=b'{"name":1}')
                else:
                    self.request(method, path, operation, 422, "?page=0")

    def test_too_many(self):
        key = self.key()
        with stack.limited(key):
            self.each(429, key=key, name=NOBODY)

    def test_something_is_broken(self):
        with stack.without_table("api_keys"):
            self.each(500, name=NOBODY)

    def test_nothing_behind_the_web_server(self):
        with stack.out_of_reach():
            self.each(503, name=NOBODY)


class Tests(Writing):
    def test_the_result_of_a_test_and_the_list_of_them(self):
        one = "%s/%d" % ("/api/v1/connectors",
                         self.store(body(NONE)).json()["data"]["id"])
        self.ask("POST", one + "/test", status=200)
        answer = self.ask("POST", one + "/test", status=200,
                          headers={"Prefer": "return=representation"})
        self.assertEqual(answer.headers["Preference-Applied"],
                         "return=representation")
        rows = self.ask("GET", one + "/tests", status=200).json()["data"]
        self.assertEqual(rows[0]["result"], answer.json()["data"])
        self.assertEqual(len(rows), 2)


if __name__ == "__main__":
    unittest.main()
