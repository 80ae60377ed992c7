"""What the API tests share: requests to the stack under test.

The stack comes by the environment (tools/test-run sets it):
CONNECTORS_BASE_URL, CONNECTORS_STATE (its folder, for ./dev) and
CONNECTORS_KEYS (company=key, comma-separated).
"""
import http.client
import json
import os
import pathlib
import socket
import subprocess
import unittest
import urllib.parse
import urllib.request

import catalogue
import described

TOP = pathlib.Path(__file__).resolve().parents[2]
BASE = os.environ["CONNECTORS_BASE_URL"].rstrip("/")
HOST = urllib.parse.urlsplit(BASE).netloc
STATE = os.environ["CONNECTORS_STATE"]
KEYS = {int(pair.split("=")[0]): pair.split("=")[1]
        for pair in os.environ["CONNECTORS_KEYS"].split(",")}
LIST = "/api/v1/connectors"
DATA = catalogue.build()


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


def dev(command, *arguments, **options):
    """Runs ./dev on the stack under test; its standard output."""
    return subprocess.run(
        [str(TOP / "dev"), command, "--state", STATE, *arguments],
        check=True, capture_output=True, text=True, timeout=120,
        **options).stdout


def document():
    """The text of the OpenAPI document."""
    with urllib.request.urlopen(BASE + described.PATH, timeout=30) as answer:
        return answer.read()


def send(method, path, headers=None, body=None, timeout=30):
    """One request, path byte for byte, on a connection of its own. The answer
    is one that the OpenAPI document declares."""
    connection = http.client.HTTPConnection(HOST, timeout=timeout)
    try:
        headers = dict(headers or {})
        connection.putrequest(method, path, skip_accept_encoding=True,
                              skip_host="Host" in headers)
        if body is not None:
            headers.setdefault("Content-Length", str(len(body)))
            headers.setdefault("Content-Type", "application/json")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = Answer(connection.getresponse())
    finally:
        connection.close()
    described.check(document, method, path, answer)
    return answer


def kept(connection, method, path, body=None, headers={}):
    """The same on a connection that stays."""
    connection.request(method, path, body=body, headers=headers)
    answer = Answer(connection.getresponse())
    described.check(document, method, path, answer)
    return answer


def raw(data, method="GET", timeout=30):
    """Sends bytes as they are."""
    with socket.create_connection(HOST.split(":"), timeout=timeout) as plug:
        plug.sendall(data)
        response = http.client.HTTPResponse(plug, method=method)
        response.begin()
        answer = Answer(response)
    described.check(document, method,
                    data.split(b" ")[1].decode("latin-1"), answer)
    return answer


def key_header(company=1):
    if company not in KEYS:
        KEYS[company] = dev("ctl", "key", "create", "--company",
                            str(company)).split()[-1]
    return {"Authorization": "Bearer " + KEYS[company]}


def rows(table, **wanted):
    """Rows of the imported data whose columns have these values."""
    return [row for row in DATA[table]
            if all(row.get(k) == v for k, v in wanted.items())]


def connectors(company=1):
    return rows("connectors", company_id=company)


class Case(unittest.TestCase):
    maxDiff = 2000

    def get(self, query="", company=1, path=LIST, status=200, headers=None):
        """GET with the company's key; the answer has the status."""
        answer = send("GET", path + query,
                      {**key_header(company), **(headers or {})})
        self.assertEqual(answer.status, status,
                         "%s%s: %r" % (path, query, answer.body[:300]))
        return answer

    def data(self, query="", company=1, path=LIST):
        return self.get(query, company, path).json()["data"]

    def ids(self, query="", company=1):
        return [row["id"] for row in self.data(query, company)]

    def message(self, query, status, company=1, path=LIST):
        """The message of an error; nothing else is in its body."""
        body = self.get(query, company, path, status).json()
        self.assertEqual(list(body), ["message"])
        return body["message"]

    def assert_json_error(self, answer, status, message):
        self.assertEqual(answer.status, status, answer.body[:300])
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(answer.headers["Cache-Control"],
                         "no-cache, private")
        self.assertRegex(answer.headers["X-Request-Id"],
                         r"^[0-9A-Za-z._-]{1,64}$")
        self.assertEqual(answer.json()["message"], message)
