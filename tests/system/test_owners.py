"""Rows that were led to another owner inside the database: what belongs to
one company is never sent for, shown to or removed by another."""
import unittest

from far_side import FarSide, Tested, variable

LINK = "UPDATE model_variables SET model_type = '%s', model_id = %d " \
    "WHERE variable_id = %d"
CANARY = "canary-3c91"
PASSED = (200, None)
UNKNOWN = (422, "variable_unknown")
OF_CONNECTOR, OF_IMPLEMENTATION = "connector", "authentication_implementation"
OWN_SECRET = variable(501, 2, "key", CANARY, OF_CONNECTOR, 200, True)


class Owners(Tested):
    def setUp(self):
        super().setUp()
        self.far = self.enterContext(FarSide())

    def move(self, variable, kind, model):
        self.sql(LINK % (kind, model, variable))

    def assert_nothing_sent(self):
        self.assertFalse([one for one in self.far.requests if CANARY in one])

    def assert_told(self, pool, *numbers):
        """A line of the log has the ids, and none a value."""
        lines = pool.wait_for(lambda: [one for one in pool.lines()
                                       if one.get("warning")], "a warning")
        self.assertEqual(lines[-1]["level"], "warning")
        for number in numbers:
            self.assertRegex(lines[-1]["warning"], r"\b%d\b" % number)
        self.assertNotIn(CANARY, pool.log.read_text())

    def started(self, pairs, **uses):
        """The pool; implementation=connector as in i20=200."""
        pool = self.start(self.far, pairs)
        for implementation, connector in uses.items():
            self.sql("UPDATE connectors SET authentication_implementation_id"
                     " = %s WHERE id = %d" % (implementation[1:], connector))
        return pool

    def check_moved(self, pool, kind, model, how=UNKNOWN):
        """Variable 501 makes connector 200 of company 2 pass; it is moved to
        another owner, and connector 100 of company 1 is without it; at last
        it is moved back."""
        self.assertEqual(self.outcome(pool, 200, 2), PASSED)
        self.assertIn(CANARY, self.far.requests[-1])
        link = self.sql("SELECT model_type, model_id FROM model_variables "
                        "WHERE variable_id = 501")[0]
        self.far.requests.clear()
        self.move(501, kind, model)
        self.assertEqual(self.outcome(pool, 100, 1), how)
        self.assert_nothing_sent()
        self.assert_told(pool, 501, model)
        self.move(501, link[0], int(link[1]))
        self.assertEqual(self.outcome(pool, 200, 2), PASSED)
        self.assertIn(CANARY, self.far.requests[-1])

    def test_secret_of_a_connector_to_another_companys(self):
        self.check_moved(self.started([OWN_SECRET]), OF_CONNECTOR, 100)

    def test_plain_value_of_a_connector_to_another_companys(self):
        self.check_moved(self.started([
            variable(501, 2, "key", CANARY, OF_CONNECTOR, 200)]),
            OF_CONNECTOR, 100)

    def test_behind_the_default_of_ones_own(self):
        """A row that is not ours does not hide the default either."""
        pool = self.started([OWN_SECRET, variable(
            502, None, "key", "default", OF_IMPLEMENTATION, 10)])
        self.check_moved(pool, OF_CONNECTOR, 100, PASSED)

    def test_of_a_connector_to_an_implementation_of_all(self):
        self.check_moved(self.started([OWN_SECRET]), OF_IMPLEMENTATION, 10)

    def test_of_a_connector_to_an_implementation_of_its_company(self):
        """It is that company's all the same."""
        pool = self.started([OWN_SECRET], i20=200)
        self.move(501, OF_IMPLEMENTATION, 20)
        self.assertEqual(self.outcome(pool, 200, 2), PASSED)

    def test_secret_of_an_implementation_to_another_companys(self):
        self.check_moved(self.started([
            variable(501, 2, "key", CANARY, OF_IMPLEMENTATION, 20, True)],
            i20=200, i30=100), OF_IMPLEMENTATION, 30)

    def test_plain_value_of_an_implementation_to_another_companys(self):
        self.check_moved(self.started([
            variable(501, 2, "key", CANARY, OF_IMPLEMENTATION, 20)],
            i20=200, i30=100), OF_IMPLEMENTATION, 30)

    def test_of_an_implementation_to_an_implementation_of_all(self):
        self.check_moved(self.started([
            variable(501, 2, "key", CANARY, OF_IMPLEMENTATION, 20, True)],
            i20=200), OF_IMPLEMENTATION, 10)

    def test_of_an_implementation_to_a_connector(self):
        """A default of the catalogue is not a connector's own, whose target
        its company chooses."""
        self.check_moved(self.started([
            variable(501, None, "key", CANARY, OF_IMPLEMENTATION, 10, True)]),
            OF_CONNECTOR, 100)

    def test_a_connector_with_another_companys_implementation(self):
        pairs = [variable(501, 2, "key", CANARY, OF_IMPLEMENTATION, 20, True),
                 variable(502, 1, "key", "own", OF_CONNECTOR, 100)]
        pool = self.start(self.far, pairs)
        self.sql("UPDATE connectors SET authentication_implementation_id = 20 "
                 "WHERE id = 100")
        status, reason = self.outcome(pool, 100, 1)
        self.assertEqual((status, reason), (422, "type_unknown"))
        self.assertEqual(self.far.requests, [])
        self.assert_told(pool, 100, 20)
        for data in ({"name": "x"}, {"authentication_implementation_id": 10,
                                     "variables": []}):
            self.update(pool, 100, data)
        self.sql("UPDATE connectors SET authentication_implementation_id = 20 "
                 "WHERE id = 100")
        errors = self.update(pool, 100, {"variables": [
            {"key": "key", "label": "L", "value": "other"}]}, 422)["errors"]
        self.assertEqual(list(errors), ["authentication_implementation_id"])

    def test_what_was_moved_is_not_shown(self):
        pool = self.start(self.far, [
            variable(501, 2, "key", CANARY, OF_CONNECTOR, 200),
            variable(502, 2, "hidden", "x", OF_CONNECTOR, 200, True),
            variable(503, 1, "own", "y", OF_CONNECTOR, 100)])
        self.move(501, OF_CONNECTOR, 100)
        self.move(502, OF_CONNECTOR, 100)
        include = "variables,variables_count,variablesExists"
        data = self.show(pool, 100, 1, include)
        self.assertEqual([one["id"] for one in data["variables"]], [503])
        self.assertEqual((data["variables_count"], data["variables_exists"]),
                         (1, True))
        self.sql("UPDATE model_variables SET model_id = 1 "
                 "WHERE variable_id = 503")
        data = self.show(pool, 100, 1, include)
        self.assertEqual((data["variables"], data["variables_count"],
                          data["variables_exists"]), ([], 0, False))
        for page in ("?include=variables", "?include=variables_count"):
            self.assertNotIn(CANARY, str(self.ask(
                pool, "GET", "/api/v1/connectors" + page, {}, 200, 1)))

    def test_what_was_moved_is_not_written(self):
        pool = self.start(self.far, [OWN_SECRET])
        self.move(501, OF_CONNECTOR, 100)
        errors = self.update(pool, 100, {"variables": [
            {"id": 501, "value": "x"}]}, 422)["errors"]
        self.assertEqual(list(errors), ["variables.0.id"])
        self.update(pool, 100, {"variables": [
            {"key": "key", "label": "Own", "value": "mine"}]})
        self.assertEqual(self.outcome(pool, 100, 1), PASSED)
        self.assert_nothing_sent()
        self.ask(pool, "DELETE", "/api/v1/connectors/100", {}, 200, 1)
        self.move(501, OF_CONNECTOR, 200)
        self.assertEqual(self.outcome(pool, 200, 2), PASSED)
        self.assertIn(CANARY, self.far.requests[-1])

    def test_a_moved_row_meets_no_requirement(self):
        pairs = [variable(501, 2, "need", "x", OF_CONNECTOR, 200),
                 variable(502, None, "need", None, OF_IMPLEMENTATION, 10,
                          required=True)]
        pool = self.start(self.far, pairs)
        self.move(501, OF_CONNECTOR, 100)
        errors = self.update(pool, 100, {"variables": [
            {"key": "other", "label": "Other"}]}, 422)["errors"]
        self.assertEqual(list(errors), ["variables"])

    def test_anothers_certificate_is_not_presented(self):
        pool = self.start(self.far, [
            variable(502, 1, "key", "own", OF_CONNECTOR, 100)])
        self.sql("UPDATE connectors SET certificate_id = 2 WHERE id = 100")
        self.assertIsNone(
            self.show(pool, 100, 1, "certificate")["certificate"])
        self.assertEqual(self.outcome(pool, 100, 1), PASSED)


if __name__ == "__main__":
    unittest.main()
