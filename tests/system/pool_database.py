"""Pools of one worker on a private database with the catalogue of ctl_support,
and requests that write there."""
import json

from ctl_support import CtlTest, catalogue
from fastcgi import request
from test_admin_direct import AdminPool


def body(implementation=1, *keys, **more):
    return {"name": "N", "authentication_implementation_id": implementation,
            "timezone": "UTC", "date_format": "Y-m-d",
            "rate_limit_unit": "minute", "rate_limit_duration": 60,
            "variables": [{"key": key, "label": "L", "value": "v"}
                          for key in keys], **more}


class PoolTest(CtlTest):
    def setUp(self):
        super().setUp()
        self.load(catalogue())
        self.keys = {company: self.ok("key", "create", "--company",
                                      str(company)).out.split()[-1]
                     for company in (1, 2)}

    def pool(self, **settings):
        """One worker: what a request leaves there the next one finds."""
        database = {"database__" + name: value
                    for name, value in self.configuration().items()}
        return self.enterContext(AdminPool(
            **{"secrets__keyring_file": str(self.folder / "ring"),
               "api__workers": "1", **database, **settings}))

    def rested_pool(self, **settings):
        """The rows that it touches are those of requests, for a minute: until
        it removes old rows and looks at certificates again."""
        pool = self.pool(**settings)
        pool.wait_for(lambda: "connectors_certificates_expired"
                      in pool.metrics(), "the first look", 10)
        return pool

    def touched(self):
        """Rows that the server has read or, inside of an index, compared."""
        return sum(int(number) for _, number in self.server.sql(
            "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Handler_read%' OR "
            "Variable_name = 'Handler_icp_attempts'"))

    def request(self, path, method="GET", data=b"", company=1, **more):
        """With the company's key."""
        return request(path, method, data, HTTP_AUTHORIZATION="Bearer " +
                       self.keys[company], **more)

    def ask(self, pool, method, path, data, status, company):
        answer = pool.send(self.request(
            path, method, json.dumps(data).encode(), company))
        self.assertEqual(answer.status, status, answer.body)
        return answer.json()

    def store(self, pool, data, status=200, company=1):
        return self.ask(pool, "POST", "/api/v1/connectors", data, status,
                        company)

    def update(self, pool, connector, data, status=200, company=1):
        return self.ask(pool, "PUT", "/api/v1/connectors/%d" % connector,
                        data, status, company)

    def statements(self, pool, n):
        """Of the n requests that were served, in order. A line is written a
        moment after the answer."""
        lines = pool.wait_for(
            lambda: len(pool.served()) == n and pool.served(), "the log")
        return [line["statements"] for line in lines]


class TestedPool(PoolTest):
    """Connectors to databases of the loopback, and requests to test them."""

    def setUp(self):
        super().setUp()
        self.sql("UPDATE systems SET protocol = 'MySQL';"
                 "UPDATE authentication_types SET `key` = 'database'")

    def pool(self, **settings):
        return super().pool(test__allow_networks="127.0.0.0/8", **settings)

    def probing(self, pool, server, **more):
        """The request to test a connector that talks to the server."""
        data = body(1)
        data["variables"] = [
            {"key": key, "label": "L", "value": value} for key, value in
            (("host", "127.0.0.1"), ("port", str(server.port)),
             ("username", "u"), ("password", "p"))]
        connector = self.store(pool, data)["data"]["id"]
        return self.request("/api/v1/connectors/%d/test" % connector, "POST",
                            **more)
