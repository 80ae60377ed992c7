"""The connector test and the values of variables: none becomes text of a
protocol, each stays where the implementation puts it, and a secret default of
the catalogue goes nowhere but where the catalogue says."""
import base64
import re
import unittest

import probe_support
from probe_mysql import NATIVE, Script
from probe_support import SECRET, Server, probe, read_head, variables
from probe_web import NONCE, ntlm_challenge

INJECTED = "INJECTED"
CONTROLS = ["\r", "\n", "\r\n", "\t", "\x00", "\x01", "\x1b", "\x7f"]
HARMLESS = ["\u0085", "%0d%0a", "%00", "\\r\\n", "&#10;", "\u2028"]
BAD = CONTROLS + HARMLESS


def setUpModule():
    global types
    probe_support.make_cli()
    types = probe_support.auth_types()


class Recorder:
    """Keeps all that it is sent; answers so that a client goes on."""

    def __init__(self):
        self.got = b""

    def web(self, connection):
        while True:
            head = read_head(connection)
            if not head:
                return
            length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
            body = head.split(b"\r\n\r\n", 1)[1]
            while length and len(body) < int(length[1]):
                body += connection.recv(65536)
            self.got += head.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n" + body
            connection.sendall(self.answer(head))

    def answer(self, head):
        challenge, body = b"", b'{"access_token": "t"}'
        if b"/digest" in head and b"\nAuthorization: D" not in head:
            challenge = b'Digest realm="r", nonce="%s", qop="auth"' % (
                NONCE.encode())
        elif b"/ntlm" in head and b"TlRMTVNTUAAD" not in head:
            challenge = b"NTLM " + base64.b64encode(ntlm_challenge())
        if b"/soap" in head:
            body = (b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/'
                    b'envelope/"><e:Body/></e:Envelope>')
        status = b"200 OK"
        if challenge:
            status, body = (b"401 No\r\nWWW-Authenticate: " + challenge,
                            b"")
        return (b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (
            status, len(body)) + body)

    def ftp(self, connection):
        connection.sendall(b"220 hello\r\n")
        replies = {b"USER": b"331 who", b"PASS": b"230 in", b"PWD": b"257 "
                   b"\"/\"", b"CWD": b"250 there", b"TYPE": b"200 good"}
        while True:
            data = connection.recv(65536)
            if not data:
                return
            self.got += data
            for line in data.split(b"\r\n")[:-1]:
                connection.sendall(replies.get(
                    line.split(b" ")[0], b"500 no") + b"\r\n")

    def ssh(self, connection):
        connection.sendall(b"SSH-2.0-recorder\r\n")
        connection.settimeout(1)
        self.got += connection.recv(65536)

    def database(self, connection):
        script = Script(method=NATIVE)
        try:
            script(connection)
        finally:
            self.got += b"".join(script.got)


# How each kind of type is tried, and what values it goes with.
PROTOCOLS = {"ftp": ("FTP", "ftp"), "sftp_password": ("SFTP", "ssh"),
             "sftp_key": ("SFTP", "ssh"), "database": ("MySQL", "database")}
COUNTED = {"sftp_password", "sftp_key", "database"}
LIMITS = ("--connect-ms", "2000", "--total-ms", "3000")


def plan(kind, port):
    """A target of the type and good values of all its variables."""
    protocol, serve = PROTOCOLS.get(kind, ("HTTP", "web"))
    values = dict.fromkeys(types[kind], "good")
    base = "http://127.0.0.1:%d/%s" % (port, kind)
    target = {"type": kind, "protocol": protocol, "url": base}
    if "host" in values:
        values.update(host="127.0.0.1", port=str(port))
    if "host_key_sha256" in values:
        values["host_key_sha256"] = "A" * 43
    if kind.startswith("oauth2"):
        target["test_url"] = base + "/test"
    if kind == "soap":
        target["body"] = "<e/>"
    if kind == "oauth1":
        values["signature_method"] = "HMAC-SHA1"
    if kind == "token":
        values["token"] = "good"
    return target, values, serve


