"""search= on connectors and systems: names that contain a text."""
import unittest
from urllib.parse import quote

from resources import API
from support import LIST, connectors, key_header, send
from writing import WRITER, Writing

SYSTEMS = API + "systems"
NAMES = ["100% Wolle", "100 Wolle", "a_b", "axb", "back\\slash", "back!slash",
         "Ünï 💚", "%", "!%_", "quote ' and \""]


class OfConnectors(Writing):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        self = cls()
        cls.made_here = {name: self.made(name="search " + name)["id"]
                         for name in NAMES}
        for id in cls.made_here.values():
            cls.addClassCleanup(self.destroy, id)

    def found(self, text, query=""):
        """Names of the connectors made here that are found."""
        ids = self.ids("?per_page=100&search=%s%s" % (quote(text), query),
                       WRITER)
        return [name for name, id in self.made_here.items() if id in ids]

    def test_finds_what_contains_the_text(self):
        self.assertEqual(self.found("Wolle"), ["100% Wolle", "100 Wolle"])
        self.assertEqual(self.found("slash"), ["back\\slash", "back!slash"])
        self.assertEqual(self.found("search a"), ["a_b", "axb"])
        self.assertEqual(self.found("no such text"), [])

    def test_wildcards_and_what_escapes_them_are_characters(self):
        self.assertEqual(self.found("%"), ["100% Wolle", "%", "!%_"])
        self.assertEqual(self.found("0% W"), ["100% Wolle"])
        self.assertEqual(self.found("_"), ["a_b", "!%_"])
        self.assertEqual(self.found("a_b"), ["a_b"])
        self.assertEqual(self.found("!"), ["back!slash", "!%_"])
        self.assertEqual(self.found("!%"), ["!%_"])
        self.assertEqual(self.found("\\"), ["back\\slash"])
        self.assertEqual(self.found("\\s"), ["back\\slash"])
        self.assertEqual(self.found("' and \""), ["quote ' and \""])
        for text in ("%%", "__", "!!", "\\\\", "\\%", "' OR '1'='1", "%' -- "):
            self.assertEqual(self.found(text), [], text)

    def test_compares_under_the_collation(self):
        self.assertEqual(self.found("UNI"), ["Ünï 💚"])
        self.assertEqual(self.found("ünï"), ["Ünï 💚"])
        self.assertEqual(self.found("WÖLLE"), ["100% Wolle", "100 Wolle"])
        self.assertEqual(self.found("💚"), ["Ünï 💚"])
        self.assertEqual(self.ids("?search=APFEL"), [103])

    def test_outer_blanks_and_an_empty_text_do_not_count(self):
        self.assertEqual(self.found("  Wolle "), ["100% Wolle", "100 Wolle"])
        for query in ("search=", "search=%20", "search", "search=%C2%A0"):
            self.assertEqual(len(self.ids("?per_page=100&" + query)), 21)

    def test_combines_with_everything_else(self):
        self.assertEqual(
            self.ids("?search=apple&sort=-name&filter[system]=51"), [102])
        self.assertEqual(self.ids("?search=zebra&sort=-name,&per_page=1"),
                         [101])
        self.assertEqual(self.ids("?search=zebra&per_page=1&page=2"), [106])
        row, = self.data("?search=zebra&filter[canonical_key]=Key-Mixed"
                         "&include=variables_count&fields=name")
        self.assertEqual(row, {"id": 101, "name": "Zebra",
                               "variables_count": 4})

    def test_counts_and_links_are_of_what_is_found(self):
        answer = self.get("?search=Number%200&per_page=2&page=2").json()
        self.assertEqual(answer["meta"]["total"], 10)
        for name, page in (("first", 1), ("last", 5), ("prev", 1),
                           ("next", 3)):
            self.assertEqual(
                answer["links"][name].partition("?")[2],
                "search=Number%%200&per_page=2&page=%d" % page)

    def test_deep_pages_go_on_where_the_one_before_ended(self):
        ids = []
        for page in range(1, 16):
            ids += self.ids("?search=number&per_page=1&page=%d" % page)
        self.assertEqual(ids, [110 + i for i in range(15)])
        self.assertEqual(self.ids("?search=number&page=9"), [])

    def test_each_text_has_an_answer_of_its_own(self):
        """Though the cache has another one already."""
        tags = set()
        for _ in range(2):
            for text in ("zebra", "apple", "Zebra"):
                answer = self.get("?search=" + text)
                tags.add(answer.headers["ETag"])
                self.assertEqual(
                    [row["id"] for row in answer.json()["data"]],
                    [102, 104] if text == "apple" else [101, 106])
        self.assertEqual(len(tags), 3)  # links differ
        self.get("?search=zebra", status=304,
                 headers={"If-None-Match": ",".join(tags)})

    def test_finds_what_was_just_stored_and_not_what_is_gone(self):
        self.assertEqual(self.ids("?search=brand%20new", WRITER), [])
        made = self.made(name="A brand new one")["id"]
        self.assertEqual(self.ids("?search=brand%20new", WRITER), [made])
        self.update(made, {"name": "An old one", "timezone": "UTC",
                           "date_format": "Y", "rate_limit_unit": "day",
                           "rate_limit_duration": 1})
        self.assertEqual(self.ids("?search=brand%20new", WRITER), [])
        self.assertEqual(self.ids("?search=An%20old", WRITER), [made])
        self.destroy(made)
        self.assertEqual(self.ids("?search=An%20old", WRITER), [])

    def test_other_companies_are_not_looked_at(self):
        for company, wanted in ((1, [101, 106]), (2, [201]), (3, [])):
            self.assertEqual(self.ids("?search=zebra", company), wanted)

    def test_show_is_found_or_not(self):
        path = LIST + "/101"
        for text in ("zebra", "EBR", ""):
            self.assertEqual(
                self.data("?search=" + text, path=path)["id"], 101)
        for name in ("101", "Key-Mixed"):
            self.assertEqual(
                self.message("?search=horse", 404, path=LIST + "/" + name),
                "No query results for model [Connector] " + name)

    def test_at_most_100_characters(self):
        for character in ("a", "ü", "💚", "%"):
            self.get("?search=" + quote(character * 100))
            self.get("?search=" + quote(" %s " % (character * 100)))
            for path in (LIST, LIST + "/101", SYSTEMS, SYSTEMS + "/51"):
                body = self.get("?search=" + quote(character * 101),
                                path=path, status=422).json()
                text = "The search field must not be greater than 100 " \
                    "characters."
                self.assertEqual(body, {"message": text,
                                        "errors": {"search": [text]}})
        body = self.get("?page=0&include=x&search=" + "a" * 101,
                        status=422).json()
        self.assertEqual(list(body["errors"]), ["page", "search"])
        self.assertIn("(and 1 more error)", body["message"])

    def test_other_forms_are_refused(self):
        for path in (LIST, LIST + "/101", SYSTEMS, SYSTEMS + "/51"):
            for query in ("search[]=a", "search[a]=b", "search[a][b]=c",
                          "search[]=", "search=a&search[]=b"):
                self.assertEqual(
                    self.message("?" + query, 400, path=path),
                    "The search parameter must be a text.")
            for broken in ("%80", "a%C3", "%ED%A0%80", "%F0%9F%98",
                           "%FF" * 200):
                self.assertEqual(
                    self.message("?search=" + broken, 400, path=path),
                    "The search parameter is not valid UTF-8.")
        # What is wrong with names and pages is said before.
        self.assertIn("include", self.message("?search[]=a&include=x", 400))
        self.get("?search[]=a&page=0", status=422)
        self.assertEqual(self.ids("?search[]=a&search=zebra"), [101, 106])

    def test_other_routes_and_methods_ignore_it(self):
        for path in ("authentication-implementations", "connection-pools",
                     "certificates", "certificates/81", "connector-tests",
                     "connectors/101/tests"):
            for query in ("search[]=a", "search=%80", "search=" + "a" * 101,
                          "search=nothing"):
                self.assertEqual(
                    self.get("?" + query, path=API + path).json()["data"],
                    self.get("", path=API + path).json()["data"])
        made = self.store({"name": "N", "authentication_implementation_id":
                           402, "timezone": "UTC", "date_format": "Y",
                           "rate_limit_unit": "day",
                           "rate_limit_duration": 1}, 200, "?search[]=a")
        self.destroy(made.json()["data"]["id"])


