"""The shipped nginx files with settings that ./dev does not use."""
import json
import os
import pathlib
import re
import signal
import socket
import time
import unittest
import urllib.error
import urllib.request

from test_dev import Case, LIST
from test_failures import pid_of


class Nginx(Case):
    def changed(self, old, new, most=0):
        """A stack whose connectors-upstream.conf has new for what matches
        old, each time or at most so often."""
        stack = self.stack()
        stack.up()
        path = pathlib.Path(stack.state, "etc/nginx/connectors-upstream.conf")
        text, times = re.subn(old, new, path.read_text(), most)
        self.assertGreater(times, 0)
        path.write_text(text)
        os.kill(pid_of(stack, "nginx"), signal.SIGHUP)
        time.sleep(0.5)
        return stack

    def ask(self, stack, **headers):
        request = urllib.request.Request(
            stack.base + LIST, headers={
                name.replace("_", "-"): value
                for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, error.headers, json.load(error)

    def test_usage_limit(self):
        stack = self.changed(
            "zone=connectors_client:10m rate=100000r/s",
            "zone=connectors_client:10m rate=1r/s")
        key = stack.dev("key").strip()
        # One, the burst of 100, and what a slow machine takes in seconds.
        for tries in range(1, 400):
            # One key, with and without its scheme.
            status, headers, body = self.ask(
                stack, Authorization="Bearer " + key if tries % 2 else key)
            if status == 429:
                break
            self.assertEqual(status, 200)
        self.assertEqual(status, 429)
        self.assertGreater(tries, 101)
        self.assertEqual(body, {"message": "Too Many Attempts."})
        self.assertEqual(headers["Retry-After"], "1")
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(headers["Cache-Control"], "no-cache, private")
        # Other keys are not held up.
        other = stack.dev("key").strip()
        self.assertEqual(self.ask(stack, Authorization=other)[0], 200)

    def test_trusted_proxy(self):
        stack = self.changed("default 0;", r"default 0;\n\t127.0.0.1 1;")
        key = stack.dev("key").strip()
        for headers, path in (
                ({"X_Forwarded_Proto": "https",
                  "X_Forwarded_Host": "api.example.com"},
                 "https://api.example.com"),
                ({"X_Forwarded_Proto": "gopher",
                  "X_Forwarded_Host": "evil.example/x?"}, stack.base),
                ({}, stack.base)):
            body = self.ask(stack, Authorization=key, **headers)[2]
            self.assertEqual(body["meta"]["path"], path + LIST)

    def test_tags_that_compression_made_weak(self):
        """What a client gets, it may send back as it is."""
        stack = self.changed(
            "limit_req_zone", "gzip on;\n"
            "gzip_types application/json;\ngzip_min_length 1;\n"
            "limit_req_zone", 1)
        headers = {"Authorization": stack.dev("key").strip(),
                   "Accept-Encoding": "gzip",
                   "Content-Type": "application/json"}

        def ask(method, path, body=None, **more):
            request = urllib.request.Request(
                stack.base + path, body and json.dumps(body).encode(),
                {**headers, **{name.replace("_", "-"): value
                               for name, value in more.items()}},
                method=method)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status, answer.headers
            except urllib.error.HTTPError as error:
                return error.code, error.headers

        for path in (LIST, LIST + "/1", LIST + "?per_page=2&sort=-name",
                     LIST + "/1?include=variables"):
            tag = ask("GET", path)[1]["ETag"]
            self.assertRegex(tag, '^W/"', path)
            for sent in (tag, tag[2:], '"x", ' + tag):
                self.assertEqual(
                    ask("GET", path, If_None_Match=sent)[0], 304, path)
        old = ask("GET", LIST + "/1")[1]["ETag"]
        tag = old
        for method in ("PUT", "PATCH", "PUT"):
            status, answer = ask(method, LIST + "/1",
                                 {"name": "after " + tag}, If_Match=tag)
            self.assertEqual(status, 200)
            tag = answer["ETag"]
            self.assertRegex(tag, '^W/"')
        for method in ("PUT", "DELETE"):
            self.assertEqual(
                ask(method, LIST + "/1", {}, If_Match=old)[0], 412)
        self.assertEqual(ask("DELETE", LIST + "/1", If_Match=tag)[0], 200)

    def test_no_connection_is_kept_behind_a_write(self):
        """Whatever nginx does by itself: it asks the pool to end it."""
        with socket.create_server(("127.0.0.1", 0)) as pool:
            pool.settimeout(20)
            stack = self.changed(
                r'"unix:[^"]*/api\.sock"',
                f"127.0.0.1:{pool.getsockname()[1]}")
            for method, kept in (("GET", True), ("HEAD", True),
                                 ("POST", False), ("PUT", False),
                                 ("PATCH", False), ("DELETE", False)):
                with self.subTest(method):
                    self.assertEqual(kept, self.is_kept(pool, stack, method))

    def is_kept(self, pool, stack, method):
        """Whether nginx asks for that with a request, which is given no
        answer."""
        sent = b""
        with socket.create_connection(("127.0.0.1", stack.port)) as client:
            client.sendall(f"{method} {LIST} HTTP/1.1\r\nHost: localhost\r\n"
                           "Content-Length: 0\r\n\r\n".encode())
            # nginx may still try again what it got no answer to before.
            while b"REQUEST_METHOD" + method.encode() not in sent:
                sent = self.whole_request(pool)
        # The flags of FCGI_BEGIN_REQUEST, which comes first: FCGI_KEEP_CONN.
        return sent[10] & 1 == 1

    def whole_request(self, pool):
        sent = b""
        with pool.accept()[0] as connection:
            connection.settimeout(20)
            while b"CONNECTORS_END1" not in sent:
                part = connection.recv(65536)
                self.assertNotEqual(part, b"")
                sent += part
        return sent

    def test_workers_away(self):
        stack = self.stack()
        stack.up()
        os.kill(pid_of(stack, "connectors"), signal.SIGTERM)
        for _ in range(100):
            status, headers, body = self.ask(stack)
            if status == 503:
                break
            time.sleep(0.1)
        self.assertEqual((status, body),
                         (503, {"message": "Service Unavailable"}))
        self.assertRegex(headers["Retry-After"], r"^[1-9][0-9]*$")
        self.assertEqual(headers["Content-Type"], "application/json")


if __name__ == "__main__":
    unittest.main()
