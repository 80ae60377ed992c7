"""Requests out of the document: valid ones, and ones with something wrong.

The same seed gives the same requests, but for ids that the server makes.
"""
import json
import random
import string
import urllib.parse

from described import resolved

JUNK = ("", "0", "-1", "1", "00", "1.5", "1e3", "true", "null", "[]", "{}",
        "999999999999999999999", "9223372036854775807", "none", "a,b", ",",
        "%", "%zz", "%00", "%ff%fe", "%F0%9F%92%9A", "../..", "%2e%2e%2f",
        "' OR 1=1 --", "\"", "\\", "{{token}}", "<b>", "x" * 300, "ünï", "*",
        "\u202e", "-name", "name", "variables", "id", "$ref", "__proto__")
NAMES = ("x", "include", "include[][]", "include[a][b]", "filter", "filter[]",
         "filter[none]", "filter[system][]", "filter[system][x]", "sort[a]",
         "sort[]", "fields", "fields[]", "fields[none]", "page[]", "per_page[x]",
         "page", "per_page", "a[", "]", "%5B", "search", "search[]")
VALUES = (None, True, False, 0, -1, 1.5, 1e300, 2 ** 63, 2 ** 64, "", " ", "x",
          "\u0000", "ünï 💚", "x" * 70000, [], {}, [[]], [None], {"": None},
          {"id": 1}, [1, "a", None], "********", "1", "true")
BODIES = (b"", b"{", b"[]", b"null", b'"x"', b"{}x", b"\xff", b'{"a":"\xff"}',
          b'{"name":"a","name":"b"}', b"[" * 40 + b"]" * 40, b'{"a":1e999}',
          b'{"name":"\\u0000"}', b"\xef\xbb\xbf{}", b"{'a':1}", b"NaN")
MEDIA = ("text/plain", "application/json; charset=utf-8", "APPLICATION/JSON",
         "application/problem+json", "application/x-www-form-urlencoded", "",
         "*/*", "application/json, text/plain")
KEYS = ("", "none", "Bearer", "Bearer none", "Basic YTpi", "cak_" + "a" * 40)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO")
PRINTABLE = string.printable[:95]


