"""A catalogue of which companies see different parts, connectors to all of it,
and pools that keep much, little or nothing of it."""
import json

from ctl_support import catalogue
from pool_database import PoolTest

LIST = "/api/v1/connectors"
IMPLEMENTATION = "authenticationImplementation"
BELOW = [IMPLEMENTATION + end for end in (
    "", ".authenticationType", ".system", ".system.logo", ".endpoints",
    ".endpoints.filters", ".endpoints.endpointSchema", ".endpoints.system",
    ".endpoints.system.logo", ".endpoints.entityType", ".endpoints.fieldTags",
    ".system.systemType", ".endpoints.variables")]
OWN = ["variables", "certificate", "certificate.user"]
COUNTS = [name + end for name in (IMPLEMENTATION, "variables", "certificate")
          for end in ("_count", "Exists")]
ALL = LIST + "?include=" + ",".join(BELOW + OWN + COUNTS)
# Implementations: what hangs on them is everybody's, or is of a company.
SHARED, OF_TWO, OF_ONE, MIXED_ENDPOINTS, MIXED_VARIABLES, BARE = range(1, 7)
IMPLEMENTATIONS = (SHARED, OF_TWO, OF_ONE, MIXED_ENDPOINTS, MIXED_VARIABLES,
                   BARE)
OWNED = {SHARED: None, OF_TWO: 2, OF_ONE: 1}  # their systems


def link(table, **ids):
    return {table: [ids]}


def endpoint(number, system, **more):
    """One with a row of each kind below it."""
    return {
        "endpoints": [{"id": number, "name": "E%d" % number,
                       "system_id": system, "endpoint": "/%d" % number,
                       "http_method": "GET", "data_type": "json",
                       "direction": "Receive", "entity_type_id": 1, **more}],
        "endpoint_schemas": [{"id": number, "endpoint_id": number,
                              "schema": {"of": number}}],
        "endpoint_field_tags": [{"endpoint_id": number, "field_tag_id": 1,
                                 "field_path": "a.%d" % number}],
        "filters": [{"id": number, "model_type": "endpoint",
                     "model_id": number, "field": "f%d" % number,
                     "type": "string", "comparison": "equals", "value": "v",
                     "value_type": "string", "operator_logic": "and",
                     "location": "query"}]}


def variable(number, company, owner):
    return {
        "variables": [{"id": number, "company_id": company,
                       "key": "k%d" % number, "label": "L%d" % number,
                       "value": "of %s" % company}],
        "model_variables": [{"id": number, "variable_id": number,
                             "model_type": "endpoint", "model_id": owner}]}


def parts():
    yield {"logos": [{"id": number, "name": "logo%d" % number,
                      "mime_type": "image/png",
                      "url": "https://logo.test/%d" % number}
                     for number in (1, 2, 3)],
           "entity_types": [{"id": 1, "name": "Orders"}],
           "systems": [{**catalogue()["systems"][0], "id": number,
                        "company_id": company, "name": "System%d" % number,
                        "label": "of %s" % company, "logo_id": number}
                       for number, company in OWNED.items()],
           "authentication_implementations": [
               {"id": number, "system_id": number if number < 4 else SHARED,
                "authentication_type_id": 1, "name": "I%d" % number}
               for number in IMPLEMENTATIONS]}
    for number, system in ((11, SHARED), (12, OF_TWO), (13, OF_ONE),
                           (14, SHARED)):
        yield endpoint(number, system)
    for implementation, endpoints in (
            (SHARED, (11,)), (OF_TWO, (12,)), (OF_ONE, (13,)),
            (MIXED_ENDPOINTS, (11, 12, 13)), (MIXED_VARIABLES, (14,))):
        for number in endpoints:
            yield link("authentication_implementation_endpoints",
                       authentication_implementation_id=implementation,
                       endpoint_id=number)
    yield variable(21, None, 11)
    for number, company in ((22, None), (23, 1), (24, 2)):
        yield variable(number, company, 14)


def rows():
    """All parts, by table."""
    tables = {}
    for part in parts():
        for name, some in part.items():
            tables.setdefault(name, []).extend(some)
    return tables


class FragmentTest(PoolTest):
    def setUp(self):
        super().setUp()
        self.rows = rows()
        # An import does not let rows of companies refer to each other; they
        # become theirs afterwards, as old databases may have it.
        self.give("systems", OF_TWO, None)
        self.load({name: [{**row, "company_id": None}
                          if row.get("company_id") else row for row in some]
                   for name, some in self.rows.items()})
        for table in ("systems", "variables"):
            for row in self.rows[table]:
                self.give(table, row["id"], row["company_id"])
        self.sql("UPDATE certificates SET user_id = company_id")
        for company in (1, 2):
            for number in IMPLEMENTATIONS:
                self.connector(company, number)
        self.ok("database", "recount")
        self.bare = self.pool(cache__answers="0", cache__catalogue="0")

    def connector(self, company, implementation):
        self.sql(
            "INSERT INTO connectors (company_id, name, "
            "authentication_implementation_id, certificate_id, timezone, "
            "date_format, rate_limit_unit, rate_limit_duration, "
            "canonical_key, created_at, updated_at) VALUES ({0}, 'N{1}', {1}, "
            "{0}, 'UTC', 'Y', 'day', 1, 'c{0}i{1}', UTC_TIMESTAMP(6), "
            "UTC_TIMESTAMP(6))".format(company, implementation))

    def get(self, pool, path=ALL, company=1):
        answer = pool.send(self.request(path, company=company))
        self.assertEqual(answer.status, 200, answer.body)
        return answer

    def check_same(self, pool, path=ALL, company=1):
        """What a pool that keeps something answers is what one that keeps
        nothing does, byte for byte."""
        got, wanted = (self.get(one, path, company)
                       for one in (pool, self.bare))
        self.assertEqual(got.body, wanted.body, (path, company))
        self.assertEqual(got.headers["etag"], wanted.headers["etag"])
        return got.body

    def give(self, table, id, company):
        """A row to a company, past all rules; see touch()."""
        self.sql("UPDATE %s SET company_id = %s WHERE id = %d" % (
            table, "NULL" if company is None else company, id))

    def touch(self):
        """An import of something else tells that the catalogue changed."""
        self.imports = getattr(self, "imports", 0) + 1
        self.load({"platform_apps": [{"id": 9, "key": "touched",
                                      "name": str(self.imports)}]})

    def change(self, table, id, **values):
        """By an import."""
        row, = (row for row in self.rows[table] if row["id"] == id)
        row.update(values)
        self.load({table: [row]})

    def below(self, company, number, pool=None):
        """What hangs on an implementation, as a company sees it."""
        path = "%s/c%di%d?include=%s" % (LIST, company, number,
                                         ",".join(BELOW))
        answer = self.get(pool or self.bare, path, company)
        return json.loads(answer.body)["data"]["authentication_implementation"]
