"""Resources that are only read: lists and rows of what a connector refers to."""
import json
import unittest

from resources import (API, FILTERS, IMPORTED, INCLUDES, ROUTES, SORTS,
                       ResourceCase)
from support import dev, key_header, rows, send


COLUMNS = {
    "systems": "name label colour system_template_id version version_name "
               "system_type_id protocol date_format help_link "
               "rate_limit_unit rate_limit_duration",
    "authentication-implementations":
        "system_id authentication_type_id name url additional_url_1 "
        "http_method headers query body body_format test_url "
        "expected_status token_path",
    "connection-pools": "name limit timeout",
    "certificates": "name connector_id user_id fingerprint_sha256 expires_at",
    "connector-tests": "connector_id api_key_id user_id ok stage reason "
                       "detail duration_ms result"}


class Routes(ResourceCase):
    def test_only_an_id_names_a_row(self):
        for route, (_, model) in ROUTES.items():
            for name in ("none", "0", "0x1", "01", "-1", "9" * 30, "999999"):
                self.assertEqual(
                    self.message("", 404, path=API + route + "/" + name),
                    "No query results for model [%s] %s" % (model, name))
            answer = send("GET", API + route + "/%ff", key_header())
            self.assertEqual(answer.status, 404)

    def test_nothing_is_below_a_row(self):
        for route in ROUTES:
            for end in ("/51/tests", "/51/x", "/51/test", "//51"):
                self.assert_json_error(
                    send("GET", API + route + end, key_header()), 404,
                    "The route api/v1/%s%s could not be found."
                    % (route, end))

    def test_other_methods_are_told_what_is_allowed(self):
        for route in ROUTES:
            for path in (API + route, API + route + "/51"):
                for method in ("POST", "PUT", "PATCH", "DELETE", "FOO"):
                    answer = send(method, path, key_header(), b"{")
                    self.assert_json_error(
                        answer, 405,
                        "The %s method is not supported for route %s. "
                        "Supported methods: GET, HEAD." % (method, path[1:]))
                    self.assertEqual(answer.headers["Allow"], "GET, HEAD")
                answer = send("OPTIONS", path)
                self.assertEqual((answer.status, answer.headers["Allow"]),
                                 (204, "GET, HEAD"))

    def test_a_key_is_needed(self):
        for route in ROUTES:
            for path in (API + route, API + route + "/51"):
                self.assert_json_error(send("GET", path), 401,
                                       "Unauthenticated.")

    def test_the_key_needs_the_ability_to_read(self):
        key = dev("ctl", "key", "create", "--company", "1", "--abilities",
                  "write,test").strip()
        for route in ROUTES:
            for path in (API + route, API + route + "/51"):
                self.assert_json_error(
                    send("GET", path, {"Authorization": key}), 403,
                    "This action is unauthorized.")

    def test_a_slash_at_the_end_does_not_matter(self):
        for route in ROUTES:
            one = self.one_of(route)
            for path in (API + route, one):
                self.assertEqual(self.data(path=path + "/"),
                                 self.data(path=path))

    def test_entity_tags_and_head(self):
        for route in ROUTES:
            one = self.one_of(route)
            for path in (API + route, one):
                for _ in range(2):  # the second from the cache
                    answer = self.get(path=path)
                    tag = answer.headers["ETag"]
                    self.assertRegex(tag, '^"[0-9a-f]+"$')
                    for sent in (tag, "W/" + tag, '"x", ' + tag, "*"):
                        again = self.get(path=path, status=304,
                                         headers={"If-None-Match": sent})
                        self.assertEqual(again.headers["ETag"], tag)
                    self.get(path=path, headers={"If-None-Match": '"x"'})
                head = send("HEAD", path, key_header())
                self.assertEqual(
                    (head.status, head.body, head.headers["ETag"]),
                    (200, b"", tag))

    def test_they_are_in_the_document(self):
        document = json.loads(dev("ctl", "openapi"))
        for route, (table, _) in ROUTES.items():
            self.assertIn("get", document["paths"][API + route])
            self.assertIn("get", document["paths"][
                "%s%s/{%s}" % (API, route, table[:-1])])


