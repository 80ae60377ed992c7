"""What the lists of what a connector refers to cost the database, in rows that
it touches."""
import unittest

from ctl_support import sequence
from pool_database import PoolTest

API = "/api/v1/"
MANY = 3000
ROUTES = ("systems", "authentication-implementations", "connection-pools",
          "certificates", "connector-tests")
SORTS = {"systems": ("name", "-label"),
         "authentication-implementations": ("name",),
         "connection-pools": ("name", "-name"),
         "certificates": ("name", "-expires_at"),
         "connector-tests": ("id", "-created_at", "created_at")}
NOW = "UTC_TIMESTAMP(6)"
CONNECTORS = "INSERT INTO connectors (company_id, name, " \
    "authentication_implementation_id, timezone, date_format, " \
    "rate_limit_unit, rate_limit_duration, canonical_key, created_at, " \
    "updated_at) SELECT 1, CONCAT('n', seq), 1, 'UTC', 'Y', 'day', 1, " \
    "CONCAT('s', seq), {0}, {0} FROM {1}"
TESTS = "INSERT INTO connector_tests (company_id, connector_id, ok, " \
    "created_at, updated_at) SELECT {2}, {3}, 1, {0} + INTERVAL seq SECOND, " \
    "{0} FROM {1}"
VARIABLES = "INSERT INTO variables (id, `key`, label, secret, locked, " \
    "created_at, updated_at) SELECT 100 + seq, 'k', 'l', 0, 0, {0}, {0} " \
    "FROM {1}"
LINKS = "INSERT INTO model_variables (variable_id, model_type, model_id, " \
    "configurable, required, advanced, created_at, updated_at) SELECT 100 + " \
    "seq, 'connector', 1 + MOD(seq, 2), 0, 0, 0, {0}, {0} FROM {1}"
ENDPOINTS = "INSERT INTO endpoints (name, system_id, endpoint, http_method, " \
    "data_type, pagination_method, direction, returns_multiple_records, " \
    "created_at, updated_at) SELECT 'e', 2, '/', 'GET', 'json', 'default', " \
    "'Send', 0, {0}, {0} FROM {1}"
SYSTEMS = "INSERT INTO systems (company_id, name, label, colour, version, " \
    "version_name, system_type_id, protocol, date_format, rate_limit_unit, " \
    "rate_limit_duration, created_at, updated_at) SELECT 1, CONCAT('s', " \
    "seq), 'l', 'blue', 1, '1', 1, 'HTTP', 'Y', 'day', 1, {0}, {0} FROM {1}"
POOLS = "INSERT INTO connection_pools (company_id, name, `limit`, " \
    "created_at, updated_at) SELECT 1, CONCAT('p', seq), 1, {0}, {0} FROM {1}"
CERTIFICATES = "INSERT INTO certificates (company_id, name, " \
    "fingerprint_sha256, created_at, updated_at) SELECT 1, 'c', '0', {0}, " \
    "{0} FROM {1}"


