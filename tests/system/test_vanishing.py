"""What a write refers to is deleted between its check and its statement: the
answer is that of a check which came later, never a 500."""
import json
import threading
import time
import unittest

from far_side import FarSide, Tested, connector, variable
from pool_database import body
from write_support import together

LIST = "/api/v1/connectors"
# Each deleted by the statement while a body names it.
REFERRED = {
    "certificate_id": (1, "DELETE FROM certificates WHERE id = 1"),
    "connection_pool_id": (1, "DELETE FROM connection_pools WHERE id = 1"),
    "session_id": ("s-1", "DELETE FROM sessions WHERE id = 's-1'"),
    "platform_app_key": ("app", "DELETE FROM platform_apps WHERE id = 1"),
    "authentication_implementation_id": (
        30, "DELETE FROM authentication_implementations WHERE id = 30"),
}
HELD = 0.7  # seconds


class Vanishing(Tested):
    def setUp(self):
        super().setUp()
        self.far = self.enterContext(FarSide())
        self.serving = self.start(self.far, [
            variable(501, 1, "key", "own", "connector", 100)],
            api__workers="4", test__per_company="100")

    def while_deleting(self, statements, *request):
        """The status and text of a request that meets rows whose deletion
        is committed a moment later."""
        holding = threading.Thread(target=self.sql, args=(
            "START TRANSACTION; %s; SELECT SLEEP(%g); COMMIT" % (
                statements, HELD),))
        holding.start()
        time.sleep(HELD / 2)
        begun = time.monotonic()
        answer = self.serving.send(self.request(*request))
        self.assertGreater(time.monotonic() - begun, HELD / 4)
        holding.join()
        return answer.status, answer.json()

    def check_named(self, method, path, field):
        value, statement = REFERRED[field]
        data = {field: value} if method == "PUT" else {**body(), field: value}
        status, answer = self.while_deleting(
            statement, path, method, json.dumps(data).encode())
        self.assertEqual((status, list(answer.get("errors", []))),
                         (422, [field]), answer)

    def test_what_a_store_names(self):
        for field in REFERRED:
            with self.subTest(field=field):
                self.check_named("POST", LIST, field)

    def test_what_an_update_names(self):
        for field in ("certificate_id", "connection_pool_id",
                      "authentication_implementation_id"):
            with self.subTest(field=field):
                self.check_named("PUT", LIST + "/100", field)

    def test_what_a_worker_remembers_of_the_catalogue(self):
        made = [self.store(self.serving, body(30))["data"]["id"]
                for _ in range(12)]
        for one in made:
            self.ask(self.serving, "DELETE", "%s/%d" % (LIST, one), {}, 200, 1)
        self.sql(REFERRED["authentication_implementation_id"][1])
        for _ in range(4):
            errors = self.store(self.serving, body(30), 422)["errors"]
            self.assertEqual(list(errors),
                             ["authentication_implementation_id"])

    def test_a_connector_that_is_tested(self):
        """Deleted as the API does, and by hand."""
        for number, company in ((100, 1), (2, 1)):
            with self.subTest(connector=number):
                status, answer = self.while_deleting(
                    "DELETE FROM connectors WHERE id = %d" % number,
                    "%s/%d/test" % (LIST, number), "POST")
                self.assertEqual((status, answer["message"]), (
                    404, "No query results for model [Connector] %d"
                    % number))
        self.assertEqual(self.sql("SELECT COUNT(*) FROM connector_tests"),
                         [("0",)])
        self.assertEqual(self.far.requests, [])

    def test_a_link_that_is_made_while_its_connector_is_deleted(self):
        """The variable of a new link cannot be deleted, so all is done over:
        the second time the link is seen."""
        holding = threading.Thread(target=self.sql, args=(
            "SET SESSION foreign_key_checks = 1; START TRANSACTION; "
            "DELETE FROM model_variables WHERE variable_id = 501; "
            "INSERT INTO model_variables (variable_id, model_type, model_id, "
            "configurable, required, advanced, created_at, updated_at) VALUES "
            "(501, 'connector', 100, 0, 0, 0, NOW(), NOW()); "
            "SELECT SLEEP(%g); COMMIT" % HELD,))
        holding.start()
        time.sleep(HELD / 2)
        self.ask(self.serving, "DELETE", LIST + "/100", {}, 200, 1)
        holding.join()
        self.assertEqual(self.sql("SELECT COUNT(*) FROM variables "
                                  "WHERE id = 501"), [("0",)])

    def test_a_reference_that_stays_broken_is_no_500(self):
        """The table of companies is not asked by any check."""
        self.sql("INSERT INTO companies (id, name, created_at, updated_at) "
                 "VALUES (9, 'Nine', NOW(), NOW())")
        self.keys[9] = self.ok("key", "create", "--company",
                               "9").out.split()[-1]
        self.sql("SET SESSION foreign_key_checks = 0; "
                 "DELETE FROM companies WHERE id = 9")
        answer = self.serving.send(self.request(
            LIST, "POST", json.dumps(body()).encode(), 9))
        self.assertEqual(answer.status, 503)
        self.assertTrue(answer.headers["retry-after"])
        self.assertEqual(self.sql("SELECT COUNT(*) FROM connectors "
                                  "WHERE company_id = 9"), [("0",)])

    def test_many_at_once(self):
        """Tests, updates and deletions of the same connectors."""
        numbers = list(range(1000, 1030))
        self.load({"connectors": [connector(id, 1) for id in numbers]})
        found, start = [], threading.Barrier(5)
        requests = [("POST", "/test", b"", {200, 404, 422}),
                    ("PUT", "", b'{"name": "x"}', {200, 404}),
                    ("DELETE", "", b"", {200, 404}),
                    ("DELETE", "", b"", {200, 404}),
                    ("POST", "/test", b"", {200, 404, 422})]

        def work(i):
            method, end, data, allowed = requests[i]
            for number in numbers:
                start.wait()
                answer = self.serving.send(self.request(
                    "%s/%d%s" % (LIST, number, end), method, data))
                if answer is None or answer.status not in allowed:
                    found.append((method, end, answer and answer.status))

        together(5, work)
        self.assertEqual(found, [])
        for table in ("connector_tests", "connectors"):
            column = "connector_id" if table != "connectors" else "id"
            self.assertEqual(self.sql(
                "SELECT COUNT(*) FROM %s WHERE %s >= 1000"
                % (table, column)), [("0",)])

    def test_many_stores_while_what_they_name_comes_and_goes(self):
        stop, statuses = threading.Event(), set()

        def come_and_go():
            while not stop.is_set():
                self.sql("DELETE IGNORE FROM connection_pools WHERE id = 7; "
                         "INSERT IGNORE INTO connection_pools (id, "
                         "company_id, name, `limit`, created_at, updated_at) "
                         "VALUES (7, 1, 'P', 1, NOW(), NOW()); "
                         "DELETE FROM connectors WHERE "
                         "connection_pool_id = 7; "
                         "DELETE IGNORE FROM connection_pools WHERE id = 7")

        def store(_):
            data = json.dumps(body(connection_pool_id=7)).encode()
            for _ in range(60):
                statuses.add(self.serving.send(self.request(
                    LIST, "POST", data)).status)

        coming = threading.Thread(target=come_and_go)
        coming.start()
        try:
            together(3, store)
        finally:
            stop.set()
            coming.join()
        self.assertLessEqual(statuses, {200, 422})


if __name__ == "__main__":
    unittest.main()
