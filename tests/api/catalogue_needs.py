"""Company 6: an implementation of each authentication type that lists nothing,
and some that list a part of what their type needs."""
from catalogue import TIME, belongs, implementation, system, variable

COMPANY = 6
TYPES = ["none", "basic", "digest", "ntlm", "token", "oauth1",
         "oauth2_client_credentials", "oauth2_password",
         "oauth2_authorization_code", "soap", "aws_sigv4", "ftp",
         "sftp_password", "sftp_key", "database"]
# Systems by protocol.
SYSTEMS = {"HTTP": 71, "FTP": 72, "SFTP": 73, "MySQL": 74, "S3": 75}
SECRET_DEFAULT = "needs-canary-77ab"
LOGIN, OTHER_CASE, TEMPLATED, IN_QUERY, FIXED_HEADER, IN_PATH, SIGNED, OPEN = (
    range(460, 468))


def bare(kind):
    """The id of the implementation of a type that lists nothing."""
    return 421 + TYPES.index(kind)


def system_of(kind):
    return SYSTEMS[{"ftp": "FTP", "sftp_password": "SFTP", "sftp_key": "SFTP",
                    "database": "MySQL", "aws_sigv4": "S3"}.get(kind, "HTTP")]


def of(implementation, id, key, value, secret=False, **more):
    return (variable(id, key, value, company=None, secret=secret),
            belongs(id, "authentication_implementation", implementation,
                    **more))


def typed(id, kind, **more):
    return implementation(id, SYSTEMS["HTTP"], 1 + TYPES.index(kind), **more)


def partial():
    token = "https://a.test/"
    return [
        typed(LOGIN, "basic"), typed(OTHER_CASE, "basic"),
        typed(TEMPLATED, "token", test_url=token,
              headers={"X-Key": "{{api_key}}"}),
        typed(IN_QUERY, "token", test_url=token, query={"t": "{{token}}"}),
        typed(FIXED_HEADER, "token", test_url=token,
              headers={"authorization": "Fixed"}),
        typed(IN_PATH, "token", test_url=token + "{{token}}/x"),
        typed(SIGNED, "oauth1"), typed(OPEN, "none")]


def pairs():
    return [
        of(LOGIN, 6001, "username", "default user", advanced=True),
        of(LOGIN, 6002, "password", SECRET_DEFAULT, secret=True,
           required=True),
        of(OTHER_CASE, 6003, "Username", None),
        of(TEMPLATED, 6004, "api_key", None, secret=True, required=True),
        of(SIGNED, 6005, "signature_method", "HMAC-SHA1",
           configurable=False),
        of(SIGNED, 6006, "token", None),
        of(OPEN, 6007, "canary", SECRET_DEFAULT, secret=True),
        of(OPEN, 6008, "unset", None, secret=True)]


def rows():
    variables, links = zip(*pairs())
    return {
        "companies": [{"id": COMPANY, "name": "Needy"}],
        "authentication_types": [
            {"id": 1 + i, "key": key, "name": key, **TIME}
            for i, key in enumerate(TYPES) if i > 1],
        "systems": [
            system(id, "Needs " + protocol, None, company_id=COMPANY,
                   protocol=protocol) for protocol, id in SYSTEMS.items()],
        "authentication_implementations": partial() + [
            implementation(bare(kind), system_of(kind), 1 + i)
            for i, kind in enumerate(TYPES)],
        "variables": list(variables), "model_variables": list(links)}