class Types(unittest.TestCase):
    def run_one(self, kind, more=None, **changed):
        """The result, and all that the server was sent."""
        recorder = Recorder()
        with Server(lambda c: getattr(recorder, serve)(c)) as server:
            target, values, serve = plan(kind, server.port)
            result = probe({**target, **(more or {}), "variables": variables(
                **{**values, **changed})}, *LIMITS)
        return result, recorder.got

    def test_no_control_character_becomes_text_of_a_protocol(self):
        tried = 0
        for kind in types:
            for key in types[kind]:
                for bad in BAD:
                    value = "before" + bad + INJECTED + " victim"
                    with self.subTest(kind=kind, key=key, bad=bad):
                        result, got = self.run_one(
                            kind, **{key: value})
                        self.check(kind, key, bad, result, got)
                        tried += 1
        self.assertGreater(tried, 400)

    def check(self, kind, key, bad, result, got):
        if kind not in COUNTED:
            for control in CONTROLS:
                self.assertNotIn((control + INJECTED).encode(), got)
        if result["reason"] == "value_invalid":
            self.assertEqual(got, b"")
            self.assertIn(key, result["detail"])
            self.assertEqual(result["stage"], "configuration")

    def test_what_is_refused_names_the_variable(self):
        for kind, key in (("digest", "username"), ("token", "token"),
                          ("aws_sigv4", "access_key_id"),
                          ("aws_sigv4", "session_token"),
                          ("aws_sigv4", "region"), ("ftp", "username"),
                          ("ftp", "password"), ("ftp", "root"),
                          ("sftp_key", "username"), ("database", "host")):
            for bad in ("good\n", "\r\ngood", "go\x1bod", "\x7f"):
                result, got = self.run_one(kind, **{key: bad})
                self.assertEqual((result["reason"], got),
                                 ("value_invalid", b""), (kind, key, bad))
                self.assertIn(" %s " % key, result["detail"])

    def test_encoded_values_may_have_any_character(self):
        for kind, key in (("basic", "password"), ("basic", "username"),
                          ("oauth1", "consumer_key"),
                          ("oauth2_password", "client_secret"),
                          ("aws_sigv4", "secret_access_key"),
                          ("digest", "password"), ("ntlm", "password")):
            result, got = self.run_one(kind, **{key: "a\r\nb\x1bc\x7fd"})
            self.assertNotEqual(result["reason"], "value_invalid",
                                (kind, key))
            self.assertNotEqual(got, b"")

    def test_values_that_are_too_long_are_refused(self):
        for kind in types:
            for key in types[kind]:
                result, got = self.run_one(
                    kind, **{key: "x" * 300000})
                self.assertEqual(got, b"", (kind, key))
                self.assertEqual(result["reason"], "value_invalid")

    def test_templates_refuse_control_characters_by_name(self):
        for bad in CONTROLS:
            for more in ({"headers": {"X-A": "{{odd}}"}},
                         {"body": "{{odd}}", "body_format": "raw"},
                         {"url": "{{odd}}"},
                         {"url": "http://{{odd}}/"}):
                result, got = self.run_one("none", more, odd="a%sb" % bad)
                self.assertEqual((result["reason"], got),
                                 ("value_invalid", b""), (bad, more))
                self.assertIn(" odd ", result["detail"])

    def test_bodies_escape_control_characters(self):
        for bad in CONTROLS:
            for format, text in (("json", '"{{odd}}"'), ("form", "{{odd}}"),
                                 ("xml", "<a>{{odd}}</a>")):
                result, got = self.run_one(
                    "none", {"body": text, "body_format": format,
                             "http_method": "POST"}, odd="a" + bad + INJECTED)
                self.assertNotIn(bad.encode() + INJECTED.encode(), got)
                if result["reason"] is not None:
                    self.assertEqual((format, result["reason"]),
                                     ("xml", "value_invalid"))


class Paths(unittest.TestCase):
    def test_dots_alone_are_no_segment(self):
        for url in ("/a/{{v}}/b", "/a/{{v}}", "/{{v}}?q=1", "/a/.{{w}}/",
                    "/{{w}}{{w}}/x"):
            recorder = Recorder()
            with Server(recorder.web) as server:
                result = probe({
                    "type": "none", "url": "http://127.0.0.1:%d%s" % (
                        server.port, url),
                    "variables": variables(v="..", w=".")})
            self.assertEqual((result["reason"], recorder.got),
                             ("value_invalid", b""), url)
            self.assertRegex(result["detail"], " [vw] ")

    def test_dots_with_more_are_one(self):
        for value in ("...", ".x", "..x", "x..", "%2e%2e", "a/../b", "..\\"):
            recorder = Recorder()
            with Server(recorder.web) as server:
                result = probe({
                    "type": "none", "url": "http://127.0.0.1:%d/a/{{v}}/b"
                    % server.port, "variables": variables(v=value)})
            self.assertTrue(result["ok"], (value, result))
            line = recorder.got.split(b" ")[1]
            self.assertEqual(line.count(b"/"), 3)
            self.assertNotIn(b"/../", line)


