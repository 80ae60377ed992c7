"""The connector test against servers that want a client certificate, in each
way in which they say so."""
import socket
import ssl
import struct
import unittest

import probe_support
from probe_direct import PASSWORD, Base, program
from probe_support import (SECRET, Certificates, Process, Server, answering,
                           free_port, probe, read_head, reset, variables)

# Where other servers of this machine have not taken the port of FTPS.
HOST = "127.0.0.73"
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
# Alerts of RFC 5246, 7.2: what servers send that miss a certificate.
ALERTS = {"close_notify": (1, 0), "handshake_failure": (2, 40),
          "no_certificate": (1, 41), "bad_certificate": (2, 42),
          "unsupported_certificate": (2, 43), "certificate_unknown": (2, 46),
          "illegal_parameter": (2, 47), "unknown_ca": (2, 48),
          "access_denied": (2, 49), "internal_error": (2, 80),
          "certificate_required": (2, 116)}


def setUpModule():
    global certificates, CA
    probe_support.make_cli()
    certificates = Certificates()
    certificates.signed("here", names="IP:" + HOST)
    CA = ("--ca", certificates.path("ca.pem"))


def tearDownModule():
    certificates.remove()


def context(version, name="good", mode=ssl.CERT_REQUIRED):
    made = certificates.context(name, client_ca="ca")
    made.verify_mode = mode
    made.minimum_version = made.maximum_version = version
    return made


def identity(name):
    return {"certificate": certificates.read(name + ".pem"),
            "private_key": certificates.read(name + ".key")}


def refusing(version, last_words):
    """Shakes hands until the certificate is missed, then says this instead of
    what OpenSSL would."""
    def serve(connection):
        coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context(version).wrap_bio(coming, going, server_side=True)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                connection.sendall(going.read())
                coming.write(connection.recv(16384))
            except ssl.SSLError:
                break
        last_words(connection)
    return serve


def alert(*which):
    def say(connection):
        connection.sendall(b"\x15\x03\x03\x00\x02" + struct.pack("BB", *which))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
    return say


def hang_up(connection):
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass


def secured(made, after):
    """A connection in the clear that turns to TLS and then does this."""
    def serve(connection):
        with made.wrap_socket(connection, server_side=True) as tls:
            after(tls)
    return serve


class Http(unittest.TestCase):
    def ask(self, serve, wrap=None, **more):
        with Server(serve, context=wrap) as server:
            return probe({"type": "none", "url": "https://127.0.0.1:%d/"
                          % server.port, **more}, *CA)

    def required(self, *arguments, **more):
        result = self.ask(*arguments, **more)
        self.assertEqual((result["reason"], result["stage"]),
                         ("client_certificate_required", "tls"), result)

    def test_openssl_misses_it(self):
        for version in (V12, V13):
            self.required(answering(FINE), context(version))

    def test_alerts(self):
        for name, which in ALERTS.items():
            with self.subTest(name):
                self.required(refusing(V12, alert(*which)))

    def test_hanging_up_in_the_handshake(self):
        for last in (hang_up, reset):
            self.required(refusing(V12, last))

    def test_hanging_up_after_the_handshake(self):
        for version in (V12, V13):
            for after in (hang_up, reset, read_head, lambda _: None):
                self.required(secured(context(
                    version, mode=ssl.CERT_OPTIONAL), after))

    def test_a_wish_is_no_demand(self):
        for version in (V12, V13):
            wish = context(version, mode=ssl.CERT_OPTIONAL)
            self.assertTrue(self.ask(answering(FINE), wish)["ok"])
            for answer, reason in (
                    (b"HTTP/1.1 404 no\r\nContent-Length: 0\r\n\r\n",
                     "not_found"),
                    (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
                     "response_cut"),
                    (b"220 ready\r\n", "not_http")):
                self.assertEqual(self.ask(answering(answer), wish)["reason"],
                                 reason)

    def test_the_server_s_own_certificate_comes_first(self):
        for version in (V12, V13):
            for name, reason in (("expired", "certificate_expired"),
                                 ("self", "certificate_self_signed"),
                                 ("untrusted", "certificate_untrusted")):
                result = self.ask(answering(FINE), context(version, name))
                self.assertEqual(result["reason"], reason, result)

    def test_nobody_wants_one(self):
        for version in (V12, V13):
            plain = context(version, mode=ssl.CERT_NONE)
            result = self.ask(secured(plain, read_head))
            self.assertEqual(result["reason"], "response_empty", result)

        def fail(connection):
            connection.recv(4096)
            alert(*ALERTS["handshake_failure"])(connection)
        self.assertEqual(self.ask(fail)["reason"], "tls_failed")

    def test_one_that_is_not_accepted(self):
        for version in (V12, V13):
            result = self.ask(answering(FINE), context(version),
                              **identity("stranger"))
            self.assertEqual(result["reason"], "client_certificate_rejected")
        for last in (alert(*ALERTS["handshake_failure"]), hang_up):
            result = self.ask(refusing(V12, last), **identity("stranger"))
            self.assertEqual((result["reason"], result["stage"]),
                             ("client_certificate_rejected", "tls"), result)

    def test_one_that_is_accepted(self):
        for version in (V12, V13):
            self.assertTrue(self.ask(answering(FINE), context(version),
                                     **identity("client"))["ok"])
            result = self.ask(secured(context(version), read_head),
                              **identity("client"))
            self.assertEqual(result["reason"], "response_empty", result)

    def test_redirected(self):
        with Server(answering(FINE), context=context(V12)) as server:
            to = b"https://127.0.0.1:%d/" % server.port
            with Server(answering(b"HTTP/1.1 302 Found\r\nLocation: " + to
                                  + b"\r\nContent-Length: 0\r\n\r\n")) as web:
                result = probe({"type": "none", "url": "http://127.0.0.1:%d/"
                                % web.port}, *CA)
        self.assertEqual(result["reason"], "client_certificate_required")


