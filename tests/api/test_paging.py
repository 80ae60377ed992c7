"""Pages and their links."""
import unittest

from support import BASE, Case, LIST, key_header, send

TOTAL = 21


def window(last, current):
    """Labels between Previous and Next; None is the gap."""
    if last < 14:
        return list(range(1, last + 1))
    if current <= 7:
        return list(range(1, 11)) + [None, last - 1, last]
    if current > last - 7:
        return [1, 2, None] + list(range(last - 9, last + 1))
    middle = list(range(current - 3, current + 4))
    return [1, 2, None] + middle + [None, last - 1, last]


class Pages(Case):
    def test_first_page_of_15(self):
        answer = self.get().json()
        self.assertEqual(list(answer), ["data", "links", "meta"])
        self.assertEqual(len(answer["data"]), 15)
        self.assertEqual(answer["links"], {
            "first": BASE + LIST + "?page=1", "last": BASE + LIST + "?page=2",
            "prev": None, "next": BASE + LIST + "?page=2"})
        meta = answer["meta"]
        self.assertEqual(list(meta), ["current_page", "from", "last_page",
                                      "links", "path", "per_page", "to",
                                      "total"])
        del meta["links"]
        self.assertEqual(meta, {
            "current_page": 1, "from": 1, "last_page": 2,
            "path": BASE + LIST, "per_page": 15, "to": 15, "total": TOTAL})

    def test_window_of_links(self):
        for per_page, last in ((1, 21), (2, 11)):
            for page in range(1, last + 1):
                meta = self.get("?per_page=%d&page=%d"
                                % (per_page, page)).json()["meta"]
                self.assert_links(meta["links"], per_page, last, page)

    def assert_links(self, links, per_page, last, page):
        def url(number):
            return "%s%s?per_page=%d&page=%d" % (BASE, LIST, per_page, number)

        want = [("&laquo; Previous", page - 1 if page > 1 else None, False)]
        want += [("..." if n is None else str(n), n, n == page)
                 for n in window(last, page)]
        want += [("Next &raquo;", page + 1 if page < last else None, False)]
        self.assertEqual(len(links), len(want))
        for link, (label, number, active) in zip(links, want):
            row = {"url": None if number is None else url(number),
                   "label": label, "page": number, "active": active}
            if label == "...":
                del row["page"]
            self.assertEqual(link, row)

    def test_page_beyond_the_last(self):
        answer = self.get("?page=9").json()
        self.assertEqual(answer["data"], [])
        self.assertEqual(answer["links"]["prev"], BASE + LIST + "?page=8")
        self.assertIsNone(answer["links"]["next"])
        meta = answer["meta"]
        self.assertEqual(
            (meta["current_page"], meta["from"], meta["to"], meta["total"]),
            (9, None, None, TOTAL))
        self.assertFalse(any(link["active"] for link in meta["links"]))

    def test_greatest_page(self):
        meta = self.get("?page=2147483647&per_page=100").json()["meta"]
        self.assertEqual(meta["current_page"], 2147483647)

    def test_no_rows(self):
        answer = self.get("", 3).json()
        meta = answer["meta"]
        self.assertEqual((meta["from"], meta["to"], meta["total"],
                          meta["last_page"]), (None, None, 0, 1))
        self.assertEqual(answer["links"]["first"], answer["links"]["last"])
        self.assertEqual(len(meta["links"]), 3)

    def test_links_lead_on(self):
        seen, path = [], LIST + "?per_page=4&sort=name&filter[system]=51,55"
        while path:
            answer = send("GET", path, key_header()).json()
            seen += [row["id"] for row in answer["data"]]
            following = answer["links"]["next"]
            path = following and following[len(BASE):]
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(len(seen), answer["meta"]["total"])

    def test_links_keep_the_query(self):
        meta = self.get("?b=%20a+b&page=1&sort=name&filter[system]=51,52"
                        "&x[]=1&x[]=2&e=&per_page=1").json()
        self.assertEqual(
            meta["links"]["first"],
            BASE + LIST + "?b=a%20b&sort=name&filter%5Bsystem%5D=51%2C52"
            "&x%5B0%5D=1&x%5B1%5D=2&per_page=1&page=1")

    def test_links_have_the_host_that_was_asked(self):
        for host, seen in (("Api.Example:81", "api.example:81"),
                           ("api.example:80", "api.example"),
                           ("api.example", "api.example"),
                           ("[::1]:81", "[::1]:81")):
            answer = send("GET", LIST, {**key_header(), "Host": host})
            self.assertEqual(answer.json()["meta"]["path"],
                             "http://" + seen + LIST)

    def test_forwarded_headers_of_strangers_do_not_count(self):
        answer = send("GET", LIST, {
            **key_header(), "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Port": "444", "Forwarded": "host=evil.example"})
        self.assertEqual(answer.json()["meta"]["path"], BASE + LIST)

    def test_show_checks_paging_too(self):
        path = LIST + "/101"
        self.get("?page=7&per_page=3&sort=name", path=path)
        self.get("?per_page=101", path=path, status=422)


class OutOfRange(Case):
    def errors(self, query):
        body = self.get("?" + query, status=422).json()
        self.assertEqual(list(body), ["message", "errors"])
        return body

    def test_page(self):
        for value, text in (
                ("0", "must be at least 1."), ("-1", "must be at least 1."),
                ("abc", "must be an integer."), ("1.0", "must be an integer."),
                ("2147483648", "must not be greater than 2147483647.")):
            body = self.errors("page=" + value)
            self.assertEqual(body["errors"]["page"][0],
                             "The page field " + text)
            self.assertTrue(
                body["message"].startswith(body["errors"]["page"][0]))

    def test_per_page(self):
        for value, text in (
                ("0", "must be at least 1."),
                ("101", "must not be greater than 100."),
                ("x", "must be an integer.")):
            body = self.errors("per_page=" + value)
            self.assertEqual(body["errors"]["per_page"][0],
                             "The per page field " + text)

    def test_both(self):
        body = self.errors("page=0&per_page=500")
        self.assertEqual(body["message"], "The page field must be at least "
                         "1. (and 1 more error)")
        self.assertEqual(list(body["errors"]), ["page", "per_page"])

    def test_list_is_no_integer(self):
        self.errors("page[]=1")

    def test_empty_counts_as_absent(self):
        meta = self.get("?page=&per_page=").json()["meta"]
        self.assertEqual((meta["current_page"], meta["per_page"]), (1, 15))


if __name__ == "__main__":
    unittest.main()