class Generator:
    """known: {"keys": [...], "ids": {path of a list: [...]}, "values": {name
    of a member or parameter: [...]}}, what the stack has."""

    def __init__(self, document, seed, known):
        self.document, self.known = document, known
        self.chance = random.Random(seed)
        self.operations = [
            (method.upper(), path, operation)
            for path, operations in document["paths"].items()
            for method, operation in operations.items()]

    def resolve(self, node):
        return resolved(self.document, node)

    def often(self, share):
        return self.chance.random() < share

    def pick(self, items):
        return self.chance.choice(list(items))

    def text(self, schema):
        least = schema.get("minLength", 0)
        most = min(schema.get("maxLength", 40), 300)
        length = self.chance.randint(least, self.pick((least, 10, most)) or 1)
        letters = string.ascii_letters
        if "pattern" not in schema and self.often(0.3):
            letters += "äß漢💚 -_.'\"\\"
        return "x" * least + "".join(
            self.chance.choice(letters) for _ in range(length - least))

    def value(self, schema, name=""):
        """One that the schema allows."""
        schema = self.resolve(schema)
        known = self.known["values"].get(
            name.removeprefix("filter[").removesuffix("]"))
        if known and "enum" not in schema and self.often(0.9):
            return self.fitting(self.pick(known), schema)
        if "anyOf" in schema:
            return self.value(self.pick(schema["anyOf"]), name)
        if "enum" in schema:
            return self.pick(schema["enum"])
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = self.pick(kind)
        if kind == "array":
            most = self.pick((0, 1, 2, 4))
            return [self.value(schema["items"], name) for _ in range(most)]
        if kind == "object":
            return self.members(schema)
        if kind == "integer":
            least = schema.get("minimum", -9)
            return self.pick((least, schema.get("maximum", 9),
                              least + self.chance.randint(0, 50)))
        return {"boolean": self.often(0.5), "null": None}.get(
            kind, self.text(schema))

    def fitting(self, value, schema):
        """A value that stands somewhere, if the schema allows it here."""
        kinds = schema.get("type", "string")
        if isinstance(value, int) and "integer" in kinds or \
                isinstance(value, str) and "string" in kinds and \
                len(value) >= schema.get("minLength", 0):
            return value
        return str(value) if "string" in kinds else self.value(schema)

    def members(self, schema):
        required = schema.get("required", ())
        return {name: self.value(inner, name)
                for name, inner in schema.get("properties", {}).items()
                if name in required or self.often(0.4)}

    def harm(self, value):
        """Something wrong at some place of a body."""
        if not isinstance(value, (dict, list)) or not value or \
                self.often(0.25):
            return self.pick(VALUES)
        at = self.pick(value if isinstance(value, dict)
                       else range(len(value)))
        if isinstance(value, dict) and self.often(0.3):
            del value[at]
        elif self.often(0.1) and isinstance(value, dict):
            value[self.pick(JUNK)] = self.pick(VALUES)
        else:
            value[at] = self.harm(value[at])
        return value

    def segment(self, path, parameter, wrong):
        if wrong and self.often(0.5):
            return urllib.parse.quote(self.pick(JUNK), safe="%") or "%20"
        ids = self.known["ids"].get(path.partition("/{")[0]) or [1]
        return str(self.pick(ids))

    def target(self, path, operation, wrong):
        query = []
        for parameter in map(self.resolve, operation["parameters"]):
            name, where = parameter["name"], parameter["in"]
            if where == "path":
                path = path.replace(
                    "{%s}" % name, self.segment(path, parameter, wrong))
            elif where == "query" and self.often(0.15):
                value = self.value(parameter["schema"], name)
                query += [(name, item) for item in
                          (value if isinstance(value, list) else [value])]
        while wrong and self.often(0.5):
            query.append((self.pick(NAMES + tuple(name for name, _ in query)),
                          self.pick(JUNK)))
        self.chance.shuffle(query)
        text = "&".join("%s=%s" % (
            urllib.parse.quote(name, safe="[]%"),
            urllib.parse.quote(
                str(value).lower() if isinstance(value, bool) else str(value),
                safe="%" if wrong else ""))
            for name, value in query)
        return path + ("?" + text if text else "")

    def headers(self, operation, wrong):
        headers = {"Authorization": "Bearer " + self.pick(self.known["keys"])}
        for parameter in map(self.resolve, operation["parameters"]):
            if parameter["in"] == "header" and self.often(0.3):
                headers[parameter["name"]] = self.pick((
                    '"1"', '"1-0"', "*", "return=representation", "k%d" %
                    self.chance.randint(0, 9), "".join(
                        self.chance.choice(PRINTABLE) for _ in range(20))))
        if wrong and self.often(0.1):
            headers["Authorization"] = self.pick(KEYS)
        if wrong and self.often(0.1):
            headers[self.pick(("If-Match", "If-None-Match", "Prefer",
                               "Idempotency-Key", "X-Request-Id", "Accept"))] \
                = self.pick(("", ",", '"', "W/", "x" * 300, "\t", '""'))
        return headers

    def body(self, operation, headers, wrong):
        if "requestBody" not in operation:
            return self.pick(BODIES) if wrong and self.often(0.1) else None
        content, = operation["requestBody"]["content"].values()
        headers["Content-Type"] = "application/json"
        value = self.value(content["schema"])
        if not wrong:
            return json.dumps(value).encode()
        if self.often(0.1):
            headers["Content-Type"] = self.pick(MEDIA)
        if self.often(0.15):
            return self.pick(BODIES)
        return json.dumps(self.harm(value)).encode()

    def request(self):
        """(method, target, headers, body, whether it is as declared)"""
        method, path, operation = self.pick(self.operations)
        wrong = self.often(0.5)
        target = self.target(path, operation, wrong)
        headers = self.headers(operation, wrong)
        body = self.body(operation, headers, wrong)
        if wrong and self.often(0.05):
            method = self.pick(METHODS)
        return method, target, headers, body, not wrong
