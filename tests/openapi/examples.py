"""Requests whose answers become the examples of the OpenAPI document.

Every operation is asked on a stack with the demo's data. Lists and rows are
asked by what the document says of them, so that a new resource needs nothing
here. A line of the file: operation, part (body, a status; for errors that are
the same everywhere `*` and the name of the response), name, summary, JSON.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
FILE = TOP / "src/openapi/examples.tsv"
API = "/api/v1/"
LIST = API + "connectors"
HOST = "api.example.com"
BASIC, PASSES, FAILS = 2, 1, 2  # of the demo: implementation, connectors
NEW = {"name": "Playground, orders", "authentication_implementation_id": BASIC,
       "timezone": "Europe/Paris", "date_format": "Y-m-d",
       "rate_limit_unit": "minute", "rate_limit_duration": 60,
       "variables": [
           {"key": "host", "label": "Host", "value": "127.0.0.1"},
           {"key": "port", "label": "Port", "value": "PORT"},
           {"key": "username", "label": "User name", "value": "demo"},
           {"key": "password", "label": "Password", "value": "open sesame",
            "secret": True}]}
NAME = {"name": "Playground, all orders"}
SECRET = {"variables": [{"key": "password", "value": "open sesame"}]}
# What changes from run to run.
CHANGES = ((r'"((?:\w+_)?id)":\d+', r'"\1":ID'),
           (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
           (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
           (r'"duration_ms":\d+', '"duration_ms":MS'),
           (r"/connectors/\d+", "/connectors/ID"),
           (r'"port":\d+|"value":"\d+"', "PORT"))


def changing(line):
    for pattern, name in CHANGES:
        line = re.sub(pattern, name, line)
    return line


class Recorder:
    """Runs on the stack that the environment names."""

    def __init__(self):
        sys.path.insert(0, str(TOP / "tests/api"))
        import stack
        import support
        self.stack, self.support = stack, support
        self.key = support.KEYS[1]
        self.document = json.loads(support.document())
        self.lines = []

    def add(self, operation, part, summary, value):
        names = [line[2] for line in self.lines
                 if line[:2] == (operation, part)]
        self.lines.append((operation, part, "example_%d" % (len(names) + 1),
                           summary, value))

    def operation(self, method, path):
        for name, operations in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", name), path):
                return operations[method.lower()]
        raise KeyError(path)

    def ask(self, method, target, status, data=None, key=None, **headers):
        """A request and its answer, both as examples."""
        operation = self.operation(method, target.partition("?")[0])
        name = operation["operationId"]
        headers = {title.replace("_", "-"): value
                   for title, value in headers.items()}
        body = data if data is None or isinstance(data, bytes) else \
            json.dumps(data).encode()
        answer = self.support.send(
            method, target, {"Host": HOST, "Authorization": key or self.key,
                             **headers}, body)
        assert answer.status == status, (method, target, answer.body[:500])
        summary = " ".join([method, target] + [
            "(%s: %s)" % header for header in headers.items()
            if len(header[1]) < 100])[:160]
        if status == 200 and isinstance(data, dict):
            self.add(name, "body", summary, data)
        if not answer.body:
            return None
        response = operation["responses"][str(status)]
        if "$ref" in response:
            self.add("*", response["$ref"].rpartition("/")[2], summary,
                     answer.json())
        elif name != "openapi.show":
            self.add(name, str(status), summary, answer.json())
        return answer

    def includes(self, operation):
        """A few of those that an operation takes."""
        for parameter in operation["parameters"]:
            if parameter.get("name") == "include[]":
                name = parameter["schema"]["items"]["$ref"].rpartition("/")[2]
                words = self.document["components"]["schemas"][name]["enum"]
                return [word for word in words if "." not in word and
                        not word.endswith(("_count", "Exists"))][:2]
        return []

    def read(self, path, operation):
        include = "&".join("include[]=" + name
                           for name in self.includes(operation))
        if not path.endswith("}"):
            return self.ask("GET", path.replace("{connector}", str(FAILS)) +
                            "?per_page=2" + ("&" + include) * bool(include),
                            200)
        rows = self.ask("GET", path.rpartition("/")[0], 200).json()["data"]
        self.lines.pop()
        return self.ask("GET", "%s/%s%s" % (
            path.rpartition("/")[0], rows[0]["id"],
            ("?" + include) * bool(include)), 200)

    def write(self):
        port = self.support.BASE.rpartition(":")[2]
        new = json.loads(json.dumps(NEW).replace("PORT", port))
        made = self.ask("POST", LIST, 200, new, Idempotency_Key="4f1c")
        one = "%s/%d" % (LIST, made.json()["data"]["id"])
        self.ask("PUT", one + "?include[]=certificate", 200, NAME,
                 If_Match=made.headers["ETag"].partition("-")[0] + '"')
        self.ask("PATCH", one, 200, SECRET)
        self.ask("POST", one + "/test", 200, Prefer="return=representation")
        self.ask("POST", "%s/%d/test" % (LIST, FAILS), 422)
        self.ask("PUT", one, 412, NAME, If_Match='"1"')
        self.ask("PUT", one, 422, {"name": "", "rate_limit_duration": 0})
        self.ask("POST", LIST, 422, {}, Idempotency_Key="4f1d")
        self.ask("POST", LIST, 422, NAME, Idempotency_Key="4f1c")
        self.ask("DELETE", one, 200)
        self.ask("GET", one, 404)

    def refused(self):
        long = "x" * 9000
        self.ask("GET", LIST, 401, key="none")
        weak = self.support.dev("ctl", "key", "create", "--company", "1",
                                "--abilities", "test").split()[-1]
        self.ask("GET", LIST, 403, key=weak)
        self.ask("GET", LIST + "?include[]=owner", 400)
        self.ask("POST", LIST, 400, b'{"name": }')
        self.ask("POST", LIST, 415, b"name=x", Content_Type="text/plain")
        self.ask("POST", LIST, 413, b" " * (8 * 1024 * 1024 + 1))
        self.ask("GET", LIST + "?page=0", 422)
        self.ask("GET", LIST + "?filter[system]=" + long, 414)
        self.ask("GET", LIST, 431, X_Long=long)
        with self.stack.storing(self.key, "4f1e"):
            self.ask("POST", LIST, 409, NEW, Idempotency_Key="4f1e")
        with self.stack.limited(weak):
            self.ask("GET", LIST, 429, key=weak)
        with self.stack.without_table("api_keys"):
            self.ask("GET", LIST, 500)
        with self.stack.out_of_reach():
            self.ask("GET", LIST, 503)
        other = self.support.send("PATCH", LIST, {"Host": HOST})
        self.add("*", "method_not_allowed", "PATCH " + LIST, other.json())

    def all(self):
        self.write()
        for path, operations in self.document["paths"].items():
            if "get" in operations:
                if path != "/api/v1/openapi.json":
                    self.read(path, operations["get"])
        self.refused()
        return sorted("\t".join((*line[:4], json.dumps(
            line[4], ensure_ascii=False, separators=(",", ":"))))
            for line in self.lines)


def record():
    """The lines, from a fresh stack; in a process of its own, because support
    reads the environment once."""
    sys.path.insert(0, str(TOP / "tests/system"))
    from test_dev import Stack
    state = tempfile.mkdtemp(prefix="connectors-examples.")
    stack = Stack(state)
    try:
        stack.up()
        return subprocess.run(
            [sys.executable, __file__, "here"], check=True, text=True,
            stdout=subprocess.PIPE, timeout=300, env={
                **os.environ, "CONNECTORS_BASE_URL": stack.base,
                "CONNECTORS_STATE": state, "PYTHONDONTWRITEBYTECODE": "1",
                "CONNECTORS_KEYS": "1=" + stack.dev("key").split()[-1]}
        ).stdout.splitlines()
    finally:
        stack.dev("down")
        shutil.rmtree(state)


def main():
    if sys.argv[1:] == ["here"]:
        print("\n".join(Recorder().all()))
        return 0
    FILE.write_text("\n".join(record()) + "\n", encoding="utf-8")
    print("recorded: %s" % FILE.relative_to(TOP))
    return 0


if __name__ == "__main__":
    sys.exit(main())
