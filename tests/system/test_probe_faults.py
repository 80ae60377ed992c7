"""The connector test against servers that fail in every way there is: each
way has a reason of its own, at its step, within the time allowed."""
import gzip
import os
import pathlib
import shutil
import socket
import ssl
import tempfile
import time
import unittest
import warnings

import probe_support
from probe_support import (SECRET, Certificates, Names, Process, Server,
                           answering, closing, deaf, dripping, flooding,
                           free_port, greeting, probe, read_head, reset, resetting,
                           silent)
from probe_web import Web

LIMITS = ("--connect-ms", "700", "--total-ms", "1200")
SLACK = 1.5  # for starting the program on a busy machine
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def setUpModule():
    global certificates, names
    probe_support.make_cli()
    certificates = Certificates()
    names = Names()


def tearDownModule():
    certificates.remove()
    names.remove()


class Faults(unittest.TestCase):
    def check(self, url, reason, stage, *options, env=None, **more):
        begun = time.monotonic()
        result = probe({"type": "none", "url": url, **more}, *options,
                       env=env)
        self.assertEqual((result["reason"], result["stage"]),
                         (reason, stage), result)
        if options[:4] == LIMITS:
            self.assertLess(time.monotonic() - begun, 1.2 + SLACK)
            self.assertLess(result["duration_ms"], 1500)
        return result

    def check_server(self, serve, reason, stage, *options, scheme="http",
                     **more):
        with Server(serve) as server:
            return self.check("%s://127.0.0.1:%d/" % (scheme, server.port),
                              reason, stage, *options, **more)


class Connections(Faults):
    def test_refused(self):
        self.check("http://127.0.0.1:%d/" % free_port(),
                   "connection_refused", "connect")

    def test_unreachable(self):
        # Nobody has an address that is for documentation.
        result = probe({"type": "none", "url": "http://[2001:db8::1]/"},
                       *LIMITS, allow="2001:db8::/32")
        self.assertIn(result["reason"], ("host_unreachable", "timeout",
                                         "connection_failed"))
        self.assertEqual(result["stage"], "connect")

    def test_names(self):
        self.check("http://nothing.invalid/", "name_not_resolved", "dns")
        self.check("http://broken.fake.example/", "name_not_resolved", "dns",
                   env=names.env())

    def test_name_server_that_hangs(self):
        self.check("http://slow.fake.example/", "timeout", "dns", *LIMITS,
                   env=names.env())

    def test_no_answer_to_connect(self):
        with Server(deaf) as server:
            # A backlog that is full leaves further connections waiting.
            server.socket.listen(0)
            server.going = False
            waiting = []
            for _ in range(300):
                s = socket.socket()
                s.setblocking(False)
                s.connect_ex(("127.0.0.1", server.port))
                waiting.append(s)
            try:
                self.check("http://127.0.0.1:%d/" % server.port, "timeout",
                           "connect", *LIMITS)
            finally:
                for s in waiting:
                    s.close()


