"""If-Match: two editors never overwrite each other unseen."""
import unittest

from writing import Writing, body, path, secret, variable

CHANGED = "changed since it was read"


class IfMatch(Writing):
    def setUp(self):
        self.answer = self.store(body(variables=[variable("a", "1")]))
        self.id = self.answer.json()["data"]["id"]

    def put(self, tag, data=None, status=200, method="PUT", query=""):
        return self.ask(method, path(self.id) + query,
                        {"name": "x"} if data is None else data,
                        {"If-Match": tag}, status=status)

    def stale(self, tag, **more):
        before = self.show(self.id), self.tag(self.id)
        answer = self.put(tag, status=412, **more)
        self.assertIn(CHANGED, answer.json()["message"])
        self.assertEqual(list(answer.json()), ["message"])
        self.assertEqual((self.show(self.id), self.tag(self.id)), before)

    def test_chain_of_tags(self):
        tag = self.answer.headers["ETag"]
        for i in range(1, 4):
            self.assertEqual(tag.split("-")[0], '"%d' % i)
            answer = self.put(tag, {"name": "version %d" % (i + 1)})
            self.assertNotEqual(answer.headers["ETag"], tag)
            self.stale(tag)
            tag = answer.headers["ETag"]
        self.assertEqual(self.show(self.id)["name"], "version 4")

    def test_tag_of_any_answer(self):
        for query in ("", "?include=variables", "?fields=name",
                      "?include=authenticationImplementation.system"):
            tag = self.get(query, 4, path(self.id)).headers["ETag"]
            self.put(tag, {"name": "after " + query})

    def test_forms(self):
        version = self.version(self.id)
        for good in ("*", '"%d-x"' % version, '"a", "%d-x"' % version,
                     'W/"1", "%d-y","z"' % version, 'W/"%d-x"' % version,
                     'W/"%d"' % version, '"0-x", W/"%d-x"' % version):
            self.put(good, {})
        tag = self.tag(self.id)
        for bad in ('W/"%d-x"' % (version + 1), 'W/"0-x"', "w/" + tag,
                    "W/ " + tag, '"%d-x"' % (version + 1), '"0-x"', '"x"',
                    '""', tag.strip('"'), tag[:-1], "x", ",",
                    '"1%d-x"' % version, '"-%d"' % version):
            self.stale(bad)

    def test_patch_and_delete(self):
        old = self.tag(self.id)
        self.put(old, {"name": "first"})
        self.stale(old, method="PATCH")
        self.stale(old, method="DELETE")
        self.put(self.tag(self.id), method="PATCH")
        self.ask("DELETE", path(self.id), None,
                 {"If-Match": self.tag(self.id)}, status=200)

    def test_delete_of_any(self):
        self.ask("DELETE", path(self.id), None, {"If-Match": "*"}, status=200)
        for method in ("DELETE", "PUT"):
            self.ask(method, path(self.id), None, {"If-Match": "*"},
                     status=404)

    def test_changes_of_variables_count(self):
        own = self.show(self.id)["variables"][0]["id"]
        for items in ([{"id": own, "value": "2"}],
                      [{"id": own, "pivot": {"alias": "x"}}],
                      [{"id": own, "label": "x"}], [secret("s", "1")],
                      [secret("s", "1")], [variable("b")],
                      [{"key": "b", "_destroy": True}]):
            old = self.tag(self.id)
            self.put(old, {"variables": items})
            self.stale(old)

    def test_no_change_keeps_the_tag(self):
        tag = self.tag(self.id)
        for _ in range(3):
            self.put(tag, {"name": "Main"})
        self.assertEqual(self.tag(self.id), tag)

    def test_without_it_nothing_is_compared(self):
        self.put(self.tag(self.id), {"name": "one"})
        self.update(self.id, {"name": "two"})

    def test_order_of_checks(self):
        wrong = {"name": None}
        self.put('"0-x"', wrong, 412)
        self.put('"0-x"', b"{", 400)
        self.put('"0-x"', wrong, 400, query="?include=none")
        self.ask("PUT", path(999999), wrong, {"If-Match": '"0-x"'},
                 status=404)
        self.put(self.tag(self.id), wrong, 422)

    def test_store_does_not_compare(self):
        self.store(body(), 200, headers={"If-Match": '"0-x"'})


if __name__ == "__main__":
    unittest.main()
