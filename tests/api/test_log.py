"""The log: a line a request, what it costs, and nothing secret."""
import json
import pathlib
import time
import unittest
import uuid

from resources import API, INCLUDES, ROUTES
from support import Case, KEYS, LIST, STATE, dev, key_header, send

LOG = pathlib.Path(STATE) / "log" / "connectors.log"
AI = "authenticationImplementation"


def line_of(request_id):
    """The log line of a request, which may be a moment behind the answer."""
    for _ in range(50):
        # What stands behind the last end of a line is being written.
        for line in LOG.read_text().rpartition("\n")[0].splitlines():
            if request_id in line:
                return json.loads(line)
        time.sleep(0.1)
    raise AssertionError("no line for " + request_id)


class Log(Case):
    def logged(self, query, request_id, company=1, path=LIST):
        self.get(query, company, path, headers={"X-Request-Id": request_id})
        return line_of(request_id)

    def test_a_line_has_what_is_needed(self):
        line = self.logged("?include=variables&filter[system]=51", uuid.uuid4().hex)
        text = json.dumps(line)
        self.assertIn("connectors.index", text)
        self.assertIn("GET", text)
        self.assertNotIn("filter", text)
        self.assertGreaterEqual(line["statements"], 2)

    def test_statements_do_not_depend_on_rows(self):
        for include in ("", "variables", "variables_count",
                        "variables,certificate.user"):
            few, many = (self.statements(include, size) for size in (1, 100))
            self.assertEqual(few, many, include)

    def test_the_catalogue_costs_a_statement_a_table_at_most(self):
        """Or none, where a worker has kept it; one more tells whose it is, and
        key, number and page are read besides."""
        for include, tables in (
                (AI, 1), (AI + ".endpoints.filters", 3),
                (AI + ".system.logo,variables,certificate.user", 6),
                (AI + ".endpoints.fieldTags,variables_count", 3)):
            for size in (1, 100, 100):
                self.assertLessEqual(self.statements(include, size),
                                     3 + tables + 1, include)

    def statements(self, include, size):
        """Of a question of its own: no finished answer is kept of it."""
        return self.logged("?per_page=%d&include=%s&x=%s" % (
            size, include, uuid.uuid4()), uuid.uuid4().hex)["statements"]

    def test_every_list_is_named_in_the_log_and_the_measures(self):
        for route in ROUTES:
            for end, action in (("", "index"), ("/999999", "show")):
                id = uuid.uuid4().hex
                send("GET", API + route + end + "?filter[x]=hidden",
                     {**key_header(), "X-Request-Id": id})
                line = line_of(id)
                self.assertEqual(line["route"], "%s.%s" % (route, action))
                self.assertNotIn("hidden", json.dumps(line))
        text = send("GET", "/connectors-admin/metrics").body.decode()
        for route in ROUTES:
            for action in ("index", "show", "options"):
                self.assertIn('connectors_request_duration_seconds_count'
                              '{route="%s.%s"}' % (route, action), text)

    def test_statements_of_other_lists_do_not_depend_on_rows(self):
        for route, names in INCLUDES.items():
            line = self.logged("?per_page=100&include=%s&x=%s" % (
                ",".join(names), uuid.uuid4()), uuid.uuid4().hex, 2,
                API + route)
            # The key, its count apart, the rows, one an include, and the
            # types for what they need.
            self.assertLessEqual(line["statements"], 5 + len(names), route)

    def test_nothing_secret_is_logged(self):
        send("GET", LIST + "?api_key=in-the-query",
             {"Authorization": "Bearer cak_" + "Q" * 40})
        self.get("?include=variables&filter[canonical_key]=in-the-query")
        time.sleep(0.3)
        text = LOG.read_text()
        for secret in ("first secret, hidden", "in-the-query", "Q" * 40,
                       KEYS[1], KEYS[1][4:]):
            self.assertNotIn(secret, text)

    def test_secrets_are_sealed_in_the_database(self):
        dump = dev("sql", "-N", "-e", "SELECT HEX(value_sealed), value "
                   "FROM variables WHERE secret = 1")
        for secret in ("first secret, hidden", "other company's secret"):
            self.assertNotIn(secret.encode().hex().upper(), dump)
            self.assertNotIn(secret, dump)

    def test_secrets_are_in_no_answer(self):
        body = send("GET", LIST + "?per_page=100&include=variables",
                    key_header()).body
        self.assertNotIn(b"first secret", body)


if __name__ == "__main__":
    unittest.main()