class Answers(Faults):
    def test_silence(self):
        for serve in (silent, deaf):
            self.check_server(serve, "timeout", "response", *LIMITS)

    def test_dripping(self):
        for serve in (dripping(b"x", 0.02, FINE[:-2].replace(b": 2",
                                                             b": 99999")),
                      dripping(b"X-A: b\r\n", 0.02, b"HTTP/1.1 200 OK\r\n"),
                      dripping(FINE, 0.2),
                      dripping(b"1\r\nx\r\n", 0.02, b"HTTP/1.1 200 OK\r\n"
                               b"Transfer-Encoding: chunked\r\n\r\n"),
                      dripping(b"HTTP/1.1 100 Continue\r\n\r\n", 0.02,
                               b"HTTP/1.1 100 Continue\r\n\r\n")):
            result = self.check_server(serve, "timeout", "response", *LIMITS)
            self.assertIsNone(result["steps"][7]["ok"] or None)

    def test_endless(self):
        fast = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 65536
        self.check_server(flooding(fast, b"x" * 65536), "response_too_large",
                          "response")
        self.check_server(answering(fast), "response_too_large", "response",
                          "--answer-max", "65535")
        result = probe({"type": "none", "url": "http://127.0.0.1:1/"})
        self.assertEqual(result["reason"], "connection_refused")

    def test_just_fits(self):
        with Server(answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 65536)) \
                as server:
            self.assertTrue(probe(
                {"type": "none", "url": "http://127.0.0.1:%d/" % server.port},
                "--answer-max", "65536")["ok"])

    def test_endless_headers(self):
        line = b"X-A: " + b"b" * 1000 + b"\r\n"
        self.check_server(flooding(b"HTTP/1.1 200 OK\r\n", line),
                          "response_too_large", "response")
        self.check_server(
            answering(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200000),
            "response_too_large", "response")

    def test_cut(self):
        for answer in (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
                       b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                       b"\r\n5\r\nab"):
            self.check_server(answering(answer), "response_cut", "response")

    def test_cut_by_reset(self):
        def serve(connection):
            read_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
            time.sleep(0.2)
            reset(connection)
        self.check_server(serve, "response_cut", "response")

    def test_nothing(self):
        self.check_server(closing, "response_empty", "response")
        self.check_server(resetting, "connection_reset", "response")

    def test_garbage(self):
        for garbage in (b"SSH-2.0-OpenSSH_9.2\r\n", b"220 ready\r\n",
                        os.urandom(64) + b"\n", b"\0" * 100,
                        b"HTTP/9 garbage\r\n\r\n", b"<html></html>"):
            self.check_server(answering(garbage), "not_http", "response")

    def test_bombs_are_not_unpacked(self):
        bomb = gzip.compress(b"x" * 5000000)
        self.assertLess(len(bomb), 60000)
        head = (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                b"Content-Length: %d\r\n\r\n" % len(bomb))
        with Server(answering(head + bomb)) as server:
            self.assertTrue(probe(
                {"type": "none", "url": "http://127.0.0.1:%d/" % server.port},
                "--answer-max", "60000")["ok"])


class Tls(Faults):
    def check_tls(self, name, reason, host="127.0.0.1", options=None,
                  **more):
        options = options or ("--ca", certificates.path("ca.pem"))
        with Server(answering(FINE),
                    context=certificates.context(name)) as server:
            url = "https://%s:%d/" % (host, server.port)
            if reason:
                return self.check(url, reason, "tls", *options, **more)
            result = probe({"type": "none", "url": url, **more}, *options)
            self.assertTrue(result["ok"], result)
            self.assertIs(result["steps"][4]["ok"], True)
            return result

    def test_good(self):
        self.check_tls("good", None)
        self.check_tls("good", None, host="localhost")

    def test_certificates(self):
        self.check_tls("expired", "certificate_expired")
        self.check_tls("future", "certificate_not_yet_valid")
        self.check_tls("self", "certificate_self_signed")
        self.check_tls("untrusted", "certificate_untrusted")
        self.check_tls("other-name", "certificate_name_mismatch")
        self.check_tls("other-name", "certificate_name_mismatch",
                       host="localhost")
        self.check_tls("good", "certificate_untrusted",
                       options=("--redirects", "1"))

    def test_not_tls(self):
        self.check_server(greeting(FINE), "not_tls", "tls", scheme="https")
        self.check_server(greeting(b"220 ready\r\n"), "not_tls", "tls",
                          scheme="https")

    def test_failures(self):
        def close(connection):
            connection.recv(4096)

        def break_off(connection):
            connection.recv(4096)
            reset(connection)
        for serve in (close, break_off):
            self.check_server(serve, "tls_failed", "tls", scheme="https")
        with Server(reset) as server:
            result = probe({"type": "none", "url": "https://127.0.0.1:%d/"
                            % server.port})
            self.assertIn(result["reason"], ("tls_failed",
                                             "connection_reset"))
        self.check_server(silent, "timeout", "tls", *LIMITS, scheme="https")
        self.check_server(dripping(b"\x16\x03\x03\x40\x00" + b"x" * 16000,
                                   0.02), "timeout", "tls", *LIMITS,
                          scheme="https")

    def test_old_version(self):
        context = certificates.context("good")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with Server(answering(FINE), context=context) as server:
            self.check("https://127.0.0.1:%d/" % server.port, "tls_failed",
                       "tls", "--ca", certificates.path("ca.pem"))

    def test_redirect_to_bad_certificate(self):
        with Server(answering(FINE),
                    context=certificates.context("self")) as server:
            web = Web()
            self.check("%s/redirect?to=https://127.0.0.1:%d/" % (
                web.base, server.port), "certificate_self_signed", "tls")
            web.stop()


