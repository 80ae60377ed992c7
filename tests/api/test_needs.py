"""The variables of an implementation: all that a connector to it gives."""
import unittest

from catalogue_needs import (COMPANY, FIXED_HEADER, IN_PATH, IN_QUERY, LOGIN,
                             OPEN, OTHER_CASE, SECRET_DEFAULT, SIGNED, TEMPLATED,
                             TYPES, bare, system_of)
from resources import API
from support import Case
from writing import Writing

IMPLEMENTATIONS = API + "authentication-implementations"
# What the contract says of each type: needed, and optional.
USER = "username password"
SERVER = "host username "
NEEDS = {
    "none": ("", ""), "basic": (USER, ""), "digest": (USER, ""),
    "ntlm": (USER, ""), "token": ("token", ""),
    "oauth1": ("consumer_key consumer_secret token token_secret",
               "realm signature_method"),
    "oauth2_client_credentials": ("client_id client_secret", "scope"),
    "oauth2_password": ("client_id client_secret " + USER, "scope"),
    "oauth2_authorization_code": ("client_id client_secret refresh_token",
                                  "scope"),
    "soap": ("", ""),
    "aws_sigv4": ("access_key_id secret_access_key region service",
                  "session_token"),
    "ftp": (SERVER + "password", "port root"),
    "sftp_password": (SERVER + "password", "port root host_key_sha256"),
    "sftp_key": (SERVER + "private_key",
                 "port root passphrase host_key_sha256"),
    "database": (SERVER + "password", "port database")}
SECRETS = {"password", "token", "consumer_secret", "token_secret",
           "client_secret", "refresh_token", "secret_access_key",
           "session_token", "private_key", "passphrase"}


