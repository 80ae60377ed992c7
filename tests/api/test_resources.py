"""Resources that are only read: lists and rows of what a connector refers to."""
import unittest

from support import Case, DATA, dev, key_header, rows, send

API = "/api/v1/"
# Table of each route, and its model in the texts of 404.
ROUTES = {"systems": ("systems", "System"),
          "authentication-implementations": (
              "authentication_implementations", "AuthenticationImplementation"),
          "connection-pools": ("connection_pools", "ConnectionPool"),
          "certificates": ("certificates", "Certificate")}


def company_of(row):
    if "system_id" in row:
        row, = rows("systems", id=row["system_id"])
    return row["company_id"]


class Resources(Case):
    def seen(self, table, company):
        return sorted(row["id"] for row in DATA[table]
                      if company_of(row) in (company, None))

    def listed(self, route, query="", company=1):
        return [row["id"] for row in
                self.data(query, company, API + route)]

    def test_a_company_lists_its_own_rows_and_those_of_all(self):
        for route, (table, _) in ROUTES.items():
            for company in (1, 2):
                with self.subTest(route=route, company=company):
                    self.assertEqual(
                        self.listed(route, "?per_page=100", company),
                        self.seen(table, company))

    def test_each_is_shown_to_who_lists_it_and_to_nobody_else(self):
        for route, (table, model) in ROUTES.items():
            for company in (1, 2):
                seen = self.seen(table, company)
                for row in DATA[table]:
                    path = "%s%s/%d" % (API, route, row["id"])
                    if row["id"] in seen:
                        shown = self.data(company=company, path=path)
                        self.assertEqual(shown["name"], row["name"])
                        self.assertNotIn("company_id", shown)
                        continue
                    self.assertEqual(
                        self.message("", 404, company, path),
                        "No query results for model [%s] %d"
                        % (model, row["id"]))

    def test_only_an_id_names_a_row(self):
        for route, (_, model) in ROUTES.items():
            for name in ("none", "0x1", "%ff", "9" * 30):
                answer = send("GET", API + route + "/" + name, key_header())
                self.assertEqual(answer.status, 404)
                self.assertIn("[%s]" % model, answer.json()["message"])

    def test_other_methods_are_told_what_is_allowed(self):
        for route in ROUTES:
            for path in (API + route, API + route + "/51"):
                answer = send("POST", path, key_header())
                self.assertEqual(answer.status, 405)
                self.assertEqual(answer.headers["Allow"], "GET, HEAD")
                answer = send("OPTIONS", path)
                self.assertEqual((answer.status, answer.headers["Allow"]),
                                 (204, "GET, HEAD"))

    def test_a_key_is_needed(self):
        for route in ROUTES:
            self.assertEqual(send("GET", API + route).status, 401)

    def test_entity_tags_and_head(self):
        for route, (table, _) in ROUTES.items():
            one = "%s%s/%d" % (API, route, self.seen(table, 1)[0])
            for path in (API + route, one):
                for _ in range(2):  # the second from the cache
                    answer = self.get(path=path)
                    tag = answer.headers["ETag"]
                    self.assertRegex(tag, '^"[0-9a-f]+"$')
                    self.get(path=path, status=304,
                             headers={"If-None-Match": tag})
                head = send("HEAD", path, key_header())
                self.assertEqual((head.status, head.body, head.headers["ETag"]),
                                 (200, b"", tag))

    def test_pages_and_order(self):
        first = self.get("?per_page=2&sort=-name", path=API + "systems").json()
        self.assertEqual(first["meta"]["total"], len(self.seen("systems", 1)))
        self.assertEqual(
            first["links"]["next"].partition("?")[0].partition("/api")[2],
            "/v1/systems")
        names = [row["name"] for row in first["data"]]
        self.assertEqual(names, ["Quartz Shop", "Öl Lager"])

    def test_filters(self):
        self.assertEqual(
            self.listed("systems", "?filter[name]=BASALT,quartz%20shop"),
            [51, 53])
        self.assertEqual(self.listed("systems", "?filter[system_type_id]=2"),
                         [51])
        self.assertEqual(self.listed("systems", "?filter[name]=Hidden"), [])
        self.assertEqual(
            self.listed("authentication-implementations",
                        "?filter[system]=Basalt"),
            [row["id"] for row in
             rows("authentication_implementations", system_id=53)])
        self.assertEqual(self.listed("connection-pools",
                                     "?filter[name]=pool"), [91])
        self.assertIn("Allowed filter(s) are `name`.", self.message(
            "?filter[x]=1", 400, path=API + "certificates"))

    def test_includes(self):
        system = self.data(
            "?include=logo,systemType,authenticationImplementations."
            "variables,authenticationImplementations_count,endpointsExists",
            path=API + "systems/51")
        mine = rows("authentication_implementations", system_id=51)
        self.assertEqual(
            [row["id"] for row in system["authentication_implementations"]],
            [row["id"] for row in mine])
        self.assertEqual(system["authentication_implementations_count"],
                         len(mine))
        self.assertEqual(system["system_type"]["name"], "eCommerce")
        self.assertEqual(system["logo"]["id"], 41)
        self.assertIs(system["endpoints_exists"],
                      bool(rows("endpoints", system_id=51)))
        owner = self.data("?include=user&fields[users]=name",
                          path=API + "certificates/81")["user"]
        self.assertEqual(owner, {"id": 11, "name": "Ann"})
        self.assertIn("There are no allowed includes.", self.message(
            "?include=x", 400, path=API + "connection-pools"))

    def test_fields(self):
        self.assertEqual(
            self.data("?fields=name", path=API + "connection-pools"),
            [{"id": 91, "name": "Pool"}])

    def test_tests_of_connectors_newest_first(self):
        for _ in range(2):
            send("POST", API + "connectors/101/test", key_header())
        rows_ = self.data("?filter[connector]=101&include=connector",
                          path=API + "connector-tests")
        ids = [row["id"] for row in rows_]
        self.assertGreaterEqual(len(ids), 2)
        self.assertEqual(ids, sorted(ids, reverse=True))
        self.assertEqual(rows_[0]["connector"]["id"], 101)
        self.assertNotIn("company_id", rows_[0])
        self.assertEqual(self.data("?filter[connector]=101", 2,
                                   API + "connector-tests"), [])

    def test_they_are_in_the_document(self):
        import json
        document = json.loads(dev("ctl", "openapi"))
        for route in ROUTES:
            one = ROUTES[route][0][:-1]
            self.assertIn("get", document["paths"][API + route])
            self.assertIn("get", document["paths"][
                "%s%s/{%s}" % (API, route, one)])
            self.assertIn(one + "_list", document["components"]["schemas"])


if __name__ == "__main__":
    unittest.main()
