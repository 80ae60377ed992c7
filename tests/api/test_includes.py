"""Shapes: columns in order, and every include."""
import unittest

from support import Case, LIST, rows

ITEM = LIST + "/101"
COLUMNS = {
    "connector": """id name type authentication_implementation_id timezone
        date_format rate_limit_unit rate_limit_duration connection_pool_id
        certificate_id session_id platform_app_key canonical_key""",
    "implementation": """id system_id authentication_type_id name url
        additional_url_1 http_method headers query body body_format test_url
        expected_status token_path""",
    "authentication_type": "id key name",
    "system": """id name label colour system_template_id version version_name
        system_type_id protocol date_format help_link rate_limit_unit
        rate_limit_duration""",
    "system_type": "id name",
    "logo": "id name mime_type url",
    "entity_type": "id name",
    "endpoint": """id name system_id entity_type_id endpoint http_method
        data_type pagination_method direction returns_multiple_records
        deprecated_at""",
    "filter": """id model_type model_id field type comparison value
        value_type keep_matching operator_logic match_order is_default
        location date_format is_active""",
    "endpoint_schema": "id endpoint_id data_path schema",
    "field_tag": "id name",
    "variable": "id key label value secret locked",
    "certificate": "id name connector_id user_id fingerprint_sha256 expires_at",
    "user": "id name email",
}
COLUMNS = {name: text.split() + ["created_at", "updated_at"]
           for name, text in COLUMNS.items()}
AI = "authenticationImplementation"
ALLOWED = [
    AI, AI + "_count", AI + "Exists", AI + ".authenticationType",
    AI + ".system", AI + ".system.logo", AI + ".endpoints",
    AI + ".endpoints.filters", AI + ".endpoints.endpointSchema",
    AI + ".endpoints.system", AI + ".endpoints.system.logo",
    AI + ".endpoints.entityType", AI + ".endpoints.fieldTags",
    AI + ".system.systemType", "variables", "variables_count",
    "variablesExists", AI + ".endpoints.variables", "certificate",
    "certificate_count", "certificateExists", "certificate.user"]


class Shapes(Case):
    def show(self, include, path=ITEM):
        return self.data("?include=" + include, path=path)

    def assert_row(self, row, shape, more=()):
        self.assertEqual(list(row), COLUMNS[shape] + list(more))

    def assert_as_imported(self, got, table):
        wanted = rows(table, id=got["id"])[0]
        for name in got:
            if name in wanted:
                self.assertEqual(got[name], wanted[name], name)

    def test_connector(self):
        for row in self.data("?per_page=100"):
            self.assert_row(row, "connector")
            self.assert_as_imported(row, "connectors")

    def test_times(self):
        row = self.show("")
        self.assertEqual(row["created_at"], "2024-01-01T00:00:00.000000Z")
        self.assertEqual(row["updated_at"], "2024-02-03T04:05:06.789000Z")

    def test_show_by_canonical_key(self):
        self.assertEqual(self.data("", path=LIST + "/Key-Mixed"),
                         self.data("", path=ITEM))
        self.message("", 404, path=LIST + "/key-mixed")

    def test_ids_are_plain_digits(self):
        for name in ("0101", "+101", "101.0", "101%20", "%2B101", "1e2",
                     "99999999999999999999", "-101", "0"):
            self.get("", path=LIST + "/" + name, status=404)

    def test_implementation(self):
        own = self.show(AI)["authentication_implementation"]
        self.assert_row(own, "implementation")
        self.assert_as_imported(own, "authentication_implementations")
        self.assertEqual(own["headers"], {"X-A": "{{a}}", "B": "ü"})
        plain = self.show(AI, LIST + "/103")["authentication_implementation"]
        self.assertEqual((plain["headers"], plain["query"]), ({}, {}))

    def test_authentication_type(self):
        own = self.show(AI + ".authenticationType")
        own = own["authentication_implementation"]
        self.assert_row(own, "implementation", ["authentication_type"])
        self.assert_row(own["authentication_type"], "authentication_type")
        self.assertEqual(own["authentication_type"]["key"], "basic")

    def test_system_with_logo_and_type(self):
        own = self.show(AI + ".system.logo," + AI + ".system.systemType")
        own = own["authentication_implementation"]["system"]
        self.assert_row(own, "system", ["logo", "system_type"])
        self.assert_as_imported(own, "systems")
        self.assert_row(own["logo"], "logo")
        self.assert_as_imported(own["logo"], "logos")
        self.assert_row(own["system_type"], "system_type")

    def test_system_without_logo(self):
        own = self.show(AI + ".system.logo", LIST + "/104")
        self.assertIsNone(own["authentication_implementation"]["system"]
                          ["logo"])

    def endpoints(self, include, path=ITEM):
        own = self.show(AI + ".endpoints" + include, path)
        return own["authentication_implementation"]["endpoints"]

    def test_endpoints_by_id(self):
        got = self.endpoints("")
        self.assertEqual([e["id"] for e in got], [501, 502])
        for row in got:
            self.assert_row(row, "endpoint")
            self.assert_as_imported(row, "endpoints")
        self.assertEqual(self.endpoints("", LIST + "/104"), [])

    def test_filters(self):
        first, second = self.endpoints(".filters")
        self.assertEqual([f["id"] for f in first["filters"]], [601, 602])
        for row in first["filters"]:
            self.assert_row(row, "filter")
            self.assert_as_imported(row, "filters")
        self.assertEqual(second["filters"], [])

    def test_endpoint_schema(self):
        first, second = self.endpoints(".endpointSchema")
        self.assert_row(first["endpoint_schema"], "endpoint_schema")
        self.assertEqual(first["endpoint_schema"]["schema"],
                         {"b": [1, 2.5, None, True], "a": {"/": "ü"}})
        self.assertIsNone(second["endpoint_schema"])

    def test_endpoint_system_and_entity_type(self):
        first, second = self.endpoints(".system.logo," + AI +
                                       ".endpoints.entityType")
        self.assert_row(first["system"], "system", ["logo"])
        self.assertIsNone(first["entity_type"])
        self.assert_row(second["entity_type"], "entity_type")

    def test_field_tags_with_pivot(self):
        first, second = self.endpoints(".fieldTags")
        self.assertEqual([t["id"] for t in first["field_tags"]], [1, 2])
        for row in first["field_tags"]:
            self.assert_row(row, "field_tag", ["pivot"])
            self.assertEqual(list(row["pivot"]),
                             ["endpoint_id", "field_tag_id", "field_path"])
        self.assertEqual(first["field_tags"][0]["pivot"],
                         {"endpoint_id": 501, "field_tag_id": 1,
                          "field_path": "sku"})
        self.assertEqual(second["field_tags"], [])

    def test_endpoint_variables(self):
        first, second = self.endpoints(".variables")
        self.assertEqual([v["key"] for v in first["variables"]],
                         ["page_size"])
        self.assertEqual(first["variables"][0]["pivot"]["model_type"],
                         "endpoint")
        self.assertEqual(second["variables"], [])

    def test_variables_with_pivot(self):
        got = self.show("variables")["variables"]
        self.assertEqual([v["id"] for v in got], [1001, 1002, 1003, 1004])
        for row in got:
            self.assert_row(row, "variable", ["pivot"])
            self.assertEqual(list(row["pivot"]), [
                "model_type", "model_id", "variable_id", "alias",
                "configurable", "required", "advanced"])
        self.assertEqual(got[0]["pivot"], {
            "model_type": "connector", "model_id": 101, "variable_id": 1001,
            "alias": "pass", "configurable": True, "required": True,
            "advanced": False})
        self.assertIs(got[0]["secret"], True)
        self.assertIs(got[1]["secret"], False)

    def test_secrets_are_masked(self):
        values = {v["key"]: v["value"]
                  for v in self.show("variables")["variables"]}
        self.assertEqual(values, {
            "password": "********", "user": "someone ü\n\"x\"",
            "empty": None, "no_secret": None})
        stored = self.show("variables", LIST + "/102")["variables"]
        self.assertEqual(stored[0]["value"], "********")

    def test_certificate_and_user(self):
        own = self.show("certificate.user")["certificate"]
        self.assert_row(own, "certificate", ["user"])
        self.assert_as_imported(own, "certificates")
        self.assert_row(own["user"], "user")
        self.assertEqual(own["user"]["name"], "Ann")
        without = self.show("certificate.user", LIST + "/106")["certificate"]
        self.assertIsNone(without["user"])
        self.assert_as_imported(without, "certificates")
        self.assertIsNone(self.show("certificate",
                                    LIST + "/102")["certificate"])


