"""connectorsctl import."""
import base64
import json
import random
import subprocess
import unittest

from ctl_support import PROGRAM, CtlTest, catalogue


class Import(CtlTest):
    def rows(self):
        return {table: self.count(table)
                for table in catalogue()}

    def everything(self):
        return {table: self.sql("SELECT * FROM %s ORDER BY 1, 2, 3" % table
                                if table != "companies" else
                                "SELECT * FROM companies ORDER BY 1")
                for table in catalogue() if "_endpoints" not in table}

    def versions(self):
        return [int(row[0]) for row in
                self.sql("SELECT version FROM connectors ORDER BY id")]

    def test_loads_all_and_a_second_time_changes_nothing(self):
        data = catalogue()
        first = self.load(data).counts()
        self.assertEqual(first, {table: (len(rows), 0, 0)
                                 for table, rows in data.items()})
        before = self.everything()
        second = self.load(data).counts()
        self.assertEqual(second, {table: (0, 0, len(rows))
                                  for table, rows in data.items()})
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.versions(), [1, 1])

    def test_order_of_tables_does_not_matter(self):
        items = list(catalogue().items())
        random.Random(5).shuffle(items)
        self.load(dict(items))
        self.assertEqual(self.rows(), {table: len(rows)
                                       for table, rows in items})

    def test_reads_a_file_too(self):
        path = self.folder / "catalogue.json"
        path.write_text("\ufeff" + json.dumps(catalogue(), indent=1))
        self.ok("import", str(path))
        self.assertIn("nowhere.json", self.fails("import", "nowhere.json"))
        self.assertIn("regular file", self.fails("import", str(self.folder)))

    def test_long_values_in_many_rows(self):
        data = {"companies": [{"id": 1, "name": "c"}], "variables": [
            {"id": number, "company_id": 1, "key": "k", "label": "k",
             "value": "%d" % (number % 7) * 65535, "secret": number % 2 == 0}
            for number in range(1, 601)]}
        self.load(data)
        self.assertEqual(self.load(data).counts()["variables"], (0, 0, 600))

    def test_times(self):
        data = catalogue()
        data["companies"][0]["created_at"] = "2020-02-29T12:00:00+02:00"
        self.load(data)
        rows = self.sql("SELECT created_at, updated_at, "
                        "ABS(TIMESTAMPDIFF(SECOND, updated_at, "
                        "UTC_TIMESTAMP())) < 60 FROM companies ORDER BY id")
        self.assertEqual(rows[0][0], "2020-02-29 10:00:00.000000")
        self.assertEqual([row[2] for row in rows], ["1", "1"])
        data["companies"][1]["name"] = "Changed"
        self.load(data)
        again = self.sql("SELECT created_at, updated_at FROM companies "
                         "ORDER BY id")
        self.assertEqual(again[0], rows[0][:2])
        self.assertEqual(again[1][0], rows[1][0])
        self.assertGreater(again[1][1], rows[1][1])

    def test_defaults_and_members_left_out(self):
        data = catalogue()
        self.load(data)
        self.assertEqual(
            self.sql("SELECT http_method, query, expected_status, token_path, "
                     "body_format FROM authentication_implementations "
                     "WHERE id = 1"),
            [("GET", "{}", "200-299", "access_token", "none")])
        # Left out of a row that is stored: it stays.
        data["connectors"][0]["type"] = "a"
        self.load(data)
        del data["connectors"][0]["type"]
        self.assertEqual(self.load(data).counts()["connectors"], (0, 0, 2))
        data["connectors"][0]["type"] = None
        self.assertEqual(self.load(data).counts()["connectors"], (0, 1, 1))

    def test_json_is_kept_as_it_is_written(self):
        text = json.dumps(catalogue()).replace(
            "[1, null]", '{ "b" : 1.50, "a":"\\u00fc/" }')
        self.ok("import", "-", stdin=text)
        self.assertEqual(self.sql("SELECT `schema` FROM endpoint_schemas"),
                         [('{ "b" : 1.50, "a":"\\u00fc/" }',)])

    def test_secrets_are_sealed(self):
        self.load(catalogue())
        rows = self.sql("SELECT id, value, value_sealed IS NOT NULL "
                        "FROM variables ORDER BY id")
        self.assertEqual(rows, [("1", "a.test", "0"), ("2", None, "1"),
                                ("3", None, "1"), ("4", None, "0")])
        dump = subprocess.run(
            ["mariadb-dump", "--no-defaults", "-S", self.server.socket,
             "--hex-blob", self.database], check=True,
            stdout=subprocess.PIPE).stdout
        for form in (b"canary-7f3e", base64.b64encode(b"canary-7f3e"),
                     b"canary-7f3e".hex().upper().encode()):
            self.assertNotIn(form, dump)

    def change_variable(self, index, **members):
        """Imports one changed variable; the counts, or the refusal."""
        data = {"variables": [{**catalogue()["variables"][index], **members}]}
        result = self.run_ctl("import", "-", stdin=json.dumps(data))
        if result.status != 0:
            return result.err
        return result.counts()["variables"]

    def test_secret_values_change_and_keep(self):
        self.load(catalogue())
        self.assertEqual(self.change_variable(1, value="other"), (0, 1, 0))
        self.assertEqual(self.change_variable(1, value="other"), (0, 0, 1))
        self.assertEqual(self.change_variable(1, value="********"), (0, 0, 1))
        self.assertEqual(self.change_variable(1, value="other"), (0, 0, 1))
        self.assertEqual(self.change_variable(1, value=""), (0, 1, 0))
        self.assertEqual(self.change_variable(1, value=None), (0, 1, 0))
        self.assertIn("the mask stands for",
                      self.change_variable(1, value="********"))
        self.assertEqual(self.change_variable(1, value="x"), (0, 1, 0))

    def test_stored_secret_never_becomes_readable(self):
        self.load(catalogue())
        for value in ("********", ...):
            data = {"variables": [{**catalogue()["variables"][1],
                                   "secret": False, "value": value}]}
            if value is ...:
                del data["variables"][0]["value"]
            self.assertIn("variables[0].secret: a stored secret can only",
                          self.refused(data))
        self.assertEqual(self.change_variable(1, secret=False, value="new"),
                         (0, 1, 0))
        self.assertEqual(self.sql("SELECT value, value_sealed FROM variables "
                                  "WHERE id = 2"), [("new", None)])

    def test_plain_value_becomes_secret(self):
        self.load(catalogue())
        data = {"variables": [{**catalogue()["variables"][0],
                               "secret": True}]}
        del data["variables"][0]["value"]
        self.load(data)
        self.assertEqual(self.sql("SELECT value, value_sealed IS NULL "
                                  "FROM variables WHERE id = 1"),
                         [(None, "0")])
        self.assertEqual(self.change_variable(0, secret=True), (0, 0, 1))

    def test_secret_without_a_key_ring(self):
        message = self.fails("import", "-", "-o", "secrets.keyring_file=",
                             stdin=json.dumps(catalogue()))
        self.assertRegex(message, r"^variables\[1\].value: is secret: no key "
                         "ring is configured")

    def test_company_never_changes(self):
        self.load(catalogue())
        data = {"connection_pools": [catalogue()["connection_pools"][0]]}
        data["connection_pools"][0]["company_id"] = 2
        self.assertIn("connection_pools[0].company_id: cannot change",
                      self.refused(data))

    def test_versions_rise(self):
        self.load(catalogue())
        data = catalogue()
        data["connectors"][1]["name"] = "Renamed"
        self.load(data)
        self.assertEqual(self.versions(), [1, 2])
        data["variables"][0]["value"] = "b.test"
        data["variables"][1]["value"] = "new secret"
        self.load(data)
        self.assertEqual(self.versions(), [2, 2])
        data["model_variables"][0]["alias"] = "h"
        self.load(data)
        self.assertEqual(self.versions(), [3, 2])
        data["model_variables"][0]["model_id"] = 2
        self.load(data)
        self.assertEqual(self.versions(), [4, 3])
        data["variables"][3]["label"] = "of an endpoint"
        self.load(data)
        self.assertEqual(self.versions(), [4, 3])

    def test_data_version_rises_with_every_change(self):
        def version():
            return self.sql("SELECT company_id, version FROM data_versions "
                            "ORDER BY company_id")

        self.assertEqual(version(), [("0", "0")])
        data = catalogue()
        self.load(data)
        # That of a company goes up with the number of its connectors.
        self.assertEqual(version(), [("0", "1"), ("1", "1")])
        self.load(data)
        self.assertEqual(version(), [("0", "1"), ("1", "1")])
        data["systems"][0]["label"] = "Other"
        self.load(data)
        self.assertEqual(version(), [("0", "2"), ("1", "1")])

    def certificate_ids(self):
        return [row[0] for row in self.sql(
            "SELECT certificate_id FROM connectors ORDER BY id")]

    def test_certificate_and_connector_name_each_other(self):
        data = catalogue()
        data["certificates"][0]["connector_id"] = 2
        self.load(data)
        self.assertEqual(self.certificate_ids(), [None, "1"])
        self.assertEqual(self.load(data).counts()["connectors"], (0, 0, 2))
        data["connectors"][1]["certificate_id"] = 1
        self.assertEqual(self.load(data).counts()["connectors"], (0, 0, 2))
        # Another connector may have it too where both agree.
        data["connectors"][0]["certificate_id"] = 1
        self.assertEqual(self.load(data).counts()["connectors"], (0, 1, 1))
        data["connectors"][1]["certificate_id"] = None
        self.assertIn("connectors[0].certificate_id: certificates[0] names "
                      "another connector", self.refused(data))
        del data["connectors"][0]["certificate_id"]
        data["certificates"].append(
            {**data["certificates"][0], "id": 3})
        self.assertIn("certificates[2].connector_id: certificates[0] names "
                      "the same", self.refused(data))
        data["certificates"][2]["connector_id"] = 1
        data["connectors"][0]["certificate_id"] = 1
        self.assertIn("connectors[0].certificate_id: certificates[2] names",
                      self.refused(data))

    def test_certificate_names_a_stored_connector(self):
        self.load(catalogue())
        data = {"certificates": catalogue()["certificates"]}
        data["certificates"][0]["connector_id"] = 1
        self.load(data)
        self.assertEqual(self.certificate_ids(), ["1", None])
        self.assertEqual(self.versions(), [2, 1])
        self.load(data)
        self.assertEqual(self.versions(), [2, 1])
        data["certificates"][0]["connector_id"] = None
        data["certificates"][1]["connector_id"] = 1
        self.assertIn("certificates[1].connector_id: the connector belongs",
                      self.refused(data))

    def test_platform_app_by_its_key(self):
        data = catalogue()
        data["connectors"][0]["platform_app_key"] = "other"
        data["connectors"][1]["platform_app_key"] = "app"
        data["connectors"][1]["platform_app_id"] = 1
        self.load(data)
        self.assertEqual(
            self.sql("SELECT platform_app_id FROM connectors ORDER BY id"),
            [("2",), ("1",)])
        self.assertEqual(self.load(data).counts()["connectors"], (0, 0, 2))

    def run_at_once(self, files):
        running = [subprocess.Popen(
            [str(PROGRAM), "--config", str(self.config), "import", str(name)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for name in files]
        outputs = [process.communicate() for process in running]
        self.assertEqual([process.returncode for process in running],
                         [0] * len(files), outputs)

    def test_imports_at_once(self):
        """Whoever waits or is thrown out of a deadlock comes through."""
        self.load(catalogue())
        files = []
        for number in range(4):
            data = catalogue()
            for row in data["connectors"]:
                row["name"] = "by %d" % number
            random.Random(number).shuffle(data["connectors"])
            files.append(self.folder / ("%d.json" % number))
            files[-1].write_text(json.dumps(data))
        self.run_at_once(files)
        self.assertEqual(
            len(set(self.sql("SELECT name FROM connectors"))), 1)

    def test_first_imports_at_once(self):
        """Each finds the tables empty, and one of them wins."""
        path = self.folder / "catalogue.json"
        path.write_text(json.dumps(catalogue()))
        self.run_at_once([path] * 4)
        self.assertEqual(self.load(catalogue()).counts()["variables"],
                         (0, 0, 4))


if __name__ == "__main__":
    unittest.main()
