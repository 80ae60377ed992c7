"""What the clients of the soak ask for, and what they may be answered.

Shares are those of a service that is read much more than written, with more
refusals than usual. A client has at most one connector of its own, which it
makes, changes and destroys, so the data do not grow with the requests.
"""
import collections
import json
import pathlib
import random
import sys

from client import Connection

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))

from hostile_queries import random_query

LIST = "/api/v1/connectors"
DEMO = range(13, 38)  # connectors of the demo that nobody changes
LISTS = (
    "?include=variables,authenticationImplementation.system&per_page=10",
    "?include=authenticationImplementation.endpoints.fieldTags&per_page=5",
    "?include=certificate.user,variables_count&sort=-name&page=2&per_page=7",
    "?fields[connectors]=name&per_page=50", "")
FILTERS = (
    "?filter[system]=tideline+shop", "?filter[system]=nothing&sort=name",
    "?filter[forSystemTemplate]=Millstone+ERP", "?filter[forSession]=s",
    "?sort=-name&per_page=3&page=4")
# Whose tests pass, and whose do not: the stack's own nginx answers them.
TESTS = {1: 200, 2: 422, 3: 200, 4: 200, 5: 422, 6: 200, 7: 200, 8: 422}
BODY = {"authentication_implementation_id": 1, "timezone": "UTC",
        "date_format": "Y-m-d", "rate_limit_unit": "minute",
        "rate_limit_duration": 60}
JUNK = (b"{", b"\xff", b"[" * 5000, b'{"name":1e999}', b'"x"', b"{}",
        b'{"name":"\\ud800"}', json.dumps(
            {**BODY, "name": "x" * 300, "timezone": "Mars/Phobos"}).encode())
KINDS = {"show": 22, "lists": 16, "filter": 10, "unchanged": 14, "head": 3,
         "missing": 5, "hostile": 10, "junk": 3, "refused": 2, "keyless": 2,
         "write": 12, "stale": 0.5, "test": 0.5}


class Client:
    """One connection's requests, the same for the same number and count."""

    def __init__(self, number, port, key):
        self.number, self.connection = number, Connection(port)
        self.headers = {"Authorization": key}
        self.chance = random.Random(number)
        self.own, self.tag, self.made, self.tags = None, "", 0, {}
        self.answers = collections.Counter()  # (kind, status)
        self.unexpected = []                  # (kind, request, status, body)

    def run(self, count):
        """So many requests; without a connection before and after."""
        kinds = self.chance.choices(
            list(KINDS), weights=list(KINDS.values()), k=count)
        for kind in kinds:
            getattr(self, kind)()
        self.connection.close()

    def ask(self, kind, allowed, method, path, body=b"", **headers):
        """(status, tag, body) of one request, which is counted."""
        headers = {name.replace("_", "-"): value
                   for name, value in headers.items()}
        answer = self.connection.ask(
            method, path, {**self.headers, **headers}, body)
        self.answers[kind, answer[0]] += 1
        if answer[0] not in allowed:
            self.unexpected.append(
                (kind, method + " " + path, answer[0], answer[2][:200]))
        return answer

    def get(self, kind, path, *allowed, **headers):
        return self.ask(kind, allowed, "GET", path, **headers)

    def some(self):
        return "%s/%d" % (LIST, self.chance.choice(DEMO))

    def show(self):
        self.get("show", self.some() + self.chance.choice(
            ("", "?include=variables",
             "?include=authenticationImplementation.system.logo")), 200)

    def lists(self):
        self.get("list", LIST + self.chance.choice(LISTS), 200)

    def filter(self):
        self.get("filter", LIST + self.chance.choice(FILTERS), 200)

    def unchanged(self):
        path = self.some()
        if path in self.tags:
            self.get("unchanged", path, 304, If_None_Match=self.tags[path])
        else:
            self.tags[path] = self.get("show", path, 200)[1]

    def head(self):
        self.ask("head", (200,), "HEAD", self.some())

    def missing(self):
        self.get("missing", self.chance.choice(
            (LIST + "/999999", LIST + "/38", "/api/v1/nothing")), 404)

    def hostile(self):
        self.get("hostile", "%s%s?%s" % (
            LIST, self.chance.choice(("", "/20", "/x")),
            random_query(self.chance)), 200, 400, 404, 414, 422)

    def junk(self):
        self.ask("junk", (400, 422), "POST", LIST, self.chance.choice(JUNK))

    def refused(self):
        self.ask("refused", (422,), "PUT", self.some(),
                 json.dumps({"timezone": "Mars/Phobos"}).encode())

    def keyless(self):
        self.get("keyless", LIST, 401, Authorization="Bearer cak_no")

    def test(self):
        number, status = self.chance.choice(list(TESTS.items()))
        # 429: the company has as many tests running as it may.
        self.ask("test", (status, 429), "POST", "%s/%d/test" % (LIST, number))

    def write(self):
        if self.own is None:
            self.store()
        elif self.chance.random() < 0.6:
            self.update()
        else:
            self.destroy()

    def store(self):
        self.made += 1
        name = "soak %d of client %d" % (self.made, self.number)
        again = {} if self.made % 8 else {
            "Idempotency_Key": name.replace(" ", "-")}
        variables = [{"key": key, "label": key, "value": "127.0.0.1",
                      "secret": key == "token"}
                     for key in ("host", "port", "token")]
        status, tag, body = self.ask(
            "store", (200,), "POST", LIST, json.dumps(
                {**BODY, "name": name, "variables": variables}).encode(),
            **again)
        if status == 200:
            self.own, self.tag = json.loads(body)["data"]["id"], tag

    def update(self):
        _, self.tag, _ = self.ask(
            "update", (200,), "PUT", "%s/%d" % (LIST, self.own), json.dumps(
                {"name": "soak %s" % self.chance.random(), "variables": [
                    {"key": "remark", "label": "r",
                     "value": "x" * self.chance.randrange(2000)}]}).encode(),
            If_Match=self.tag)

    def stale(self):
        if self.own is not None:
            self.ask("stale", (412,), "PUT", "%s/%d" % (LIST, self.own),
                     b'{"name":"never"}', If_Match='"0-a"')

    def destroy(self):
        if self.own is not None:
            self.ask("destroy", (200,), "DELETE", "%s/%d" % (LIST, self.own))
            self.own = None
