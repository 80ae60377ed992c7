"""The data of the API tests: small, and with every edge they look at.

Company 1 has 21 connectors (so that links have a window at one a page),
company 2 has 3 and company 3 none. The tests compute what they expect from
these rows. Companies 4 and 5 belong to the tests of writing
(catalogue_write.py), company 6 to those of catalogue_needs.py.
"""
TIME = {"created_at": "2024-01-01T00:00:00.000000Z",
        "updated_at": "2024-02-03T04:05:06.789000Z"}


def connector(id, company, name, implementation, **more):
    row = {
        "id": id, "company_id": company, "name": name, "type": None,
        "authentication_implementation_id": implementation,
        "timezone": "Europe/London", "date_format": "Y-m-d",
        "rate_limit_unit": "second", "rate_limit_duration": 4,
        "connection_pool_id": None, "certificate_id": None,
        "session_id": None, "platform_app_key": None,
        "canonical_key": "key-%d" % id, **TIME}
    row.update(more)
    return row


def system(id, name, template, **more):
    row = {
        "id": id, "company_id": None, "logo_id": None, "name": name,
        "label": name, "colour": "blue", "system_template_id": template,
        "version": 1, "version_name": "1.0", "system_type_id": 1,
        "protocol": "HTTP", "date_format": "Y-m-d", "help_link": None,
        "rate_limit_unit": "second", "rate_limit_duration": 4, **TIME}
    row.update(more)
    return row


def implementation(id, system, kind, **more):
    row = {
        "id": id, "system_id": system, "authentication_type_id": kind,
        "name": "implementation %d" % id, "url": None,
        "additional_url_1": None, "http_method": "GET", "headers": {},
        "query": {}, "body": None, "body_format": "none", "test_url": None,
        "expected_status": "200-299", "token_path": "access_token", **TIME}
    row.update(more)
    return row


def endpoint(id, system, entity, **more):
    row = {
        "id": id, "name": "endpoint %d" % id, "system_id": system,
        "entity_type_id": entity, "endpoint": "/v1/things?a=1&b=ü",
        "http_method": "GET", "data_type": "json",
        "pagination_method": "default", "direction": "Receive",
        "returns_multiple_records": True, "deprecated_at": None, **TIME}
    row.update(more)
    return row


def variable(id, key, value, company=1, **more):
    return {"id": id, "company_id": company, "key": key,
            "label": "Label of " + key, "value": value, "secret": False,
            "locked": False, **TIME, **more}


def belongs(variable, model_type, model, **more):
    return {"id": 9000 + variable, "variable_id": variable,
            "model_type": model_type, "model_id": model, "alias": None,
            "configurable": True, "required": False, "advanced": False,
            **more}


def connectors():
    some = [
        connector(101, 1, "Zebra", 61, certificate_id=81,
                  canonical_key="Key-Mixed", type="plain",
                  session_id="Session-A", platform_app_key="app-one",
                  platform_app_id=71, connection_pool_id=91),
        connector(102, 1, "apple", 61, session_id="session-a",
                  date_format="d/m/Y H:i"),
        connector(103, 1, "Äpfel", 62, timezone="Europe/Berlin"),
        connector(104, 1, "Apple", 63),
        connector(105, 1, "quote\" back\\slash / <b>&amp; ünï 💚", 64),
        connector(106, 1, "zebra", 65, certificate_id=82),
    ]
    some += [connector(110 + i, 1, "Number %02d" % i, 62 if i % 2 else 66)
             for i in range(15)]
    return some + [
        connector(201, 2, "Zebra", 61, session_id="session-b"),
        connector(202, 2, "Beta's own", 67, certificate_id=83),
        connector(203, 2, "Same key", 62, canonical_key="Key-Mixed"),
    ]