class ClientCertificates(Faults):
    """Servers that want one and say so by an alert."""

    def ask(self, version, **identity):
        context = certificates.context("good", client_ca="ca")
        context.minimum_version = context.maximum_version = version
        with Server(answering(FINE), context=context) as server:
            return probe({"type": "none", "url": "https://127.0.0.1:%d/"
                          % server.port, **identity}, "--ca",
                         certificates.path("ca.pem"))

    def identity(self, name, key=None, **more):
        return {"certificate": certificates.read(name + ".pem"),
                "private_key": certificates.read((key or name) + ".key"),
                **more}

    def test_by_alert(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.assertTrue(
                self.ask(version, **self.identity("client"))["ok"])
            together = self.identity("client")
            together = {"certificate": together["certificate"]
                        + together["private_key"]}
            self.assertTrue(self.ask(version, **together)["ok"])
            self.assertTrue(self.ask(version, **self.identity(
                "client", "client-locked", passphrase=SECRET))["ok"])
            result = self.ask(version, **self.identity("stranger"))
            self.assertEqual(result["reason"], "client_certificate_rejected")
            self.assertEqual(result["stage"], "tls")
            result = self.ask(version)
            self.assertEqual(result["reason"], "client_certificate_required")
            self.assertEqual(result["stage"], "tls")

    def test_unusable(self):
        for identity in (
                self.identity("client", "good"),
                self.identity("client", "client-locked"),
                self.identity("client", "client-locked",
                              passphrase="wrong" + SECRET),
                {"certificate": "nonsense", "private_key": "nonsense"}):
            result = self.ask(ssl.TLSVersion.TLSv1_3, **identity)
            self.assertEqual(result["reason"], "client_certificate_invalid")
            self.assertEqual(result["stage"], "configuration")


NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
  ssl_certificate {ca}/good.pem; ssl_certificate_key {ca}/good.key;
  server {{ listen 127.0.0.1:{tls} ssl; location / {{ return 200 ok; }} }}
  server {{
    listen 127.0.0.1:{mutual} ssl; ssl_client_certificate {ca}/ca.pem;
    ssl_verify_client on; location / {{ return 200 ok; }}
  }}
}}
"""


class Nginx(Faults):
    @classmethod
    def setUpClass(cls):
        program = shutil.which("nginx", path=os.environ["PATH"]
                               + ":/usr/sbin")
        if program is None:
            raise unittest.SkipTest("nginx is not here")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="probe-nginx."))
        cls.tls, cls.mutual = free_port(), free_port()
        (cls.folder / "conf").write_text(NGINX.format(
            folder=cls.folder, ca=certificates.folder, tls=cls.tls,
            mutual=cls.mutual))
        cls.nginx = Process([program, "-p", cls.folder, "-c",
                             cls.folder / "conf", "-e",
                             cls.folder / "error"], cls.mutual)

    @classmethod
    def tearDownClass(cls):
        cls.nginx.stop()
        shutil.rmtree(cls.folder)

    def ask(self, port, scheme="https", **identity):
        return probe({"type": "none", "url": "%s://127.0.0.1:%d/" % (
            scheme, port), **identity}, "--ca", certificates.path("ca.pem"))

    def test_tls(self):
        self.assertTrue(self.ask(self.tls)["ok"])
        result = self.ask(self.tls, "http")
        self.assertEqual(result["reason"], "tls_required")
        self.assertEqual(result["stage"], "tls")

    def test_mutual(self):
        identity = {"certificate": certificates.read("client.pem"),
                    "private_key": certificates.read("client.key")}
        self.assertTrue(self.ask(self.mutual, **identity)["ok"])
        result = self.ask(self.mutual)
        self.assertEqual(result["reason"], "client_certificate_required")
        self.assertEqual(result["stage"], "tls")
        stranger = {"certificate": certificates.read("stranger.pem"),
                    "private_key": certificates.read("stranger.key")}
        self.assertEqual(self.ask(self.mutual, **stranger)["reason"],
                         "client_certificate_rejected")

    def test_certificate_is_not_shown_to_others(self):
        """A redirect to another host that wants one gets none."""
        identity = {"certificate": certificates.read("client.pem"),
                    "private_key": certificates.read("client.key")}
        web = Web()
        result = probe({"type": "none", "url": "%s/redirect?to=https://127."
                        "0.0.1:%d/" % (web.base, self.mutual), **identity},
                       "--ca", certificates.path("ca.pem"))
        web.stop()
        self.assertEqual(result["reason"], "client_certificate_required")


if __name__ == "__main__":
    unittest.main()