class OfSystems(Writing):
    def found(self, text, company=1):
        return [row["id"] for row in self.data(
            "?search=" + quote(text), company, SYSTEMS)]

    def test_by_name_or_label(self):
        self.assertEqual(self.found("shop"), [51])
        self.assertEqual(self.found("OL LA"), [52, 55])
        self.assertEqual(self.found("5"), [54])
        self.assertEqual(self.found("z"), [51])

    def test_by_label_alone(self):
        from writing import sql
        sql("UPDATE systems SET label = 'Pebble 50% _' WHERE id = 60")
        self.addCleanup(
            sql, "UPDATE systems SET label = name WHERE id = 60")
        for text, wanted in (("PEBBLE", [60]), ("50%", [60]), ("% _", [60]),
                             ("safe", [60]), ("5_%", [])):
            self.assertEqual(self.found(text, WRITER), wanted)

    def test_of_other_companies_none_is_found(self):
        self.assertEqual(self.found("hidden"), [])
        self.assertEqual(self.found("hidden", 2), [56])
        self.assertEqual(self.found("write"), [])
        self.assertEqual(self.found("write", WRITER), [57, 58, 60])

    def test_with_filters_and_order(self):
        self.assertEqual(
            [row["name"] for row in self.data(
                "?search=ol&sort=-name&filter[protocol]=http&per_page=2",
                1, SYSTEMS)], ["Öl Lager", "Ol lager"])
        answer = send("HEAD", SYSTEMS + "?search=ol", key_header())
        self.assertEqual(answer.headers["ETag"],
                         self.get("?search=ol", path=SYSTEMS)
                         .headers["ETag"])


if __name__ == "__main__":
    unittest.main()
