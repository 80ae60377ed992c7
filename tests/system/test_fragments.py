"""What workers keep of the catalogue as parts of answers: whose it is, how long
it is true, what it saves."""
import itertools
import json
import unittest

from fragment_support import (
    ALL, BARE, BELOW, IMPLEMENTATION, IMPLEMENTATIONS, LIST, MIXED_ENDPOINTS,
    MIXED_VARIABLES, OF_ONE, OF_TWO, OWN, SHARED, FragmentTest)
from pool_database import body

HITS = "connectors_fragment_hits_total"
MISSES = "connectors_fragment_misses_total"
BYTES = "connectors_fragment_bytes"
SHOW = LIST + "/c%di%d?include=" + ",".join(BELOW)
# Of a list of everything: key and number, page with certificates, variables.
OWN_STATEMENTS = 3


class Tenancy(FragmentTest):
    """Two companies, one worker: what one made known the other may not get."""

    def test_the_catalogue_is_seen_differently(self):
        """Otherwise the tests below prove nothing."""
        seen = {(company, number): self.below(company, number)
                for company in (1, 2) for number in IMPLEMENTATIONS}
        for number in (SHARED, BARE):
            self.assertEqual(seen[1, number], seen[2, number])
        for number in (OF_TWO, OF_ONE, MIXED_ENDPOINTS, MIXED_VARIABLES):
            self.assertNotEqual(seen[1, number], seen[2, number])
        self.assertIsNone(seen[1, OF_TWO])
        self.assertIsNone(seen[2, OF_ONE])
        self.assertEqual(len(seen[1, MIXED_ENDPOINTS]["endpoints"]), 2)
        endpoint, = seen[2, MIXED_VARIABLES]["endpoints"]
        self.assertEqual([v["key"] for v in endpoint["variables"]],
                         ["k22", "k24"])

    def test_each_company_gets_its_own_in_any_order(self):
        paths = [ALL] + [LIST + "?include=" + name for name in BELOW]
        for order in ((1, 2, 1, 2), (2, 1, 2, 1), (1, 1, 2, 2), (2, 2, 1, 1)):
            pool = self.pool(cache__answers="0")
            for path in paths:
                for company in order:
                    text = self.check_same(pool, path, company)
                    other = 3 - company
                    self.assertNotIn(b"of %d" % other, text)
            pool.__exit__()

    def test_shows_and_lists_of_both_share_what_is_everybodys(self):
        pool = self.pool(cache__answers="0")
        for company, number in itertools.product((1, 2), IMPLEMENTATIONS):
            self.check_same(pool, SHOW % (company, number), company)
        # SHARED and BARE are found by the second; what one of them sees
        # otherwise, or not at all, each makes alone.
        pool.wait_for_metric(HITS, 2)
        pool.wait_for_metric(MISSES, 10)
        for company, number in itertools.product((1, 2), IMPLEMENTATIONS):
            self.check_same(pool, SHOW % (company, number), company)
        pool.wait_for_metric(HITS, 14)

    def test_what_becomes_of_a_company_is_taken_from_the_other(self):
        """And what becomes everybody's is given to it."""
        pools = [self.pool(), self.pool(cache__answers="0")]
        for owner in (1, 2, None, 2, 1):
            for table, number in (("systems", SHARED), ("variables", 21)):
                for company in (owner, None):
                    self.give(table, number, company)
                    self.touch()
                    for pool, asking in itertools.product(pools, (1, 2, 1)):
                        self.check_same(pool, company=asking)

    def test_a_connector_sent_to_another_implementation(self):
        pool = self.pool(cache__answers="0")
        made = self.store(pool, body(SHARED))["data"]["id"]
        for number in (OF_ONE, MIXED_ENDPOINTS, BARE, SHARED):
            path = "/api/v1/connectors/%d?include=%s" % (
                made, ",".join(BELOW + OWN))
            for company in (2, 1):
                self.check_same(pool, company=company)
            answer = pool.send(self.request(path, "PUT", json.dumps({
                "authentication_implementation_id": number}).encode()))
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(answer.body, self.get(self.bare, path).body)
            self.check_same(pool)


