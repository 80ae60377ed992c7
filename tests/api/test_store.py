"""POST: the rules of store, and what is stored."""
import datetime
import unittest

from catalogue_write import ELSEWHERE, NONE, STRICT
from support import LIST
from writing import (COLUMNS, OTHER, Writing, audit, body, counts, secret,
                     sql, variable)

REQUIRED = "The %s field is required."
STRING = "The %s field must be a string."
INTEGER = "The %s field must be an integer."
FLAG = "The %s field must be true or false."
ARRAY = "The %s field must be an array."
SELECTED = "The selected %s is invalid."
LONG = "The %s field must not be greater than %d characters."
FORMAT = "The %s field format is invalid."
DUPLICATE = "The %s field has a duplicate value."
TIMEZONE = "The timezone field must be a valid timezone."

# Field, value, its messages; one wrong field at a time.
ROOTS = [
    ("name", ..., [REQUIRED % "name"]),
    ("name", None, [REQUIRED % "name"]),
    ("name", " \u00a0\t", [REQUIRED % "name"]),
    ("name", 7, [STRING % "name"]),
    ("name", "é" * 256, [LONG % ("name", 255)]),
    ("authentication_implementation_id", ...,
     [REQUIRED % "authentication implementation id"]),
    ("authentication_implementation_id", 999999,
     [SELECTED % "authentication implementation id"]),
    ("authentication_implementation_id", str(ELSEWHERE),
     [SELECTED % "authentication implementation id"]),
    ("authentication_implementation_id", "402x",
     [SELECTED % "authentication implementation id"]),
    ("timezone", ..., [REQUIRED % "timezone"]),
    ("timezone", "utc", [TIMEZONE]),
    ("timezone", "US/Eastern", [TIMEZONE]),
    ("timezone", 5, [STRING % "timezone", TIMEZONE]),
    ("date_format", ..., [REQUIRED % "date format"]),
    ("date_format", [1], [STRING % "date format"]),
    ("date_format", "d" * 65, [LONG % ("date format", 64)]),
    ("rate_limit_unit", ..., [REQUIRED % "rate limit unit"]),
    ("rate_limit_unit", "Minute", [SELECTED % "rate limit unit"]),
    ("rate_limit_unit", ["minute"], [STRING % "rate limit unit",
                                     SELECTED % "rate limit unit"]),
    ("rate_limit_duration", ..., [REQUIRED % "rate limit duration"]),
    ("rate_limit_duration", "1.5", [INTEGER % "rate limit duration"]),
    ("rate_limit_duration", True, [INTEGER % "rate limit duration"]),
    ("rate_limit_duration", 0,
     ["The rate limit duration field must be at least 1."]),
    ("rate_limit_duration", 2 ** 31, [
        "The rate limit duration field must not be greater than "
        "2147483647."]),
    ("rate_limit_duration", 2 ** 64, [
        INTEGER % "rate limit duration",
        "The rate limit duration field must not be greater than "
        "2147483647."]),
    ("connection_pool_id", 93, [SELECTED % "connection pool id"]),
    ("connection_pool_id", "999999", [SELECTED % "connection pool id"]),
    ("connection_pool_id", "x", [INTEGER % "connection pool id"]),
    ("session_id", "write-other", [SELECTED % "session id"]),
    ("session_id", "Write-one", [SELECTED % "session id"]),
    ("session_id", "x" * 70, [SELECTED % "session id"]),
    ("session_id", 7, [STRING % "session id"]),
    ("platform_app_key", "none", [SELECTED % "platform app key"]),
    ("platform_app_key", 7, [STRING % "platform app key"]),
    ("certificate_id", 86, [SELECTED % "certificate id"]),
    ("certificate_id", "x", [SELECTED % "certificate id"]),
    ("variables", "x", [ARRAY % "variables"]),
    ("variables", {"key": "k"}, [ARRAY % "variables"]),
    ("variables", [variable("k%d" % i) for i in range(201)],
     ["The variables field must not have more than 200 items."]),
]