class ListCosts(PoolTest):
    def setUp(self):
        super().setUp()
        self.one = self.rested_pool(cache__answers="0",
                                    retention__tests_days="0")
        self.fill(TESTS, 30, 2, 3)
        for company in (1, 2):
            self.cost("connectors/1", company)

    def fill(self, statement, number, *more):
        self.sql("SET foreign_key_checks = 0; " + statement.format(
            NOW, sequence(number), *more))

    def cost(self, path, company=2):
        before = self.touched()
        answer = self.one.send(self.request(API + path, company=company))
        self.assertIn(answer.status, (200, 404), answer.body)
        self.rows = answer.json().get("meta", {}).get("total")
        return self.touched() - before

    def costs(self):
        """Of each list without a filter, in each order, asked twice: the
        first time statements are prepared."""
        found = {}
        for _ in range(2):
            for route in ROUTES:
                for sort in ("", *SORTS[route]):
                    path = "%s?sort=%s" % (route, sort)
                    found[path] = self.cost(path)
        return found

    def test_what_is_in_other_tables_and_of_others_costs_nothing(self):
        before = self.costs()
        for statement in (CONNECTORS, VARIABLES, LINKS, ENDPOINTS, SYSTEMS,
                          POOLS, CERTIFICATES):
            self.fill(statement, MANY)
        self.fill(TESTS, MANY, 1, 1)
        self.sql("ANALYZE TABLE connectors, variables, model_variables, "
                 "endpoints, systems, connection_pools, certificates, connector_tests")
        after = self.costs()
        for path, cost in before.items():
            self.assertLess(after[path], cost + 100, path)

    def pages(self, path, last):
        """Ids of all pages of 100."""
        return [row["id"] for page in range(1, last + 1)
                for row in self.one.send(self.request(
                    "%s%s&per_page=100&page=%d" % (API, path, page)))
                .json()["data"]]

    def test_deep_pages_go_on_where_the_one_before_ended(self):
        for statement in (SYSTEMS, POOLS, CERTIFICATES):
            self.fill(statement, 350)
        self.fill(TESTS, 350, 1, 1)
        self.sql("INSERT INTO authentication_implementations (system_id, "
                 "authentication_type_id, name, http_method, headers, query, "
                 "body_format, expected_status, token_path, created_at, "
                 "updated_at) SELECT id, 1, name, 'GET', '{}', '{}', 'none', "
                 "'200', 'x', created_at, updated_at FROM systems "
                 "WHERE company_id = 1")
        for route in ROUTES:
            for sort in ("", *SORTS[route]):
                ids = self.pages("%s?sort=%s" % (route, sort), 4)
                self.assertGreaterEqual(len(ids), 350)
                self.assertEqual(len(ids), len(set(ids)), (route, sort))
                if sort in ("", "id"):
                    self.assertEqual(ids, sorted(
                        ids, reverse=route == "connector-tests" and not sort))
        found = self.pages("systems?search=S1&sort=name", 2)
        self.assertEqual(found, [int(id) for id, in self.sql(
            "SELECT id FROM systems WHERE name LIKE '%s1%' AND company_id = 1"
            " ORDER BY name, id")])

    def test_a_page_of_tests_is_read_from_an_index(self):
        """What is counted costs a row each, what is shown no more than it
        has to."""
        self.fill(TESTS, MANY, 1, 1)
        self.sql("ANALYZE TABLE connector_tests")
        for query in ("", "?sort=created_at", "?sort=-created_at", "?sort=id",
                      "?page=100", "?sort=-created_at&page=100"):
            self.cost("connector-tests" + query, 1)
            cost = self.cost("connector-tests" + query, 1)
            self.assertEqual(self.rows, MANY)
            self.assertLess(cost, 3 * MANY, query)

    def test_a_search_looks_at_the_names_of_the_company_alone(self):
        self.fill(CONNECTORS, MANY)
        self.sql("ANALYZE TABLE connectors")
        for query in ("?search=n1", "?search=n1&sort=name",
                      "?search=n1&sort=-name&page=20", "?search=nothing"):
            for company, most in ((1, 3 * MANY), (2, MANY // 3)):
                self.cost("connectors" + query, company)
                self.assertLess(self.cost("connectors" + query, company),
                                most, (company, query))

    def test_the_newest_of_each_are_found_without_the_others(self):
        self.fill(TESTS, MANY, 1, 1)
        self.fill(TESTS, MANY, 1, 2)
        self.sql("ANALYZE TABLE connector_tests")
        query = "connector-tests?filter[latest]=true"
        for path in (query, query + "&filter[ok]=true",
                     query + "&sort=-created_at"):
            self.cost(path, 1)
            self.assertLess(self.cost(path, 1), MANY, path)
            self.assertEqual(self.rows, 2)


if __name__ == "__main__":
    unittest.main()
