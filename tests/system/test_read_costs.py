"""What a filtered list costs the database, in rows that it touches."""
import random
import re
import unittest

from ctl_support import IS_MYSQL, sequence
from pool_database import PoolTest

LIST = "/api/v1/connectors"
MANY = 5000


# The column of EXPLAIN; MySQL has one more before it.
KEY = 6 if IS_MYSQL else 5


class ReadCosts(PoolTest):
    """Company 1 has many connectors to a system for all, company 2 a few."""

    def setUp(self):
        super().setUp()
        for company, number in ((1, MANY), (2, 20)):
            self.sql("INSERT INTO connectors (company_id, name, "
                     "authentication_implementation_id, timezone, "
                     "date_format, rate_limit_unit, rate_limit_duration, "
                     "canonical_key, created_at, updated_at) SELECT {0}, "
                     "CONCAT('n', seq), 1, 'UTC', 'Y', 'day', 1, CONCAT('s', "
                     "seq), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM "
                     "{1}".format(company, sequence(number)))
        self.sql("UPDATE systems SET system_template_id = NULL; "
                 "ANALYZE TABLE connectors, systems, "
                 "authentication_implementations")
        self.ok("database", "recount")
        self.one = self.rested_pool(cache__answers="0")
        for company in (1, 2):
            self.cost(LIST + "/1", company)

    def cost(self, path, company):
        before = self.touched()
        answer = self.one.send(self.request(path, company=company))
        self.rows = answer.json().get("meta", {}).get("total")
        return self.touched() - before

    def test_other_companies_cost_nothing(self):
        for query in ("?filter[system]=1", "?filter[system]=1,7,8,9",
                      "?filter[system]=System", "?filter[system]=1&sort=name",
                      "?filter[system]=1&sort=-name&page=2"):
            self.assertLess(self.cost(LIST + query, 2), 1000, query)
            self.assertEqual(self.rows, 20)

    def test_a_page_reads_no_rows_that_it_does_not_show(self):
        """They are found, sorted and left out in an index."""
        for query in ("?filter[system]=1", "?filter[system]=1&page=300",
                      "?filter[system]=1&sort=name"):
            self.cost(LIST + query, 1)
            self.assertEqual(self.rows, MANY + 2)
        self.server.sql("SET GLOBAL log_output = 'TABLE', "
                        "GLOBAL general_log = 1")
        self.cost(LIST + "?filter[system]=1&sort=name", 1)
        self.server.sql("SET GLOBAL general_log = 0")
        read = [text for text, in self.server.sql(
            "SELECT argument FROM mysql.general_log WHERE argument LIKE "
            "'%%AND EXISTS%%' AND command_type = 'Execute'")]
        self.assertEqual(len(read), 2)
        if IS_MYSQL:
            return  # it takes any index of the company, as all rows match
        for text in read:
            text = re.sub("^SET STATEMENT .*? FOR ", "", text)
            plan = self.sql("EXPLAIN FORMAT=TRADITIONAL " + text.replace(
                "LIMIT ? OFFSET ?", "LIMIT 15").replace("?", "1"))
            filtered = [row for row in plan if row[2] == "t"
                        and row[KEY] == "connectors_by_implementation"]
            self.assertEqual(len(filtered), 1, plan)
            self.assertIn("Using index", filtered[0][-1])

    def test_a_list_counts_nothing(self):
        """However many connectors the company has."""
        for path in (LIST, LIST + "?sort=name", LIST + "?include=certificate"):
            many, few = (min(self.cost(path, company) for _ in range(2))
                         for company in (1, 2))
            self.assertEqual(self.rows, 20)
            self.assertLess(abs(many - few), 200, path)

    def test_last_pages_cost_what_the_first_ones_do(self):
        pages = (MANY + 2) // 15
        first, late = (
            min(self.cost(LIST + "?page=%d" % page, 1) for _ in range(2))
            for page in (1, pages))
        self.assertLess(late, first + 200)

    def ids(self, query):
        answer = self.one.send(self.request(LIST + query, company=1)).json()
        return [row["id"] for row in answer["data"]]

    def test_a_page_costs_what_the_first_does_once_the_one_before_was_read(
            self):
        first, first = (self.cost(LIST + "?page=1", 1) for _ in range(2))
        far, *next = (self.cost(LIST + "?page=%d" % page, 1)
                      for page in (40, 41, 42, 41))
        self.assertGreater(far, first + 500)
        for cost in next:
            self.assertLess(cost, first + 100, next)

    def test_pages_are_right_whatever_was_read_and_changed_before(self):
        """Beside a pool that keeps nothing; a fixed seed."""
        chance = random.Random(20)
        bare = self.rested_pool(cache__answers="0", cache__catalogue="0")
        queries = ("", "&filter[system]=1", "&search=n1", "&sort=name",
                   "&sort=-name&filter[system]=1")
        for step in range(150):
            path = LIST + "?per_page=%d&page=%d&fields=id%s" % (
                chance.choice((15, 30)), chance.randrange(1, 340),
                chance.choice(queries))
            got, wanted = (pool.send(self.request(path)).json()
                           for pool in (self.one, bare))
            self.assertEqual(got, wanted, (step, path))
            self.assertIn("data", got)
            if step % 10 == 9:
                self.sql("DELETE FROM connectors WHERE company_id = 1 AND "
                         "id > 2 AND id %% 17 = %d LIMIT 5"
                         % chance.randrange(17))
                self.update(bare, 1, {"name": "n%d" % step})
                self.ok("database", "recount")

    def test_pages_from_either_end_are_all_rows_in_order(self):
        self.sql("DELETE FROM connectors WHERE company_id = 1 AND id % 7 > 1")
        self.ok("database", "recount")
        for sort in ("id", "name", "name DESC"):
            wanted = [int(id) for id, in self.sql(
                "SELECT id FROM connectors WHERE company_id = 1 ORDER BY %s, "
                "id" % sort)]
            query = {"id": "", "name": "&sort=name",
                     "name DESC": "&sort=-name"}[sort]
            got = [id for page in range(1, len(wanted) // 97 + 2)
                   for id in self.ids("?fields=id&per_page=97&page=%d%s"
                                      % (page, query))]
            self.assertEqual(got, wanted, sort)
            self.assertEqual(self.ids("?per_page=97&page=99999" + query), [])


if __name__ == "__main__":
    unittest.main()
