"""What an export or a show gives, an import and a PUT take, and nothing is
another then: a property, over generated catalogues of odd but valid rows.

CONNECTORS_TEST_SCALE=1 is 10,000 catalogues; a run of all tests has a tenth.
"""
import json
import shutil
import tempfile
import unittest
import urllib.parse

from ctl_support import CtlTest
from odd_catalogue import COMPANIES, build
from scale import say, scaled
from test_dev import LIST, Stack
from write_support import Client

NUMBER = scaled(10000)
BATCH = 500
MASK = "********"
# Columns that a table has beside those that are given.
OWN = {"created_at", "updated_at", "platform_app_key"}
TABLES = {"connectors": ("name", "type", "timezone", "date_format",
                         "canonical_key"),
          "variables": ("key", "label", "value", "secret", "locked")}


def batches():
    return [range(first, min(first + BATCH, NUMBER))
            for first in range(0, NUMBER, BATCH)]


def exported(text):
    """(table, row) of each line of an export."""
    table = None
    for line in text.splitlines():
        line = line.rstrip(",")
        if line.endswith("["):
            table = line[1:line.index('"', 1)]
        elif line.startswith("{") and len(line) > 1:
            yield table, json.loads(line)


def key_of(table, row):
    return (table, *(row[name] for name in (
        ("id",) if "id" in row else
        [name for name in row if name.endswith(("_id", "_path"))])))


def shown(row):
    """A row as an export or a show gives it: a secret is the mask."""
    if row.get("secret") and row["value"] is not None:
        return {**row, "value": MASK}
    return row


WARNING = "connectorsctl: warning: "


def unchanged(text):
    """Whether the counts of an import say that there was nothing to do."""
    lines = [line for line in text.splitlines()
             if not line.startswith(WARNING)]
    return all(line.split()[1:3] == ["0", "0"] for line in lines[1:])


class Exported(CtlTest):
    def ok(self, *arguments, **options):
        """May warn: odd catalogues have secret defaults that go nowhere."""
        result = self.run_ctl(*arguments, **options)
        self.assertEqual(result.status, 0, result.err)
        for line in result.err.splitlines():
            self.assertTrue(line.startswith(WARNING), line)
        return result

    def compare(self, text, data):
        """An export has the rows as they were given."""
        given = {key_of(table, row): shown(row)
                 for table, rows in data.items() for row in rows}
        for table, row in exported(text):
            wanted = given.pop(key_of(table, row))
            # The certificate's is stored with the connector too.
            for name in wanted:
                self.assertEqual(row[name], wanted[name],
                                 "%s.%s" % (table, name))
            self.assertLessEqual(set(row) - set(wanted), OWN)
        self.assertEqual(given, {})

    def test_an_export_is_what_was_imported(self):
        for numbers in batches():
            data = build(numbers)
            self.load(data)
            text = self.ok("export").out
            self.compare(text, data)
            result = self.ok("import", "-", stdin=text)
            self.assertTrue(unchanged(result.out), result.out)
            # Into another database, once the secrets are there again.
            other = json.loads(text)
            values = {row["id"]: row["value"] for row in data["variables"]}
            for row in other["variables"]:
                row["value"] = values[row["id"]]
            self.doCleanups()
            self.setUp()
            self.load(other)
            self.assertEqual(self.ok("export").out, text)
            self.doCleanups()
            self.setUp()


