"""The list of tests of all connectors, and that of one connector."""
import socket
import threading
import time
import unittest

from catalogue_write import PARTNER
from resources import API, ResourceCase, run_test
from support import LIST, key_header, send
from writing import WRITER, Writing, secret, sql, variable

TESTS = API + "connector-tests"
# Of company 2: whether a test passes, and the reason if it does not.
PASSES, FAILS, OTHER = 203, 201, 202


class ConnectorTests(ResourceCase):
    @classmethod
    def setUpClass(cls):
        for connector, status in ((PASSES, 200), (FAILS, 422), (OTHER, 200),
                                  (PASSES, 200), (FAILS, 422)):
            assert run_test(connector, 2) == status

    def rows_of(self, query="", company=2):
        return self.data("?per_page=100" + query, company, TESTS)

    def ids_of(self, query="", company=2):
        return [row["id"] for row in self.rows_of(query, company)]

    def check(self, query, wanted):
        """The rows of the whole list that are wanted, in its order."""
        self.assertEqual(self.ids_of(query), [
            row["id"] for row in self.rows_of() if wanted(row)], query)

    def newest(self):
        """Of each connector, out of the list."""
        found = {}
        for row in self.rows_of():
            found.setdefault(row["connector_id"], row["id"])
        return set(found.values())

    def test_newest_first_and_of_the_company_alone(self):
        ids = self.ids_of()
        self.assertEqual(ids, sorted(ids, reverse=True))
        self.assertEqual({row["connector_id"] for row in self.rows_of()},
                         {PASSES, FAILS, OTHER})
        run_test(101, 1)
        self.assertEqual(self.ids_of(), ids)
        self.assertEqual(self.rows_of(company=3), [])

    def test_a_row_has_the_whole_result(self):
        row = self.rows_of("&filter[connector]=%d" % FAILS)[0]
        self.assertEqual(
            list(row), ["id", "connector_id", "api_key_id", "user_id", "ok",
                        "stage", "reason", "detail", "duration_ms", "result",
                        "created_at", "updated_at"])
        self.assertEqual((row["ok"], row["stage"], row["reason"]),
                         (False, "configuration", "variable_missing"))
        self.assertEqual(row["result"]["reason"], row["reason"])
        passed = self.rows_of("&filter[connector]=%d" % PASSES)[0]
        self.assertEqual((passed["ok"], passed["reason"]), (True, None))

    def test_by_connector(self):
        for value, wanted in (
                (PASSES, [PASSES]), ("Key-Mixed", [PASSES]),
                ("%d,key-202" % FAILS, [FAILS, OTHER]), ("key-mixed", []),
                ("101", []), ("key-101", []), ("x", []), ("0", [])):
            self.check("&filter[connector]=%s" % value,
                       lambda row: row["connector_id"] in wanted)

    def test_by_outcome(self):
        for value, wanted in (
                ("true", [True]), ("false", [False]), ("1", [True]),
                ("0", [False]), ("true,false", [True, False]),
                ("false,true,true", [True, False]), ("true,x", [True]),
                ("x", []), ("True", []), ("yes", []), ("2", []), ("null", []),
                ("-1", []), ("00", [])):
            self.check("&filter[ok]=" + value,
                       lambda row: row["ok"] in wanted)
            self.check("&filter[ok][]=" + value.replace(
                ",", "&filter[ok][]="), lambda row: row["ok"] in wanted)
        self.check("&filter[ok]=", lambda row: True)

    def test_by_reason(self):
        for value, wanted in (
                ("variable_missing", True), ("VARIABLE_missing,x", True),
                ("variable", False), ("null", False), ("timeout", False)):
            self.check("&filter[reason]=" + value, lambda row: wanted and
                       row["reason"] == "variable_missing")

    def test_the_newest_of_each_connector(self):
        newest = self.newest()
        self.assertEqual(len(newest), 3)
        for value, wanted in (
                ("true", lambda row: row["id"] in newest),
                ("1", lambda row: row["id"] in newest),
                ("false", lambda row: row["id"] not in newest),
                ("true,false", lambda row: True), ("x", lambda row: False),
                ("true,x", lambda row: row["id"] in newest)):
            self.check("&filter[latest]=" + value, wanted)

    def test_the_newest_are_chosen_before_other_filters(self):
        """A connector whose last test passed does not fail."""
        newest = self.newest()
        self.check("&filter[latest]=true&filter[ok]=false", lambda row: (
            row["id"] in newest and row["ok"] is False))
        self.check("&filter[latest]=true&filter[connector]=%d" % PASSES,
                   lambda row: row["id"] in newest
                   and row["connector_id"] == PASSES)
        self.assertEqual(
            self.get("?filter[latest]=true&per_page=1", 2, TESTS)
            .json()["meta"]["total"], 3)

    def test_a_new_test_is_seen_at_once(self):
        newest = self.newest()
        for _ in range(2):
            self.data("?filter[latest]=true", 2, TESTS)
        run_test(OTHER, 2)
        fresh = self.ids_of()[0]
        self.assertNotIn(fresh, newest)
        self.assertIn(fresh, self.ids_of("&filter[latest]=true"))
        self.assertEqual(len(self.ids_of("&filter[latest]=true")), 3)
        self.assertEqual(self.data("", 2, "%s/%d" % (TESTS, fresh))["id"],
                         fresh)

    def test_orders(self):
        ids = sorted(self.ids_of())
        for sort, wanted in (
                ("id", ids), ("-id", ids[::-1]), ("created_at", ids),
                ("-created_at", ids[::-1]), ("-created_at,id", ids[::-1]),
                ("id,-created_at", ids), ("", ids[::-1])):
            self.assertEqual(self.ids_of("&sort=" + sort), wanted, sort)
        for sort in ("ok", "reason", "connector_id"):
            self.get("?sort=" + sort, 2, TESTS, 400)

    def test_deep_pages(self):
        for sort in ("", "&sort=created_at", "&sort=-created_at",
                     "&filter[ok]=true,false&sort=id"):
            whole = self.ids_of(sort)
            some = []
            for page in range(1, len(whole) + 2):
                some += [row["id"] for row in self.data(
                    "?per_page=1&page=%d%s" % (page, sort), 2, TESTS)]
            self.assertEqual(some, whole)

    def test_with_the_connector(self):
        for row in self.rows_of("&include=connector&fields[connectors]=name"):
            self.assertEqual(
                row["connector"],
                {"id": row["connector_id"], "name": {
                    PASSES: "Same key", FAILS: "Zebra",
                    OTHER: "Beta's own"}[row["connector_id"]]})

    def test_the_list_of_one_connector_takes_the_same(self):
        path = "%s/%d/tests" % (LIST, PASSES)
        mine = "&filter[connector]=%d" % PASSES
        for query in ("", "&filter[ok]=true", "&filter[ok]=false", "&sort=id",
                      "&filter[latest]=true", "&filter[latest]=false",
                      "&include=connector", "&fields=ok,reason",
                      "&sort=created_at&per_page=1&page=2",
                      "&filter[connector]=%d" % PASSES):
            self.assertEqual(self.data("?per_page=100" + query, 2, path),
                             self.rows_of(mine + query), query)
        self.assertEqual(self.data("?filter[connector]=%d" % FAILS, 2, path),
                         [])
        self.assertEqual(
            self.message("?filter[x]=1", 400, 2, path),
            self.message("?filter[x]=1", 400, 2, TESTS))

    def test_what_is_tidied_away_is_gone_at_once(self):
        """Old rows are removed without a new version of the data."""
        run_test(OTHER, 2)
        mine = "&filter[connector]=%d" % OTHER
        for _ in range(20):  # whichever worker answers
            ids = self.ids_of(mine)
        sql("DELETE FROM connector_tests WHERE id = %d" % ids[-1])
        for _ in range(20):
            self.assertEqual(self.ids_of(mine), ids[:-1])

    def test_show_takes_the_filters_too(self):
        ids = self.ids_of("&filter[connector]=%d" % FAILS)
        for id in ids[:2]:
            newest = id == ids[0]
            for query, found in (
                    ("latest]=true", newest), ("latest]=false", not newest),
                    ("latest]=true,false", True), ("latest]=x", False),
                    ("ok]=false", True), ("ok]=true", False),
                    ("connector]=%d" % FAILS, True),
                    ("reason]=variable_missing&filter[latest]=1", newest),
                    ("connector]=%d" % PASSES, False)):
                for _ in range(3):
                    self.get("?filter[" + query, 2, "%s/%d" % (TESTS, id),
                             200 if found else 404)

    def test_they_go_with_their_connector(self):
        key = key_header(2)
        stored = send("POST", LIST, key, b"""{"name": "Short-lived",
            "authentication_implementation_id": 62, "timezone": "UTC",
            "date_format": "Y", "rate_limit_unit": "day",
            "rate_limit_duration": 1}""").json()["data"]["id"]
        before = self.ids_of()
        run_test(stored, 2)
        fresh = self.ids_of("&filter[connector]=%d" % stored)
        self.assertEqual(len(fresh), 1)
        send("DELETE", "%s/%d" % (LIST, stored), key)
        self.assertEqual(self.ids_of(), before)
        self.get("", 2, "%s/%d" % (TESTS, fresh[0]), 404)


