"""The demo catalogue: what it promises to those who explore it."""
import json
import unittest
import urllib.error
import urllib.request

from test_dev import Case, LIST

# Its `type` says of each connector of the Playground how a test ends.
REASONS = {"passes": None, "redirect": None, "401": "credentials_rejected",
           "soap fault": "soap_fault", "500": "server_error",
           "time-out": "timeout", "404": "not_found"}


# What the Playground takes; all else is in the answers of the API.
KNOWN = {"username": "demo", "password": "open sesame", "token": "demo-token",
         "client_id": "demo", "client_secret": "demo-secret",
         "company": "Harbour"}
IMPLEMENTATIONS = "/api/v1/authentication-implementations"


class Demo(Case):
    def setUp(self):
        self.own = self.stack()
        self.own.up()
        self.key = self.own.dev("key").strip()

    def result_of(self, connector):
        request = urllib.request.Request(
            "%s%s/%d/test" % (self.own.base, LIST, connector), method="POST",
            headers={"Authorization": self.key,
                     "Prefer": "return=representation"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            self.assertEqual(error.code, 422)
            return json.load(error)["test"]

    def test_connector_tests_end_as_their_notes_say(self):
        query = "?filter[system]=Playground&per_page=100"
        found = self.own.get(LIST + query, self.key)[1]["data"]
        self.assertEqual(len(found), 12)
        for connector in found:
            result = self.result_of(connector["id"])
            self.assertEqual(result["reason"], REASONS[connector["type"]],
                             connector["name"])

    def store(self, implementation):
        """A connector made of nothing but what the implementation lists."""
        values = {**KNOWN, "port": self.own.port}
        system = implementation["system"]
        request = urllib.request.Request(
            self.own.base + LIST, method="POST", headers={
                "Authorization": self.key, "Content-Type": "application/json"},
            data=json.dumps({
                "name": implementation["name"], "timezone": "UTC",
                "authentication_implementation_id": implementation["id"],
                **{name: system[name] for name in (
                    "date_format", "rate_limit_unit",
                    "rate_limit_duration")},
                "variables": [
                    {"key": one["key"], "label": one["label"],
                     "secret": one["secret"],
                     "value": values.get(one["key"], one["value"])}
                    for one in implementation["variables"]
                    if one["pivot"]["required"]]}).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]["id"]

    def test_from_a_system_to_connectors_that_pass(self):
        found = self.own.get("/api/v1/systems?search=playgr", self.key)[1]
        self.assertEqual([one["name"] for one in found["data"]],
                         ["Playground"])
        ways = self.own.get(
            IMPLEMENTATIONS + "?include=variables,system&filter[system]=%d"
            % found["data"][0]["id"], self.key)[1]["data"]
        passed = [way["name"] for way in ways
                  if self.result_of(self.store(way))["ok"]]
        self.assertEqual(passed, ["Open door", "Basic", "Token",
                                  "Client credentials", "SOAP", "Moved"])

    def test_every_form_says_what_is_secret_and_what_is_required(self):
        ways = self.own.get(
            IMPLEMENTATIONS + "?per_page=100&include=variables,"
            "authenticationType", self.key)[1]["data"]
        self.assertEqual(
            len({way["authentication_type"]["key"] for way in ways}), 15)
        for way in ways:
            keys = [one["key"] for one in way["variables"]]
            self.assertEqual(len(keys), len(set(keys)), way["name"])
            for one in way["variables"]:
                self.assertTrue(one["label"])
                if one["secret"]:
                    self.assertIn(one["value"], (None, "********"))
                # The demo lists all that its types need.
                self.assertTrue(
                    one["id"] or not one["pivot"]["required"], (way, one))

    def test_every_way_to_sign_in_is_there(self):
        query = "?per_page=100&include=authenticationImplementation" \
                ".authenticationType"
        found = {connector["authentication_implementation"]
                 ["authentication_type"]["key"]
                 for connector in self.own.get(LIST + query, self.key)
                 [1]["data"]}
        self.assertEqual(len(found), 15)


if __name__ == "__main__":
    unittest.main()
