"""Catalogues of odd but valid rows, for test_round_trip.py.

The same seed gives the same rows. Catalogue number k has its own ids and
belongs to one of a few companies, so that any number of them go into one file.
"""
import pathlib
import random
import re

TOP = pathlib.Path(__file__).resolve().parents[2]
COMPANIES = 3
IDS_EACH = 1000
LONG = 65535
# Of each of these some must come.
PIECES = ["a", "Z", "0", "é", "ß", "İ", "Ω", "日本", "العربية", "👩‍👩‍👧",
          "\U0001F600", "\U0010FFFF", "e\u0301", "\u202e", "%", "_", "'", '"',
          "\\", "\\n", "/", "//", "<b>", "&amp;", "{", "}}", "{{x}}", "[[y]]",
          "********", "null", "?", "#", "+", "=", ";", "\t", "\n", " ", "\u00a0",
          "\x7f", "\x01", "-- ", "$1", "\ufeff", "\ufffd"]
VISIBLE = "xÄ漢7"
PATH_PIECES = [piece for piece in PIECES
               if not re.search(r"[/\x00-\x1f\x7f]", piece)]


def lists(file="src/schema/lists.c"):
    """The fixed lists of values, out of the program's own tables."""
    text = (TOP / file).read_text(encoding="utf-8")
    return {name: re.findall(r'"([^"]*)"', values) for name, values in
            re.findall(r"list_(\w+)\[\] = \{(.*?)\};", text, re.S)}


LISTS = lists()
TIMEZONES = lists("src/schema/timezones.c")["timezones"]
TYPES = re.findall(r'\.key = "(\w+)"',
                   (TOP / "src/probe/auth.c").read_text(encoding="utf-8"))
URLS = ["https://x.test", "http://{{host}}:{{port}}/a?b={{c}}#d",
        "{{base}}/token", "{{scheme}}://{{host}}/", "{{whole}}",
        "HTTPS://[2001:db8::1]/{{a}}{{b}}", None]
STATUSES = ["204", "200-299", "200-299,304", "100-599", "404, 410"]
LINKS = ["https://x.test", "http://x.test/ü?a=1&b=2#c", "HTTPS://x.test:8/"]


