"""The dataset of the bench: rows of the project's own schema, from a fixed seed.

A catalogue of 200 systems, 400 implementations and 1,000 endpoints; companies
with 1,000 connectors each of five variables; one company more with very many
connectors. Values are made up; what is sealed is not a real secret.
"""
import collections
import hashlib
import random

SEED = 7
SYSTEMS, IMPLEMENTATIONS, ENDPOINTS_EACH = 200, 400, 5
VARIABLES_EACH = 5
TIME = "2026-01-02 03:04:05.000000"
NULL = r"\N"

# The columns that are loaded, table by table, in an order that foreign keys
# allow. `SET` assigns columns that no file has.
TABLES = {
    "companies": "id,name,created_at,updated_at",
    "users": "id,company_id,name,email,created_at,updated_at",
    "api_keys": "id,company_id,user_id,name,key_hash,can_read,can_write,"
                "can_test,created_at,updated_at",
    "data_versions": "company_id,version,connectors",
    "system_types": "id,name,created_at,updated_at",
    "system_templates": "id,name,label,version,version_name,system_type_id,"
                        "created_at,updated_at",
    "logos": "id,name,mime_type,url,created_at,updated_at",
    "systems": "id,logo_id,name,label,colour,system_template_id,version,"
               "version_name,system_type_id,protocol,date_format,help_link,"
               "rate_limit_unit,rate_limit_duration,created_at,updated_at",
    "authentication_types": "id,key,name,created_at,updated_at",
    "authentication_implementations":
        "id,system_id,authentication_type_id,name,url,http_method,headers,"
        "query,body_format,expected_status,token_path,created_at,updated_at",
    "entity_types": "id,name,created_at,updated_at",
    "endpoints": "id,name,system_id,entity_type_id,endpoint,http_method,"
                 "data_type,pagination_method,direction,"
                 "returns_multiple_records,created_at,updated_at",
    "authentication_implementation_endpoints":
        "authentication_implementation_id,endpoint_id",
    "filters": "id,model_type,model_id,field,type,comparison,value,value_type,"
               "keep_matching,operator_logic,match_order,is_default,location,"
               "date_format,is_active,created_at,updated_at",
    "endpoint_schemas": "id,endpoint_id,data_path,schema,created_at,updated_at",
    "field_tags": "id,name,created_at,updated_at",
    "endpoint_field_tags": "endpoint_id,field_tag_id,field_path",
    "certificates": "id,company_id,name,connector_id,user_id,"
                    "fingerprint_sha256,expires_at,created_at,updated_at",
    "connectors": "id,company_id,name,authentication_implementation_id,"
                  "timezone,date_format,rate_limit_unit,rate_limit_duration,"
                  "certificate_id,canonical_key,created_at,updated_at",
    "variables": "id,company_id,key,label,value,secret,locked,created_at,"
                 "updated_at",
    "model_variables": "id,variable_id,model_type,model_id,alias,configurable,"
                       "required,advanced,created_at,updated_at",
}
SET = {"variables": " SET value_sealed = IF(secret, REPEAT('s', 120), NULL)"}


def api_key(company):
    return f"cak_{company:040d}"


class Size:
    """Companies 1 to `companies` have `each` connectors; one more, if `big` is
    not 0, has that many."""

    def __init__(self, companies, each, big, variables=VARIABLES_EACH):
        self.companies, self.each, self.big = companies, each, big
        self.variables = variables

    @property
    def all_companies(self):
        return self.companies + (self.big > 0)

    @property
    def connectors(self):
        return self.companies * self.each + self.big

    def company_of(self, connector):
        if connector > self.companies * self.each:
            return self.companies + 1
        return (connector - 1) % self.companies + 1


def catalogue(variables):
    """Rows (table, values) of what all companies share; variables is the id of
    the first variable of an endpoint."""
    times = (TIME, TIME)
    for i in range(1, 11):
        yield "system_types", (i, f"Type {i}", *times)
        yield "entity_types", (i, f"Entity {i}", *times)
        yield "field_tags", (i, f"Tag {i}", *times)
        yield "system_templates", (i, f"Template {i}", f"Template {i}", 1,
                                   "1.0", i, *times)
    names = "none basic bearer digest oauth2 apikey certificate".split()
    for i, name in enumerate(names, 1):
        yield "authentication_types", (i, name, name.title(), *times)
    for i in range(1, SYSTEMS + 1):
        yield "logos", (i, f"logo-{i}.svg", "image/svg+xml",
                        f"https://cdn.example.com/logos/{i}.svg", *times)
        yield "systems", (i, i, f"System {i}", f"System {i} for people",
                          "blue", i % 10 + 1, 1, "1.0", i % 10 + 1, "HTTP",
                          "Y-m-d H:i:s", f"https://help.example.com/{i}",
                          "minute", 60, *times)
    for i in range(1, IMPLEMENTATIONS + 1):
        yield "authentication_implementations", (
            i, (i - 1) % SYSTEMS + 1, i % 7 + 1, f"Sign in {i}",
            f"https://api{i}.example.com/v1/token", "POST",
            '{"Accept":"application/json"}', "{}", "form", "200-299",
            "access_token", *times)
    for i in range(1, SYSTEMS * ENDPOINTS_EACH + 1):
        yield from endpoint(i, variables + i - 1)
    for i in range(1, IMPLEMENTATIONS + 1):
        first = (i - 1) % SYSTEMS * ENDPOINTS_EACH + 1
        for e in range(first, first + ENDPOINTS_EACH):
            yield "authentication_implementation_endpoints", (i, e)
        yield from login(i, variables + SYSTEMS * ENDPOINTS_EACH + 2 * i)