class Defaults(unittest.TestCase):
    """A secret default of the catalogue."""

    def run_one(self, kind, own, default, more=None, options=()):
        recorder = Recorder()
        with Server(lambda c: getattr(recorder, serve)(c)) as server:
            target, values, serve = plan(kind, server.port)
            target.update({name: value.format(port=server.port)
                           for name, value in (more or {}).items()})
            given = [{"key": key, "value": value.format(port=server.port),
                      "secret": False} for key, value in own.items()]
            given += [{"key": key, "value": value.format(port=server.port),
                       "secret": SECRET in value, "default": True}
                      for key, value in default.items()]
            result = probe({**target, "variables": given}, *LIMITS, *options)
        return result, recorder.got

    def refused(self, kind, key, own, default, more=None):
        result, got = self.run_one(kind, own, default, more)
        self.assertEqual((result["reason"], result["stage"]),
                         ("variable_missing", "configuration"), result)
        self.assertIn(" %s " % key, result["detail"])
        self.assertEqual(got, b"")

    def test_none_goes_where_a_tenant_says(self):
        where = "http://{{{{host}}}}:{{{{port}}}}/%s"
        own = {"host": "127.0.0.1", "port": "{port}"}
        tried = set()
        for kind, rows in types.items():
            for key in rows:
                if key in own:
                    continue
                default = {r: "plain" for r in rows
                           if r not in own}
                default[key] = SECRET
                result, got = self.run_one(
                    kind, own, default,
                    {"url": where % kind, "test_url": where % kind}
                    if kind not in PROTOCOLS else None)
                self.assertNotIn(SECRET.encode(), got)
                if rows[key] == "needed":
                    self.assertEqual((result["reason"], got),
                                     ("variable_missing", b""), (kind, key))
                    self.assertIn(key, result["detail"])
                tried.add(kind)
        self.assertEqual(len(tried), len(types) - 2)

    def test_none_goes_there_by_a_template(self):
        own = {"host": "127.0.0.1", "port": "{port}"}
        url = "http://{{{{host}}}}:{{{{port}}}}/p"
        for more in ({"headers": '{{"X-Partner": "{{{{partner}}}}"}}'},
                     {"query": '{{"p": "{{{{partner}}}}"}}'},
                     {"body": "{{{{partner}}}}", "body_format": "raw"},
                     {"url": url + "/{{{{partner}}}}"},
                     {"url": url + "?p={{{{partner}}}}"}):
            self.refused("none", "partner", own, {"partner": SECRET},
                         {"url": url, **more})

    def test_none_goes_to_a_port_or_scheme_of_the_tenant(self):
        for url, own in (("http://127.0.0.1:{{{{port}}}}/", {
                "port": "{port}"}),
                ("{{{{scheme}}}}://127.0.0.1:{port}/", {"scheme": "http"}),
                ("{{{{base}}}}", {"base": "http://127.0.0.1:{port}/"})):
            self.refused("basic", "password", {**own, "username": "u"},
                         {"password": SECRET}, {"url": url})

    def test_it_goes_where_the_catalogue_says(self):
        url = {"url": "http://127.0.0.1:{port}/x/{{{{own}}}}"}
        result, got = self.run_one(
            "token", {"own": "mine"}, {"token": SECRET}, url)
        self.assertTrue(result["ok"], result)
        self.assertIn(b"Bearer " + SECRET.encode(), got)
        # The catalogue's own values are fixed as its text is.
        result, got = self.run_one(
            "token", {}, {"token": SECRET, "host": "127.0.0.1",
                          "port": "{port}"},
            {"url": "http://{{{{host}}}}:{{{{port}}}}/"})
        self.assertTrue(result["ok"], result)

    def test_it_goes_to_a_domain_of_the_catalogue(self):
        names = []
        for name in ("shop", "a.b"):
            names += ["--resolve", "%s.shops.example:80:127.0.0.1" % name]
        for own in ("shop", "a.b"):
            result, _ = self.run_one(
                "token", {"own": own}, {"token": SECRET},
                {"url": "http://{{{{own}}}}.shops.example/"}, names)
            self.assertIn(result["reason"], ("connection_refused", None))
        self.refused("token", "token", {"own": "x"}, {"token": SECRET},
                     {"url": "http://{{{{own}}}}.example/"})
        self.refused("token", "token", {"own": "x"}, {"token": SECRET},
                     {"url": "http://{{{{own}}}}shops.example/"})

    def test_it_goes_to_files_at_a_host_of_the_catalogue(self):
        default = {"host": "127.0.0.1", "port": "{port}", "username": "u",
                   "password": SECRET}
        _, got = self.run_one("ftp", {}, default)
        self.assertIn(b"PASS " + SECRET.encode(), got)
        for key in ("host", "port"):
            own = {key: default.pop(key)}
            self.refused("ftp", "password", own, default)
            default[key] = own[key]

    def test_the_connectors_own_secret_goes_anywhere(self):
        result, got = self.run_one(
            "token", {"host": "127.0.0.1", "port": "{port}",
                      "token": "own-" + SECRET}, {},
            {"url": "http://{{{{host}}}}:{{{{port}}}}/"})
        self.assertTrue(result["ok"], result)
        self.assertIn(SECRET.encode(), got)


if __name__ == "__main__":
    unittest.main()
