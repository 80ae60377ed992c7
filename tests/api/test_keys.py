"""Who may ask: keys, abilities, companies."""
import time
import unittest
import uuid

from support import Case, KEYS, LIST, connectors, dev, key_header, send



def new_key(*arguments, company=1):
    return dev("ctl", "key", "create", "--company", str(company),
               *arguments).strip()


def unused_name():
    return "key " + uuid.uuid4().hex


def status(key, method="GET", path=LIST, body=None):
    return send(method, path, {"Authorization": key}, body).status


class Authentication(Case):
    def test_forms_of_the_header(self):
        key = KEYS[1]
        for form in (key, "Bearer " + key, "bearer " + key, "BEARER " + key,
                     "bEaReR " + key):
            self.assertEqual(status(form), 200, form[:8])

    def test_no_or_unknown_keys_are_all_the_same(self):
        unknown = "cak_" + "x" * 40
        for headers in ({}, {"Authorization": ""},
                        {"Authorization": "Bearer "},
                        {"Authorization": "Bearer"},
                        {"Authorization": unknown},
                        {"Authorization": "Bearer " + unknown},
                        {"Authorization": "Basic dXNlcjpwYXNz"},
                        {"Authorization": KEYS[1][:-1]},
                        {"Authorization": KEYS[1] + "0"},
                        {"Authorization": KEYS[1].upper()},
                        {"Authorization": "Basic " + KEYS[1]},
                        {"Authorization": "cak_" + "x" * 7000}):
            answer = send("GET", LIST, headers)
            self.assert_json_error(answer, 401, "Unauthenticated.")
            self.assertEqual(answer.headers["WWW-Authenticate"], "Bearer")

    def test_key_in_the_query_is_none(self):
        answer = send("GET", LIST + "?api_key=" + KEYS[1])
        self.assertEqual(answer.status, 401)

    def test_key_comes_after_the_route_and_before_parameters(self):
        self.assertEqual(send("GET", "/api/v1/none").status, 404)
        self.assertEqual(send("DELETE", LIST).status, 405)
        self.assertEqual(
            send("GET", LIST + "?page=0&include=x").status, 401)
        self.assertEqual(send("POST", LIST, body=b"{").status, 401)

    def test_revoked_key_stops_on_the_next_request(self):
        name = unused_name()
        key = new_key("--name", name)
        for _ in range(12):
            self.assertEqual(status(key), 200)
        own = [line for line in dev("ctl", "key", "list").splitlines()
               if name in line]
        self.assertEqual(len(own), 1)
        dev("ctl", "key", "revoke", own[0].split()[0])
        # On every worker, so more often than there are workers.
        for _ in range(12):
            self.assertEqual(status(key), 401)

    def test_expired_key(self):
        name = unused_name()
        key = new_key("--expires", "2099-01-01", "--name", name)
        self.assertEqual(status(key), 200)
        dev("sql", "-e", "UPDATE api_keys SET expires_at = "
            "UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE name = '%s'" % name)
        for _ in range(12):
            self.assertEqual(status(key), 401)

    def test_last_use_is_noted(self):
        name = unused_name()
        key = new_key("--name", name)
        sql = "SELECT last_used_at FROM api_keys WHERE name = '%s'" % name
        self.assertEqual(dev("sql", "-N", "-e", sql).strip(), "NULL")
        self.assertEqual(status(key), 200)
        # After the answer.
        deadline = time.monotonic() + 5
        while (first := dev("sql", "-N", "-e", sql).strip()) == "NULL":
            self.assertLess(time.monotonic(), deadline, "the note")
        # At most once a minute.
        time.sleep(1.1)
        self.assertEqual(status(key), 200)
        self.assertEqual(dev("sql", "-N", "-e", sql).strip(), first)

    def test_only_the_hash_is_stored(self):
        key = new_key()
        dump = dev("sql", "-N", "-e", "SELECT * FROM api_keys")
        self.assertNotIn(key[4:], dump)


class Abilities(Case):
    def test_each_needs_its_own(self):
        item = LIST + "/101"
        asked = {"read": [("GET", LIST), ("GET", item), ("HEAD", item)],
                 "write": [("POST", LIST), ("PUT", item), ("PATCH", item),
                           ("DELETE", LIST + "/999")],
                 "test": [("POST", LIST + "/999/test")]}
        for ability in asked:
            key = new_key("--abilities", ability)
            for needed, requests in asked.items():
                for method, path in requests:
                    body = None if method in ("GET", "HEAD") else b"{\"x\""
                    got = status(key, method, path, body)
                    with self.subTest(has=ability, method=method, path=path):
                        if needed == ability:
                            self.assertNotIn(got, (401, 403))
                        else:
                            self.assertEqual(got, 403)

    def test_refusal(self):
        key = new_key("--abilities", "write,test")
        answer = send("GET", LIST + "?page=0", {"Authorization": key})
        self.assert_json_error(answer, 403, "This action is unauthorized.")


class Tenancy(Case):
    def test_lists_hold_the_own_company_only(self):
        for company in (1, 2, 3):
            want = [row["id"] for row in connectors(company)]
            self.assertEqual(self.ids("?per_page=100", company), want)
            meta = self.get("", company).json()["meta"]
            self.assertEqual(meta["total"], len(want))

    def test_another_companys_connector_does_not_exist(self):
        for name, company in (("201", 1), ("key-201", 1), ("101", 2),
                              ("101", 3)):
            self.assertEqual(
                self.message("", 404, company, LIST + "/" + name),
                "No query results for model [Connector] " + name)

    def test_canonical_keys_are_per_company(self):
        for company, want in ((1, 101), (2, 203)):
            got = self.data("", company, LIST + "/Key-Mixed")
            self.assertEqual(got["id"], want)
            self.assertEqual(
                self.ids("?filter[canonical_key]=Key-Mixed", company), [want])

    def test_filters_do_not_reach_over(self):
        self.assertEqual(self.ids("?filter[forSession]=session-b"), [])
        self.assertEqual(self.ids("?filter[forSession]=session-b", 2), [201])
        self.assertEqual(
            self.ids("?filter[platformSession]=outside-1", 2), [201])
        self.assertEqual(self.ids("?filter[system]=Hidden"), [])
        self.assertEqual(self.ids("?filter[system]=56"), [])
        self.assertEqual(self.ids("?filter[system]=Hidden", 2), [202])
        self.assertEqual(self.ids("?filter[system]=Ol+lager", 2), [])

    def test_company_without_anything(self):
        answer = self.get("?include=variables,certificate", 3).json()
        self.assertEqual(answer["data"], [])
        self.assertEqual(answer["meta"]["total"], 0)


if __name__ == "__main__":
    unittest.main()
