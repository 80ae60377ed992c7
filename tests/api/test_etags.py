"""ETag and If-None-Match."""
import unittest

from support import Case, LIST, key_header, send

ITEM = LIST + "/101"


class Tags(Case):
    def tag(self, path, company=1):
        answer = self.get("", company, path)
        self.assertEqual(len(answer.headers.get_all("ETag")), 1)
        return answer.headers["ETag"]

    def conditional(self, path, header, method="GET"):
        return send(method, path, {**key_header(), "If-None-Match": header})

    def test_form(self):
        self.assertRegex(self.tag(ITEM), r'^"[0-9]+-[!-~]+"$')
        self.assertRegex(self.tag(LIST), r'^"[!-~]+"$')

    def test_same_question_same_tag(self):
        for path in (ITEM, LIST, ITEM + "?include=variables"):
            self.assertEqual(self.tag(path), self.tag(path))

    def test_other_answers_have_other_tags(self):
        seen = {self.tag(ITEM + query) for query in (
            "", "?include=variables", "?include=certificate", "?fields=name")}
        self.assertEqual(len(seen), 4)
        self.assertNotEqual(self.tag(LIST), self.tag(LIST, 2))
        self.assertNotEqual(self.tag(LIST), self.tag(LIST + "?page=2"))

    def test_version_leads_the_tag_of_a_connector(self):
        versions = {self.tag(ITEM + query).split("-")[0] for query in (
            "", "?include=variables", "?fields=name")}
        self.assertEqual(len(versions), 1)

    def test_not_modified(self):
        for path in (ITEM, LIST):
            tag = self.tag(path)
            for header in (tag, "W/" + tag, "*", '"x", ' + tag,
                           '"a","b" ,W/%s , "c"' % tag):
                for method in ("GET", "HEAD"):
                    answer = self.conditional(path, header, method)
                    self.assertEqual(answer.status, 304, header)
                    self.assertEqual(answer.body, b"")
                    self.assertEqual(answer.headers["ETag"], tag)
                    self.assertEqual(answer.headers["Cache-Control"],
                                     "no-cache, private")
                    self.assertIsNone(answer.headers["Content-Type"])

    def test_modified(self):
        tag = self.tag(ITEM)
        for header in ('"x"', tag[:-1], tag.strip('"'), tag[1:], '""', "x",
                       '"%s' % tag, ","):
            answer = self.conditional(ITEM, header)
            self.assertEqual(answer.status, 200, header)

    def test_errors_come_first(self):
        for path, status in ((LIST + "/999", 404), (LIST + "?page=0", 422),
                             (LIST + "?include=x", 400)):
            self.assertEqual(self.conditional(path, "*").status, status)


if __name__ == "__main__":
    unittest.main()