class Queries(ResourceCase):
    def test_what_is_allowed_is_told(self):
        for route in ROUTES:
            for path in (API + route, self.one_of(route)):
                allowed = self.message("?include=x", 400, path=path)
                names = INCLUDES[route]
                if names:
                    names = allowed.split("Allowed include(s) are `")[1]
                    self.assertEqual(sorted(names[:-2].split(", ")),
                                     sorted(INCLUDES[route]))
                else:
                    self.assertIn("There are no allowed includes.", allowed)
                self.assertEqual(
                    self.message("?filter[x]=1", 400, path=path),
                    "Requested filter(s) `x` are not allowed. "
                    "Allowed filter(s) are `%s`." % ", ".join(FILTERS[route]))
                self.assertEqual(
                    self.message("?sort=-x", 400, path=path),
                    "Requested sort(s) `x` is not allowed. "
                    "Allowed sort(s) are `%s`." % ", ".join(SORTS[route]))
                self.get("?page=0", path=path, status=422)

    def test_all_includes_at_once(self):
        for route, names in INCLUDES.items():
            one = self.one_of(route)
            for query in ("?include=" + ",".join(names),
                          "?" + "&".join("include[]=" + n for n in names)):
                shown = self.data(query, path=one)
                self.assertEqual(
                    [row for row in self.data(query, path=API + route)
                     if row["id"] == shown["id"]], [shown])

    def test_columns_of_a_company_are_not_shown(self):
        for route in ROUTES:
            for row in [self.data(path=self.one_of(route))] + self.data(
                    path=API + route):
                self.assertNotIn("company_id", row)
                self.assertEqual(list(row)[-2:], ["created_at", "updated_at"])
            self.get("?fields=company_id", path=API + route, status=400)

    def test_columns_in_their_order(self):
        for route, columns in COLUMNS.items():
            wanted = ["id", *columns.split(), "created_at", "updated_at"]
            self.assertEqual(list(self.data(path=self.one_of(route))), wanted)
            for row in self.data(path=API + route):
                self.assertEqual(list(row), wanted)
        self.assertEqual(
            list(self.data("?include=systemTemplate", path=API +
                           "systems/51")["system_template"]),
            ["id", "name", "label", "version", "version_name",
             "system_type_id", "created_at", "updated_at"])
        for column in ("certificate", "passphrase", "certificate_sealed"):
            self.assertNotIn(column, self.message(
                "?fields=" + column, 400, path=API + "certificates")
                .split("Allowed")[1].replace("certificates.", ""))

    def test_nested_forms_are_refused(self):
        for route in ROUTES:
            name = FILTERS[route][0]
            for query in ("?filter[%s][a][b]=1" % name,
                          "?filter[%s][]=1,2" % name, "?sort[a]=name",
                          "?include[a][b]=x", "?filter[%80]=1"):
                self.message(query, 400, path=API + route)

    def test_at_most_100_values_and_20_filters(self):
        for route in ROUTES:
            for name in FILTERS[route]:
                many = ",".join(["1"] * 100)
                self.get("?filter[%s]=%s" % (name, many), path=API + route)
                self.assertEqual(
                    self.message("?filter[%s]=%s,1" % (name, many), 400,
                                 path=API + route),
                    "The filter `%s` takes at most 100 values." % name)
            self.assertEqual(
                self.message("?" + "&".join(
                    "filter[n%d]=1" % i for i in range(21)), 400,
                    path=API + route),
                "A query takes at most 20 filters.")

    def test_pages(self):
        for route in IMPORTED:
            seen = self.seen(route, 1)
            pages = []
            for page in range(1, len(seen) + 2):
                answer = self.get("?per_page=1&page=%d" % page,
                                  path=API + route).json()
                self.assertEqual(answer["meta"]["total"], len(seen))
                self.assertEqual(
                    answer["links"]["next"] is None, page >= len(seen))
                pages += [row["id"] for row in answer["data"]]
            self.assertEqual(pages, seen)
            self.assertEqual(self.listed(route, "?page=2147483647"), [])

    def test_links_keep_the_rest_of_the_query(self):
        links = self.get("?per_page=2&sort=-name&include=logo&filter[protocol]"
                         "=HTTP", path=API + "systems").json()["links"]
        self.assertEqual(
            links["next"].partition("/api")[2],
            "/v1/systems?per_page=2&sort=-name&include=logo&"
            "filter%5Bprotocol%5D=HTTP&page=2")

    def test_every_order(self):
        for route in IMPORTED:
            for column in SORTS[route]:
                up, down = (
                    self.data("?per_page=100&sort=" + sign + column,
                              path=API + route) for sign in ("", "-"))
                self.assertEqual(sorted(row["id"] for row in up),
                                 self.seen(route, 1))
                # Those that are equal stay in the order of their ids.
                self.assertEqual([self.folded(row[column]) for row in down],
                                 [self.folded(row[column])
                                  for row in up][::-1])

    def folded(self, text):
        return text and text.replace("Ö", "o").lower()

    def test_names_are_sorted_under_the_collation(self):
        self.assertEqual(
            [row["name"] for row in self.data("?sort=name&per_page=100",
                                              path=API + "systems")],
            ["51", "Basalt", "Öl Lager", "Ol lager", "Quartz Shop"])


