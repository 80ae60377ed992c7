"""Variables of an update: merged, renamed, removed, locked."""
import unittest

from writing import Writing, secret, sql, variable

SELECTED = "The selected %s is invalid."
DUPLICATE = "The %s field has a duplicate value."


class Merge(Writing):
    def setUp(self):
        data = self.made(variable("a", "1"), variable("b", "2"),
                         variable("c", "3", pivot={"alias": "x"}))
        self.id = data["id"]
        self.a, self.b, self.c = (one["id"] for one in data["variables"])

    def merge(self, *items):
        return self.update(self.id, {"variables": list(items)}).json()[
            "data"]["variables"]

    def refused(self, *items):
        return self.refused_update(self.id, {"variables": list(items)})

    def values(self):
        return {one["key"]: one["value"]
                for one in self.show(self.id)["variables"]}

    def test_by_id_by_key_and_new(self):
        got = self.merge({"id": str(self.a), "value": "one"},
                         variable("new", "4"), variable("b", "two"))
        self.assertEqual(
            [(one["id"], one["key"], one["value"]) for one in got[:3]],
            [(self.a, "a", "one"), (self.b, "b", "two"), (self.c, "c", "3")])
        self.assertEqual((got[3]["key"], got[3]["value"]), ("new", "4"))
        self.assertEqual(len(got), 4)
        self.assertEqual(got, self.show(self.id)["variables"])

    def test_absent_members_of_an_item_stay(self):
        before = self.variable(self.id, "c")
        after = self.merge({"id": self.c, "pivot": {"required": True}})[2]
        before["pivot"]["required"] = True
        before["updated_at"] = after["updated_at"]
        self.assertEqual(after, before)
        after = self.merge({"id": self.c, "pivot": {"alias": None},
                            "label": "L", "value": None})[2]
        self.assertEqual((after["pivot"]["alias"], after["label"],
                          after["value"]), (None, "L", None))
        self.assertTrue(after["pivot"]["required"])
        self.assertEqual(self.values()["a"], "1")
        for nothing in (None, {}, []):
            self.assertEqual(
                self.merge({"id": self.c, "pivot": nothing})[2], after)

    def test_values_are_kept_byte_for_byte(self):
        for value in (" x ", "", "\t\n", None, "********"):
            self.merge({"id": self.a, "value": value})
            self.assertEqual(self.values()["a"], value)

    def test_rename(self):
        self.merge({"id": self.a, "key": "renamed"})
        self.assertEqual(self.values(), {"renamed": "1", "b": "2", "c": "3"})
        # The old key is free again.
        got = self.merge(variable("a", "new"))
        self.assertEqual(got[3]["key"], "a")
        self.assertNotEqual(got[3]["id"], self.a)

    def test_key_of_another_stored_variable(self):
        field = "variables.0.key"
        self.assertEqual(self.refused({"id": self.a, "key": "b"}),
                         {field: [DUPLICATE % field]})
        errors = self.refused({"id": self.a, "key": "x"}, variable("x", "9"))
        self.assertEqual(errors, {
            "variables.%d.key" % i: [DUPLICATE % ("variables.%d.key" % i)]
            for i in (0, 1)})

    def test_key_whose_owner_goes_is_free(self):
        self.merge({"id": self.b, "_destroy": True},
                   {"id": self.a, "key": "b"})
        self.assertEqual(self.values(), {"b": "1", "c": "3"})

    def test_two_items_for_one_variable(self):
        # By id twice, or by id and by key: refused, or the last counts, but
        # never two variables or a 5xx.
        for items in (({"id": self.a, "value": "x"},
                       {"id": self.a, "value": "y"}),
                      ({"id": self.a, "value": "x"}, variable("a", "y"))):
            answer = self.update(self.id, {"variables": list(items)}, None)
            self.assertIn(answer.status, (200, 422))
            self.assertEqual(sorted(self.values()), ["a", "b", "c"])

    def test_destroy(self):
        got = self.merge({"id": self.a, "_destroy": True},
                         {"key": "b", "_destroy": "1"})
        self.assertEqual([one["key"] for one in got], ["c"])
        for table, column in (("variables", "id"),
                              ("model_variables", "variable_id")):
            self.assertEqual(sql(
                "SELECT COUNT(*) FROM %s WHERE %s IN (%d, %d)"
                % (table, column, self.a, self.b)), [["0"]])
        self.merge({"id": self.c, "_destroy": False, "value": "9"})
        self.assertEqual(self.values(), {"c": "9"})

    def test_destroy_of_what_is_not_there(self):
        field = "variables.0.key"
        self.assertEqual(self.refused({"key": "none", "_destroy": True}),
                         {field: [SELECTED % field]})
        self.assertEqual(self.refused({"id": 999999, "_destroy": True}),
                         {"variables.0.id": [SELECTED % "variables.0.id"]})
        self.assertEqual(self.refused({"id": self.a, "_destroy": "yes"}), {
            "variables.0._destroy": ["The variables.0._destroy field must be "
                                     "true or false."]})
        self.assertEqual(list(self.refused({"_destroy": True})), [field])

    def test_what_show_returns_can_be_sent_back(self):
        before, tag = self.show(self.id), self.tag(self.id)
        self.assertEqual(self.update(self.id, before).json()["data"], before)
        self.assertEqual(self.tag(self.id), tag)

    def test_more_than_a_request_may_add(self):
        self.merge(*[variable("k%d" % i) for i in range(200)])
        self.assertEqual(len(self.show(self.id)["variables"]), 203)

    def test_same_key_in_another_connector_is_another_variable(self):
        other = self.made(variable("a", "other's"))
        self.merge(variable("a", "mine"))
        self.assertEqual(self.variable(other["id"], "a")["value"], "other's")


