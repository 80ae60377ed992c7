"""The routes that a fault of the database may meet: what each asks, what it
leaves in the database when it is done, and what it says when it is asked again.
"""
import itertools
import json

from fastcgi import request
from pool_database import body

LIST = "/api/v1/connectors"
# What a write may touch; a write is there with all of it or not at all.
COUNTED = {
    "connectors": "connectors", "variables": "variables",
    "links": "model_variables", "audit": "audit_events",
    "keys": "idempotency_keys",
    "tests": "connector_tests WHERE ok IS NOT NULL",
    "running": "connector_tests WHERE ok IS NULL"}
COUNTS = "SELECT %s, (SELECT COALESCE(SUM(version), 0) FROM data_versions " \
    "WHERE company_id > 0)" % ", ".join(
        "(SELECT COUNT(*) FROM %s)" % table for table in COUNTED.values())
ITEMS = [{"key": "plain", "label": "P", "value": "1"},
         {"key": "hidden", "label": "H", "value": "canary", "secret": True}]
numbers = itertools.count(1)


class Route:
    good = 200
    effect = {}
    no_effect = ({},)

    def __init__(self, lane):
        self.lane = lane

    def prepare(self):
        """Makes what the request needs; the request."""

    def check(self, answer):
        """The answer of a request that was served."""

    def again(self, done):
        """(request, status) of the same once more; None: not of use."""

    def send(self, request):
        return self.lane.pool_.send(request)

    def store(self):
        """The id and the tag of a new connector."""
        answer = self.lane.pool_.send(self.lane.request(
            LIST, "POST", json.dumps(body(1, variables=ITEMS)).encode()))
        assert answer.status == 200, answer.body
        return answer.json()["data"]["id"], answer.headers["etag"]


class Index(Route):
    path = LIST + "?per_page=5"

    def prepare(self):
        request = self.lane.request(self.path)
        self.whole = self.send(request).body
        return request

    def check(self, answer):
        assert answer.body == self.whole, answer.body


class Show(Index):
    path = LIST + "/1?include=variables,authenticationImplementation.system"


class Store(Route):
    effect = {"connectors": 1, "variables": 2, "links": 2, "audit": 1,
              "versions": 1}
    more = {}

    def prepare(self):
        self.name = "fault %d" % next(numbers)
        self.request = self.lane.request(LIST, "POST", json.dumps(
            body(1, name=self.name, variables=ITEMS)).encode(), **self.more)
        return self.request

    def check(self, answer):
        data = answer.json()["data"]
        assert data["name"] == self.name, data
        assert len(data["variables"]) == 2, data


class StoreKeyed(Store):
    effect = {**Store.effect, "keys": 1}

    def prepare(self):
        self.more = {"HTTP_IDEMPOTENCY_KEY": "key-%d" % next(numbers)}
        return super().prepare()

    def again(self, done):
        return self.request, 200


class Update(Route):
    effect = {"variables": 1, "links": 1, "audit": 1, "versions": 1}

    def prepare(self):
        self.id, tag = self.store()
        self.request = self.lane.request(
            "%s/%d" % (LIST, self.id), "PUT", json.dumps({
                "name": "changed", "variables": [
                    {"key": "plain", "value": "2"},
                    {"key": "new", "label": "N", "value": "3"}]}).encode(),
            HTTP_IF_MATCH=tag)
        return self.request

    def check(self, answer):
        data = answer.json()["data"]
        values = {one["key"]: one["value"] for one in data["variables"]}
        assert values == {"plain": "2", "new": "3", "hidden": "********"}, data

    def again(self, done):
        return self.request, 412 if done else 200


class Destroy(Route):
    effect = {"connectors": -1, "variables": -2, "links": -2, "audit": 1,
              "versions": 1}

    def prepare(self):
        self.request = self.lane.request(
            "%s/%d" % (LIST, self.store()[0]), "DELETE")
        return self.request

    def again(self, done):
        return self.request, 404 if done else 200


class Test(Route):
    effect = {"tests": 1, "audit": 1, "versions": 1}
    # The row of a test whose worker lost sight of it is stale by itself.
    no_effect = ({}, {"running": 1})

    def prepare(self):
        self.lane.sql("DELETE FROM connector_tests WHERE ok IS NULL")
        return self.lane.request(LIST + "/1/test", "POST")


class WrongKey(Route):
    good = 401

    def prepare(self):
        return request(LIST, HTTP_AUTHORIZATION="cak_" + "x" * 40)


class Ready(Route):
    """A look that commits."""

    def prepare(self):
        self.lane.wait_for_ready()
        return None

    def send(self, request):
        return self.lane.pool_.admin("/ready")


ROUTES = {"list": Index, "show": Show, "store": Store,
          "store, key": StoreKeyed, "update": Update, "destroy": Destroy,
          "test": Test, "wrong key": WrongKey, "ready": Ready}


def change(before, after):
    """Of the counts, as in effect."""
    names = [*COUNTED, "versions"]
    return {name: int(new) - int(old) for name, old, new
            in zip(names, before, after) if old != new}
