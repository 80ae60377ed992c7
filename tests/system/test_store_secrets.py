"""Variables are written by few statements: secrets of one store are sealed
together, each for its own row; a link is changed only if it differs."""
import unittest

from ctl_support import IS_MYSQL
from pool_database import PoolTest, body


def secrets(*numbers):
    return [{"key": "k%d" % i, "label": "L", "secret": True,
             "value": "secret %d" % i} for i in numbers]


class StoreSecrets(PoolTest):
    def test_each_of_many_secrets_opens_in_its_own_row(self):
        """A seal is bound to its row: rotation opens all, or says which does
        not open."""
        pool = self.pool()
        wanted = 0
        for n in (1, 2, 3, 7, 8, 9, 16, 64, 65, 100):
            self.store(pool, body(variables=secrets(*range(n))))
            wanted += n
        rows = self.sql("SELECT COUNT(*), COUNT(DISTINCT value_sealed) FROM "
                        "variables WHERE `key` LIKE 'k%'")
        self.assertEqual(rows, [(str(wanted), str(wanted))])
        self.ok("secrets", "add-key")
        self.ok("secrets", "rotate")
        again = self.sql("SELECT COUNT(DISTINCT value_sealed) FROM variables "
                         "WHERE `key` LIKE 'k%'")
        self.assertEqual(again, [(str(wanted),)])

    def test_only_secrets_with_a_value_are_sealed(self):
        pool = self.pool()
        none = {"key": "none", "label": "L", "secret": True, "value": None}
        plain = {"key": "plain", "label": "L", "value": "v"}
        data = body(variables=[plain, *secrets(1), none, *secrets(2)])
        made = self.store(pool, data)["data"]
        self.assertEqual(
            [one["value"] for one in made["variables"]],
            ["v", "********", None, "********"])
        self.assertEqual(
            self.sql("SELECT v.`key`, v.value_sealed IS NOT NULL "
                     "FROM variables v JOIN model_variables m "
                     "ON m.variable_id = v.id AND m.model_type = 'connector' "
                     "WHERE m.model_id = %d ORDER BY v.id" % made["id"]),
            [("plain", "0"), ("k1", "1"), ("none", "0"), ("k2", "1")])

    def test_secrets_cost_one_statement_if_others_take_ids_and_else_none(self):
        """They are sealed for the ids that come next in this pool, and again
        for those that came. The rows that a server returned are read then:
        one was changed."""
        again = 1 if IS_MYSQL else 2
        pool = self.pool()
        plain = [{"key": "plain", "label": "L", "value": "v"}]
        for variables in (plain, plain, secrets(1), secrets(2, 3, 4)):
            self.store(pool, body(variables=variables))
        self.sql("INSERT INTO variables (`key`, label, secret, locked, "
                 "created_at, updated_at) VALUES ('k', 'L', 0, 0, NOW(), NOW())")
        for variables in (secrets(5, 6), secrets(7, 8), plain):
            self.store(pool, body(variables=variables))
        _, none, one, three, taken, two, last = self.statements(pool, 7)
        self.assertEqual([one, three, taken, two, last],
                         [none, none, none + again, none, none])
        self.ok("secrets", "add-key")
        self.ok("secrets", "rotate")  # all of them open

    def test_the_answer_is_what_show_says(self):
        """Although it is read in another way: with variables and without, and
        with whatever else is included."""
        pool = self.pool()
        path = "/api/v1/connectors"
        for variables in ([], secrets(*range(12)), secrets(*range(100))):
            for include in ("", "variables", "certificate,variables_count",
                            "authenticationImplementation.system,variables,"
                            "certificateExists,variablesExists"):
                made = self.ask(pool, "POST", f"{path}?include={include}",
                                body(variables=variables,
                                     platform_app_key="app"), 200, 1)
                shown = self.ask(
                    pool, "GET", f"{path}/{made['data']['id']}?include="
                    + ",".join(filter(None, [include, "variables"])), {},
                    200, 1)
                self.assertEqual(made, shown)
                self.assertEqual(made["data"]["platform_app_key"], "app")

    def test_a_link_is_changed_when_it_differs_and_only_then(self):
        pool = self.pool()
        made = self.store(pool, body(1, "a"))["data"]
        for value, alias in (("w", None), ("x", None), ("y", "other")):
            data = self.update(pool, made["id"], {"variables": [
                {"key": "a", "label": "L", "value": value,
                 "pivot": {"alias": alias}}]})["data"]["variables"][0]
            self.assertEqual((data["value"], data["pivot"]["alias"]),
                             (value, alias))
        _, first, same, differs = self.statements(pool, 4)
        self.assertEqual((first, same + 1), (same, differs))


if __name__ == "__main__":
    unittest.main()