def read_rows():
    return {
        "companies": [{"id": 1, "name": "Alpha"}, {"id": 2, "name": "Beta"},
                      {"id": 3, "name": "Nobody"}],
        "users": [
            {"id": 11, "company_id": 1, "name": "Ann", "email": "a@a.test",
             **TIME},
            {"id": 21, "company_id": 2, "name": "Bob", "email": "b@b.test",
             **TIME}],
        "system_types": [{"id": 1, "name": "ERP", **TIME},
                         {"id": 2, "name": "eCommerce", **TIME}],
        "system_templates": [
            {"id": i, "name": name, "label": name, "version": version,
             "version_name": "v%d" % version, "system_type_id": 1}
            for i, name, version in (
                (31, "Quartz", 1), (32, "Quartz", 2), (33, "Basalt", 1),
                (34, "31", 1))],
        "logos": [{"id": 41, "name": "quartz.png", "mime_type": "image/png",
                   "url": "https://static.test/quartz.png?a=1&b=2", **TIME}],
        "systems": [
            system(51, "Quartz Shop", 31, logo_id=41, system_type_id=2),
            system(52, "Öl Lager", 32),
            system(53, "Basalt", 33),
            system(54, "51", 34),
            system(55, "Ol lager", None, company_id=1),
            system(56, "Hidden", 33, company_id=2)],
        "authentication_types": [
            {"id": 1, "key": "none", "name": "None", **TIME},
            {"id": 2, "key": "basic", "name": "Basic", **TIME}],
        "authentication_implementations": [
            implementation(61, 51, 2, headers={"X-A": "{{a}}", "B": "ü"},
                           query={"q": "1"}, body='{"a":1}',
                           body_format="json", test_url="https://a.test/"),
            implementation(62, 51, 1),
            implementation(63, 52, 2, expected_status="204"),
            implementation(64, 53, 1),
            implementation(65, 54, 1),
            implementation(66, 55, 1),
            implementation(67, 56, 1)],
        "entity_types": [{"id": 1, "name": "Orders", **TIME}],
        "endpoints": [
            endpoint(502, 51, 1), endpoint(501, 51, None, http_method="POST",
                                           direction="Send",
                                           returns_multiple_records=False,
                                           deprecated_at=TIME["created_at"]),
            endpoint(503, 53, 1)],
        "authentication_implementation_endpoints": [
            {"authentication_implementation_id": a, "endpoint_id": e}
            for a, e in ((61, 502), (61, 501), (62, 501), (64, 503))],
        "filters": [
            {"id": 602, "model_type": "endpoint", "model_id": 501,
             "field": "updated_at", "type": "query", "comparison": ">=",
             "value": None, "value_type": "date", "keep_matching": True,
             "operator_logic": "and", "match_order": 2, "is_default": False,
             "location": "query", "date_format": "Y-m-d", "is_active": True,
             **TIME},
            {"id": 601, "model_type": "endpoint", "model_id": 501,
             "field": "state", "type": "query", "comparison": "=",
             "value": "open", "value_type": "text", "keep_matching": False,
             "operator_logic": "or", "match_order": 1, "is_default": True,
             "location": "body", "date_format": None, "is_active": False,
             **TIME}],
        "endpoint_schemas": [
            {"id": 701, "endpoint_id": 501, "data_path": "data.items",
             "schema": {"b": [1, 2.5, None, True], "a": {"/": "ü"}}, **TIME}],
        "field_tags": [{"id": 1, "name": "SKU", **TIME},
                       {"id": 2, "name": "Id", **TIME}],
        "endpoint_field_tags": [
            {"endpoint_id": 501, "field_tag_id": 2, "field_path": "id"},
            {"endpoint_id": 501, "field_tag_id": 1, "field_path": "sku"}],
        "variables": [
            variable(1001, "password", "first secret, hidden", secret=True,
                     locked=True),
            variable(1002, "user", "someone ü\n\"x\""),
            variable(1003, "empty", None),
            variable(1004, "no_secret", None, secret=True),
            variable(1005, "empty_secret", "", secret=True),
            variable(2001, "password", "other company's secret", company=2,
                     secret=True),
            variable(3001, "page_size", "100", company=None),
            variable(3002, "user", None, company=None)],
        "model_variables": [
            belongs(1001, "connector", 101, alias="pass", required=True),
            belongs(1002, "connector", 101, advanced=True),
            belongs(1003, "connector", 101, configurable=False),
            belongs(1004, "connector", 101),
            belongs(1005, "connector", 102),
            belongs(2001, "connector", 201),
            belongs(3001, "endpoint", 501),
            belongs(3002, "authentication_implementation", 61)],
        "certificates": [
            {"id": 81, "company_id": 1, "name": "one", "user_id": 11,
             "connector_id": 101,
             "fingerprint_sha256": "ab" * 32,
             "expires_at": "2030-01-01T00:00:00.000000Z", **TIME},
            {"id": 82, "company_id": 1, "name": "two", "user_id": None,
             "connector_id": None,
             "fingerprint_sha256": "cd" * 32, "expires_at": None, **TIME},
            {"id": 83, "company_id": 2, "name": "three", "user_id": 21,
             "connector_id": 202,
             "fingerprint_sha256": "ef" * 32, "expires_at": None, **TIME}],
        "platform_apps": [
            {"id": 71, "key": "app-one", "name": "One",
             "system_template_id": 31}],
        "sessions": [
            {"id": "Session-A", "company_id": 1, "platform_app_id": 71,
             "platform_session_id": "outside-1"},
            {"id": "session-a", "company_id": 1, "platform_app_id": None,
             "platform_session_id": "Outside-1"},
            {"id": "session-b", "company_id": 2, "platform_app_id": 71,
             "platform_session_id": "outside-1"}],
        "connection_pools": [
            {"id": 91, "company_id": 1, "name": "Pool", "limit": 2,
             "timeout": None}],
        "connectors": connectors(),
    }


def build():
    """All rows: those that are read, those that the writers need, and those
    that show what authentication types need."""
    import catalogue_needs
    import catalogue_write
    data = read_rows()
    for part in (catalogue_write, catalogue_needs):
        for table, more in part.rows().items():
            data[table] += more
    return data