# Member of an item (its path), value, its messages.
ITEMS = [
    ("key", ..., [REQUIRED]), ("key", " ", [REQUIRED]),
    ("key", 5, [STRING, FORMAT]), ("key", "k" * 256, [LONG % ("%s", 255)]),
    ("key", "0k", [FORMAT]), ("key", "a b", [FORMAT]),
    ("key", "ä", [FORMAT]),
    ("value", 5, [STRING]), ("value", {"a": 1}, [STRING]),
    ("value", "€" * 21846, [LONG % ("%s", 65535)]),
    ("value", " " * 65536, [LONG % ("%s", 65535)]),
    ("label", ..., [REQUIRED]), ("label", None, [REQUIRED]),
    ("label", True, [STRING]), ("label", "l" * 256, [LONG % ("%s", 255)]),
    ("secret", "yes", [FLAG]), ("secret", None, [FLAG]),
    ("secret", 2, [FLAG]), ("locked", "true", [FLAG]), ("locked", 1.0, [FLAG]),
    ("pivot", 5, [ARRAY]), ("pivot", "x", [ARRAY]),
    ("pivot.alias", 5, [STRING]),
    ("pivot.alias", "a" * 256, [LONG % ("%s", 255)]),
    ("pivot.configurable", "on", [FLAG]), ("pivot.required", None, [FLAG]),
    ("pivot.advanced", 2, [FLAG]),
]


def item(member, value):
    one = {"key": "k", "label": "l", "value": "v", "pivot": {}}
    inner = one
    if member.startswith("pivot."):
        inner, member = one["pivot"], member.split(".")[1]
    inner[member] = value
    return {name: value for name, value in one.items() if value is not ...}


class Rules(Writing):
    def test_nothing_at_all(self):
        answer = self.store(b"{}", 422)
        self.assertEqual(answer.json()["message"],
                         "The name field is required. (and 5 more errors)")
        self.assertEqual(list(self.errors(answer)), [
            "name", "authentication_implementation_id", "timezone",
            "date_format", "rate_limit_unit", "rate_limit_duration"])
        self.assertEqual(self.errors(self.store(b"", 422)),
                         self.errors(answer))

    def test_each_field(self):
        before = counts()
        for field, value, texts in ROOTS:
            with self.subTest(field=field, value=repr(value)[:50]):
                self.assertEqual(self.refused_store(body(**{field: value})),
                                 {field: texts})
        self.assertEqual(counts(), before)

    def test_each_member_of_an_item(self):
        before = counts()
        for member, value, texts in ITEMS:
            field = "variables.1." + member
            with self.subTest(field=field, value=repr(value)[:50]):
                self.assertEqual(
                    self.refused_store(body(variables=[
                        variable("good"), item(member, value)])),
                    {field: [text % field for text in texts]})
        self.assertEqual(counts(), before)

    def test_duplicate_keys(self):
        errors = self.refused_store(body(variables=[
            variable("a"), variable("b"), variable(" a ")]))
        self.assertEqual(errors, {
            "variables.%d.key" % i: [DUPLICATE % ("variables.%d.key" % i)]
            for i in (0, 2)})

    def test_order_of_all_problems(self):
        errors = self.refused_store(body(
            name="", variables=[variable("a", 5, secret="x"),
                                {"key": "a", "label": ""}, "scalar"],
            certificate_id=86, session_id=7, timezone="x"))
        self.assertEqual(list(errors), [
            "name", "timezone", "session_id", "certificate_id",
            "variables.0.key", "variables.1.key", "variables.2.key",
            "variables.0.value", "variables.1.label", "variables.2.label",
            "variables.0.secret"])

    def test_session_and_app_belong_together(self):
        for session, app in (("write-one", "app-two"),
                             ("write-two", "app-one")):
            errors = self.refused_store(body(session_id=session,
                                             platform_app_key=app))
            self.assertEqual(len(errors), 1)
            self.assertIn(list(errors)[0], ("session_id", "platform_app_key"))
        made = self.made(session_id="write-one", platform_app_key="app-one")
        self.assertEqual(made["session_id"], "write-one")
        self.assertEqual(made["platform_app_key"], "app-one")
        for one in ({"session_id": "write-two"},
                    {"platform_app_key": "app-two"}):
            made = self.made(**one)
            for name, value in one.items():
                self.assertEqual(made[name], value)

    def test_required_variables(self):
        for variables in (None, [], [variable("region", "us")],
                          [variable("token", None)], [secret("token", "")],
                          [variable("Token", "x")]):
            errors = self.refused_store(body(STRICT, variables=variables))
            self.assertEqual(list(errors), ["variables"])
            self.assertEqual(len(errors["variables"]), 1)
            self.assertIn("token", errors["variables"][0])
            # The default of the implementation is a value.
            self.assertNotIn("region", errors["variables"][0])
        self.made(secret("token", "x"), implementation=STRICT)
        # An empty value does not take the default away.
        self.made(variable("token", " "), variable("region", ""),
                  implementation=STRICT)

    def test_further_checks_come_after_the_rules(self):
        errors = self.refused_store(body(
            STRICT, name=None, session_id="write-one",
            platform_app_key="app-two"))
        self.assertEqual(list(errors), ["name"])


