"""connectorsctl import: the rules of bodies and of tests, every fault told.

tests/unit/test_import_rules.c has the forms of single columns; here is what
the file as a whole must be, and what is printed of it.
"""
import json
import unittest

from ctl_support import CtlTest, catalogue

# Table, row, what is set, and how the one line that is told begins.
SAMPLES = [
    ("connectors", 0, {"timezone": "Mars/Base"},
     "connectors[0].timezone: must be a time zone"),
    ("connectors", 1, {"name": ""}, "connectors[1].name: must not be empty"),
    ("connectors", 1, {"date_format": " "},
     "connectors[1].date_format: must not be empty"),
    ("variables", 0, {"label": ""}, "variables[0].label: must not be empty"),
    ("variables", 0, {"key": "a b"}, "variables[0].key: must be letters"),
    ("authentication_types", 0, {"key": "bearer"},
     "authentication_types[0].key: must be one of none, basic"),
    ("authentication_implementations", 1, {"expected_status": "abc"},
     "authentication_implementations[1].expected_status: must be statuses"),
    ("authentication_implementations", 1, {"url": "https://{{host/"},
     "authentication_implementations[1].url: has a {{ (byte 8)"),
    ("authentication_implementations", 1, {"body": "{{}}"},
     "authentication_implementations[1].body: has a {{ (byte 0)"),
    ("systems", 1, {"help_link": "javascript:alert(1)"},
     "systems[1].help_link: must be an http or https address"),
    ("users", 0, {"email": "ada"}, "users[0].email: must be an e-mail"),
    ("connectors", 1, {"canonical_key": "12"},
     "connectors[1].canonical_key: must be what a path can name"),
    ("connectors", 1, {"canonical_key": "a/b"},
     "connectors[1].canonical_key: must be what a path can name"),
    # Two variables of one model with one key.
    ("variables", 1, {"key": "host"},
     "variables[1].key: the connector 1 has another variable with this key"),
    # A session and an app that do not belong together.
    ("connectors", 0, {"session_id": "s-1", "platform_app_id": 1},
     "connectors[0].session_id: the session is not of the platform_app"),
    ("connectors", 0, {"session_id": "s-1", "platform_app_key": "other"},
     "connectors[0].session_id: the session is not of the platform_app"),
    # The mask is no secret.
    ("variables", 1, {"value": "********"},
     "variables[1].value: the mask stands for a stored secret"),
    ("endpoint_schemas", 0, {"schema": json.loads("[" * 28 + "]" * 28)},
     "endpoint_schemas[0].schema: must not nest deeper than 27"),
    ("authentication_implementations", 0, {"headers": {"A": "x" * 65536}},
     "authentication_implementations[0].headers: must not be longer than "
     "65535 bytes"),
]


