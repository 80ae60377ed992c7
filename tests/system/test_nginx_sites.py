"""The shipped nginx snippet beside what a server of somebody else has already:
it starts, the API answers as by itself, and nothing else is claimed."""
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ctl_support import PROGRAM
from fastcgi import TOP, Pool

BUILD = PROGRAM.parent
API = "/api/v1/connectors"
PAGE = "/api/v1/docs"
INCLUDE = "include connectors-locations.conf;"
OWN = 'default_type text/plain; return 200 "own $request_uri\\n";'

# What stands in the server beside the snippet, before it and behind it.
SITES = {
    "a prefix /api/": "location /api/ { %s }" % OWN,
    "a prefix ^~ /api/": "location ^~ /api/ { %s }" % OWN,
    "a prefix /api/v1/": "location ^~ /api/v1/ { %s }" % OWN,
    "a regular expression": "location ~ ^/api/ { %s }" % OWN,
    "an exact /api": "location = /api { %s } location / { %s }" % (OWN, OWN),
    "a proxy of all": "location / { proxy_pass http://127.0.0.1:@PROXY@; }",
    "a single page": "root @FOLDER@; location / { "
                     "try_files $uri /index.html; }",
    "PHP": "fastcgi_param SCRIPT_NAME x; fastcgi_intercept_errors on; "
           "index index.php; location / { %s } "
           "location ~ \\.php$ { %s }" % (OWN, OWN),
    "pages of errors": "error_page 400 401 403 404 405 413 500 502 503 504 "
                       "=200 /own-error; recursive_error_pages on; "
                       "location = /own-error { %s } location / { %s }"
                       % (OWN, OWN),
    "limits of bodies and headers": "client_max_body_size 1k; "
                                    "large_client_header_buffers 8 16k; "
                                    "location / { %s }" % OWN,
    "a password": "auth_basic own; auth_basic_user_file @FOLDER@/users; "
                  "location / { auth_basic off; %s }" % OWN,
    "caches": "expires max; add_header X-Own 1; fastcgi_cache own; "
              "fastcgi_cache_key $uri; fastcgi_cache_valid any 1h; "
              "fastcgi_ignore_headers Cache-Control Expires; "
              "location / { %s }" % OWN,
}
# Whatever the site does with these, it is not the API.
OTHERS = ("/", "/api/", "/api/v1/", "/api/v1/other", "/api/v2/connectors",
          "/api/v1/connectors-old", "/api/v1/connectors.json",
          "/api/v1/connector", "/api/v1/Connectors/1", "/connectors",
          "/x/api/v1/connectors", "/index.php")
INSIDE = (API, API + "/", API + "/1", API + "/1/tests", API + "/x.php",
          API + "?page=2", "/api/v1/%63onnectors", "/api//v1/connectors/")


