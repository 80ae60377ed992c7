"""A far side that notes what it is sent, and connectors of two companies that
are tested against it: rows that a test needs, and the tests themselves.
"""
import http.server
import json
import threading
import urllib.parse

from ctl_support import catalogue
from pool_database import PoolTest

REFRESHING = "oauth2_authorization_code"


class FarSide:
    """An HTTP server that answers 200; answer(path, body) may say what with,
    as an object, or wait."""

    def __init__(self, answer=None):
        self.requests = []
        this = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                this.requests.append("%s %s\n%s\n%s" % (
                    self.command, self.path, self.headers, body))
                given = answer(self.path, body) if answer else {}
                text = json.dumps(given or {}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,),
                         daemon=True).start()

    def forms(self):
        """The bodies, each as {name: value}."""
        return [dict(urllib.parse.parse_qsl(request.rpartition("\n")[2]))
                for request in self.requests]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def connector(id, company, implementation=10):
    return {"id": id, "company_id": company, "name": "Connector %d" % id,
            "authentication_implementation_id": implementation,
            "timezone": "UTC", "date_format": "Y-m-d",
            "rate_limit_unit": "minute", "rate_limit_duration": 60,
            "canonical_key": "key-%d" % id}


def variable(id, company, key, value, model_type, model, secret=False,
             **more):
    """A row of variables and its link."""
    return ({"id": id, "company_id": company, "key": key,
             "label": "Label of " + key, "value": value, "secret": secret,
             **more.pop("row", {})},
            {"id": id, "variable_id": id, "model_type": model_type,
             "model_id": model, **more})


class Tested(PoolTest):
    """Company 1 has connector 100, company 2 has 200; implementation 10 is
    everybody's, 20 is of company 2's own system, 30 of company 1's."""

    def start(self, far, pairs=(), **settings):
        """The pool, on the usual catalogue with these variables besides."""
        data = catalogue()
        rows = [{"id": id, "system_id": system, "authentication_type_id": 1,
                 "name": "N", "test_url": "http://127.0.0.1:%d/test"
                 % far.port, "url": "http://127.0.0.1:%d/token" % far.port,
                 "headers": {"X-Key": "{{key}}"}}
                for id, system in ((10, 1), (20, 2), (30, 3))]
        data["systems"].append({**data["systems"][0], "id": 3,
                                "company_id": 1})
        data["authentication_implementations"] += rows
        data["connectors"] += [connector(100, 1), connector(200, 2)]
        for one, link in pairs:
            data["variables"].append(one)
            data["model_variables"].append(link)
        self.load(data)
        return self.pool(test__allow_networks="127.0.0.0/8",
                         cache__answers="0", **settings)

    def outcome(self, pool, connector, company=1):
        """(status, reason) of a test of a connector."""
        answer = pool.send(self.request(
            "/api/v1/connectors/%d/test" % connector, "POST",
            company=company), timeout=60)
        text = answer.body.decode()
        return answer.status, json.loads(text)["test"]["reason"] \
            if answer.status == 422 else None

    def show(self, pool, connector, company, include="variables"):
        return self.ask(pool, "GET", "/api/v1/connectors/%d?include=%s"
                        % (connector, include), {}, 200, company)["data"]