class Rules(CtlTest):
    def faults(self, data):
        """The lines that are told, without the program's name."""
        result = self.run_ctl("import", "-", stdin=json.dumps(data))
        self.assertEqual(result.status, 1, result.out)
        self.assertEqual(result.out, "")
        lines = result.err.splitlines()
        for line in lines:
            self.assertTrue(line.startswith("connectorsctl: "), line)
        return [line[len("connectorsctl: "):] for line in lines]

    def counts(self):
        return {table: self.count(table)
                for table in catalogue()}

    def changed(self, *changes):
        data = catalogue()
        for table, index, change in changes:
            data[table][index].update(change)
        return data

    def test_each_sample_is_told_alone(self):
        for table, index, change, message in SAMPLES:
            with self.subTest("%s %r" % (table, change)):
                data = self.changed((table, index, change))
                (told,) = self.faults(data)
                self.assertEqual(told[:len(message)], message)
        self.assertEqual(set(self.counts().values()), {0})

    def test_every_fault_of_a_file_is_told(self):
        data = self.changed(
            ("users", 1, {"email": "bob", "name": ""}),
            ("systems", 0, {"colour": "beige", "help_link": "x"}),
            ("connectors", 0, {"timezone": "Mars/Base", "session_id": "s-9",
                               "rate_limit_duration": 0}),
            ("variables", 0, {"key": "a b", "secret": "yes"}),
            ("variables", 1, {"key": "1", "value": "********"}),
            ("model_variables", 3, {"variable_id": 99}))
        data["nope"] = []
        del data["companies"][1]["name"]
        data["companies"].append(7)
        self.assertEqual([told.split(": ")[0] for told in self.faults(data)], [
            "nope", "companies[2]", "companies[1].name", "users[1].name",
            "users[1].email", "systems[0].colour", "systems[0].help_link",
            "connectors[0].timezone", "connectors[0].rate_limit_duration",
            "connectors[0].session_id", "variables[0].key",
            "variables[0].secret", "variables[1].key", "variables[1].value",
            "model_variables[3].variable_id"])
        self.assertEqual(set(self.counts().values()), {0})

    def test_what_names_a_refused_row_is_not_told(self):
        """The one fault of a row is not that of all that hang on it."""
        for table, message in (
                ("companies", "companies[0].id"),
                ("systems", "systems[0].id"),
                ("authentication_types", "authentication_types[0].id"),
                ("platform_apps", "platform_apps[0].id"),
                ("connectors", "connectors[0].id"),
                ("variables", "variables[0].id")):
            for wrong in ("x", None, 0):
                with self.subTest("%s %r" % (table, wrong)):
                    data = self.changed(
                        (table, 0, {"id": wrong}),
                        ("connectors", 0, {"platform_app_key": "app"}))
                    (told,) = self.faults(data)
                    self.assertEqual(told.split(": ")[0], message)
        data = self.changed(("companies", 0, {"name": ""}))
        data["companies"][0]["nope"] = 1
        self.assertEqual(len(self.faults(data)), 2)

    def test_the_first_hundred_are_told(self):
        data = {"companies": [{"id": number, "name": ""}
                              for number in range(1, 1301)]}
        told = self.faults(data)
        self.assertEqual(told[:100], [
            "companies[%d].name: must not be empty" % i for i in range(100)])
        self.assertEqual(told[100:], [
            "there may be more: the first 100 errors are told"])
        data["companies"] = data["companies"][:99]
        self.assertEqual(len(self.faults(data)), 99)

    def test_faults_in_the_database_are_all_told(self):
        self.load(catalogue())
        data = catalogue()
        fresh = [{**data["connectors"][0], "id": 10 + i} for i in range(3)]
        fresh[1]["canonical_key"] = "fresh"
        data["connectors"] += fresh
        data["connectors"][1]["canonical_key"] = "key-1"
        self.assertEqual(
            [told.split(" (")[0] for told in self.faults(data)],
            ["connectors[%d]: another row has a value that must be unique"
             % i for i in (1, 2, 4)])

    def test_keys_differ_byte_for_byte(self):
        data = self.changed(("variables", 1, {"key": "HOST"}))
        self.load(data)
        # With what is stored; the culprit is what the file has of it.
        data = {"variables": [{**data["variables"][1], "key": "host"}]}
        self.assertEqual(self.faults(data), [
            "variables[0].key: the connector 1 has another variable with "
            "this key"])
        data = {"variables": [{"id": 9, "company_id": 1, "key": "HOST",
                               "label": "h"}],
                "model_variables": [{"id": 9, "variable_id": 9,
                                     "model_type": "connector",
                                     "model_id": 1}]}
        self.assertEqual(len(self.faults(data)), 1)
        data["model_variables"][0]["model_id"] = 2
        self.load(data)
        data = {"model_variables": [{"id": 9, "variable_id": 9,
                                     "model_type": "connector",
                                     "model_id": 1}]}
        self.assertEqual(self.faults(data), [
            "model_variables[0].variable_id: the connector 1 has another "
            "variable with this key"])

    def test_keys_of_endpoints_and_implementations(self):
        for model, id in (("endpoint", 1),
                          ("authentication_implementation", 2)):
            data = self.changed(*[
                ("variables", i, {"company_id": None, "key": "same"})
                for i in (2, 3)], *[
                ("model_variables", i, {"model_type": model, "model_id": id})
                for i in (2, 3)])
            self.assertEqual(self.faults(data), [
                "variables[3].key: the %s %d has another variable with this "
                "key" % (model, id)])

    def many(self, number, connector=1, first=100):
        ids = range(first, first + number)
        return {"variables": [
            {"id": i, "company_id": 1, "key": "v%d" % i, "label": "v"}
            for i in ids], "model_variables": [
            {"id": i, "variable_id": i, "model_type": "connector",
             "model_id": connector} for i in ids]}

    def test_a_connector_has_as_many_variables_as_a_body(self):
        self.load(catalogue())
        self.assertEqual(self.faults(self.many(199)), [
            "model_variables[198].model_id: the connector 1 has 201 "
            "variables; it may have 200"])
        self.load(self.many(198))
        self.assertEqual(len(self.faults(self.many(1, first=1000))), 1)
        # An endpoint's are never sent.
        data = self.many(300, first=2000)
        for row in data["variables"]:
            row["company_id"] = None
        for row in data["model_variables"]:
            row["model_type"] = "endpoint"
        self.load(data)

    def test_a_dry_run_checks_everything_and_imports_nothing(self):
        data = catalogue()
        result = self.ok("import", "--dry-run", "-", stdin=json.dumps(data))
        self.assertIn("NOTHING IS IMPORTED", result.out.splitlines()[0])
        self.assertEqual(result.counts(), {
            table: (len(rows), 0, 0) for table, rows in data.items()})
        self.assertEqual(set(self.counts().values()), {0})
        self.assertEqual(self.sql("SELECT company_id, version FROM "
                                  "data_versions"), [("0", "0")])
        self.load(data)
        before = self.sql("SELECT * FROM connectors")
        data["connectors"][0]["name"] = "Other"
        data["variables"][1]["value"] = "other"
        counts = self.ok("import", "-", "--dry-run",
                         stdin=json.dumps(data)).counts()
        self.assertEqual(counts["connectors"], (0, 1, 1))
        self.assertEqual(counts["variables"], (0, 1, 3))
        self.assertEqual(self.sql("SELECT * FROM connectors"), before)
        self.assertEqual(set(self.sql("SELECT version FROM data_versions")),
                         {("1",)})
        data["connectors"][1]["canonical_key"] = "key-1"
        told = self.fails("import", "--dry-run", "-", stdin=json.dumps(data))
        self.assertIn("connectors[1]: another row has a value", told)

    def test_the_mask_of_an_export_keeps_the_secret_or_is_refused(self):
        self.load(catalogue())
        before = self.sql("SELECT HEX(value_sealed) FROM variables")
        text = self.ok("export").out
        self.assertIn("********", text)
        self.ok("import", "-", stdin=text)
        self.assertEqual(
            self.sql("SELECT HEX(value_sealed) FROM variables"), before)
        # Elsewhere there is nothing that it could stand for.
        self.server.sql("CREATE DATABASE %sb" % self.database)
        self.addCleanup(self.server.sql, "DROP DATABASE %sb" % self.database)
        option = ["-o", "database.name=%sb" % self.database]
        self.ok("migrate", *option)
        result = self.run_ctl("import", "-", *option, stdin=text)
        self.assertEqual(result.status, 1)
        self.assertEqual(
            [line.split(": ")[1] for line in result.err.splitlines()],
            ["variables[1].value", "variables[2].value"])

    def test_a_plain_mask_never_becomes_a_secret(self):
        data = self.changed(("variables", 0, {"value": "********"}))
        self.load(data)
        one = {**data["variables"][0], "secret": True}
        told = ["variables[0].value: the mask stands for a stored secret, "
                "and none is stored"]
        self.assertEqual(self.faults({"variables": [one]}), told)
        del one["value"]
        self.assertEqual(self.faults({"variables": [one]}), told)


if __name__ == "__main__":
    unittest.main()
