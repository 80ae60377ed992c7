"""PUT and PATCH: the rules of update, what changes and what stays."""
import time
import unittest

from catalogue_write import ELSEWHERE, STRICT
from support import connectors
from writing import OTHER, Writing, audit, secret, sql, variable

STRING = "The %s field must be a string."
SELECTED = "The selected %s is invalid."
REQUIRED = "The %s field is required."
FORMAT = "The %s field format is invalid."
WITHOUT_ID = "The %s.%s field is required when %s.id is not present."
UNKNOWN = "No query results for model [Connector] %s"

ROOTS = [
    ("name", None, [STRING % "name"]), ("name", " ", [STRING % "name"]),
    ("name", "n" * 256,
     ["The name field must not be greater than 255 characters."]),
    ("authentication_implementation_id", None,
     [SELECTED % "authentication implementation id"]),
    ("authentication_implementation_id", ELSEWHERE,
     [SELECTED % "authentication implementation id"]),
    ("type", 5, [STRING % "type"]),
    ("type", "t" * 256,
     ["The type field must not be greater than 255 characters."]),
    ("timezone", None, [REQUIRED % "timezone"]),
    ("timezone", "Mars/Base", ["The timezone field must be a valid "
                               "timezone."]),
    ("date_format", "", [REQUIRED % "date format"]),
    ("rate_limit_unit", "week", [SELECTED % "rate limit unit"]),
    ("rate_limit_duration", [], [REQUIRED % "rate limit duration"]),
    ("rate_limit_duration", -1,
     ["The rate limit duration field must be at least 1."]),
    ("connection_pool_id", 93, [SELECTED % "connection pool id"]),
    ("certificate_id", 86, [SELECTED % "certificate id"]),
    ("variables", {}, ["The variables field must be an array."]),
]


