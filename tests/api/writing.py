"""What the tests of writing share: bodies, requests, looks at the database."""
import json

from catalogue_write import NONE
from support import Case, KEYS, LIST, dev, key_header, send

WRITER, OTHER = 4, 5
MASK = "********"
COLUMNS = ["id", "name", "type", "authentication_implementation_id",
           "timezone", "date_format", "rate_limit_unit",
           "rate_limit_duration", "connection_pool_id", "certificate_id",
           "session_id", "platform_app_key", "canonical_key", "created_at",
           "updated_at"]


def body(implementation=NONE, **more):
    """A body of store that has nothing wrong; None removes a member."""
    all = {"name": "Main", "authentication_implementation_id": implementation,
           "timezone": "Europe/Paris", "date_format": "Y-m-d",
           "rate_limit_unit": "minute", "rate_limit_duration": 60, **more}
    return {name: value for name, value in all.items() if value is not ...}


def variable(key, value=None, label=None, **more):
    return {"key": key, "label": label or "Label of " + key, "value": value,
            **more}


def secret(key, value="hush", label=None, **more):
    return variable(key, value, label, secret=True, **more)


def path(connector):
    return "%s/%s" % (LIST, connector)


def sql(statement):
    """Rows of a statement, each a list of texts."""
    return [line.split("\t") for line in
            dev("sql", "-N", "-e", statement).splitlines()]


def counts():
    """Rows of every table: {table: number}."""
    tables = [row[0] for row in sql("SHOW TABLES")]
    return dict(zip(tables, sql("SELECT " + ",".join(
        "(SELECT COUNT(*) FROM `%s`)" % table for table in tables))[0]))


def audit(connector):
    """(action, changed fields) of a connector's audit rows, in order."""
    return [(action, json.loads(changed)) for action, changed in sql(
        "SELECT action, changed FROM audit_events WHERE connector_id = %d "
        "ORDER BY id" % connector)]


class Writing(Case):
    @classmethod
    def setUpClass(cls):
        for company in (WRITER, OTHER):
            if company not in KEYS:
                KEYS[company] = dev("ctl", "key", "create", "--company",
                                    str(company)).split()[-1]

    def ask(self, method, path, data=None, headers=None, company=WRITER,
            status=None):
        """A request; data is sent as JSON unless it is bytes."""
        if data is not None and not isinstance(data, bytes):
            data = json.dumps(data).encode()
        answer = send(method, path, {**key_header(company),
                                     **(headers or {})}, data)
        if status is not None:
            self.assertEqual(answer.status, status, "%s %s %.300r: %r" % (
                method, path, data, answer.body[:1000]))
        return answer

    def store(self, data, status=200, query="", **more):
        return self.ask("POST", LIST + query, data, status=status, **more)

    def update(self, connector, data, status=200, query="", method="PUT",
               **more):
        return self.ask(method, path(connector) + query, data, status=status,
                        **more)

    def destroy(self, connector, status=200, **more):
        return self.ask("DELETE", path(connector), status=status, **more)

    def show(self, connector, query="?include=variables", company=WRITER):
        return self.get(query, company, path(connector)).json()["data"]

    def tag(self, connector):
        return self.get("", WRITER, path(connector)).headers["ETag"]

    def version(self, connector):
        return int(self.tag(connector).strip('"').split("-")[0])

    def made(self, *variables, implementation=NONE, **more):
        """A new connector's data, with its variables."""
        if variables:
            more["variables"] = list(variables)
        return self.store(body(implementation, **more)).json()["data"]

    def variable(self, connector, key):
        """A stored variable by its key; None if there is none."""
        for one in self.show(connector)["variables"]:
            if one["key"] == key:
                return one
        return None

    def errors(self, answer):
        """The errors of a 422, whose message is made of them."""
        self.assertEqual(answer.status, 422, answer.body[:1000])
        got = answer.json()
        self.assertEqual(list(got), ["message", "errors"])
        texts = [text for texts in got["errors"].values() for text in texts]
        self.assertTrue(texts)
        more = len(texts) - 1
        self.assertEqual(got["message"], texts[0] + (
            "" if more == 0 else " (and %d more error%s)"
            % (more, "s" if more > 1 else "")))
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        return got["errors"]

    def refused_store(self, data, **more):
        return self.errors(self.store(data, 422, **more))

    def refused_update(self, connector, data, **more):
        """The errors of an update that leaves everything as it was."""
        before = self.show(connector), self.tag(connector)
        errors = self.errors(self.update(connector, data, 422, **more))
        self.assertEqual((self.show(connector), self.tag(connector)), before)
        return errors
