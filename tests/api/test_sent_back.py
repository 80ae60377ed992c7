"""What a show answers can be sent back: 200, and nothing is another."""
import unittest

from catalogue_write import HOSTED, STRICT
from writing import Writing, body, secret, variable

ALL = "?include=variables,certificate,authenticationImplementation.endpoints"
MANY = "The variables field must not have more than 200 items."


def some(first, number):
    return [variable("v%d" % i, "x") for i in range(first, first + number)]


class SentBack(Writing):
    def send_back(self, connector, query="?include=variables"):
        """Sends back what is shown; the data, which must be the same."""
        shown, tag = self.show(connector, query), self.tag(connector)
        answer = self.update(connector, shown, query=query)
        self.assertEqual(answer.json()["data"], shown)
        self.assertEqual(self.tag(connector), tag)
        return shown

    def test_what_an_import_brought(self):
        for connector in (440, 441, 442):
            with self.subTest(connector):
                self.send_back(connector)
                self.send_back(connector, ALL)

    def test_texts_with_blanks_at_their_ends_can_lose_them(self):
        shown = self.show(442)
        self.assertEqual((shown["name"], shown["type"]), (" Odd ", "odd "))
        one = self.variable(442, "odd")
        self.update(442, {"name": "Odd", "variables": [
            {"id": one["id"], "label": "Label"}]})
        self.assertEqual(self.show(442)["name"], "Odd")
        self.assertEqual(self.variable(442, "odd")["label"], "Label")
        self.send_back(442)
        self.update(442, {"name": " Odd\u3000"})
        self.assertEqual(self.show(442)["name"], "Odd")

    def test_what_was_stored(self):
        one = self.made(
            secret("a"), secret("b", None), secret("c", ""),
            variable("d", ""), variable("e", " x\n"), variable("f", None),
            variable("g", "********"), variable("host", None),
            variable("i", "1", locked=True, pivot={"alias": "I"}),
            secret("j", "2", locked=True), implementation=HOSTED,
            certificate_id=84, connection_pool_id=92)
        self.send_back(one["id"])
        self.send_back(one["id"], ALL)

    def test_nothing_stays_nothing_where_there_is_a_default(self):
        """The host is the implementation's, before and after: no secret has
        to be sent again for it."""
        one = self.made(secret("password"), variable("host", None),
                        implementation=HOSTED)
        host = self.variable(one["id"], "host")
        self.update(one["id"], {"variables": [host]})
        errors = self.refused_update(one["id"], {"variables": [
            {**host, "value": "other.test"}]})
        self.assertIn("password", str(errors))

    def test_more_variables_than_a_new_body_may_have(self):
        one = self.store(body(variables=some(0, 150))).json()["data"]["id"]
        self.update(one, {"variables": some(150, 60)})
        self.assertEqual(len(self.show(one)["variables"]), 210)
        self.send_back(one)
        self.assertEqual(
            self.refused_update(one, {"variables": some(0, 211)}),
            {"variables": [MANY]})

    def test_what_was_missing_is_asked_for_with_the_first_change(self):
        self.send_back(440)
        for data in ({"variables": [variable("page_size", "5")]},
                     {"authentication_implementation_id": STRICT,
                      "variables": [variable("x")]}):
            self.assertEqual(
                list(self.refused_update(440, data)), ["variables"])


if __name__ == "__main__":
    unittest.main()
