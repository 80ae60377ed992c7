"""What the tests of writing need beside the catalogue of the others.

Company 4 writes, company 5 is the other one; both have no connector that the
tests of reading look at.
"""
from catalogue import (TIME, belongs, connector, implementation, system,
                       variable)

# Implementations of company 4's systems.
NONE = 402       # asks for nothing
STRICT = 401     # requires token and region, which has a default
HOSTED = 403     # https://{{host}}:{{port}}/{{tenant}}, test at {{test_host}}
WHOLE = 404      # {{base_url}}/token
SECRET_HOST = 405
FTP = 406        # host and port
FIXED = 407      # https://fixed.test/{{tenant}}
ELSEWHERE = 411  # of company 5's own system
SFTP = 412       # host, port and a host key that may be pinned
PARTNER = 413    # http://{{host}}:{{port}}/, a header with a secret default
PARTNER_SECRET = "partner-canary-91c2"


def of_implementation(id, implementation, key, value, secret=False, **more):
    return (variable(id, key, value, company=None, secret=secret),
            belongs(id, "authentication_implementation", implementation,
                    **more))


def of_connector(id, connector, key, value, secret=False, locked=False,
                 company=4, label=None, **more):
    row = variable(id, key, value, company=company, secret=secret,
                   locked=locked)
    row["label"] = label or row["label"]
    return row, belongs(id, "connector", connector, **more)


def pairs():
    return [
        of_implementation(4101, STRICT, "token", None, required=True),
        of_implementation(4102, STRICT, "region", "eu", required=True),
        of_implementation(4103, STRICT, "page_size", None),
        of_implementation(4104, HOSTED, "host", "default.test"),
        of_implementation(4105, HOSTED, "port", "443"),
        of_implementation(4106, PARTNER, "partner_secret", PARTNER_SECRET,
                          secret=True),
        of_implementation(4107, SFTP, "host_key_sha256", None),
        of_connector(5110, 443, "host", "127.0.0.1"),
        of_connector(5111, 443, "port", "1"),
        of_connector(5101, 451, "password", "other company's", secret=True,
                     company=5),
        of_connector(5102, 441, "host", "imported.test"),
        of_connector(5103, 441, "password", "imported secret", secret=True,
                     alias="pass"),
        # What an import may bring and a body would have trimmed.
        of_connector(5104, 442, "odd", " value ", locked=True,
                     alias=" alias\u00a0", label=" Label "),
        of_connector(5105, 442, "unset", None, secret=True),
        of_connector(5106, 442, "host", None),
        of_connector(5107, 442, "password", "imported secret", secret=True),
    ]


def implementations():
    return [
        implementation(NONE, 57, 1),
        implementation(STRICT, 57, 2, test_url="https://strict.test/"),
        implementation(HOSTED, 57, 2,
                       url="https://{{host}}:{{port}}/{{tenant}}?q={{q}}",
                       test_url="{{scheme}}://{{test_host}}/{{tenant}}"),
        implementation(WHOLE, 57, 2, url="{{base_url}}/token"),
        implementation(SECRET_HOST, 57, 2, url="https://{{secret_host}}/"),
        implementation(FTP, 58, 2),
        implementation(FIXED, 57, 2, url="https://fixed.test/{{tenant}}",
                       headers={"X-Host": "{{host}}"}),
        implementation(SFTP, 60, 2),
        implementation(PARTNER, 57, 1, test_url="http://{{host}}:{{port}}/p",
                       headers={"X-Partner": "{{partner_secret}}"}),
        implementation(ELSEWHERE, 59, 1)]


def certificate(id, company, name):
    return {"id": id, "company_id": company, "name": name, "user_id": None,
            "fingerprint_sha256": "%064x" % id, "expires_at": None, **TIME}


def rows():
    variables, links = zip(*pairs())
    return {
        "companies": [{"id": 4, "name": "Writers"},
                      {"id": 5, "name": "Others"}],
        "users": [{"id": 41, "company_id": 4, "name": "Wil",
                   "email": "w@w.test", **TIME}],
        "systems": [
            system(57, "Write shop", 33, company_id=4),
            system(58, "Write files", None, company_id=4, protocol="FTP"),
            system(59, "Other shop", None, company_id=5),
            system(60, "Write safe", None, company_id=4, protocol="SFTP")],
        "authentication_implementations": implementations(),
        "variables": list(variables), "model_variables": list(links),
        "certificates": [certificate(84, 4, "eighty-four"),
                         certificate(85, 4, "eighty-five"),
                         certificate(86, 5, "eighty-six")],
        "platform_apps": [{"id": 72, "key": "app-two", "name": "Two",
                           "system_template_id": None}],
        "sessions": [
            {"id": id, "company_id": company, "platform_app_id": app,
             "platform_session_id": None}
            for id, company, app in (("write-one", 4, 71),
                                     ("write-two", 4, 72),
                                     ("write-none", 4, None),
                                     ("write-other", 5, 71))],
        "connection_pools": [
            {"id": id, "company_id": company, "name": "Pool %d" % id,
             "limit": 2, "timeout": None} for id, company in ((92, 4),
                                                              (93, 5))],
        "connectors": [
            # Imports need not have what stores must: here a token.
            connector(440, 4, "Imported without token", STRICT),
            connector(441, 4, "Imported", HOSTED),
            connector(443, 4, "Imported with partner", PARTNER),
            connector(442, 4, " Odd ", HOSTED, type="odd ",
                      date_format=" U"),
            connector(451, 5, "Others' own", ELSEWHERE)],
    }