class Costs(FragmentTest):
    def last(self, pool, path=ALL, company=1):
        """Statements of a list."""
        def lines():
            return [line for line in pool.served() if line["lane"] == "api"]
        before = len(lines())
        self.check_same(pool, path, company)
        pool.wait_for(lambda: len(lines()) > before, "the log")
        return lines()[-1]["statements"]

    def test_after_a_change_only_rows_of_the_company_are_read(self):
        pool = self.pool()
        for company in (1, 2):
            self.assertGreater(self.last(pool, company=company), 15)
        for company in (1, 1, 2, 2):
            made = self.store(pool, body(SHARED), company=company)["data"]
            # The number of connectors does not come with the key where an
            # answer was kept.
            self.assertLessEqual(self.last(pool, company=company),
                                 OWN_STATEMENTS + 1)
            self.update(pool, made["id"], {"variables": [
                {"key": "k", "label": "L"}]}, company=company)
            self.assertLessEqual(self.last(pool, company=company),
                                 OWN_STATEMENTS + 1)

    def test_after_a_change_of_one_connector_no_other_is_read_again(self):
        pool = self.pool()
        path = LIST + "?include=variables,variables_count"
        for number in range(40):
            made = self.store(pool, body(SHARED, "k%d" % number))["data"]
        self.last(pool, path + "&per_page=100")
        for change, read in (
                ({"variables": [{"key": "new", "label": "L"}]}, 1),
                ({"name": "Other"}, 0),
                ({"name": "Third", "variables": [
                    {"key": "new", "label": "M"}]}, 1),
                ({"certificate_id": 1}, 0),
                # Nothing of it differs.
                ({"variables": [{"key": "new", "label": "M"}]}, 0),
                ({"variables": [{"key": "new", "_destroy": True}],
                  "certificate_id": None}, 1)):
            before = pool.metrics()[MISSES]
            self.update(pool, made["id"], change)
            self.check_same(pool, path + "&per_page=100")
            pool.wait_for_metric(MISSES, before + read)
            show = "%s/%d?include=variables" % (LIST, made["id"])
            self.check_same(pool, show)

    def test_a_writer_of_an_earlier_version_is_seen(self):
        """One that raises the version of the connector and of the company, and
        knows no own_changes."""
        pool = self.pool()
        made = self.store(pool, body(SHARED, "k"))["data"]["id"]
        path = LIST + "?include=variables"
        for number, also in enumerate((None, {"name": "By this one"}, None)):
            if also:
                self.update(pool, made, also)
            self.check_same(pool, path)
            self.sql("START TRANSACTION; "
                     "UPDATE variables SET label = 'older %d' WHERE `key` = "
                     "'k'; UPDATE connectors SET version = version + 1 "
                     "WHERE id = %d; UPDATE data_versions SET version = "
                     "version + 1 WHERE company_id = 1; COMMIT"
                     % (number, made))
            self.assertIn(b"older %d" % number, self.check_same(pool, path))

    def test_a_change_that_is_rolled_back_leaves_nothing_behind(self):
        pool = self.pool()
        made = self.store(pool, body(SHARED, "a"))["data"]
        path = "%s/%d?include=variables" % (LIST, made["id"])
        self.sql("CREATE TRIGGER refuses BEFORE UPDATE ON data_versions "
                 "FOR EACH ROW SIGNAL SQLSTATE '45000'")
        # One that leaves no variable reads as a show does.
        for change in ({"key": "b", "label": "L"},
                       {"key": "a", "_destroy": True}):
            self.update(pool, made["id"], {"variables": [change]}, 500)
        self.sql("DROP TRIGGER refuses")
        self.update(pool, made["id"], {"name": "Same version"})
        self.check_same(pool, path)
        self.assertEqual(
            len(self.get(pool, path).json()["data"]["variables"]), 1)

    def test_no_other_include_costs_a_statement(self):
        pool = self.pool(cache__answers="0")
        path = LIST + "?include=" + ",".join(BELOW)
        self.last(pool, path)
        self.assertEqual(self.last(pool, path), 2)
        # Each shape is kept for itself; OWN is not.
        for more in ("&sort=-name", "&filter[canonical_key]=c1i1",
                     "&per_page=3", "&per_page=3&page=2"):
            self.assertLessEqual(self.last(pool, path + more), 3)
        fields = path + "&fields[systems]=name"
        self.assertGreater(self.last(pool, fields), 10)
        self.assertEqual(self.last(pool, fields), 2)

    def test_one_more_implementation_is_read_alone(self):
        pool = self.pool(cache__answers="0")
        path = LIST + "?include=" + IMPLEMENTATION
        self.last(pool, path + "&filter[canonical_key]=c1i1,c1i2,c1i3")
        pool.wait_for_metric(MISSES, 3)
        self.last(pool, path)
        pool.wait_for_metric(MISSES, 3 + len(IMPLEMENTATIONS) - 3)

    def test_switched_off_nothing_is_kept_or_judged(self):
        off = self.pool(cache__answers="0", cache__catalogue="0")
        on = self.pool(cache__answers="0")
        # Another key's first request learns of the nodes of a cluster.
        for pool in (off, on):
            self.get(pool, LIST, company=2)
        # Two more tell whose implementations and users are, and
        # implementations do not come with the page; the second time the key is
        # known.
        first = self.last(off)
        self.assertEqual(self.last(on), first + 3)
        self.assertEqual(self.last(off), first - 1)
        self.assertEqual(self.last(on), OWN_STATEMENTS)
        self.assertEqual(off.metrics()[BYTES], 0)
        self.assertEqual(off.metrics()[MISSES], 0)
        self.assertGreater(on.metrics()[BYTES], 0)

    def test_with_hardly_any_room_answers_are_the_same(self):
        for size in ("1", "500", "3000", "8K", "16K"):
            pool = self.pool(cache__answers="0", cache__catalogue=size)
            for company in (1, 2, 1):
                self.last(pool, company=company)
            pool.__exit__()


class Includes(FragmentTest):
    def test_the_order_and_the_fields_that_are_asked_for(self):
        pool = self.pool(cache__answers="0")
        paths = [LIST + "?include=" + ",".join(names) + more
                 for names in itertools.permutations(
                     (IMPLEMENTATION + ".system.logo",
                      IMPLEMENTATION + ".endpoints.system", OWN[0]))
                 for more in ("", "&fields[systems]=name",
                              "&fields[systems]=name,colour",
                              "&fields[logos]=url&fields[endpoints]=name",
                              "&fields[authentication_implementations]=id",
                              "&fields=name")]
        for path in paths * 2:
            for company in (1, 2):
                self.check_same(pool, path, company)

    def test_a_connector_whose_implementation_nobody_else_uses(self):
        pool = self.pool(cache__answers="0")
        for _ in range(2):
            for more in ("&page=2&per_page=3", "&page=99", "&sort=-name",
                         "&filter[system]=1", "&filter[system]=none"):
                self.check_same(pool, ALL + more)


if __name__ == "__main__":
    unittest.main()