class Odd:
    """The rows of one catalogue, by table."""

    def __init__(self, number, seed=15):
        self.r = random.Random("%d %d" % (seed, number))
        self.number, self.rows = number, {}
        self.company = number % COMPANIES + 1
        self.next = number * IDS_EACH + 1
        self.make()

    def id(self):
        self.next += 1
        return self.next

    def chance(self, one_in):
        return self.r.randrange(one_in) == 0

    def text(self, most=255, pieces=PIECES):
        """Never blank; of any length up to the most, often at its end."""
        length = self.r.choice([1, 2, 5, 20, most - 1, most])
        text = self.r.choice(VISIBLE)
        while len(text) < length:
            text += self.r.choice(pieces)
        text = text[:length]
        # Blanks at the ends are kept as they are.
        return text[1:] + text[0] if self.chance(2) else text

    def maybe(self, value):
        return value if self.chance(2) else None

    def time(self):
        return "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ" % (
            self.r.choice([1000, 1969, 1970, 2024, 2038, 9999]),
            self.r.randint(1, 12), self.r.randint(1, 28),
            self.r.randrange(24), self.r.randrange(60), self.r.randrange(60),
            self.r.choice([0, 1, 999999, self.r.randrange(1000000)]))

    def flag(self):
        return self.chance(2)

    def one(self, name):
        return self.r.choice(LISTS[name])

    def json(self, depth):
        if depth == 0 or self.chance(3):
            return self.r.choice([None, True, 0, -1, 2 ** 53, 1.5, -1e-9, "",
                                  " ", self.text(20)])
        if self.chance(2):
            return [self.json(depth - 1)
                    for _ in range(self.r.randrange(3))]
        return {self.text(9): self.json(depth - 1)
                for _ in range(self.r.randrange(3))}

    def nested(self, depth):
        value = self.json(0)
        for _ in range(depth):
            value = [value] if self.chance(2) else {"a": value}
        return value

    def add(self, table, **row):
        self.rows.setdefault(table, []).append(row)
        return row.get("id")

    def make(self):
        system = self.make_system()
        implementations = [self.make_implementation(system)
                           for _ in range(self.r.choice([1, 1, 2]))]
        for _ in range(self.r.randrange(3)):
            self.make_endpoint(system, implementations)
        self.make_surroundings()
        for _ in range(self.r.choice([1, 1, 1, 2, 3])):
            self.make_connector(self.r.choice(implementations))

    def make_system(self):
        kind = self.add("system_types", id=self.id(), name=self.text())
        template = self.add(
            "system_templates", id=self.id(), name=self.text(),
            label=self.text(), version=self.r.choice([0, 1, 2147483647]),
            version_name=self.text(), system_type_id=kind)
        logo = self.add("logos", id=self.id(), name=self.text(),
                        mime_type=self.r.choice(["image/png",
                                                 "image/svg+xml"]),
                        url=self.r.choice(LINKS))
        return self.add(
            "systems", id=self.id(), company_id=self.maybe(self.company),
            logo_id=self.maybe(logo), name=self.text(), label=self.text(),
            colour=self.one("colours"),
            system_template_id=self.maybe(template),
            version=self.r.choice([0, 7]), version_name=self.text(),
            system_type_id=kind, protocol=self.one("protocols"),
            date_format=self.text(64),
            help_link=self.maybe(self.r.choice(LINKS)), **self.rate())

    def rate(self):
        return {"rate_limit_unit": self.one("rate_limit_units"),
                "rate_limit_duration":
                    self.r.choice([1, 60, 2147483647])}

    def make_implementation(self, system):
        own = self.add(
            "authentication_implementations", id=self.id(), system_id=system,
            authentication_type_id=self.r.randint(1, len(TYPES)),
            name=self.text(), url=self.r.choice(URLS),
            additional_url_1=self.r.choice(URLS),
            test_url=self.r.choice(URLS),
            http_method=self.one("http_methods"),
            headers={self.r.choice(["Accept", "X-A", "x_b!"]):
                     self.r.choice(["", "{{a}}", 'é "q"', 5, True])
                     for _ in range(self.r.randrange(3))},
            query={self.text(9): self.r.choice(["", "{{a}} b", 1.5, None])
                   for _ in range(self.r.randrange(3))},
            body=self.maybe(self.r.choice(["", " ", '{"a":{"b":{}}}',
                                           "<x>{{a}}</x>"])),
            body_format=self.one("body_formats"),
            expected_status=self.r.choice(STATUSES),
            token_path=self.r.choice(["access_token", "a.0.ü", "x"]))
        self.make_variables("authentication_implementation", own)
        return own

    def make_endpoint(self, system, implementations):
        own = self.add(
            "endpoints", id=self.id(), name=self.text(), system_id=system,
            entity_type_id=self.maybe(self.add(
                "entity_types", id=self.id(), name=self.text())),
            endpoint=self.r.choice(["/a/{{id}}?b=%20", "/日本/é", "x", "{}"]),
            http_method=self.one("http_methods"),
            data_type=self.one("data_types"),
            pagination_method=self.one("pagination_methods"),
            direction=self.one("directions"),
            returns_multiple_records=self.flag(),
            deprecated_at=self.maybe(self.time()))
        for implementation in implementations:
            self.add("authentication_implementation_endpoints",
                     authentication_implementation_id=implementation,
                     endpoint_id=own)
        self.add("endpoint_schemas", id=self.id(), endpoint_id=own,
                 data_path=self.maybe(self.text()),
                 schema=self.nested(27) if self.chance(9) else self.json(5))
        tag = self.add("field_tags", id=self.id(), name=self.text())
        for path in {self.text(), "A", "a", " x"}:
            self.add("endpoint_field_tags", endpoint_id=own,
                     field_tag_id=tag, field_path=path)
        self.make_filter(own)
        self.make_variables("endpoint", own)

    def make_filter(self, endpoint):
        self.add(
            "filters", id=self.id(), model_type="endpoint",
            model_id=endpoint, field=self.text(), type=self.text(64),
            comparison=self.text(64),
            value=self.r.choice([None, "", " ", self.text()]),
            value_type=self.text(64), keep_matching=self.flag(),
            operator_logic=self.text(64),
            match_order=self.r.choice([-2147483648, 0, 2147483647]),
            is_default=self.flag(), location=self.text(64),
            date_format=self.maybe(self.text(64)), is_active=self.flag())

    def make_surroundings(self):
        """What the connectors of the catalogue may refer to."""
        user = self.add("users", id=self.id(), company_id=self.company,
                        name=self.text(), email=self.r.choice(
                            ["a@b", '"x@y"@z.test', "é漢@ü.test"]))
        self.app = self.add(
            "platform_apps", id=self.id(), name=self.text(),
            key="%d %s" % (self.number, self.text(20).strip(
                "".join(PIECES) + " ") or "x"), system_template_id=None)
        self.session = "s%d %s" % (self.number, "é" * self.r.randrange(20))
        self.session = self.session.strip()
        self.add("sessions", id=self.session, company_id=self.company,
                 platform_app_id=self.app,
                 platform_session_id=self.r.choice(
                     [None, "plat:ü 5", "gid://x/%d" % self.number]))
        self.pool = self.add(
            "connection_pools", id=self.id(), company_id=self.company,
            name=self.text(), limit=self.r.choice([1, 2147483647]),
            timeout=self.r.choice([None, 1]))
        self.certificate = self.add(
            "certificates", id=self.id(), company_id=self.company,
            name=self.text(), user_id=self.maybe(user), connector_id=None,
            fingerprint_sha256="%064X" % self.number,
            expires_at=self.maybe(self.time()))

    def make_connector(self, implementation):
        own = self.id()
        times = {"created_at": self.time(), "updated_at": self.time()}
        self.add(
            "connectors", id=own, company_id=self.company, name=self.text(),
            type=self.maybe(self.text()),
            authentication_implementation_id=implementation,
            timezone=TIMEZONES[self.number % len(TIMEZONES)],
            date_format=self.text(64), **self.rate(),
            connection_pool_id=self.maybe(self.pool),
            certificate_id=self.maybe(self.certificate),
            session_id=self.maybe(self.session),
            platform_app_id=self.maybe(self.app),
            canonical_key="%d-%s%s" % (
                own, self.text(40, PATH_PIECES).replace(",", "").strip(
                    " \u00a0\ufeff\u202e"), self.r.choice(VISIBLE)), **times)
        if self.rows["connectors"][-1]["certificate_id"] is not None:
            self.rows["certificates"][0]["connector_id"] = self.maybe(own)
        self.make_variables("connector", own)

    def make_variables(self, model, owner):
        number = 200 if self.chance(500) and model == "connector" else \
            self.r.randrange(6)
        for i in range(number):
            self.make_variable(model, owner, "%s%d%s" % (
                self.r.choice(["host", "Host", "_", "a.b-c_"]), i,
                self.r.choice(["", "x" * (250 - len(str(i)) - 8)])),
                LONG if i == 0 and self.chance(50) else 50)

    def make_variable(self, model, owner, key, most):
        own = self.id()
        value = self.r.choice([None, "", " ", "********", self.text(50),
                               "é" * (most // 2)])
        secret = self.chance(3)
        if secret and value == "********":
            value = "*"
        self.add("variables", id=own, key=key, label=self.text(),
                 company_id=self.company if model == "connector" else None,
                 value=value, secret=secret, locked=self.chance(4))
        self.add("model_variables", id=own, variable_id=own,
                 model_type=model, model_id=owner,
                 alias=self.maybe(self.text()), configurable=self.flag(),
                 required=self.flag(), advanced=self.flag())


def common():
    """What all catalogues share."""
    return {"companies": [{"id": 1 + i, "name": "Company %d" % i}
                          for i in range(COMPANIES)],
            "authentication_types": [{"id": 1 + i, "key": key, "name": key}
                                     for i, key in enumerate(TYPES)]}


def build(numbers):
    """The rows of these catalogues and of what they share, by table."""
    data = common()
    for number in numbers:
        for table, rows in Odd(number).rows.items():
            data.setdefault(table, []).extend(rows)
    return data
