#!/usr/bin/env python3
"""Sends requests that are generated from the OpenAPI document.

Half of them are as declared, the others have something wrong. No answer may be
a 5xx or anything that the document does not declare, and none of the good ones
may be refused for its form. Without a stack in the environment (as the tests
have it) a fresh one is made.
"""
import argparse
import collections
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
REFUSED = (400, 401, 403, 405, 413, 414, 415, 431)
ENOUGH = 10 # faults, after which nothing new is learnt
LEARN = 50  # requests, after which to look what rows there are
STOCK = 20  # rows of a list that can be written
VALUES = 30 # of one name


class Fuzz:
    """Against the stack that the environment names."""

    def __init__(self, seed):
        sys.path[:0] = [str(TOP / "tests/api"), str(HERE)]
        import described
        import generate
        import support
        self.support = support
        document = json.loads(support.document())
        self.described = described.Description(document)
        self.known = {"keys": [self.key()], "ids": {}, "values": {}}
        self.headers = {"Authorization": self.known["keys"][0],
                        "Content-Type": "application/json"}
        self.generator = generate.Generator(document, seed, self.known)
        self.connection = None
        self.statuses = collections.Counter()
        self.faults = []

    def key(self):
        return self.support.dev("ctl", "key", "create", "--company",
                                "1").split()[-1]

    def learn(self):
        """Rows that are there, for paths, filters and bodies to name."""
        for path, operations in self.described.document["paths"].items():
            if "{" in path or path.endswith(".json"):
                continue
            answer = self.send("GET", path + "?per_page=100", self.headers,
                               None)
            rows = answer.json()["data"]
            self.known["ids"][path] = [row["id"] for row in rows]
            for row in rows:
                self.note(row)
            if "post" in operations:
                self.stock_up(path, operations["post"])

    def note(self, row):
        for name, value in row.items():
            if isinstance(value, (str, int)) and not name.endswith("_at"):
                values = self.known["values"].setdefault(name, [])
                if value not in values and len(values) < VALUES:
                    values.append(value)

    def stock_up(self, path, operation):
        """Some rows that requests may change and delete."""
        content, = operation["requestBody"]["content"].values()
        schema = self.described.resolve(content["schema"])
        ids = self.known["ids"][path]
        for _ in range(100):
            if len(ids) >= STOCK:
                break
            body = {name: self.generator.value(schema["properties"][name],
                                               name)
                    for name in schema["required"]}
            answer = self.send("POST", path, self.headers,
                               json.dumps(body).encode())
            if answer.status == 200:
                ids.append(answer.json()["data"]["id"])

    def send(self, method, target, headers, body):
        for _ in range(2): # nginx ends a connection after a while
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    self.support.HOST, timeout=60)
            try:
                self.connection.request(method, target, body, headers)
                return self.support.Answer(self.connection.getresponse())
            except (ConnectionError, http.client.HTTPException):
                self.connection.close()
                self.connection = None
        raise AssertionError("no answer: %s %s" % (method, target))

    def judge(self, request, answer):
        method, target, _, _, good = request
        self.statuses[answer.status] += 1
        if answer.status >= 500:
            return "a 5xx"
        if good and answer.status in REFUSED:
            return "as declared, and refused"
        if good and method == "GET" and answer.status == 422:
            return "as declared, and not valid"
        return self.described.fault_of(method, target, answer)

    def run(self, requests):
        self.learn()
        for number in range(requests):
            request = self.generator.request()
            answer = self.send(*request[:4])
            fault = self.judge(request, answer)
            if fault:
                self.faults.append("%d: %s\n  %.500s\n  %d %.500s" % (
                    number, fault, request, answer.status, answer.body))
            if len(self.faults) == ENOUGH:
                break
            if number % LEARN == LEARN - 1:
                self.learn()
        self.connection.close()
        return self.faults


def arguments():
    parser = argparse.ArgumentParser(
        prog="./dev fuzz", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20000,
                        help="how many (20,000)")
    parser.add_argument("--seed", type=int, default=1, help="of the chance")
    return parser.parse_args()


def here(options):
    fuzz = Fuzz(options.seed)
    faults = fuzz.run(options.requests)
    print("\n".join(faults))
    print("%d requests, seed %d: %s; %d faults" % (
        sum(fuzz.statuses.values()), options.seed,
        ", ".join("%d x %d" % (number, status) for status, number
                  in sorted(fuzz.statuses.items())), len(faults)))
    return int(bool(faults))


def main():
    options = arguments()
    if "CONNECTORS_BASE_URL" in os.environ:
        return here(options)
    sys.path.insert(0, str(TOP / "tests/system"))
    from test_dev import Stack
    state = tempfile.mkdtemp(prefix="connectors-fuzz.")
    stack = Stack(state)
    try:
        stack.up()
        return subprocess.run([sys.executable, *sys.argv], env={
            **os.environ, "CONNECTORS_BASE_URL": stack.base,
            "CONNECTORS_STATE": state, "PYTHONDONTWRITEBYTECODE": "1",
            "CONNECTORS_KEYS": "1=" + stack.dev("key").split()[-1]}).returncode
    finally:
        stack.dev("down")
        shutil.rmtree(state)


if __name__ == "__main__":
    sys.exit(main())
