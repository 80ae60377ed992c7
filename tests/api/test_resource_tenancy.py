"""Whose rows the read-only routes give: attacks by id, filter, search, include
and count, also where a row of the database leads to another company."""
import unittest
import uuid
from urllib.parse import quote

from resources import (API, FILTERS, IMPORTED, INCLUDES, ROUTES, ResourceCase,
                       run_test)
from support import DATA, LIST
from writing import sql

COMPANIES = (1, 2, 3, 4, 5)
LINKS = "authentication_implementation_endpoints"


def fresh():
    """A parameter that no answer of the cache was asked with: rows are changed
    here behind the back of the service."""
    return "&x=" + uuid.uuid4().hex


class Tenancy(ResourceCase):
    def test_a_company_lists_its_own_rows_and_those_of_all(self):
        for route in IMPORTED:
            for company in COMPANIES:
                answer = self.get("?per_page=100", company,
                                  API + route).json()
                self.assertEqual(sorted(row["id"] for row in answer["data"]),
                                 self.seen(route, company), (route, company))
                self.assertEqual(answer["meta"]["total"],
                                 len(self.seen(route, company)))

    def test_each_is_shown_to_who_lists_it_and_to_nobody_else(self):
        for route in IMPORTED:
            table, model = ROUTES[route]
            for company in COMPANIES:
                seen = self.seen(route, company)
                for row in DATA[table]:
                    path = "%s%s/%d" % (API, route, row["id"])
                    if row["id"] in seen:
                        shown = self.data(company=company, path=path)
                        self.assertEqual(shown["name"], row["name"])
                        continue
                    for query in self.ways_to_ask(route, row):
                        self.assertEqual(
                            self.message(query, 404, company, path),
                            "No query results for model [%s] %d"
                            % (model, row["id"]))

    def ways_to_ask(self, route, row):
        yield ""
        if FILTERS[route][0] == "name":
            yield "?filter[name]=" + quote(row["name"])
        if INCLUDES[route]:
            yield "?include=" + ",".join(INCLUDES[route])

    def test_tests_of_other_companies(self):
        run_test(201, 2)
        theirs = self.listed("connector-tests", company=2)
        mine = self.listed("connector-tests", "?per_page=100")
        self.assertFalse(set(theirs) & set(mine))
        for query in ("", "?include=connector", "?filter[ok]=false"):
            self.assertEqual(
                self.message(query, 404, 1, "%sconnector-tests/%d" % (
                    API, theirs[0])),
                "No query results for model [ConnectorTest] %d" % theirs[0])
        for value in ("201", "Key-Mixed,key-201", "202,203"):
            for row in self.data("?filter[connector]=" + value,
                                 path=API + "connector-tests"):
                self.assertEqual(row["connector_id"], 101)

    def test_filters_tell_nothing_of_others(self):
        for path, query in (
                ("systems", "?filter[name]=Hidden"),
                ("systems", "?search=Hidden"),
                ("systems", "?filter[system_template_id]=33&search=hid"),
                ("authentication-implementations", "?filter[system]=56"),
                ("authentication-implementations", "?filter[system]=Hidden"),
                ("certificates", "?filter[name]=three"),
                ("connection-pools", "?filter[name]=Pool%2092")):
            answer = self.get(query, path=API + path).json()
            self.assertEqual((answer["data"], answer["meta"]["total"]),
                             ([], 0), query)


