"""Holds every answer against the OpenAPI document.

support.send() shows each exchange to check(), which raises what the document
does not declare: a status of an operation, a header field, a member, a value.
What was seen goes to the file that CONNECTORS_SEEN names; then

    described.py [--never-mind] FILE

tells what was not as declared and, unless that does not matter, what the
document declares and no answer had, so that it promises nothing
that the program does not keep. The schemas of answers are open for what later
versions add; here they are closed, and columns that only `fields` can leave out
are required.
"""
import atexit
import copy
import json
import os
import re
import sys
import urllib.parse

import jsonschema

PATH = "/api/v1/openapi.json"
# Of the web server, with every answer.
EVERYWHERE = {"server", "date", "connection", "content-length", "keep-alive",
              "transfer-encoding"}
REFERENCE = "#/components/"


def closed(schema):
    """A schema whose objects have no members that it does not name. (Where it
    has parts in allOf, they are closed.)"""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and \
            isinstance(schema.get("type"), (str, list)) and \
            "allOf" not in schema:
        schema.setdefault("additionalProperties", False)
    return schema


def whole(components):
    """Rows with all of their columns, as without `fields`."""
    components = copy.deepcopy(components)
    schemas = components["schemas"]
    for name, schema in schemas.items():
        columns = schemas.get(name + "_column")
        if columns:
            schema["required"] = sorted(set(schema.get("required", []) +
                                            columns["enum"]))
    return components


def resolved(document, node):
    """What a $ref of the document names, or the node itself."""
    while "$ref" in node:
        at = document
        for part in node["$ref"][2:].split("/"):
            at = at[part]
        node = at
    return node