def catalogue_variables():
    """How many ids from the first one on catalogue() takes."""
    return SYSTEMS * ENDPOINTS_EACH + 2 * (IMPLEMENTATIONS + 1)


def login(implementation, variable):
    """What any type of the data needs."""
    for i, key in enumerate(("username", "password")):
        yield "variables", (variable + i, NULL, key, key.title(), NULL, i, 0,
                            TIME, TIME)
        yield "model_variables", (
            variable + i, variable + i, "authentication_implementation",
            implementation, NULL, 1, 1, 0, TIME, TIME)


def endpoint(i, variable):
    times = (TIME, TIME)
    yield "endpoints", (i, f"Endpoint {i}", (i - 1) // ENDPOINTS_EACH + 1,
                        i % 10 + 1, f"/resource/{i}", "GET", "json",
                        "Page number parameter", "Receive", 1, *times)
    for f in (0, 1):
        yield "filters", (2 * i - f, "endpoint", i, f"field_{f}", "string",
                          "equals", f"value {f}", "string", 1, "and", f, 0,
                          "query", NULL, 1, *times)
        yield "endpoint_field_tags", (i, (i + f) % 10 + 1,
                                      f"data.records.{f}.id")
    yield "endpoint_schemas", (
        i, i, "data", '{"type":"array","items":{"type":"object","properties":'
        '{"id":{"type":"integer"},"name":{"type":"string"},'
        '"updated":{"type":"string","format":"date-time"}}}}', *times)
    yield "variables", (variable, NULL, f"page_size_{i}", "Page size", "100",
                        0, 0, *times)
    yield "model_variables", (variable, variable, "endpoint", i, "limit", 1, 0,
                              1, *times)


def companies(size):
    times = (TIME, TIME)
    yield "data_versions", (0, 1, 0)
    numbers = collections.Counter(map(size.company_of,
                                      range(1, size.connectors + 1)))
    for i in range(1, size.all_companies + 1):
        key = hashlib.sha256(api_key(i).encode()).hexdigest()
        yield "companies", (i, f"Company {i}", *times)
        yield "users", (i, i, f"User {i}", f"user{i}@example.com", *times)
        yield "api_keys", (i, i, i, "bench", key, 1, 1, 1, *times)
        yield "data_versions", (i, 1, numbers[i])
        yield "certificates", (i, i, f"Certificate {i}", NULL, i, key,
                               "2030-01-01 00:00:00.000000", *times)


def connectors(size):
    chance = random.Random(SEED)
    times = (TIME, TIME)
    for i in range(1, size.connectors + 1):
        company = size.company_of(i)
        yield "connectors", (
            i, company, f"Connector {i} of company {company}",
            chance.randint(1, IMPLEMENTATIONS), "Europe/Brussels",
            "Y-m-d H:i:s", "minute", 60, NULL if i % 4 else company,
            f"connector-{i:08d}", *times)
        for v in range(size.variables):
            j = (i - 1) * size.variables + v + 1
            value = NULL if v == 0 else f"value {v} of connector {i}"
            yield "variables", (j, company, f"variable_{v}", f"Variable {v}",
                                value, int(v == 0), 0, *times)
            yield "model_variables", (j, j, "connector", i, f"alias_{v}", 1,
                                      v % 2, 0, *times)


def write(folder, size):
    """One file of tab-separated values a table."""
    files = {table: open(folder / f"{table}.tsv", "w", encoding="utf-8",
                         newline="\n", buffering=1 << 20)
             for table in TABLES}
    own = size.connectors * size.variables
    for rows in (catalogue(own + 1), companies(size), connectors(size)):
        for table, values in rows:
            files[table].write("\t".join(map(str, values)) + "\n")
    for file in files.values():
        file.close()


def statements(folder):
    """The SQL that loads what write() wrote."""
    yield "SET GLOBAL local_infile = 1"
    yield "SET unique_checks = 0, foreign_key_checks = 0, names utf8mb4"
    for table, names in TABLES.items():
        columns = ",".join(f"`{name}`" for name in names.split(","))
        path = str(folder / f"{table}.tsv").replace("'", "''")
        # What a migration put there gives way.
        yield (f"LOAD DATA LOCAL INFILE '{path}' REPLACE INTO TABLE {table} "
               f"CHARACTER SET utf8mb4 FIELDS ESCAPED BY '\\\\' ({columns})"
               f"{SET.get(table, '')}")
    yield "ANALYZE TABLE " + ",".join(TABLES)
