"""Bodies from nobody's friend: generated, the same for the same seed.

Each is one that no store and no update may accept: broken as JSON, of another
media type, or with something in it that breaks a rule whatever else is there.
"""
import json

from writing import body, variable

TIMEZONE = b'"timezone":"Mars/Phobos"'
TEXTS = ["", " ", "x", "é\U0001f49a", "'; DROP TABLE connectors; --", "null",
         "0", "-1", "1e9", "99999999999999999999", "{{token}}", "../../etc",
         "<script>", "%00", "\\", "\"", "\u202e", "\ufffd", "true", "[]",
         "********", "a" * 300, "\r\nSet-Cookie: a=b", "${jndi:x}", "\t"]
NUMBERS = [0, -1, 1, 2, 1.5, -0.0, 1e308, 5e-324, 2 ** 31, 2 ** 63, 2 ** 64,
           -2 ** 63, -2 ** 63 - 1, 10 ** 40]
NAMES = ["name", "authentication_implementation_id", "type", "date_format",
         "rate_limit_unit", "rate_limit_duration", "connection_pool_id",
         "session_id", "platform_app_key", "certificate_id", "variables",
         "id", "canonical_key", "company_id", "__proto__", "constructor", "",
         "variables.0.key", "variables[]", "_method", "_destroy", "a" * 200]
MEMBERS = ["id", "key", "value", "label", "secret", "locked", "pivot",
           "_destroy", "alias", "configurable", "x"]
JUNK = [b"", b"\xef\xbb\xbf", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\0", b"{",
        b"}", b"[", b"]", b",", b":", b'"', b"'", b"\\", b"\\u0000",
        b"\\ud800", b"\\u00", b"\\x41", b"//x", b"/**/", b"NaN", b"Infinity",
        b"-", b"+1", b"01", b".5", b"1.", b"1e", b"0x1", b"1e999", b"tru",
        b"\n\n\x01", b"nul", b"undefined", b"#", b"a=1&b=2", b"<a/>"]
TYPES = ["text/plain", "text/json", "application/x-www-form-urlencoded",
         "multipart/form-data; boundary=x", "application/xml", "json", "*/*",
         "application/jsonp", "application/", "image/svg+json"]


def value(chance, depth=0):
    """Any JSON value."""
    kind = chance.randrange(8 if depth < 4 else 5)
    if kind < 2:
        return chance.choice(TEXTS)
    if kind == 2:
        return chance.choice(NUMBERS)
    if kind < 5:
        return chance.choice([None, True, False])
    if kind == 5:
        return [value(chance, depth + 1)
                for _ in range(chance.randrange(4))]
    return {chance.choice(NAMES + MEMBERS): value(chance, depth + 1)
            for _ in range(chance.randrange(4))}


def item(chance):
    if chance.randrange(4) == 0:
        return value(chance)
    one = variable("k%d" % chance.randrange(5), chance.choice(TEXTS))
    for _ in range(chance.randrange(4)):
        one[chance.choice(MEMBERS)] = value(chance, 2)
    return one


def text_of(members):
    """A JSON object with one member in it that breaks a rule."""
    text = json.dumps(members, ensure_ascii=False).encode(
        "utf-8", "surrogatepass")
    return text[:-1] + (b"," if members else b"") + TIMEZONE + b"}"


def typed(chance):
    """Well-formed, with anything anywhere."""
    members = body()
    for _ in range(chance.randint(1, 6)):
        members[chance.choice(NAMES)] = value(chance)
    if chance.randrange(2):
        members["variables"] = [item(chance)
                                for _ in range(chance.randrange(6))]
    return text_of(members)


def cut(chance):
    text = text_of(body(variables=[item(chance)]))
    return text[:chance.randrange(1, len(text))]


def mutated(chance):
    """Bytes replaced, removed, put in; still with its wrong time zone."""
    text = bytearray(json.dumps(body(variables=[item(chance)])).encode())
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text))
        text[at:at + chance.randrange(3)] = chance.choice(JUNK)
    return bytes(text[:-1]) + b"," + TIMEZONE + b"}"


def junk(chance):
    return b"\xfe" + bytes(chance.randrange(256)
                           for _ in range(chance.randrange(200)))


def deep(chance):
    depth = chance.choice([32, 33, 100, 1000, 100000])
    open, close = chance.choice([(b"[", b"]"), (b'{"a":', b"}")])
    if open == b"[":
        return b'{"a":' + open * depth + close * depth + b"}"
    return open * (depth + 1) + b"1" + close * chance.choice([depth, 0])


def long(chance):
    """Much of one thing."""
    many = chance.choice([201, 1000, 20000])
    return chance.choice([
        lambda: text_of({"name": "x" * 100000}),
        lambda: text_of({"n%d" % i: i for i in range(many)}),
        lambda: text_of({"variables": [variable("k")] * many}),
        lambda: text_of({"variables": [[]] * many}),
        lambda: b'{"rate_limit_duration":' + b"9" * many + b"," + TIMEZONE
        + b"}",
        lambda: b"{" + b'"name":1,' * many + TIMEZONE + b"}",
        lambda: b" " * many + b"[" + b" " * many + b"]",
        lambda: text_of(body(variables=[
            variable("k%d" % i, "v" * 300) for i in range(200)])),
        lambda: b'{"name":"' + b"\\u0041" * many + b'",' + TIMEZONE + b"}",
    ])()


def no_object(chance):
    return json.dumps(chance.choice([
        [], [1], "x", 5, 1.5, True, None, [body()], "{}"])).encode()


KINDS = [(typed, 8), (cut, 3), (mutated, 5), (junk, 1), (deep, 1), (long, 1),
         (no_object, 1)]


def generate(chance, count):
    """(media type, body), count times."""
    kinds, weights = zip(*KINDS)
    for kind in chance.choices(kinds, weights, k=count):
        yield "application/json", kind(chance)
        if chance.randrange(20) == 0:
            yield chance.choice(TYPES), kind(chance)
