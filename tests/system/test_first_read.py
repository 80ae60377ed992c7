"""Key and first row come from one statement: what that saves, and that nothing
else shows it.

Pools of one worker each ask one database over FastCGI, so a test knows which
worker has seen which key.
"""
import contextlib
import itertools
import json
import os
import re
import socket
import sys
import tempfile
import unittest
import uuid

import fastcgi
import pool_database
from test_dev import LIST, TOP, Stack
from test_failures import run_folder

sys.path.insert(0, str(TOP / "tests/api"))

import catalogue

ITEM = LIST + "/101"  # of company 1; company 2 has 201
OTHERS = LIST + "/201"
KEY = re.compile(r"^cak_\w+$", re.M)
BODY = b'{"name": "%s"}'


class Worker(fastcgi.Pool):
    """A pool of one worker on the stack's database."""

    def __init__(self, stack, cache):
        run, etc = run_folder(stack), stack.state + "/etc"
        super().__init__(
            start=False, api__workers="1", cache__answers=cache,
            database__socket=str(run / "database.sock"),
            database__user="connectors", database__name="connectors",
            database__password_file=etc + "/database-password")
        self.start()

    def get(self, path, key, method="GET", body=b"", **headers):
        """(answer, statements that it cost)"""
        name = uuid.uuid4().hex
        answer = self.ask(path, method, body, HTTP_AUTHORIZATION=key,
                          HTTP_X_REQUEST_ID=name, **headers)
        line = self.wait_for(lambda: [line for line in self.served()
                                      if line["request_id"] == name], "a line")
        return answer, line[0].get("statements", 0)


