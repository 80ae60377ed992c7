"""connectorsctl export."""
import json
import unittest

from ctl_support import CtlTest, catalogue


class Export(CtlTest):
    def export(self):
        return json.loads(self.ok("export").out)

    def test_empty_database(self):
        data = self.export()
        self.assertEqual(list(data), list(dict.fromkeys(data)))
        self.assertEqual(set(map(len, data.values())), {0})
        self.assertNotIn("api_keys", data)
        self.assertNotIn("audit_events", data)
        self.load(data)

    def test_round_trip(self):
        self.load(catalogue())
        first = self.ok("export").out
        data = json.loads(first)
        counts = self.load(data).counts()
        self.assertEqual({table: (inserted, updated) for
                          table, (inserted, updated, _) in counts.items()},
                         {table: (0, 0) for table in data})
        self.assertEqual(self.ok("export").out, first)
        for table, rows in catalogue().items():
            self.assertEqual(len(data[table]), len(rows), table)
        self.assertNotIn("canary-7f3e", first)
        self.assertEqual([row.get("value") for row in data["variables"]],
                         ["a.test", "********", "********", None])
        self.assertEqual(data["endpoint_schemas"][0]["schema"], [1, None])
        self.assertNotIn("version", data["connectors"][0])

    def test_into_another_database(self):
        data = catalogue()
        for row in data["variables"]:
            row["secret"] = False
        self.load(data)
        text = self.ok("export").out
        other = self.database + "b"
        self.server.sql("CREATE DATABASE " + other)
        self.addCleanup(self.server.sql, "DROP DATABASE " + other)
        option = ["-o", "database.name=" + other]
        self.ok("migrate", *option)
        self.ok("import", "-", *option, stdin=text)
        self.assertEqual(self.ok("export", *option).out, text)

    def test_pages(self):
        data = {"companies": [{"id": number, "name": "c%d" % number}
                              for number in range(1, 2501)],
                "sessions": [{"id": "s%04d" % number, "company_id": 1}
                             for number in range(1000)]}
        self.load(data)
        exported = self.export()
        for table in data:
            self.assertEqual([row["id"] for row in exported[table]],
                             [row["id"] for row in data[table]])


if __name__ == "__main__":
    unittest.main()
