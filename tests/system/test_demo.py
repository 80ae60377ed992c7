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
