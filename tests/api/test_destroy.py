"""DELETE: gone, with all that is its own, and nothing else."""
import unittest

from support import LIST
from writing import (OTHER, WRITER, Writing, audit, counts, path, secret, sql,
                     variable)


class Destroy(Writing):
    def test_answer(self):
        one = self.made(variable("a"))
        answer = self.destroy(one["id"])
        self.assertEqual(answer.json(), {"message": "Connector deleted."})
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(answer.headers["Cache-Control"], "no-cache, private")
        self.assertIsNone(answer.headers["ETag"])

    def test_it_is_gone(self):
        one = self.made(variable("a"))
        self.destroy(one["id"])
        text = "No query results for model [Connector] %s"
        for name in (one["id"], one["canonical_key"]):
            for method in ("DELETE", "GET", "PUT"):
                answer = self.ask(method, path(name), status=404)
                self.assertEqual(answer.json(), {"message": text % name})
        self.assertEqual(self.ids(
            "?filter[canonical_key]=" + one["canonical_key"], WRITER), [])

    def test_by_canonical_key(self):
        one = self.made()
        self.destroy(one["canonical_key"] + "/")
        self.destroy(one["id"], 404)

    def test_what_is_its_own_goes_along(self):
        before = counts()
        one = self.made(variable("a"), secret("s"), secret("t", locked=True))
        self.destroy(one["id"])
        after = counts()
        for table in before:
            if table != "audit_events":
                self.assertEqual(after[table], before[table], table)

    def test_variables_of_others_stay(self):
        one, two = self.made(variable("a", "1")), self.made(secret("a"))
        self.destroy(one["id"])
        self.assertEqual(self.show(two["id"]), two)

    def test_the_certificate_stays_and_is_nobodys(self):
        other, one = self.made(certificate_id=85), self.made(certificate_id=85)
        include = "?include=certificate"
        for shown in (one, other):
            certificate = self.show(shown["id"], include)["certificate"]
            self.assertEqual(certificate["connector_id"], one["id"])
        self.destroy(one["id"])
        certificate = self.show(other["id"], include)["certificate"]
        self.assertEqual(certificate["id"], 85)
        self.assertIsNone(certificate["connector_id"])

    def test_another_companys(self):
        one = self.made()
        for name in (one["id"], one["canonical_key"]):
            self.destroy(name, 404, company=OTHER)
        self.destroy(451, 404)
        self.assertEqual(self.show(one["id"]), one)
        self.assertEqual(self.show(451, "", OTHER)["id"], 451)

    def test_body_and_query_are_not_read(self):
        for body, headers, query in (
                (b"{", {}, ""), (b"x" * 70000, {"Content-Type": "a/b"}, ""),
                (None, {}, "?include=none&page=0&filter[x]=1&sort=x")):
            one = self.made()
            self.ask("DELETE", path(one["id"]) + query, body, headers,
                     status=200)

    def test_collection_cannot_be_destroyed(self):
        self.ask("DELETE", LIST, status=405)

    def test_audit(self):
        one = self.made(secret("s", "gone and never seen"))
        answer = self.destroy(one["id"])
        self.assertEqual([action for action, _ in audit(one["id"])],
                         ["store", "destroy"])
        row = sql("SELECT * FROM audit_events WHERE connector_id = %d "
                  "AND action = 'destroy'" % one["id"])[0]
        for text in ("Main", answer.headers["X-Request-Id"]):
            self.assertIn(text, row)
        self.assertNotIn("never seen", str(row))


if __name__ == "__main__":
    unittest.main()