class Echo(BaseHTTPRequestHandler):
    def do_GET(self):
        body = ("own %s\n" % self.path).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Nginx:
    """A private nginx with the shipped files and some servers."""

    def __init__(self, pool, servers):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="connectors-web."))
        for path in (TOP / "nginx").glob("connectors-*.conf"):
            text = re.sub(r"unix:/run/connectors/(\w+\.sock)",
                          r"unix:%s/\1" % pool, path.read_text())
            text = re.sub(r"rate=\d+r/s", "rate=100000r/s", text)
            text = text.replace("/usr/share/connectors/docs.html",
                                str(BUILD / "docs.html"))
            (self.folder / path.name).write_text(text)
        (self.folder / "users").write_text("a:{PLAIN}b\n")
        (self.folder / "index.html").write_text("own page\n")
        temp = "".join('%s_temp_path "%s/%s";\n' % (kind, self.folder, kind)
                       for kind in ("client_body", "fastcgi", "proxy", "scgi",
                                    "uwsgi"))
        user = "user root;" if os.getuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(f"""
{user} daemon off; worker_processes 1; pid {self.folder}/pid;
error_log {self.folder}/error.log warn;
events {{ }}
http {{
    access_log off;
    {temp}
    fastcgi_cache_path {self.folder}/cache keys_zone=own:1m;
    include connectors-upstream.conf;
    include connectors-maps.conf;
    {servers.replace("@FOLDER@", str(self.folder))}
}}
""")

    def command(self, *more):
        return ["nginx", "-p", str(self.folder), "-c",
                str(self.folder / "nginx.conf"), "-e",
                str(self.folder / "error.log"), *more]

    def test(self):
        return subprocess.run(
            self.command("-t"), text=True, stderr=subprocess.PIPE,
            timeout=30, check=False)

    def start(self, port):
        self.process = subprocess.Popen(
            self.command(), stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 15
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return self
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def stop(self):
        if getattr(self, "process", None):
            self.process.terminate()
            self.process.wait(15)
        shutil.rmtree(self.folder)


def free_ports(n):
    plugs = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [plug.getsockname()[1] for plug in plugs]
    for plug in plugs:
        plug.close()
    return ports


class Sites(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="connectors-pool.")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.pool = Pool(folder=cls.folder, start=False, api__workers="2",
                        test__listen="unix:%s/test.sock" % cls.folder,
                        test__workers="1",
                        admin__listen="unix:%s/admin.sock" % cls.folder)
        cls.pool.start()
        cls.addClassCleanup(cls.pool.__exit__)
        cls.proxied = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=cls.proxied.serve_forever,
                         daemon=True).start()
        cls.addClassCleanup(cls.proxied.server_close)
        cls.addClassCleanup(cls.proxied.shutdown)
        ports = free_ports(2 * len(SITES))
        cls.ports = {(name, first): ports.pop() for name in SITES
                     for first in (True, False)}
        servers = "".join(
            "server { listen 127.0.0.1:%d; %s }\n" % (
                port, " ".join([INCLUDE, SITES[name]] if first
                               else [SITES[name], INCLUDE]))
            for (name, first), port in cls.ports.items())
        cls.nginx = Nginx(cls.folder, servers.replace(
            "@PROXY@", str(cls.proxied.server_port)))
        cls.addClassCleanup(cls.nginx.stop)
        done = cls.nginx.test()
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        cls.nginx.start(next(iter(cls.ports.values())))

    def ask(self, port, path, method="GET", body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def check_json(self, answer, status, message):
        self.assertEqual(answer[0], status, answer)
        self.assertEqual(answer[1]["Content-Type"], "application/json")
        self.assertEqual(answer[1].get_all("Cache-Control"),
                         ["no-cache, private"])
        self.assertEqual(json.loads(answer[2]), {"message": message})

    def test_api_answers(self):
        for site, port in self.ports.items():
            with self.subTest(site):
                for path in INSIDE:
                    answer = self.ask(port, path)
                    if path.startswith("/api//"):
                        self.check_json(
                            answer, 404, "The route api//v1/connectors could "
                            "not be found.")
                        continue
                    self.check_json(answer, 401, "Unauthenticated.")
                    self.assertEqual(answer[1]["WWW-Authenticate"], "Bearer")

    def test_nothing_else_is_claimed(self):
        for site, port in self.ports.items():
            with self.subTest(site):
                for path in OTHERS:
                    status, headers, text = self.ask(port, path)
                    self.assertNotEqual(headers["Content-Type"],
                                        "application/json", path)
                    self.assertNotIn('"message"', text, path)
                    self.assertIn(status, (200, 404), path)

    def test_own_paths_answer(self):
        for name, path, text in (
                ("a prefix /api/", "/api/x", "own /api/x"),
                ("a prefix ^~ /api/", "/api/v1/connectors-old",
                 "own /api/v1/connectors-old"),
                ("a prefix /api/v1/", "/api/v1/other", "own /api/v1/other"),
                ("a regular expression", "/api/v1/x", "own /api/v1/x"),
                ("an exact /api", "/api", "own /api"),
                ("a proxy of all", "/api/v1/x", "own /api/v1/x"),
                ("a single page", "/api/v1/x", "own page"),
                ("PHP", "/api/x.php", "own /api/x.php"),
                ("pages of errors", "/connectors-error", "own /connectors"),
                ("a password", "/x", "own /x")):
            for first in (True, False):
                with self.subTest(name):
                    status, _, body = self.ask(self.ports[name, first], path)
                    if path != "/connectors-error":
                        self.assertEqual((status, body.strip()), (200, text))

    def test_own_limits_stay(self):
        for first in (True, False):
            port = self.ports["limits of bodies and headers", first]
            status, headers, text = self.ask(port, "/x", "POST", b"x" * 2000)
            self.assertEqual(status, 413)
            self.assertNotIn("message", text)
            port = self.ports["pages of errors", first]
            raw = b"GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            with socket.create_connection(("127.0.0.1", port)) as sock:
                sock.sendall(raw)
                text = b"".join(iter(lambda: sock.recv(4096), b""))
            self.assertNotIn(b"message", text)

    def test_errors_of_nginx_read_like_the_api(self):
        headers = {"Content-Type": "application/json"}
        for site, port in self.ports.items():
            with self.subTest(site):
                self.check_json(
                    self.ask(port, API, "POST", b" " * ((8 << 20) + 1)),
                    413, "The POST data is too large.")
                # Within the limit it passes, whatever the site allows.
                self.check_json(
                    self.ask(port, API, "POST", b" " * (2 << 20), headers),
                    401, "Unauthenticated.")

    def test_tests_have_their_own_workers(self):
        for site, port in self.ports.items():
            with self.subTest(site):
                before = self.pool.n_served()
                for path in ("/1/test", "/1/test/"):
                    self.check_json(self.ask(port, API + path, "POST"), 401,
                                    "Unauthenticated.")
                lines = self.pool.wait_for(
                    lambda: len(self.pool.served()) == before + 2 and
                    self.pool.served(), "two lines")
                self.assertEqual([line["lane"] for line in lines[before:]],
                                 ["test"] * 2)

    def test_health_for_this_machine(self):
        for site, port in self.ports.items():
            with self.subTest(site):
                status, _, text = self.ask(port, "/connectors-admin/live")
                self.assertEqual((status, json.loads(text)),
                                 (200, {"status": "alive"}))
                self.check_json(self.ask(port, "/connectors-admin/none/x"),
                                404, "Not Found")

    def test_inner_addresses_are_not_for_clients(self):
        text = (TOP / "nginx/connectors-locations.conf").read_text()
        inner = re.findall(r"location (?:= |\^~ )(/connectors-\S+) ?\{"
                           r"[^}]*?internal;", text)
        self.assertGreaterEqual(len(inner), 2)
        for site, port in self.ports.items():
            with self.subTest(site):
                for path in inner + ["/connectors-call/api",
                                     "/connectors-call/read",
                                     "/connectors-call/write",
                                     "/connectors-call/test"]:
                    self.assertEqual(self.ask(port, path)[0], 404, path)


class Away(unittest.TestCase):
    def test_no_pool_and_an_error_page_of_the_site(self):
        port = free_ports(1)[0]
        nginx = Nginx("/nowhere", "server { listen 127.0.0.1:%d; %s %s }" % (
            port, SITES["pages of errors"], INCLUDE))
        self.addCleanup(nginx.stop)
        nginx.start(port)
        for path in (API, API + "/1/test", "/connectors-admin/live"):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("POST" if "test" in path else "GET", path)
            answer = connection.getresponse()
            self.assertEqual(
                (answer.status, json.loads(answer.read())),
                (503, {"message": "Service Unavailable"}), path)
            self.assertRegex(answer.headers["Retry-After"], "^[1-9]")
            connection.close()


class Files(unittest.TestCase):
    def test_every_route_is_claimed_and_no_other(self):
        """A route more in the program is a line more here."""
        document = json.loads(subprocess.run(
            [str(PROGRAM), "openapi"], check=True, stdout=subprocess.PIPE,
            timeout=60).stdout)
        routes = {"/".join(path.split("/")[:4]) for path in document["paths"]}
        text = (TOP / "nginx/connectors-locations.conf").read_text()
        claimed = re.findall(r"^location (=|\^~) (/api\S*)", text, re.M)
        # The page is nginx's own.
        self.assertEqual({path for form, path in claimed if form == "="},
                         routes | {PAGE})
        self.assertEqual({path for form, path in claimed if form == "^~"},
                         {route + "/" for route in routes})
        self.assertNotIn("location ~ ^/api", re.sub(
            r"(?m)^\s+location.*", "", text))

    def test_examples_for_other_servers_have_every_route(self):
        page = (TOP / "docs/shared-hosting.md").read_text()
        rule, = re.findall(r"^RewriteRule (\S+) connectors.fcgi", page, re.M)
        prefix, = re.findall(r'^fastcgi.server \+?= \( "(\S+)"', page, re.M)
        document = json.loads(subprocess.run(
            [str(PROGRAM), "openapi"], check=True, stdout=subprocess.PIPE,
            timeout=60).stdout)
        for path in document["paths"]:
            self.assertRegex(path[1:], rule)
            self.assertTrue(path.startswith(prefix), path)

    def test_server_wide_lines_are_a_file_of_their_own(self):
        """Outside of its locations the snippet says nothing."""
        text = (TOP / "nginx/connectors-locations.conf").read_text()
        depth, outside = 0, []
        for line in text.splitlines():
            line = line.partition("#")[0] if '"' not in line else line
            if depth == 0 and line.strip():
                outside.append(line)
            depth += line.count("{") - line.count("}")
        self.assertTrue(outside)
        for line in outside:
            self.assertRegex(line, r"^(location |\})", line)
        self.assertIn("error_page",
                      (TOP / "nginx/connectors-server.conf").read_text())

    def test_a_server_of_its_own(self):
        """The shipped example, but for its names and certificates."""
        example = (TOP / "nginx/server-example.conf").read_text()
        example = example.replace("include snippets/", "include ")
        example = re.sub(r"(?m)^\s*ssl_.*\n", "", example)
        port, other = free_ports(2)
        example = re.sub(r"listen \[::\]:\d+.*", "", example)
        example = example.replace("listen 80;", "listen 127.0.0.1:%d;" % other)
        example = re.sub(r"listen 443[^;]*;", "listen 127.0.0.1:%d;" % port,
                         example)
        nginx = Nginx("/nowhere", example)
        self.addCleanup(nginx.stop)
        self.assertEqual(nginx.test().returncode, 0, nginx.test().stderr)
        nginx.start(port)
        for data, status in (
                (b"GET /%zz HTTP/1.1\r\n", 400),
                (b"TRACE / HTTP/1.1\r\n", 405),
                (b"GET /" + b"x" * 40000 + b" HTTP/1.1\r\n", 414),
                (b"GET / HTTP/1.1\r\nX: " + b"x" * 40000 + b"\r\n", 431),
                (b"GET /x HTTP/1.1\r\n", 404)):
            with socket.create_connection(("127.0.0.1", port)) as sock:
                sock.settimeout(20)
                sock.sendall(data + b"Host: x\r\nConnection: close\r\n\r\n")
                answer = http.client.HTTPResponse(sock)
                answer.begin()
                self.assertEqual(answer.status, status)
                self.assertIn("message", json.loads(answer.read()))


if __name__ == "__main__":
    unittest.main()