def ftp_line(connection, answer):
    connection.recv(4096)
    connection.sendall(answer)


class Ftps(Base):
    kind, protocol = "ftp", "FTPS"

    def ask_server(self, serve, **more):
        with Server(serve) as server:
            return probe({
                "type": "ftp", "protocol": "FTPS", "variables": variables(
                    host="127.0.0.1", port=str(server.port), username="alice",
                    password=PASSWORD), **more}, *CA)

    def explicit(self, rest):
        def serve(connection):
            connection.sendall(b"220 hi\r\n")
            ftp_line(connection, b"234 go on\r\n")
            rest(connection)
        return serve

    def required(self, rest):
        result = self.ask_server(self.explicit(rest))
        self.assertEqual((result["reason"], result["stage"]),
                         ("client_certificate_required", "tls"), result)

    def test_openssl_misses_it(self):
        for version in (V12, V13):
            self.required(secured(context(version), hang_up))

    def test_other_ways(self):
        for name in ("handshake_failure", "bad_certificate", "access_denied"):
            self.required(refusing(V12, alert(*ALERTS[name])))
        self.required(refusing(V12, hang_up))
        for version in (V12, V13):
            self.required(secured(context(version, mode=ssl.CERT_OPTIONAL),
                                  hang_up))

    def test_a_wish_is_no_demand(self):
        """What fails once the server has spoken has another reason."""
        def reject(tls):
            for answer in (b"331 word\r\n", b"530 no\r\n"):
                ftp_line(tls, answer)
            hang_up(tls)

        def leave(tls):
            ftp_line(tls, b"331 word\r\n")
            tls.recv(4096)

        for version in (V12, V13):
            for after, reason in ((reject, "credentials_rejected"),
                                  (leave, None)):
                result = self.ask_server(self.explicit(secured(context(
                    version, mode=ssl.CERT_OPTIONAL), after)))
                if reason:
                    self.assertEqual(result["reason"], reason, result)
                self.assertNotIn("client_certificate", result["reason"])

    def test_vsftpd(self):
        for implicit in (False, True):
            with self.subTest(implicit=implicit):
                result = self.ask_vsftpd(implicit)
                self.assertEqual((result["reason"], result["stage"]),
                                 ("client_certificate_required", "tls"))

    def ask_vsftpd(self, implicit):
        port = 990 if implicit else free_port()
        path = certificates.folder / "vsftpd"
        path.write_text(VSFTPD.format(
            port=port, host=HOST, implicit="YES" if implicit else "NO",
            ca=certificates.folder))
        server = Process([program("vsftpd"), path], port, HOST)
        try:
            return self.ask(*CA, host=HOST, port=str(port),
                            username="alice", password=PASSWORD)
        finally:
            server.stop()


VSFTPD = """
background=NO
listen=YES
listen_address={host}
listen_port={port}
anonymous_enable=NO
local_enable=YES
secure_chroot_dir={ca}
seccomp_sandbox=NO
session_support=NO
ssl_enable=YES
implicit_ssl={implicit}
require_cert=YES
ca_certs_file={ca}/ca.pem
rsa_cert_file={ca}/here.pem
rsa_private_key_file={ca}/here.key
"""


if __name__ == "__main__":
    unittest.main()