class Rules(Writing):
    def setUp(self):
        self.id = self.made(variable("a", "1"))["id"]

    def test_each_field(self):
        for field, value, texts in ROOTS:
            with self.subTest(field=field, value=repr(value)[:40]):
                self.assertEqual(
                    self.refused_update(self.id, {field: value}),
                    {field: texts})

    def test_patch_is_put(self):
        wrong = {"variables": [{}], "name": 5}
        put = self.refused_update(self.id, wrong)
        self.assertEqual(put, self.refused_update(self.id, wrong,
                                                  method="PATCH"))
        self.assertEqual(list(put), ["name", "variables.0.key",
                                     "variables.0.label"])
        self.update(self.id, {"name": "Patched"}, method="PATCH")
        self.assertEqual(self.show(self.id)["name"], "Patched")
        self.assertEqual(self.show(self.id)["timezone"], "Europe/Paris")

    def test_items(self):
        own = self.variable(self.id, "a")["id"]
        foreign = self.made(variable("b"))["variables"][0]["id"]
        first = "variables.0"
        for item, errors in (
                ({}, {first + ".key": [WITHOUT_ID % (first, "key", first)],
                      first + ".label": [WITHOUT_ID
                                         % (first, "label", first)]}),
                ({"key": "new"},
                 {first + ".label": [WITHOUT_ID % (first, "label", first)]}),
                ({"id": 999999}, {first + ".id": [SELECTED % (first + ".id")]}),
                ({"id": foreign},
                 {first + ".id": [SELECTED % (first + ".id")]}),
                # Of company 5, of an implementation, of an import.
                ({"id": 5101}, {first + ".id": [SELECTED % (first + ".id")]}),
                ({"id": "4101"},
                 {first + ".id": [SELECTED % (first + ".id")]}),
                ({"id": own, "label": ""},
                 {first + ".label": [STRING % (first + ".label")]}),
                ({"id": own, "key": None},
                 {first + ".key": [STRING % (first + ".key"),
                                   FORMAT % (first + ".key")]}),
                ({"id": own, "secret": "yes"},
                 {first + ".secret": ["The variables.0.secret field must be "
                                      "true or false."]}),
                ({"id": own, "value": 5},
                 {first + ".value": [STRING % (first + ".value")]}),
                ({"id": own, "pivot": {"alias": 5}},
                 {first + ".pivot.alias": [STRING
                                           % (first + ".pivot.alias")]})):
            with self.subTest(item=item):
                self.assertEqual(
                    self.refused_update(self.id, {"variables": [item]}),
                    errors)

    def test_all_or_nothing(self):
        self.refused_update(self.id, {
            "name": "changed", "variables": [
                variable("a", "changed"), variable("new"),
                {"id": 999999}]})
        self.refused_update(self.id, {
            "timezone": "x", "variables": [variable("a", "changed")]})

    def test_connector_that_is_not_there(self):
        for name, company in (("999999", 4), ("451", 4), ("440", OTHER),
                              ("Key-Mixed", 4), ("0440", 4)):
            answer = self.update(name, {"name": 5}, 404, company=company)
            self.assertEqual(answer.json(), {"message": UNKNOWN % name})
        self.update("999999", b"{", 400)
        self.update("999999", {}, 400, "?include=x")
        self.update("999999", b"x", 415, headers={"Content-Type": "a/b"})
        # Nothing of company 5 changed on the way.
        self.assertEqual(self.show(451, "", OTHER)["name"], "Others' own")

    def test_required_variables(self):
        token = self.made(secret("token", "x"), variable("region", "us"),
                          implementation=STRICT)
        own = {one["key"]: one["id"] for one in token["variables"]}
        for item in ({"id": own["token"], "value": None},
                     {"id": own["token"], "value": ""},
                     {"id": own["token"], "key": "other"},
                     {"id": own["token"], "_destroy": True}):
            errors = self.refused_update(token["id"], {"variables": [item]})
            self.assertEqual(list(errors), ["variables"], item)
            self.assertIn("token", errors["variables"][0])
        # The default steps in; what is stored counts.
        self.update(token["id"], {"variables": [
            {"id": own["region"], "_destroy": True},
            variable("page_size", "5")]})

    def test_required_variables_of_another_implementation(self):
        errors = self.refused_update(
            self.id, {"authentication_implementation_id": STRICT})
        self.assertEqual(list(errors), ["variables"])
        self.update(self.id, {"authentication_implementation_id": STRICT,
                              "variables": [secret("token", "x")]})
        self.assertEqual(
            self.show(self.id)["authentication_implementation_id"], STRICT)

    def test_required_variables_are_looked_at_when_sent(self):
        self.update(440, {"name": "Imported without token, renamed"})
        errors = self.refused_update(
            440, {"variables": [variable("page_size", "5")]})
        self.assertEqual(list(errors), ["variables"])


