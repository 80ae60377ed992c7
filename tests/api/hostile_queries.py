"""Query strings from nobody's friend, made of pieces that mean something."""

PIECES = [
    "include", "filter", "sort", "page", "per_page", "fields", "[", "]", "%5B",
    "%5D", "=", "&", ",", ".", "-", "+", "%20", "%00", "%", "%zz", "%F0%9F%98",
    "%80", "%ED%A0%80", "%C0%AF", "%FF", "'", "%22", "\\", ";", "--", "/*",
    "name", "variables", "certificate", "system", "canonical_key",
    "forSession", "authenticationImplementation", ".endpoints", ".system",
    "_count", "Exists", "connectors", "search", "search=", "latest", "ok",
    "label", "created_at", "connector", "authenticationImplementations",
    "endpoints", "authenticationType", "filter[ok]=", "filter[latest]=",
    "filter[system]=", "%E2%80%8B", "_", "!", "1", "0", "-1", "101", "99999999999",
    "1e9", "0x10", "NULL", "true", "%C3%A9", "%F0%9F%92%9A", "a" * 300, "[]",
    "[0]", "[a][b]", "?", "#x", "*", "{{a}}", "%25", "%0d%0a", "$", "(", ")"]


def random_query(chance):
    """What may stand behind the question mark; chance is a Random."""
    return "".join(chance.choice(PIECES)
                   for _ in range(chance.randint(1, 25))).replace("#", "%23")