class Stored(Writing):
    def test_answer(self):
        answer = self.store(body(variables=[variable("a", "1")]))
        data = answer.json()["data"]
        self.assertEqual(list(answer.json()), ["data"])
        self.assertEqual(list(data), COLUMNS + ["variables"])
        self.assertEqual(data, self.show(data["id"]))
        self.assertRegex(answer.headers["ETag"], r'^"1-[!-~]+"$')
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(answer.headers["Cache-Control"], "no-cache, private")
        location = answer.headers["Content-Location"]
        self.assertTrue(location.endswith("%s/%d" % (LIST, data["id"])),
                        location)

    def test_values(self):
        data = self.made(
            name=" Ünï \U0001f49a \u3000", timezone=" UTC ",
            authentication_implementation_id=str(NONE),
            date_format="d/m/Y H:i", rate_limit_unit="day",
            rate_limit_duration=" +7 ", connection_pool_id="92",
            certificate_id="84", session_id="write-none")
        self.assertEqual(
            {name: data[name] for name in COLUMNS[1:12]},
            {"name": "Ünï \U0001f49a", "type": None,
             "authentication_implementation_id": NONE, "timezone": "UTC",
             "date_format": "d/m/Y H:i", "rate_limit_unit": "day",
             "rate_limit_duration": 7, "connection_pool_id": 92,
             "certificate_id": 84, "session_id": "write-none",
             "platform_app_key": None})
        self.assertEqual(data["variables"], [])

    def test_nulls(self):
        data = self.made(connection_pool_id=None, certificate_id="",
                         session_id=" ", platform_app_key=None,
                         variables=None)
        for name in ("connection_pool_id", "certificate_id", "session_id",
                     "platform_app_key"):
            self.assertIsNone(data[name], name)

    def test_what_is_the_servers_own(self):
        given = {"id": 7, "company_id": OTHER, "canonical_key": "mine",
                 "version": 9, "type": "x",
                 "created_at": "2001-01-01T00:00:00.000000Z",
                 "updated_at": "2001-01-01T00:00:00.000000Z"}
        data = self.made(**given)
        for name in given:
            self.assertNotEqual(data.get(name), given[name])
        self.assertIsNone(data["type"])
        self.assertEqual(self.version(data["id"]), 1)

    def test_canonical_key_and_times(self):
        one, two = self.made(), self.made()
        now = datetime.datetime.now(datetime.timezone.utc)
        self.assertNotEqual(one["canonical_key"], two["canonical_key"])
        for data in (one, two):
            key = data["canonical_key"]
            self.assertRegex(key, "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}"
                             "-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
            stamp = int(key.replace("-", "")[:12], 16) / 1000
            self.assertLess(abs(now.timestamp() - stamp), 60)
            self.assertEqual(data["created_at"], data["updated_at"])
            made = datetime.datetime.strptime(
                data["created_at"], "%Y-%m-%dT%H:%M:%S.%f%z")
            self.assertLess(abs((now - made).total_seconds()), 60)
            self.assertEqual(self.show(key), self.show(data["id"]))

    def test_variables(self):
        data = self.made(
            {"key": "plain", "label": " Label "},
            variable("full", "v", secret=0, locked="1", pivot={
                "alias": " x ", "configurable": True, "required": "1",
                "advanced": 1}),
            variable("none", None, pivot={"alias": ""}))
        plain, full, none = data["variables"]
        self.assertEqual(list(full), [
            "id", "key", "label", "value", "secret", "locked", "created_at",
            "updated_at", "pivot"])
        self.assertEqual(full["pivot"], {
            "model_type": "connector", "model_id": data["id"],
            "variable_id": full["id"], "alias": "x", "configurable": True,
            "required": True, "advanced": True})
        self.assertEqual((full["secret"], full["locked"]), (False, True))
        self.assertEqual(
            (plain["key"], plain["label"], plain["value"], plain["secret"],
             plain["locked"]), ("plain", "Label", None, False, False))
        for one in (plain, none):
            self.assertEqual(
                [one["pivot"][name] for name in
                 ("alias", "configurable", "required", "advanced")],
                [None, False, False, False])
        self.assertEqual([one["id"] for one in data["variables"]],
                         sorted(one["id"] for one in data["variables"]))

    def test_values_are_kept_byte_for_byte(self):
        values = ["", " ", " x\n\t", "\u00a0\u3000", "\U0001f49a\u0001\x7f",
                  "\"\\/\b", "********", "{{token}}", "a" * 65535,
                  "€" * 21845, "null", None]
        data = self.made(*[variable("k%d" % i, value)
                           for i, value in enumerate(values)])
        self.assertEqual([one["value"] for one in data["variables"]], values)
        self.assertEqual(data["variables"],
                         self.show(data["id"])["variables"])

    def test_as_many_variables_as_allowed(self):
        data = self.made(*[variable("k%d" % i) for i in range(200)])
        self.assertEqual([one["key"] for one in data["variables"]],
                         ["k%d" % i for i in range(200)])
        self.assertEqual(sql("SELECT COUNT(*) FROM model_variables WHERE "
                             "model_type = 'connector' AND model_id = %d"
                             % data["id"]), [["200"]])

    def test_keys_that_differ_in_case_only(self):
        data = self.made(variable("a", "1"), variable("A", "2"))
        self.assertEqual([one["value"] for one in data["variables"]],
                         ["1", "2"])

    def test_includes(self):
        data = self.store(body(certificate_id=84, variables=[variable("a")]),
                          query="?include=certificate,variables_count,"
                          "authenticationImplementation.system").json()["data"]
        self.assertEqual(data["certificate"]["id"], 84)
        self.assertEqual(data["certificate"]["connector_id"], data["id"])
        self.assertEqual(data["variables_count"], 1)
        self.assertEqual(
            data["authentication_implementation"]["system"]["id"], 57)
        self.assertEqual(len(data["variables"]), 1)
        again = self.store(body(), query="?include=variables").json()["data"]
        self.assertEqual(again["variables"], [])

    def test_audit(self):
        made = self.made(secret("token", "not in the audit"))
        [(action, changed)] = audit(made["id"])
        self.assertEqual(action, "store")
        self.assertIn("name", changed)
        row = sql("SELECT * FROM audit_events WHERE connector_id = %d"
                  % made["id"])
        self.assertIn("Main", row[0])
        self.assertNotIn("not in the audit", str(row))


class OrderOfChecks(Writing):
    def test_order(self):
        bad = body(name=None)
        self.store(b"{", 401, headers={"Authorization": "cak_" + "x" * 40})
        self.store(b"{", 415, "?include=x&page=0",
                   headers={"Content-Type": "text/plain"})
        answer = self.store(b"{", 400, "?include=x")
        self.assertNotIn("include", answer.json()["message"])
        answer = self.store(bad, 400, "?include=x")
        self.assertIn("Requested include(s) `x`", answer.json()["message"])
        self.store(bad, 422, "?include=certificate")

    def test_other_parameters_of_the_query_mean_nothing(self):
        for query in ("?page=0", "?filter[x]=1", "?sort=x", "?per_page=x"):
            self.store(body(), 200, query)

    def test_the_query_gives_no_members(self):
        errors = self.refused_store(body(name=...), query="?name=x")
        self.assertEqual(list(errors), ["name"])


if __name__ == "__main__":
    unittest.main()