class Running(Writing):
    """A test of which the far side says nothing until the end."""

    def setUp(self):
        self.far = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.far.close)
        self.id = self.made(
            variable("host", "127.0.0.1"),
            variable("port", str(self.far.getsockname()[1])),
            secret("partner_secret"), implementation=PARTNER)["id"]
        self.addCleanup(self.destroy, self.id)
        self.paths = ["%s?filter[connector]=%d" % (TESTS, self.id),
                      "%s/%d/tests" % (LIST, self.id)]

    def rows_of(self, path, query=""):
        return self.data(query, WRITER, path)

    def wait_for_a_row(self):
        deadline = time.monotonic() + 30
        while not self.rows_of(self.paths[0]):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def test_is_listed_while_it_runs_and_told_of_when_it_ends(self):
        for path in self.paths * 20:  # whichever worker answers
            self.assertEqual(self.rows_of(path), [])
        asked = threading.Thread(target=run_test, args=(self.id, WRITER))
        asked.start()
        with self.far.accept()[0]:
            self.wait_for_a_row()
            for path in self.paths:
                row, = self.rows_of(path)
                self.assertEqual((row["ok"], row["reason"], row["result"]),
                                 (None, None, None))
            for value, wanted in (("ok]=true,false", []), ("ok]=false", []),
                                  ("latest]=true", [row["id"]])):
                found = self.rows_of(self.paths[0] + "&filter[" + value)
                self.assertEqual([one["id"] for one in found], wanted)
        asked.join()
        for path in self.paths:
            ended, = self.rows_of(path)
            self.assertEqual((ended["id"], ended["ok"]), (row["id"], False))


if __name__ == "__main__":
    unittest.main()