class Counting(Case):
    def test_counts_and_exists(self):
        asked = ",".join([AI + "_count", AI + "Exists", "variables_count",
                          "variablesExists", "certificate_count",
                          "certificateExists"])
        for path, want in ((ITEM, (1, True, 4, True, 1, True)),
                           (LIST + "/103", (1, True, 0, False, 0, False))):
            row = self.data("?include=" + asked, path=path)
            names = list(row)[-6:]
            self.assertEqual(names, [
                "authentication_implementation_count",
                "authentication_implementation_exists", "variables_count",
                "variables_exists", "certificate_count",
                "certificate_exists"])
            for name, value in zip(names, want):
                self.assertEqual(row[name], value)
                self.assertIs(type(row[name]), type(value))


class Asking(Case):
    def test_each_allowed_include_alone_and_all_together(self):
        for include in ALLOWED + [",".join(ALLOWED)]:
            rows = self.data("?per_page=100&include=" + include)
            self.assertEqual(len(rows), 21)

    def test_list_and_show_agree(self):
        query = "?per_page=100&include=" + ",".join(ALLOWED)
        for row in self.data(query):
            path = "%s/%d" % (LIST, row["id"])
            self.assertEqual(self.data(query, path=path), row)

    def test_what_is_not_asked_is_not_there(self):
        row = self.data("?include=", path=ITEM)
        self.assertNotIn("variables", row)
        self.assertEqual(self.data("?include=,,", path=ITEM), row)

    def test_order_of_relations_is_the_order_of_asking(self):
        row = self.data("?include=variables,certificate,variables_count," +
                        AI + ".system," + AI, path=ITEM)
        self.assertEqual(list(row)[-4:], [
            "variables_count", "variables", "certificate",
            "authentication_implementation"])

    def test_array_form(self):
        row = self.data("?include[]=variables_count&include[]=certificate",
                        path=ITEM)
        self.assertIn("variables_count", row)
        self.assertIn("certificate", row)
        self.assertIn("variables_count,certificate", self.message(
            "?include[]=variables_count,certificate", 400))

    def test_unknown_includes(self):
        self.assertEqual(
            self.message("?include=foo,variables,bar,foo", 400),
            "Requested include(s) `foo, bar, foo` are not allowed. "
            "Allowed include(s) are `%s`." % ", ".join(ALLOWED))
        for name in ("variables,%20certificate", "Variables",
                     "variablesCount", "certificate.user.name",
                     "authentication_implementation", AI + ".variables",
                     "variables.pivot", "session", AI + ".system_count"):
            self.get("?include=" + name, status=400)

    def test_nested_form_is_refused(self):
        self.message("?include[a][b]=variables", 400)


if __name__ == "__main__":
    unittest.main()