class Changes(Writing):
    def test_every_column(self):
        one = self.made(certificate_id=84, session_id="write-one")
        new = {"name": "New", "type": "typed", "timezone": "Asia/Tokyo",
               "authentication_implementation_id": 407,
               "date_format": "U", "rate_limit_unit": "day",
               "rate_limit_duration": 9, "connection_pool_id": 92,
               "certificate_id": 85}
        answer = self.update(one["id"], new)
        data = answer.json()["data"]
        self.assertEqual(list(answer.json()), ["data"])
        for name, value in new.items():
            self.assertEqual(data[name], value, name)
        for name in ("id", "canonical_key", "created_at", "session_id",
                     "platform_app_key", "variables"):
            self.assertEqual(data[name], one[name], name)
        self.assertGreater(data["updated_at"], one["updated_at"])
        self.assertEqual(data, self.show(one["id"]))
        self.assertTrue(answer.headers["ETag"].startswith('"2-'))
        self.assertIsNone(answer.headers["Content-Location"])

    def test_each_alone_leaves_the_rest(self):
        one = self.made(variable("a", "1"), connection_pool_id=92,
                        certificate_id=84)
        version = 1
        for change in ({"name": "x"}, {"type": "t"}, {"type": None},
                       {"connection_pool_id": None}, {"certificate_id": ""},
                       {"rate_limit_duration": "5"}, {"name": " y "}):
            before = self.show(one["id"])
            after = self.update(one["id"], change).json()["data"]
            version += 1
            self.assertEqual(self.version(one["id"]), version, change)
            differs = [name for name in after if after[name] != before[name]]
            self.assertEqual(sorted(differs),
                             sorted([*change, "updated_at"]))

    def test_a_certificate_knows_its_connector(self):
        witness = {id: self.made(certificate_id=id)["id"] for id in (84, 85)}
        one = self.made(certificate_id=84)["id"]

        def owner(certificate):
            return self.show(witness[certificate], "?include=certificate")[
                "certificate"]["connector_id"]

        self.assertEqual(owner(84), one)
        self.update(one, {"name": "x"})
        self.assertEqual(owner(84), one)
        self.update(one, {"certificate_id": 85})
        self.assertEqual((owner(84), owner(85)), (None, one))
        self.update(one, {"certificate_id": None})
        self.assertIsNone(owner(85))

    def test_what_is_not_read(self):
        one = self.made(session_id="write-one")
        same = self.update(one["id"], {
            "session_id": "write-two", "platform_app_key": 5, "id": 7,
            "canonical_key": "mine", "company_id": OTHER, "created_at": "x",
            "version": 50}).json()["data"]
        self.assertEqual(same, one)

    def test_nothing_changes(self):
        one = self.made(variable("a", " v ", pivot={"alias": "b"}),
                        secret("s", "x"), certificate_id=84, type="x")
        tag = self.tag(one["id"])
        rows = len(audit(one["id"]))
        time.sleep(0.01)
        for same in ({}, {"name": "Main"}, {"name": " Main "}, one,
                     {"variables": None}, {"variables": []},
                     {"rate_limit_duration": "60", "certificate_id": "84"},
                     {"variables": [{"id": one["variables"][0]["id"]}]}):
            answer = self.update(one["id"], same)
            self.assertEqual(answer.json()["data"], one)
            self.assertEqual(self.tag(one["id"]), tag)
        self.assertGreaterEqual(len(audit(one["id"])), rows)

    def test_by_canonical_key(self):
        one = self.made()
        key = one["canonical_key"]
        self.update(key, {"name": "By key"})
        self.update(key + "/", {"type": "t"})
        data = self.show(one["id"])
        self.assertEqual((data["name"], data["type"], data["canonical_key"]),
                         ("By key", "t", key))
        # The same key in another company is another connector.
        self.update(key, {"name": "x"}, 404, company=OTHER)
        self.update(key.upper(), {"name": "x"}, 404)

    def test_include_and_fields(self):
        one = self.made(variable("a"))
        data = self.update(one["id"], {"certificate_id": 85},
                           query="?include=certificate").json()["data"]
        self.assertEqual(data["certificate"]["id"], 85)
        self.assertEqual(len(data["variables"]), 1)
        self.update(one["id"], {"name": "x"}, 400, "?include=none")
        self.update(one["id"], {"name": "x"}, 200, "?page=0&sort=none")

    def test_reading_companies_are_untouched(self):
        self.assertEqual(self.ids("?per_page=100", 1),
                         [row["id"] for row in connectors(1)])
        self.assertEqual(self.ids("?per_page=100", 2),
                         [row["id"] for row in connectors(2)])

    def test_audit(self):
        one = self.made(secret("s", "first audit value"))
        self.update(one["id"], {"timezone": "UTC", "variables": [
            secret("s", "second audit value")]})
        action, changed = audit(one["id"])[-1]
        self.assertEqual(action, "update")
        self.assertIn("timezone", changed)
        self.assertTrue([name for name in changed if "variables" in name])
        self.assertNotIn("name", changed)
        self.assertNotIn("audit value", str(sql(
            "SELECT * FROM audit_events WHERE connector_id = %d"
            % one["id"])))


if __name__ == "__main__":
    unittest.main()