class SentBack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.target = target = Stack(tempfile.mkdtemp(
            prefix="connectors-round."))
        cls.addClassCleanup(shutil.rmtree, target.state, True)
        cls.addClassCleanup(target.dev, "down")
        target.up("--no-demo")
        cls.data, cls.sent = {}, 0
        for numbers in batches():
            data = build(numbers)
            cls.bring(data)
            cls.keep(data)
        cls.keys = [target.dev("ctl", "key", "create", "--company",
                               str(1 + i)).split()[-1]
                    for i in range(COMPANIES)]

    @classmethod
    def keep(cls, data):
        """Only what is compared later."""
        for table, names in TABLES.items():
            cls.data.setdefault(table, {}).update({
                row["id"]: {name: shown(row)[name] for name in names}
                for row in data[table]})

    @classmethod
    def bring(cls, data):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(data, file)
            file.flush()
            return cls.target.dev("ctl", "import", file.name)

    def pages(self, client, query):
        page, last = 0, 1
        while page < last:
            page += 1
            _, _, text = client.ask("GET", "%s?per_page=100&page=%d&%s" % (
                LIST, page, query))
            answer = json.loads(text)
            last = answer["meta"]["last_page"]
            yield answer["data"]

    def compare(self, connector):
        for table, rows in (("connectors", [connector]),
                            ("variables", connector["variables"])):
            for row in rows:
                wanted = self.data[table][row["id"]]
                self.assertEqual({name: row[name] for name in wanted}, wanted)

    def send_back(self, client, connector):
        """By its id or its key, which also finds it in a list."""
        key = connector["canonical_key"]
        path = "%s/%s" % (LIST, urllib.parse.quote(key, safe="")
                          if connector["id"] % 2 else connector["id"])
        query = "?include=variables" + (
            ",authenticationImplementation.endpoints.endpointSchema"
            if connector["id"] % 3 else "")
        status, headers, text = client.ask("GET", path + query)
        self.assertEqual(status, 200, (path, text[:300]))
        data = json.loads(text)["data"]
        self.assertEqual(data["id"], connector["id"])
        status, after, answer = client.ask("PUT", path + query, data,
                                           If_Match=headers["ETag"])
        self.assertEqual(status, 200, (path, answer[:600]))
        self.assertEqual(json.loads(answer)["data"], data)
        self.assertEqual(after["ETag"], headers["ETag"])
        type(self).sent += 1

    def test_1_what_a_show_gives_a_put_takes(self):
        for key in self.keys:
            with Client(self.target, key) as client:
                for page in self.pages(client, "include=variables"):
                    for connector in page:
                        self.compare(connector)
                        self.send_back(client, connector)
        self.assertEqual(self.sent, len(self.data["connectors"]))
        say("%d connectors of %d catalogues sent back", self.sent, NUMBER)

    def test_2_a_filter_finds_each_key(self):
        with Client(self.target, self.keys[0]) as client:
            for page in self.pages(client, ""):
                for one in page[:10]:
                    query = urllib.parse.urlencode({
                        "filter[canonical_key]": one["canonical_key"]})
                    _, _, text = client.ask("GET", "%s?%s" % (LIST, query))
                    self.assertEqual(
                        [row["id"] for row in json.loads(text)["data"]],
                        [one["id"]])

    def test_3_what_a_list_gives_an_import_takes(self):
        rows = {"connectors": [], "variables": []}
        for company, key in enumerate(self.keys, 1):
            with Client(self.target, key) as client:
                for page in self.pages(client, "include=variables"):
                    for one in page:
                        rows["variables"] += [
                            {name: value for name, value in row.items()
                             if name != "pivot"}
                            for row in one.pop("variables")]
                        rows["connectors"].append(
                            {**one, "company_id": company})
        self.assertTrue(unchanged(self.bring(rows)))

    def test_4_an_import_of_all_again_changes_nothing(self):
        for numbers in batches():
            self.assertTrue(unchanged(self.bring(build(numbers))))

    def store_again(self, client, connector):
        """A new one out of what is shown of another, which then share a
        certificate; it may lack what the implementation requires."""
        status, _, text = client.ask(
            "POST", LIST, {**connector, "variables": []})
        if status != 200:
            self.assertEqual((status, list(json.loads(text)["errors"])),
                             (422, ["variables"]))
        return int(status == 200)

    def test_5_what_a_list_gives_a_store_takes(self):
        with Client(self.target, self.keys[1]) as client:
            page = next(self.pages(client, ""))
            self.assertGreater(sum(self.store_again(client, one)
                                   for one in page), 5)

    def test_6_an_export_can_be_imported(self):
        text = self.target.dev("ctl", "export")
        self.assertTrue(unchanged(self.bring(json.loads(text))))


if __name__ == "__main__":
    unittest.main()
