#!/usr/bin/env python3
"""Prints the demo catalogue: invented systems of well-known kinds.

    demo/make-catalogue.py >demo/catalogue.json

A test holds the file against this. `@PORT@` is the port of the stack's nginx,
which also answers the tests of the system "Playground" (see
tools/dev/demo-target.conf); ./dev puts it in.
"""
import hashlib
import json

from systems import COMPANIES, CONNECTORS, ENTITIES, KINDS, SYSTEMS, TYPES

TABLES = """companies users system_types system_templates logos systems
authentication_types authentication_implementations entity_types endpoints
authentication_implementation_endpoints filters endpoint_schemas field_tags
endpoint_field_tags variables model_variables certificates platform_apps
sessions connection_pools connectors""".split()

tables = {name: [] for name in TABLES}


def add(table, **row):
    """Adds a row, with the next id of the table unless it gives one."""
    if not table.endswith(("_endpoints", "_field_tags")):
        row = {"id": len(tables[table]) + 1, **row}
    tables[table].append(row)
    return row.get("id")


def find(table, **wanted):
    for row in tables[table]:
        if all(row[name] == value for name, value in wanted.items()):
            return row
    raise KeyError((table, wanted))


def add_variable(model, model_id, company, key, label, value, flags=""):
    """flags: any of secret, locked, configurable, required, advanced."""
    flags = flags.split()
    variable = add("variables", company_id=company, key=key, label=label,
                   value=value, secret="secret" in flags,
                   locked="locked" in flags)
    add("model_variables", variable_id=variable, model_type=model,
        model_id=model_id, alias=None,
        configurable="configurable" in flags,
        required="required" in flags, advanced="advanced" in flags)


def add_companies():
    for company in COMPANIES:
        own = add("companies", name=company["name"])
        for name in company["users"]:
            first = name.split()[0].lower()
            add("users", company_id=own, name=name,
                email="%s@%s" % (first, company["domain"]))
        for name, limit, timeout in company["pools"]:
            add("connection_pools", company_id=own, name=name, limit=limit,
                timeout=timeout)


def add_kinds():
    for name in KINDS:
        add("system_types", name=name)
    for key, name in TYPES:
        add("authentication_types", key=key, name=name)
    for name in ENTITIES:
        add("entity_types", name=name)
    for name in ("Record id", "Order number", "SKU", "E-mail address",
                 "Changed at", "Amount"):
        add("field_tags", name=name)


def add_system(spec):
    kind = find("system_types", name=spec["kind"])["id"]
    template = None
    for version, version_name in enumerate(spec.get("versions", ["1.0"]), 1):
        template = add("system_templates", name=spec["name"],
                       label=spec["label"], version=version,
                       version_name=version_name, system_type_id=kind)
    slug = spec["name"].lower().replace(" ", "-")
    logo = add("logos", name=slug + ".svg", mime_type="image/svg+xml",
               url="https://static.example.com/logos/%s.svg" % slug)
    if spec.get("company"):
        template = None
    system = add(
        "systems", company_id=spec.get("company"), logo_id=logo,
        name=spec["name"], label=spec["label"], colour=spec["colour"],
        system_template_id=template,
        version=len(spec.get("versions", ["1.0"])),
        version_name=spec.get("versions", ["1.0"])[-1],
        system_type_id=kind, protocol=spec.get("protocol", "HTTP"),
        date_format=spec.get("date_format", "Y-m-d\\TH:i:sP"),
        help_link="https://help.example.com/" + slug,
        rate_limit_unit=spec["rate"][1], rate_limit_duration=spec["rate"][0])
    endpoints = [add_endpoint(system, *e) for e in spec.get("endpoints", [])]
    for implementation in spec["implementations"]:
        add_implementation(system, endpoints, implementation)


def add_endpoint(system, name, entity, method, path, data_type="json",
                 pagination="default", deprecated=None):
    receives = method == "GET" or data_type == "csv"
    endpoint = add(
        "endpoints", name=name, system_id=system,
        entity_type_id=find("entity_types", name=entity)["id"],
        endpoint=path, http_method=method, data_type=data_type,
        pagination_method=pagination,
        direction="Receive" if receives else "Send",
        returns_multiple_records=receives, deprecated_at=deprecated)
    tags = [("Record id", "id")]
    if receives:
        add("filters", model_type="endpoint", model_id=endpoint,
            field="updated_at", type="query", comparison=">=",
            value="-1 day", value_type="date", keep_matching=True,
            operator_logic="and", match_order=1, is_default=True,
            location="query", date_format="Y-m-d", is_active=True)
        add_variable("endpoint", endpoint, None, "page_size",
                     "Records a page", "100", "configurable advanced")
        tags.append(("Changed at", "updated_at"))
    if entity == "Orders":
        tags += [("Order number", "number"), ("Amount", "total.amount")]
    properties = {path.split(".")[0]: {"type": "string"} for _, path in tags}
    add("endpoint_schemas", endpoint_id=endpoint,
        data_path="data" if receives else None,
        schema={"type": "object", "properties": properties})
    for tag, path in tags:
        add("endpoint_field_tags", endpoint_id=endpoint,
            field_tag_id=find("field_tags", name=tag)["id"], field_path=path)
    return endpoint


