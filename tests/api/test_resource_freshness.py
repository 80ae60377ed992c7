"""Answers that are kept, and what makes them anew."""
import json
import unittest

from resources import API, ResourceCase
from support import dev, rows
from writing import WRITER, Writing


def load(**tables):
    dev("ctl", "import", "-", input=json.dumps(tables))


class Freshness(Writing, ResourceCase):
    def imported(self, table, id, **changes):
        """Changes a row by an import; the test's end brings it back."""
        row, = rows(table, id=id)
        self.addCleanup(load, **{table: [row]})
        load(**{table: [{**row, **changes}]})

    def kept(self, *paths, company=1):
        """Asks twice, so that the second answer may be a kept one; what was
        answered, by path."""
        for _ in range(2):
            answers = {path: self.get("", company, API + path)
                       for path in paths}
        return answers

    def check_fresh(self, before, company=1):
        """Each answers anew, and its tag no longer matches."""
        for path, old in before.items():
            answer = self.get("", company, API + path, headers={
                "If-None-Match": old.headers["ETag"]})
            self.assertNotEqual(answer.body, old.body, path)
            self.assertNotEqual(answer.headers["ETag"], old.headers["ETag"])

    def test_a_system_for_all(self):
        paths = ("systems", "systems/53", "systems?search=bas",
                 "systems?sort=label", "systems?filter[name]=basalt",
                 "authentication-implementations/64?include=system",
                 "authentication-implementations?include=system")
        both = [(company, self.kept(*paths, company=company))
                for company in (1, 2)]
        self.imported("systems", 53, label="Basalt anew")
        for company, before in both:
            self.check_fresh(before, company)
        self.assertEqual(self.data(path=API + "systems/53")["label"],
                         "Basalt anew")

    def test_a_system_of_the_company(self):
        before = self.kept("systems", "systems/55")
        self.imported("systems", 55, label="Basalt too")
        self.check_fresh(before)

    def test_a_new_row_and_one_that_is_found_no_more(self):
        before = self.kept("systems?search=anew", "systems?filter[name]=anew")
        self.imported("systems", 52, name="Anew")
        self.check_fresh(before)
        before = self.kept("systems?search=anew", "systems?filter[name]=anew")
        self.imported("systems", 52)
        self.check_fresh(before)

    def test_implementations_and_their_variables(self):
        paths = ("authentication-implementations/61?include=variables",
                 "authentication-implementations?include=variables",
                 "systems?include=authenticationImplementations.variables")
        before = self.kept(*paths)
        self.imported("variables", 3002, value="a default")
        self.check_fresh(before)
        before = self.kept(*paths)
        self.imported("authentication_implementations", 61, name="renamed")
        self.check_fresh(before)

    def test_what_is_needed_when_the_type_changes(self):
        paths = ("authentication-implementations/62?include=variables",
                 "authentication-implementations/62?include=variables_count",
                 "systems/51?include=authenticationImplementations.variables")
        before = self.kept(*paths)
        self.imported("authentication_implementations", 62,
                      authentication_type_id=2)
        self.check_fresh(before)
        self.assertEqual(
            [one["key"] for one in self.data(
                "?include=variables", path=API +
                "authentication-implementations/62")["variables"]],
            ["username", "password"])

    def test_pools_and_certificates(self):
        before = self.kept("connection-pools", "connection-pools/91")
        self.imported("connection_pools", 91, limit=7)
        self.check_fresh(before)
        before = self.kept("certificates", "certificates/82",
                           "certificates?sort=-expires_at")
        self.imported("certificates", 82,
                      expires_at="2031-01-01T00:00:00.000000Z")
        self.check_fresh(before)
        before = self.kept("certificates?include=user")
        self.imported("users", 11, name="Anna")
        self.check_fresh(before)

    def test_a_certificate_that_a_connector_takes(self):
        one = self.made()
        self.addCleanup(self.destroy, one["id"])
        before = self.kept("certificates", "certificates/84", company=WRITER)
        self.update(one["id"], {
            "timezone": "UTC", "date_format": "Y", "rate_limit_unit": "day",
            "rate_limit_duration": 1, "certificate_id": 84})
        self.check_fresh(before, WRITER)
        self.assertEqual(
            self.data("", WRITER, API + "certificates/84")["connector_id"],
            one["id"])

    def test_what_did_not_change_is_the_same_answer(self):
        paths = ("systems", "certificates", "connection-pools",
                 "authentication-implementations?include=variables")
        before = self.kept(*paths)
        for path, old in before.items():
            self.get("", 1, API + path, 304,
                     {"If-None-Match": old.headers["ETag"]})


if __name__ == "__main__":
    unittest.main()