class Filters(ResourceCase):
    def test_systems(self):
        for query, wanted in (
                ("name]=BASALT,quartz%20shop", [51, 53]),
                ("name]=ol%20LAGER", [52, 55]), ("name]=51", [54]),
                ("name]=Basal", []), ("name]=Hidden", []),
                ("protocol]=http", [51, 52, 53, 54, 55]),
                ("protocol]=FTP,SFTP", []), ("system_type_id]=2", [51]),
                ("system_type_id]=eCommerce", []),
                ("system_template_id]=31,33", [51, 53]),
                ("system_template_id]=0", []),
                ("system_type_id]=1&filter[name]=basalt", [53])):
            self.assertEqual(self.listed("systems", "?filter[" + query),
                             wanted, query)
        self.assertEqual(self.listed(
            "systems", "?filter[protocol]=FTP,SFTP,MySQL", 4), [58, 60])

    def test_implementations(self):
        of = {system: [row["id"] for row in
                       rows("authentication_implementations",
                            system_id=system)] for system in range(51, 57)}
        for query, wanted in (
                ("system]=Basalt", of[53]), ("system]=53", of[53]),
                ("system]=51", of[51]), ("system]=basalt,54", of[53] + of[54]),
                ("system]=56", []), ("system]=Hidden", []),
                ("authenticationType]=BASIC", [61, 63]),
                ("authenticationType]=2", [61, 63]),
                ("authenticationType]=basic&filter[system]=51", [61]),
                ("authenticationType]=other", [])):
            self.assertEqual(
                self.listed("authentication-implementations",
                            "?filter[" + query), wanted, query)

    def test_pools_and_certificates(self):
        self.assertEqual(self.listed("connection-pools",
                                     "?filter[name]=pool"), [91])
        self.assertEqual(self.listed("connection-pools",
                                     "?filter[name]=Pool%2092"), [])
        self.assertEqual(self.listed("certificates",
                                     "?filter[name]=TWO,three"), [82])

    def test_a_filter_that_excludes_a_row_hides_it(self):
        for path, query, model in (
                ("systems/51", "protocol]=FTP", "System"),
                ("authentication-implementations/61", "system]=53",
                 "AuthenticationImplementation"),
                ("certificates/81", "name]=two", "Certificate")):
            self.assertEqual(
                self.message("?filter[" + query, 404, path=API + path),
                "No query results for model [%s] %s"
                % (model, path.split("/")[1]))


class Includes(ResourceCase):
    def test_of_a_system(self):
        names = INCLUDES["systems"]
        for row in self.data("?include=" + ",".join(names),
                             path=API + "systems"):
            self.check_system(row, *rows("systems", id=row["id"]))

    def check_system(self, row, stored):
        for member, target, column in (
                ("logo", "logos", "logo_id"),
                ("system_type", "system_types", "system_type_id"),
                ("system_template", "system_templates",
                 "system_template_id")):
            found = rows(target, id=stored[column])
            self.assertEqual(
                row[member] and row[member]["name"],
                found[0]["name"] if found else None)
            self.check_counts(row, member, len(found))
        for member in ("authentication_implementations", "endpoints"):
            found = rows(member, system_id=row["id"])
            self.assertEqual([one["id"] for one in row[member]],
                             sorted(one["id"] for one in found))
            self.check_counts(row, member, len(found))
        for one in row["authentication_implementations"]:
            self.assertEqual(one["authentication_type"]["id"],
                             one["authentication_type_id"])

    def check_counts(self, row, member, wanted):
        self.assertEqual(row[member + "_count"], wanted, member)
        self.assertIs(row[member + "_exists"], wanted > 0, member)

    def test_of_an_implementation(self):
        one = self.data(
            "?include=system.logo,system.systemType,authenticationType,"
            "endpoints,endpoints_count,endpointsExists",
            path=API + "authentication-implementations/61")
        self.assertEqual(one["system"]["logo"]["id"], 41)
        self.assertEqual(one["system"]["system_type"]["name"], "eCommerce")
        self.assertEqual(one["authentication_type"]["key"], "basic")
        self.assertEqual([e["id"] for e in one["endpoints"]], [501, 502])
        self.check_counts(one, "endpoints", 2)

    def test_of_a_certificate(self):
        for id, name in ((81, "Ann"), (82, None)):
            owner = self.data("?include=user&fields[users]=name",
                              path="%scertificates/%d" % (API, id))["user"]
            self.assertEqual(owner and owner["name"], name)
            if owner:
                self.assertEqual(sorted(owner), ["id", "name"])

    def test_fields(self):
        self.assertEqual(
            self.data("?fields=name", path=API + "connection-pools"),
            [{"id": 91, "name": "Pool"}])
        self.assertEqual(
            self.data("?fields[systems]=label&include=logo&fields[logos]=url",
                      path=API + "systems/51"),
            {"id": 51, "label": "Quartz Shop", "logo": {
                "id": 41, "url": "https://static.test/quartz.png?a=1&b=2"}})
        self.assertIn("systems.label", self.message(
            "?fields=company_id", 400, path=API + "systems"))


if __name__ == "__main__":
    unittest.main()