def add_implementation(system, endpoints, spec):
    kind = find("authentication_types", key=spec["type"])["id"]
    own = add(
        "authentication_implementations", system_id=system,
        authentication_type_id=kind, name=spec["name"], url=spec.get("url"),
        additional_url_1=spec.get("authorize"),
        http_method=spec.get("method", "GET"),
        headers=spec.get("headers", {}), query=spec.get("query", {}),
        body=spec.get("body"), body_format=spec.get("body_format", "none"),
        test_url=spec.get("test_url"),
        expected_status=spec.get("expected", "200-299"),
        token_path=spec.get("token_path", "access_token"))
    for key, label, value, flags in spec.get("variables", []):
        add_variable("authentication_implementation", own, None, key, label,
                     value, flags)
    for endpoint in endpoints:
        add("authentication_implementation_endpoints",
            authentication_implementation_id=own, endpoint_id=endpoint)


def add_sessions():
    shop = find("system_templates", name="Tideline Shop")["id"]
    app = add("platform_apps", key="tideline-app-store",
              name="Tideline app store", system_template_id=shop)
    add("platform_apps", key="back-office", name="Our own back office",
        system_template_id=None)
    for name, company, outside in (
            ("session-tideline-uk", 1, "tideline-shop-8841"),
            ("session-tideline-eu", 1, "tideline-shop-8842"),
            ("session-zweite-hand", 2, "tideline-shop-9001")):
        add("sessions", id=name, company_id=company, platform_app_id=app,
            platform_session_id=outside)


def add_certificate(company, connector, user, name, expires):
    print_of = hashlib.sha256(name.encode()).hexdigest()
    return add("certificates", company_id=company, name=name,
               connector_id=connector, user_id=user,
               fingerprint_sha256=print_of, expires_at=expires)


def add_connector(number, spec):
    system, implementation = spec["through"]
    own = find("authentication_implementations", name=implementation,
               system_id=find("systems", name=system)["id"])["id"]
    template = next(i for s in SYSTEMS if s["name"] == system
                    for i in s["implementations"]
                    if i["name"] == implementation)
    company = spec.get("company", 1)
    day = "2025-%02d-%02d" % (1 + number % 12, 1 + number * 7 % 28)
    session = spec.get("session")
    certificate = None
    if "certificate" in spec:
        certificate = add_certificate(company, number,
                                      *spec["certificate"])
    digest = hashlib.sha256(spec["name"].encode()).hexdigest()
    connector = add(
        "connectors", company_id=company, name=spec["name"],
        type=spec.get("note"), authentication_implementation_id=own,
        timezone=spec.get("timezone", "Europe/London"),
        date_format=spec.get("date_format", "Y-m-d\\TH:i:sP"),
        rate_limit_unit=spec.get("rate", (4, "second"))[1],
        rate_limit_duration=spec.get("rate", (4, "second"))[0],
        connection_pool_id=spec.get("pool"), certificate_id=certificate,
        session_id=session,
        platform_app_key="tideline-app-store" if session else None,
        canonical_key="0194%s-%s-7%s-8%s-%s" % (
            digest[:4], digest[4:8], digest[8:11], digest[11:14],
            digest[14:26]),
        created_at=day + "T09:30:00.000000Z",
        updated_at=day + "T16:45:00.000000Z")
    values = spec.get("values", {})
    for key, label, value, flags in template.get("variables", []):
        if key in values or "required" in flags:
            add_variable("connector", connector, company, key, label,
                         values.get(key, value), flags)


def main():
    add_companies()
    add_kinds()
    for spec in SYSTEMS:
        add_system(spec)
    add_sessions()
    for number, spec in enumerate(CONNECTORS, 1):
        add_connector(number, spec)
    parts = []
    for name in TABLES:
        rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False)
                          for row in tables[name])
        parts.append('"%s": [\n%s\n]' % (name, rows))
    print("{\n%s\n}" % ",\n".join(parts))


if __name__ == "__main__":
    main()
