"""What workers keep of the catalogue to check writes, on two pools of one
database: as two hosts would, neither knows what the other has done."""
import unittest

from ctl_support import catalogue
from pool_database import PoolTest, body

HITS = "connectors_catalogue_hits_total"
MISSES = "connectors_catalogue_misses_total"
PRIVATE = 2  # the implementation that only company 2 may use


def requiring(*keys):
    """The catalogue with variables that implementation 1 requires, far apart:
    stores take the ids behind the last one."""
    data = catalogue()
    for number, key in zip(range(1000, 9000, 1000), keys):
        data["variables"].append({"id": number, "company_id": None,
                                  "key": key, "label": "L", "value": None})
        data["model_variables"].append(
            {"id": number, "variable_id": number, "model_id": 1,
             "model_type": "authentication_implementation",
             "required": True})
    return data


class Catalogue(PoolTest):
    def change(self, data):
        self.load({name: data[name] for name in
                   ("variables", "model_variables")})

    def refused(self, pool, key, *keys):
        errors = self.store(pool, body(1, *keys), 422)["errors"]
        self.assertEqual(errors, {"variables": [
            "The variable %s is required by the authentication "
            "implementation." % key]})

    def known_pool(self, **settings):
        """A worker that has seen the key, and the nodes of the cluster."""
        pool = self.pool(**settings)
        self.assertEqual(pool.send(self.request("/api/v1/connectors/0")).status,
                         404)
        return pool

    def test_a_store_asks_for_the_implementation_once(self):
        pool = self.known_pool()
        for _ in range(3):
            self.store(pool, body(1, "a"))
        first, second, third = self.statements(pool, 4)[1:]
        # What exists, its url, its variables.
        self.assertEqual(first - second, 3)
        self.assertEqual(second, third)
        pool.wait_for_metric(HITS, 2)
        pool.wait_for_metric(MISSES, 1)

    def test_an_import_elsewhere_is_seen_by_the_next_request(self):
        pools = [self.pool(), self.pool()]
        for pool in pools:
            self.store(pool, body())
            self.store(pool, body())
        self.change(requiring("token"))
        for pool in pools:
            self.refused(pool, "token")
            self.store(pool, body(1, "token"))
        self.change(requiring("token", "region"))
        for pool in pools:
            self.refused(pool, "region", "token")
            self.store(pool, body(1, "token", "region"))

    def test_an_update_sees_an_import_elsewhere(self):
        pool = self.pool()
        made = self.store(pool, body(1, "token"))["data"]
        self.update(pool, made["id"], {"variables": []})
        self.change(requiring("token"))
        token = made["variables"][0]["id"]
        self.update(pool, made["id"], {"variables": [
            {"id": token, "_destroy": True}]}, 422)
        self.update(pool, made["id"], {"name": "Other"})

    def test_nobody_gets_what_another_company_made_known(self):
        pool = self.pool()
        for _ in range(2):
            self.store(pool, body(PRIVATE), company=2)
        errors = self.store(pool, body(PRIVATE), 422)["errors"]
        self.assertEqual(errors, {"authentication_implementation_id": [
            "The selected authentication implementation id is invalid."]})
        made = self.store(pool, body())["data"]
        self.update(pool, made["id"],
                    {"authentication_implementation_id": PRIVATE}, 422)

    def test_other_references_are_checked_as_before(self):
        pool = self.pool()
        self.store(pool, body())
        for field, bad in (("connection_pool_id", 2), ("certificate_id", 2),
                           ("session_id", "s-2"),
                           ("platform_app_key", "none")):
            errors = self.store(pool, body(**{field: bad}), 422)["errors"]
            self.assertEqual(list(errors), [field])
        self.store(pool, body(connection_pool_id=1, session_id="s-1"))
        self.store(pool, body(99, connection_pool_id=1), 422)

    def test_switched_off_every_store_asks(self):
        pool = self.known_pool(cache__catalogue="0")
        for _ in range(3):
            self.store(pool, body())
        first, second, third = self.statements(pool, 4)[1:]
        self.assertEqual((first, second), (second, third))
        self.change(requiring("token"))
        self.refused(pool, "token")
        pool.wait_for_metric(HITS, 0)

    def test_with_hardly_any_room_checks_are_the_same(self):
        pool = self.pool(cache__catalogue="8K")
        for _ in range(3):
            self.store(pool, body(1), company=2)
            self.store(pool, body(PRIVATE), company=2)
            self.store(pool, body(99), 422, company=2)
            self.store(pool, body(PRIVATE), 422)


if __name__ == "__main__":
    unittest.main()