class Locked(Writing):
    def setUp(self):
        data = self.made(variable("l", "1", locked=True,
                                  pivot={"alias": "x", "advanced": True}),
                         secret("s", "hush", locked=True))
        self.id = data["id"]
        self.one, self.two = data["variables"]

    def refused(self, **change):
        errors = self.refused_update(self.id, {"variables": [
            {"id": self.one["id"], **change}]})
        for texts in errors.values():
            self.assertEqual(len(texts), 1)
        return list(errors)

    def test_label_and_value_may_change(self):
        got = self.update(self.id, {"variables": [
            {"id": self.one["id"], "label": "New", "value": "2"},
            {"id": self.two["id"], "value": "hush hush"}]}).json()
        one = got["data"]["variables"][0]
        self.assertEqual((one["label"], one["value"]), ("New", "2"))

    def test_the_rest_may_not(self):
        for member, value in (("key", "other"), ("secret", True),
                              ("locked", False)):
            self.assertEqual(self.refused(**{member: value}),
                             ["variables.0." + member])
        for member, value in (("alias", "y"), ("alias", None),
                              ("configurable", True), ("required", 1),
                              ("advanced", False)):
            self.assertEqual(self.refused(pivot={member: value}),
                             ["variables.0.pivot." + member])
        self.assertEqual(self.refused(_destroy=True),
                         ["variables.0._destroy"])
        self.assertEqual(self.refused(key="x", locked=0, label="y"),
                         ["variables.0.key", "variables.0.locked"])

    def test_by_key_too(self):
        errors = self.refused_update(self.id, {"variables": [
            variable("new"), variable("l", "5", locked=False)]})
        self.assertEqual(list(errors), ["variables.1.locked"])

    def test_the_same_values_are_no_change(self):
        tag = self.tag(self.id)
        self.update(self.id, {"variables": [
            {"id": self.one["id"], "key": "l", "secret": "0", "locked": 1,
             "pivot": {"alias": " x ", "advanced": True,
                       "required": False}}]})
        self.update(self.id, {"variables": [self.one, self.two]})
        self.assertEqual(self.tag(self.id), tag)

    def test_locking(self):
        data = self.made(variable("a", "1"))
        own = data["variables"][0]["id"]
        self.update(data["id"], {"variables": [{"id": own, "locked": True,
                                                "key": "b"}]})
        self.refused_update(data["id"], {"variables": [{"id": own,
                                                        "key": "c"}]})

    def test_the_connector_can_be_destroyed(self):
        self.destroy(self.id)


if __name__ == "__main__":
    unittest.main()
