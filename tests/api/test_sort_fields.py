"""Order, sparse fields, and the order of checks."""
import unittest

from support import Case, LIST, connectors

ITEM = LIST + "/101"
# As utf8mb4_unicode_520_ci orders them; equal names by ascending id.
FIRST = [103, 102, 104]     # Äpfel, apple, Apple
LAST = [101, 106]           # Zebra, zebra


class Sort(Case):
    def test_default_is_by_id(self):
        want = [row["id"] for row in connectors()]
        self.assertEqual(self.ids("?per_page=100"), want)
        for query in ("sort=", "sort=,"):
            self.assertEqual(self.ids("?per_page=100&" + query), want)

    def test_by_name(self):
        got = self.ids("?per_page=100&sort=name")
        self.assertEqual(got[-2:], LAST)
        self.assertEqual(sorted(got[:3]), sorted(FIRST))
        self.assertLess(got.index(102), got.index(104))
        self.assertEqual(len(set(got)), 21)

    def test_by_name_descending(self):
        got = self.ids("?per_page=100&sort=-name")
        self.assertEqual(got[:2], LAST)
        self.assertLess(got.index(102), got.index(104))
        self.assertEqual(self.ids("?per_page=100&sort=--name"), got)

    def test_pages_never_repeat_or_miss(self):
        for sort in ("name", "-name", ""):
            whole = self.ids("?per_page=100&sort=" + sort)
            parts = [i for page in range(1, 12) for i in self.ids(
                "?per_page=2&page=%d&sort=%s" % (page, sort))]
            self.assertEqual(parts, whole)

    def test_array_form_and_repetition(self):
        want = self.ids("?sort=name")
        self.assertEqual(self.ids("?sort[]=name"), want)
        self.assertEqual(self.ids("?sort=name,name"), want)
        self.assertEqual(self.ids("?sort=%20name"), want)

    def test_unknown(self):
        self.assertEqual(
            self.message("?sort=-bogus,foo", 400),
            "Requested sort(s) `bogus, foo` is not allowed. "
            "Allowed sort(s) are `name`.")
        self.assertIn("``", self.message("?sort=-", 400))
        for name in ("Name", "id", "name%20x", "connectors.name", "name,id"):
            self.get("?sort=" + name, status=400)
        self.message("?sort[a]=name", 400)


class Fields(Case):
    def test_only_these_columns_and_always_id(self):
        for query in ("fields=name", "fields[connectors]=name",
                      "fields[connectors]=name,id"):
            row = self.data("?" + query, path=ITEM)
            self.assertEqual(row, {"id": 101, "name": "Zebra"})

    def test_columns_keep_their_order(self):
        row = self.data("?fields=timezone,name", path=ITEM)
        self.assertEqual(list(row), ["id", "name", "timezone"])

    def test_empty_list_is_ignored(self):
        self.assertEqual(self.data("?fields=", path=ITEM),
                         self.data("", path=ITEM))
        self.assertEqual(self.data("?fields[connectors]=", path=ITEM),
                         self.data("", path=ITEM))

    def test_includes_work_without_their_keys(self):
        row = self.data("?fields=name&include=certificate,variables_count,"
                        "authenticationImplementation.system", path=ITEM)
        self.assertEqual(list(row), ["id", "name", "variables_count",
                                     "certificate",
                                     "authentication_implementation"])
        self.assertEqual(row["certificate"]["id"], 81)
        self.assertEqual(
            row["authentication_implementation"]["system"]["id"], 51)

    def test_fields_of_included_tables(self):
        row = self.data("?include=variables,certificate"
                        "&fields[variables]=key&fields[certificates]=name",
                        path=ITEM)
        self.assertEqual(row["certificate"], {"id": 81, "name": "one"})
        self.assertEqual(list(row["variables"][0]), ["id", "key", "pivot"])
        self.assertIn("timezone", row)

    def test_secret_stays_masked_without_its_flag(self):
        row = self.data("?include=variables&fields[variables]=value",
                        path=ITEM)
        self.assertEqual(row["variables"][0]["value"], "********")

    def test_unknown(self):
        text = self.message("?fields[connectors]=name,zz", 400)
        self.assertTrue(text.startswith(
            "Requested field(s) `connectors.zz` are not allowed. "
            "Allowed field(s) are `connectors.id, connectors.name"), text)
        for query in ("fields=company_id", "fields=version",
                      "fields[connectors]=Name",
                      "include=variables&fields[variables]=value_sealed",
                      "include=certificate&fields[certificates]=passphrase"):
            self.get("?" + query, status=400)


class OrderOfChecks(Case):
    def test_first_that_fails_answers(self):
        bad = ["page=0", "include=x", "filter[x]=1", "sort=x", "fields=x"]
        words = ["page", "include", "filter", "sort", "field"]
        for i, word in enumerate(words):
            answer = self.get("?" + "&".join(reversed(bad[i:])),
                              status=422 if i == 0 else 400)
            self.assertIn(word, answer.json()["message"])

    def test_parameters_before_the_row(self):
        for query, status in (("page=0", 422), ("include=x", 400),
                              ("filter[x]=1", 400), ("sort=x", 400),
                              ("", 404)):
            self.get("?" + query, path=LIST + "/999", status=status)


if __name__ == "__main__":
    unittest.main()