class Description:
    def __init__(self, document):
        self.document = document
        parts = closed(document["components"])
        self.components = {False: parts, True: whole(parts)}
        self.validators = {}
        self.good = set()
        self.seen = set()
        self.faults = []
        self.paths = []
        for path, operations in document["paths"].items():
            form = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
            self.paths.append((re.compile(form + "/*"), path, operations))

    def find(self, target):
        """(path of the document, its operations) of a request target."""
        path = "/".join(
            urllib.parse.unquote(part, errors="replace").replace("/", "%2F")
            for part in target.partition("?")[0].split("/"))
        for form, name, operations in self.paths:
            if form.fullmatch(path):
                return name, operations
        return None, {}

    def resolve(self, node):
        return resolved(self.document, node)

    def validate(self, schema, value, complete=True):
        key = (id(schema), complete)
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator(
                {**closed(schema), "components": self.components[complete]},
                format_checker=jsonschema.FormatChecker())
        for error in self.validators[key].iter_errors(value):
            return "%s: %s" % ("/".join(map(str, error.absolute_path)),
                               error.message[:300])
        return None

    def validate_once(self, schema, value, complete):
        """What was good before is good: rows come again and again."""
        key = hash((schema["$ref"], json.dumps(value), complete))
        if key in self.good:
            return None
        fault = self.validate(schema, value, complete)
        if not fault:
            self.good.add(key)
            self.note_members(schema, value, "")
        return fault

    def validate_answer(self, schema, value, complete):
        """The rows of a list each by itself, then the list without them."""
        rows = self.resolve(schema)["properties"].get("data", {})
        data = isinstance(value, dict) and value.get("data")
        if not isinstance(data, list) or "$ref" not in rows.get("items", {}):
            return self.validate_once(schema, value, complete)
        for row in data:
            fault = self.validate_once(rows["items"], row, complete)
            if fault:
                return fault
        return self.validate_once(schema, {**value, "data": []}, complete)

    def note_members(self, schema, value, name):
        """Which declared members a value has, by the schema's component."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self.resolve(schema)
        for part in schema.get("allOf", []) + schema.get("anyOf", []):
            self.note_members(part, value, name)
        if isinstance(value, list):
            for item in value:
                self.note_members(schema.get("items", {}), item, name)
        elif isinstance(value, dict):
            for member, inner in schema.get("properties", {}).items():
                if member in value:
                    self.seen.add(("member", name, member))
                    self.note_members(inner, value[member],
                                      "%s.%s" % (name, member))

    def check_headers(self, operation, status, response, answer):
        declared = {name.lower(): self.resolve(header) for name, header
                    in response.get("headers", {}).items()}
        for name, value in answer.headers.items():
            name = name.lower()
            if name in EVERYWHERE or name == "content-type":
                continue
            if name not in declared:
                return "the header field %s is not declared" % name
            schema = declared[name]["schema"]
            if schema.get("type") == "integer" and value.isdigit():
                value = int(value)
            fault = self.validate(schema, value)
            if fault:
                return "header field %s: %s" % (name, fault)
            self.seen.add(("header", operation, status, name))
        missing = {name for name, header in declared.items()
                   if header.get("required")} - \
            {name.lower() for name in answer.headers}
        return "without the header fields %s" % missing if missing else None

    def check_body(self, method, target, response, answer):
        content = response.get("content")
        if not answer.body:
            empty = method == "HEAD" or not content or \
                response.get("description", "").endswith("no body.")
            return None if empty else "without a body"
        if not content:
            return "with a body"
        if answer.headers["Content-Type"] not in content:
            return "of type %s" % answer.headers["Content-Type"]
        value = json.loads(answer.body)
        schema = content[answer.headers["Content-Type"]]["schema"]
        fields = "fields" in urllib.parse.unquote(target, errors="replace")
        return self.validate_answer(schema, value, not fields)

    def check_other(self, operations, answer):
        """An answer to a method that the path has not."""
        for operation in operations.values():
            self.seen.add(("status", operation["operationId"], "405"))
        return self.check_response(
            "-", "405", self.document["components"]["responses"][
                "method_not_allowed"], "GET", "", answer)

    def check_response(self, name, status, response, method, target, answer):
        return self.check_headers(name, status, response, answer) or \
            self.check_body(method, target, response, answer)

    def fault_of(self, method, target, answer):
        status = str(answer.status)
        _, operations = self.find(target)
        if not operations or method == "OPTIONS":
            return None
        read = "get" if method == "HEAD" else method.lower()
        if read not in operations:
            if answer.status == 405 and answer.body:
                return self.check_other(operations, answer)
            return None
        operation = operations[read]
        name = operation["operationId"]
        if status not in operation["responses"]:
            return "the status %s of %s is not declared" % (status, name)
        self.seen.add(("status", name, status))
        response = self.resolve(operation["responses"][status])
        return self.check_response(name, status, response, method, target,
                                   answer)

    def check(self, method, target, answer):
        """Raises what of an answer the document does not declare."""
        fault = self.fault_of(method, target, answer)
        if fault:
            fault = "%s %.300s: %s" % (method, target, fault)
            self.faults.append(fault)
            raise AssertionError("not as the OpenAPI document says: " + fault)

    def declared(self):
        """All that can be seen."""
        for operations in self.document["paths"].values():
            for operation in operations.values():
                name = operation["operationId"]
                for status, response in operation["responses"].items():
                    yield "status", name, status
                    for header in self.resolve(response)["headers"]:
                        yield "header", name, status, header.lower()
        for name, schema in self.document["components"]["schemas"].items():
            if not self.is_answer(name):
                continue
            yield from self.members(schema, name)

    def is_answer(self, name):
        return not name.startswith(("store_", "update_"))

    def members(self, schema, name):
        for part in schema.get("allOf", []) + schema.get("anyOf", []):
            if "$ref" not in part:
                yield from self.members(part, name)
        for member, inner in schema.get("properties", {}).items():
            yield "member", name, member
            if "$ref" not in inner:
                yield from self.members(inner, "%s.%s" % (name, member))
        if "items" in schema and "$ref" not in schema["items"]:
            yield from self.members(schema["items"], name)


current = None


def check(fetch, method, target, answer):
    """fetch(): the text of the document, asked for once."""
    global current
    if current is None:
        current = Description(json.loads(fetch()))
        if "CONNECTORS_SEEN" in os.environ:
            atexit.register(leave, os.environ["CONNECTORS_SEEN"])
    current.check(method, target, answer)


def leave(path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"document": current.document, "faults": current.faults,
                   "seen": sorted(current.seen)}, file)


def main():
    with open(sys.argv[-1], encoding="utf-8") as file:
        left = json.load(file)
    seen = {tuple(item) for item in left["seen"]}
    for fault in left["faults"]:
        print(fault)
    # 405 is the answer to other methods: its fields are seen as theirs.
    never = [item for item in Description(left["document"]).declared()
             if item not in seen and item[2:3] != ("405",)
             or item[0] == "status" and item not in seen]
    if "--never-mind" in sys.argv:
        never = []
    for item in never:
        print("never seen: " + " ".join(item))
    print("%d declared, %d never seen" % (len(seen) + len(never), len(never)))
    return int(bool(never or left["faults"]))


if __name__ == "__main__":
    sys.exit(main())