class FirstRead(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        root = tempfile.TemporaryDirectory(prefix="connectors-first.")
        cls.addClassCleanup(root.cleanup)
        cls.target = Stack(root.name)
        cls.addClassCleanup(cls.target.dev, "down")
        cls.target.up("--no-demo")
        file = os.path.join(root.name, "catalogue.json")
        with open(file, "w", encoding="utf-8") as out:
            json.dump(catalogue.build(), out)
        cls.target.dev("ctl", "import", file)
        cls.cached, cls.plain = (Worker(cls.target, size)
                                 for size in ("16M", "0"))
        for pool in (cls.cached, cls.plain):
            cls.addClassCleanup(pool.temporary.cleanup)
            cls.addClassCleanup(pool.stop)

    def sql(self, text):
        return self.target.dev("sql", "-N", "-e", text).strip()

    def key(self, company=1, seen_by=()):
        """A fresh key that these workers know already."""
        made = self.target.dev("ctl", "key", "create", "--company",
                               str(company))
        key = KEY.search(made).group(0)
        for pool in seen_by:
            self.assertEqual(pool.get(LIST + "/0", key)[0].status, 404)
        return key

    def status(self, pool, path, key, status, **more):
        answer, statements = pool.get(path, key, **more)
        self.assertEqual(answer.status, status, (path, answer.body))
        return answer, statements

    def costs(self, pool, path, key, wanted, status=200):
        self.assertEqual(self.status(pool, path, key, status)[1], wanted,
                         path)

    # What it saves.

    def test_a_read_costs_no_statement_for_the_key(self):
        key = self.key(1, [self.plain])
        for query, wanted in (("", 1), ("?include=variables", 2),
                              ("?include=variables_count", 1),
                              ("?fields=name&sort=-name", 1),
                              ("?filter[canonical_key]=no,Key-Mixed", 1)):
            self.costs(self.plain, ITEM + query, key, wanted)
            self.costs(self.plain, ITEM + query, key, wanted)
        self.costs(self.plain, LIST + "/Key-Mixed", key, 1)
        self.costs(self.plain, LIST + "/none", key, 1, 404)
        self.costs(self.plain, ITEM + "?filter[system]=none", key, 1, 404)
        self.costs(self.plain, LIST, key, 2)
        # A number that is stored is no proof that there are no more rows.
        self.costs(self.plain, LIST + "?page=99", key, 2)
        self.costs(self.plain, LIST + "?filter[system]=none&page=99", key, 2)

    def test_a_kept_answer_costs_one_statement(self):
        key = self.key(1, [self.cached])
        for path, first in ((ITEM + "?x=kept", 1), (LIST + "?x=kept", 2)):
            self.costs(self.cached, path, key, first)
            self.costs(self.cached, path, key, 1)

    def test_a_list_that_is_out_of_date_costs_no_statement_for_its_number(
            self):
        key = self.key(1, [self.cached, self.plain])
        body = json.dumps(pool_database.body(62, name="out-of-date"))
        totals = []
        for _ in range(2):
            self.status(self.plain, LIST, key, 200, method="POST",
                        body=body.encode())
            for query, wanted in (("?x=old", 2), ("?search=of-date", 3)):
                self.costs(self.cached, LIST + query, key, wanted)
                self.costs(self.cached, LIST + query, key, 1)
                answer = self.cached.get(LIST + query, key)[0]
                totals.append(answer.json()["meta"]["total"])
                self.assertEqual(answer.body,
                                 self.plain.get(LIST + query, key)[0].body)
        self.assertEqual(totals, [totals[0], 1, totals[0] + 1, 2])

    def test_an_answer_that_nobody_took_is_kept(self):
        key = self.key(1, [self.cached])
        path = LIST + "?x=untaken"
        name = uuid.uuid4().hex
        with self.cached.connect() as sock:
            sock.shutdown(socket.SHUT_RD)
            sock.sendall(fastcgi.request(
                path, HTTP_AUTHORIZATION=key, HTTP_X_REQUEST_ID=name))
            self.cached.wait_for(
                lambda: any(line["request_id"] == name
                            for line in self.cached.served()), "a line")
        self.costs(self.cached, path, key, 1)

    def test_an_answer_that_the_client_has_is_kept_all_the_same(self):
        """Who asks again and again sends the ETag, to whatever worker."""
        key = self.key(1, [self.cached, self.plain])
        for path, cost in ((ITEM + "?include=variables&x=304", 2),
                           (LIST + "?x=304", 2)):
            tag = self.plain.get(path, key)[0].headers["etag"]
            for wanted in (cost, 1, 1):
                answer, statements = self.cached.get(
                    path, key, HTTP_IF_NONE_MATCH=tag)
                self.assertEqual((answer.status, answer.body, statements),
                                 (304, b"", wanted))
            answer, statements = self.cached.get(path, key)
            self.assertEqual((answer.status, statements), (200, 1))
            self.assertEqual(answer.body, self.plain.get(path, key)[0].body)

    def test_first_use_of_a_key_is_looked_up_alone(self):
        key = self.key()
        # Key, row; its use is noted after the answer.
        self.costs(self.plain, ITEM, key, 2)
        self.costs(self.plain, ITEM, key, 1)

    def test_without_a_key_no_statement_is_prepared(self):
        unknown = "cak_" + "u" * 40
        names = ["variables_count", "variablesExists", "certificate_count"]
        paths = [ITEM + "?include=" + ",".join(include)
                 for include in itertools.permutations(names)]
        self.status(self.plain, ITEM, unknown, 401)
        with self.preparations() as prepared:
            for path in paths:
                self.costs(self.plain, path, unknown, 1, 401)
            self.assertEqual(prepared(), 0)
            self.status(self.plain, paths[-1], self.key(), 200)
            self.assertGreater(prepared(), 0)

    @contextlib.contextmanager
    def preparations(self):
        """Counts what is prepared, but for what workers do once a minute."""
        self.sql("TRUNCATE mysql.general_log; "
                 "SET GLOBAL log_output = 'TABLE', general_log = 1")
        try:
            yield lambda: int(self.sql(
                "SELECT COUNT(*) FROM mysql.general_log "
                "WHERE command_type = 'Prepare' "
                "AND argument NOT LIKE '%idempotency_keys%' "
                "AND argument NOT LIKE '%connector_tests t %'"))
        finally:
            self.sql("SET GLOBAL general_log = 0")

    # What does not change.

    def test_same_answers_from_either_form(self):
        """Each question by a key that is new, so alone, and again."""
        for path in (ITEM, LIST, LIST + "/Key-Mixed", OTHERS, LIST + "/0",
                     LIST + "/%ff", LIST + "/" + "9" * 30,
                     ITEM + "?include=variables,certificate_count,"
                     "certificateExists,authenticationImplementation_count",
                     ITEM + "?filter[system]=51,x&filter[forSession]=none",
                     ITEM + "?filter[system]=51",
                     LIST + "?filter[system]=51&per_page=2",
                     LIST + "?page=0", ITEM + "?include=x", LIST + "?sort=x"):
            key = self.key()
            answers = [self.plain.get(path, key)[0] for _ in range(2)]
            self.assertEqual(answers[0].status, answers[1].status, path)
            self.assertEqual(answers[0].body, answers[1].body, path)
            self.assertEqual(answers[0].headers.get("etag"),
                             answers[1].headers.get("etag"), path)

    def test_a_key_that_was_good_is_refused_at_once(self):
        for change in ("revoked_at = UTC_TIMESTAMP(6)",
                       "expires_at = UTC_TIMESTAMP(6)", "key_hash = 'x'"):
            key = self.key(1, [self.plain, self.cached])
            self.status(self.cached, ITEM, key, 200)
            self.sql("UPDATE api_keys SET %s ORDER BY id DESC LIMIT 1"
                     % change)
            for pool in (self.plain, self.cached):
                for query in ("", "?include=variables", "?include=x"):
                    answer, _ = self.status(pool, ITEM + query, key, 401)
                    self.assertEqual(answer.json(),
                                     {"message": "Unauthenticated."})
            self.sql("DELETE FROM api_keys ORDER BY id DESC LIMIT 1")

    def test_ability_comes_before_the_query_and_the_row(self):
        key = self.key(1, [self.plain])
        self.sql("UPDATE api_keys SET can_read = 0 ORDER BY id DESC LIMIT 1")
        for path in (ITEM, LIST, ITEM + "?include=x", LIST + "?page=0",
                     LIST + "/none"):
            self.costs(self.plain, path, key, 1, 403)

    def test_a_fault_in_the_query_is_found_before_the_row(self):
        key = self.key(1, [self.plain])
        self.costs(self.plain, LIST + "/none?include=x", key, 1, 400)
        self.costs(self.plain, LIST + "/none?per_page=0", key, 1, 422)

    # Companies.

    def test_two_companies_ask_for_the_same_in_turn(self):
        for pool in (self.plain, self.cached):
            keys = {company: self.key(company, [pool]) for company in (1, 2)}
            for _ in range(3):
                for company, other in ((1, OTHERS), (2, ITEM)):
                    key = keys[company]
                    self.status(pool, other, key, 404)
                    rows = self.status(pool, LIST, key, 200)[0].json()["data"]
                    self.assertEqual(rows[0]["id"], 100 * company + 1)
                    shown, _ = self.status(pool, LIST + "/Key-Mixed", key, 200)
                    self.assertEqual(shown.json()["data"]["id"],
                                     {1: 101, 2: 203}[company])

    def test_a_key_that_went_to_another_company(self):
        """What a worker remembers of a key is then wrong."""
        for pool in (self.plain, self.cached):
            key = self.key(1, [pool])
            for _ in range(2):
                self.status(pool, ITEM, key, 200)
            self.sql("UPDATE api_keys SET company_id = 2 "
                     "ORDER BY id DESC LIMIT 1")
            for _ in range(2):
                self.status(pool, ITEM, key, 404)
                self.status(pool, OTHERS, key, 200)

    # Freshness.

    def test_a_write_elsewhere_is_seen_by_the_next_read(self):
        key = self.key(1, [self.plain, self.cached])
        for round_ in range(4):
            name = "name %d" % round_
            self.status(self.plain, ITEM, key, 200, method="PATCH",
                        body=BODY % name.encode())
            # Old answers are kept of ITEM, none of the last.
            for path in (ITEM, ITEM + "?x=%d" % round_):
                for _ in range(2):
                    shown, _ = self.status(self.cached, path, key, 200)
                    self.assertEqual(shown.json()["data"]["name"], name)


if __name__ == "__main__":
    unittest.main()