class LedAstray(ResourceCase):
    """Rows that were led to another company inside the database."""

    def changed(self, statement, back):
        self.addCleanup(sql, back)
        sql(statement)

    def test_endpoints_of_a_hidden_system(self):
        self.changed(
            "INSERT INTO %s VALUES (62, 502); UPDATE endpoints SET "
            "system_id = 56 WHERE id = 502" % LINKS,
            "UPDATE endpoints SET system_id = 51 WHERE id = 502; "
            "DELETE FROM %s WHERE authentication_implementation_id = 62 "
            "AND endpoint_id = 502" % LINKS)
        names = "?include=endpoints,endpoints_count,endpointsExists"
        for path, company, wanted in (
                ("authentication-implementations/62", 1, [501]),
                ("authentication-implementations/62", 2, [501, 502]),
                ("authentication-implementations/61", 1, [501]),
                ("systems/51", 1, [501]), ("systems/51", 2, [501]),
                ("systems/56", 2, [502])):
            row = self.data(names + fresh(), company, API + path)
            self.assertEqual(
                ([one["id"] for one in row["endpoints"]],
                 row["endpoints_count"], row["endpoints_exists"]),
                (wanted, len(wanted), bool(wanted)), (path, company))
        row = self.data(
            "?include=authenticationImplementation.endpoints" + fresh(),
            path=LIST + "/103")["authentication_implementation"]
        self.assertEqual([one["id"] for one in row["endpoints"]], [501])

    def test_the_only_endpoint_is_hidden(self):
        self.changed("UPDATE endpoints SET system_id = 56 WHERE id = 503",
                     "UPDATE endpoints SET system_id = 53 WHERE id = 503")
        row = self.data(
            "?include=endpoints,endpoints_count,endpointsExists" + fresh(),
            path=API + "authentication-implementations/64")
        self.assertEqual((row["endpoints"], row["endpoints_count"],
                          row["endpoints_exists"]), ([], 0, False))

    def test_an_implementation_of_a_hidden_system(self):
        self.changed(
            "UPDATE authentication_implementations SET system_id = 56 "
            "WHERE id = 61",
            "UPDATE authentication_implementations SET system_id = 51 "
            "WHERE id = 61")
        names = "?include=authenticationImplementations," \
            "authenticationImplementations_count" + fresh()
        row = self.data(names, path=API + "systems/51")
        self.assertEqual([one["id"] for one in
                          row["authentication_implementations"]], [62])
        self.assertEqual(row["authentication_implementations_count"], 1)
        self.get("?include=variables" + fresh(), 1,
                 API + "authentication-implementations/61", 404)
        self.assertNotIn(61, self.listed("authentication-implementations",
                                         "?per_page=100" + fresh()))

    def test_variables_of_another_company(self):
        """What is hidden is needed again."""
        self.changed("UPDATE variables SET company_id = 2, `key` = 'username'"
                     " WHERE id = 3002",
                     "UPDATE variables SET company_id = NULL, `key` = 'user' "
                     "WHERE id = 3002")
        for company, first in ((1, None), (2, 3002)):
            query = "?include=variables,variables_count" + fresh()
            row = self.data(query, company,
                            API + "authentication-implementations/61")
            self.assertEqual(
                [(one["id"], one["key"]) for one in row["variables"]],
                [(first, "username"), (None, "password")])
            self.assertEqual(row["variables_count"], 2)
            row = self.data("?include=authenticationImplementations.variables"
                            + fresh(), company, API + "systems/51")
            self.assertEqual(
                [one["id"] for one in
                 row["authentication_implementations"][0]["variables"]],
                [first, None])

    def test_the_user_of_a_certificate(self):
        self.changed("UPDATE certificates SET user_id = 21 WHERE id = 81",
                     "UPDATE certificates SET user_id = 11 WHERE id = 81")
        for path in ("certificates/81", "certificates"):
            row = self.data("?include=user&filter[name]=one" + fresh(),
                            path=API + path)
            row = row if isinstance(row, dict) else row[0]
            self.assertIsNone(row["user"])

    def test_the_connector_of_a_test(self):
        run_test(101, 1)
        test = self.listed("connector-tests", "?filter[connector]=101")[0]
        self.changed(
            "UPDATE connector_tests SET connector_id = 201 WHERE id = %d"
            % test,
            "UPDATE connector_tests SET connector_id = 101 WHERE id = %d"
            % test)
        row = self.data("?include=connector", path="%sconnector-tests/%d" % (
            API, test))
        self.assertIsNone(row["connector"])
        for value in ("201", "key-201"):
            self.assertEqual(self.listed(
                "connector-tests", "?filter[connector]=" + value), [])
        self.assertNotIn(test, self.listed("connector-tests", company=2))
        self.assertNotIn(test, [row["id"] for row in self.data(
            "?per_page=100", 2, LIST + "/201/tests")])


if __name__ == "__main__":
    unittest.main()