class Needs(Case):
    def variables(self, implementation, company=COMPANY, query=""):
        return self.data("?include=variables" + query, company,
                         "%s/%d" % (IMPLEMENTATIONS,
                                    implementation))["variables"]

    def keys(self, implementation, **more):
        return [one["key"] for one in self.variables(implementation, **more)]

    def test_what_a_type_needs_is_listed_though_no_row_does(self):
        self.assertEqual(list(NEEDS), TYPES)
        for kind, (needed, optional) in NEEDS.items():
            listed = self.variables(bare(kind))
            self.assertEqual(
                {one["key"]: one["pivot"]["required"] for one in listed},
                {**{key: True for key in needed.split()},
                 **{key: False for key in optional.split()}}, kind)
            for one in listed:
                self.check_without_row(one, bare(kind))

    def check_without_row(self, one, implementation):
        key = one["key"]
        self.assertEqual(
            list(one), ["id", "key", "label", "value", "secret", "locked",
                        "created_at", "updated_at", "pivot"])
        self.assertIsNone(one["id"])
        self.assertIsNone(one["created_at"])
        self.assertIsNone(one["updated_at"])
        self.assertTrue(one["label"])
        self.assertIs(one["secret"], key in SECRETS, key)
        self.assertIs(one["locked"], False)
        self.assertEqual(
            one["value"],
            "HMAC-SHA256" if key == "signature_method" else None)
        self.assertEqual(
            {name: one["pivot"][name] for name in one["pivot"]
             if name not in ("required", "advanced")},
            {"model_type": "authentication_implementation",
             "model_id": implementation, "variable_id": None, "alias": None,
             "configurable": True})

    def test_what_is_needed_is_never_for_advanced_people(self):
        for kind in TYPES:
            for one in self.variables(bare(kind)):
                if one["pivot"]["required"]:
                    self.assertIs(one["pivot"]["advanced"], False, one)

    def test_what_is_listed_stays_as_it_is_listed(self):
        user, password = self.variables(LOGIN)
        self.assertEqual((user["id"], user["value"]), (6001, "default user"))
        self.assertEqual(
            (user["pivot"]["required"], user["pivot"]["advanced"]),
            (False, True))
        self.assertEqual((password["id"], password["value"],
                          password["pivot"]["required"]),
                         (6002, "********", True))
        self.assertEqual(
            [(one["id"], one["key"], one["value"])
             for one in self.variables(SIGNED)],
            [(6005, "signature_method", "HMAC-SHA1"), (6006, "token", None),
             (None, "consumer_key", None), (None, "consumer_secret", None),
             (None, "token_secret", None), (None, "realm", None)])

    def test_keys_are_compared_as_a_test_does(self):
        self.assertEqual(self.keys(OTHER_CASE),
                         ["Username", "username", "password"])

    def test_a_token_where_the_templates_do_not_say_what_is_sent(self):
        for implementation, wanted in (
                (bare("token"), ["token"]), (TEMPLATED, ["api_key"]),
                (IN_QUERY, ["token"]), (FIXED_HEADER, []),
                (IN_PATH, ["token"])):
            self.assertEqual(self.keys(implementation), wanted)

    def test_secret_defaults_are_masked(self):
        for path in (IMPLEMENTATIONS + "?include=variables&per_page=100",
                     IMPLEMENTATIONS + "/%d?include=variables" % OPEN,
                     API + "systems?include="
                     "authenticationImplementations.variables"):
            answer = self.get("", COMPANY, path)
            self.assertNotIn(SECRET_DEFAULT.encode(), answer.body)
        self.assertEqual(
            [(one["key"], one["value"]) for one in self.variables(OPEN)],
            [("canary", "********"), ("unset", None)])

    def test_counts_are_of_what_is_listed(self):
        names = "include=variables_count,variablesExists"
        for more in ("", ",variables"):
            query = "?per_page=100&%s%s" % (names, more)
            for row in self.data(query, COMPANY, IMPLEMENTATIONS):
                wanted = len(self.keys(row["id"]))
                self.assertEqual(
                    (row["variables_count"], row["variables_exists"]),
                    (wanted, wanted > 0), row["id"])
                if more:
                    self.assertEqual(len(row["variables"]), wanted)
                self.assertEqual(
                    {**row, "variables": []},
                    {**self.data("?%s%s" % (names, more), COMPANY, "%s/%d" % (
                        IMPLEMENTATIONS, row["id"])), "variables": []})

    def test_a_list_shows_what_show_does(self):
        for row in self.data("?include=variables&per_page=100", COMPANY,
                             IMPLEMENTATIONS):
            self.assertEqual(row["variables"], self.variables(row["id"]))

    def test_the_same_below_systems(self):
        include = "?include=authenticationImplementations.variables," \
            "authenticationImplementations.authenticationType"
        seen = 0
        for row in self.data(include, COMPANY, API + "systems"):
            self.assertEqual(
                self.data(include, COMPANY, "%ssystems/%d" % (
                    API, row["id"])), row)
            for one in row["authentication_implementations"]:
                self.assertEqual(one["variables"], self.variables(one["id"]))
                seen += 1
        self.assertGreaterEqual(seen, len(TYPES) + 8)

    def test_pages_of_any_size_show_the_same(self):
        whole = self.data("?include=variables,variables_count&per_page=100"
                          "&sort=-name", COMPANY, IMPLEMENTATIONS)
        for size in (1, 3, 7):
            some = []
            for page in range(1, len(whole) // size + 2):
                some += self.data(
                    "?include=variables,variables_count&per_page=%d&page=%d"
                    "&sort=-name" % (size, page), COMPANY, IMPLEMENTATIONS)
            self.assertEqual(some, whole)

    def test_fields_keep_what_is_asked(self):
        user, _ = self.variables(bare("basic"), query="&fields[variables]=key")
        self.assertEqual(list(user), ["id", "key", "pivot"])
        # Without the columns that say what is needed.
        self.assertEqual(
            self.data("?fields=id&include=variables_count", COMPANY,
                      "%s/%d" % (IMPLEMENTATIONS, bare("basic"))),
            {"id": bare("basic"), "variables_count": 2})

    def test_connectors_and_endpoints_list_rows_alone(self):
        for path, query in (
                (API + "connectors/101", "variables"),
                (API + "connectors/101",
                 "authenticationImplementation.endpoints.variables")):
            self.assertNotIn('"id":null', self.get(
                "?include=" + query, path=path).body.decode())


class Forms(Writing):
    """From the answer alone to a connector whose test passes its first step."""

    def test_a_form_filled_in_is_complete(self):
        for kind in TYPES:
            one = self.data("?include=variables", COMPANY, "%s/%d" % (
                IMPLEMENTATIONS, bare(kind)))
            data = {"name": "By form", "timezone": "UTC", "date_format": "Y",
                    "rate_limit_unit": "day", "rate_limit_duration": 1,
                    "authentication_implementation_id": one["id"],
                    "variables": [
                        {"key": v["key"], "label": v["label"],
                         "secret": v["secret"], "value": v["value"] or "x"}
                        for v in one["variables"]
                        if v["pivot"]["required"]]}
            made = self.store(data, 200, company=COMPANY).json()["data"]
            self.addCleanup(self.destroy, made["id"], company=COMPANY)
            answer = self.ask("POST", "%sconnectors/%d/test" % (
                API, made["id"]), company=COMPANY)
            if answer.status == 422:
                self.assertNotIn(
                    answer.json()["test"]["reason"],
                    ("variable_missing", "variable_unknown"), kind)
            self.assertEqual(self.data(
                path="%ssystems/%d" % (API, one["system_id"]),
                company=COMPANY)["id"], system_of(kind))

    def test_without_one_that_is_required_the_test_names_it(self):
        for kind in ("basic", "oauth1", "oauth2_password", "ftp", "database"):
            needed = NEEDS[kind][0].split()
            for left_out in needed:
                made = self.store({
                    "name": "By form", "timezone": "UTC", "date_format": "Y",
                    "rate_limit_unit": "day", "rate_limit_duration": 1,
                    "authentication_implementation_id": bare(kind),
                    "variables": [{"key": key, "label": key, "value": "x"}
                                  for key in needed if key != left_out]},
                    200, company=COMPANY).json()["data"]
                self.addCleanup(self.destroy, made["id"], company=COMPANY)
                result = self.ask("POST", "%sconnectors/%d/test" % (
                    API, made["id"]), company=COMPANY,
                    status=422).json()["test"]
                self.assertEqual(result["reason"], "variable_missing")
                self.assertIn(left_out, result["detail"])


if __name__ == "__main__":
    unittest.main()
