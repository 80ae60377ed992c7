"""FTP over TLS: the session of the login taken up by the data connections,
and nothing sent that is not protected."""
import os
import ssl
import unittest

import probe_support
from probe_direct import LIMITS, PASSWORD, Base
from probe_ftp import FtpServer
from probe_support import Certificates, Server, probe

IMPLICIT = 990  # where TLS comes first


def setUpModule():
    global certificates
    probe_support.make_cli()
    certificates = Certificates()


def tearDownModule():
    certificates.remove()


def context(name="good", version=None):
    made = certificates.context(name)
    if version:
        made.minimum_version = made.maximum_version = version
    return made


VERSIONS = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


class Ftps(Base):
    kind, protocol = "ftp", "FTPS"

    def ask_server(self, server, *options):
        return self.ask("--ca", certificates.path("ca.pem"), *options,
                        host="127.0.0.1", port=str(server.port),
                        username="alice", password=PASSWORD, root="inner")

    def servers(self, *arguments, **options):
        """The same server with TLS asked for and with TLS first."""
        yield FtpServer(*arguments, **options)
        if os.getuid() == 0:
            yield FtpServer(*arguments, **options, implicit=True,
                            port=IMPLICIT)

    def test_data_connection_takes_up_the_session_of_the_login(self):
        for version in VERSIONS:
            for server in self.servers(context=context(version=version),
                                       reuse=True):
                with server, self.subTest(version=version, port=server.port):
                    result = self.ask_server(server)
                    self.assertTrue(result["ok"], result)
                    self.assertIs(result["steps"][4]["ok"], True, result)
                    self.assertEqual(server.resumed, [True])

    def test_nothing_is_kept_for_the_next_test(self):
        for version in VERSIONS:
            for server in self.servers(context=context(version=version)):
                with server, self.subTest(version=version, port=server.port):
                    result = self.ask_server(server, "--times", "3")
                    self.assertTrue(result["ok"], result)
                    self.assertEqual(server.logins_resumed, [False] * 3)
                    self.assertEqual(server.resumed, [True] * 3)

    def test_https_keeps_no_session(self):
        seen = []

        def serve(connection):
            probe_support.read_head(connection)
            seen.append(connection.session_reused)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                               b"\r\n")
            connection.unwrap()
        with Server(serve, context=context()) as server:
            probe({"type": "none", "url": "https://127.0.0.1:%d/"
                   % server.port}, "--ca", certificates.path("ca.pem"),
                  "--times", "2")
        self.assertEqual(seen, [False, False])

    def test_data_connection_is_verified_like_the_login(self):
        for name, reason in (("untrusted", "certificate_untrusted"),
                             ("other-name", "certificate_name_mismatch"),
                             ("expired", "certificate_expired"),
                             ("self", "certificate_self_signed")):
            for version in VERSIONS:
                for server in self.servers(
                        context=context(version=version),
                        data_context=context(name, version)):
                    with server, self.subTest(name=name, version=version,
                                              port=server.port):
                        result = self.ask_server(server, *LIMITS)
                        self.assertEqual(
                            (result["reason"], result["stage"]),
                            (reason, "tls"), result)

    def test_server_that_does_not_protect_the_data_gets_no_plain_listing(self):
        for reply in ("500 what?", "534 no", "536 not supported", "502 no",
                      "431 not now", "550 Permission denied"):
            for server in self.servers({"PROT": reply}, context=context()):
                with server, self.subTest(reply=reply, port=server.port):
                    result = self.ask_server(server, *LIMITS)
                    self.assertEqual((result["reason"], result["stage"]),
                                     ("tls_unsupported", "tls"), result)
                    self.assertEqual(server.plain_data, 0)
                    self.assertEqual(server.told("NLST"), [])

    def test_server_without_tls_gets_no_password(self):
        for reply in ("500 what?", "502 no", "504 not TLS", "530 log in",
                      "431 not now", "534 no", "550 Permission denied"):
            with FtpServer({"AUTH": reply}) as server:
                result = self.ask_server(server, *LIMITS)
                self.assertEqual((result["reason"], result["stage"]),
                                 ("tls_unsupported", "tls"), result)
                self.assertEqual(server.told("PASS"), [])
        with FtpServer({"AUTH": "421 too busy"}) as server:
            result = self.ask_server(server, *LIMITS)
            self.assertEqual((result["reason"], result["stage"]),
                             ("server_busy", "tls"), result)

    def test_server_that_cannot_resume_what_it_demands(self):
        """Nobody could list there, and the login is not to blame."""
        tls = context(version=ssl.TLSVersion.TLSv1_2)
        for server in self.servers(context=tls, reuse=True,
                                   data_context=context()):
            with server:
                result = self.ask_server(server, *LIMITS)
                self.assertEqual((result["reason"], result["stage"]),
                                 ("data_connection_failed", "response"),
                                 result)

    def test_replies_are_judged_as_without_tls(self):
        for replies, reason in (
                ({"NLST": "550 No files found"}, None),
                ({"CWD": "550 Permission denied"}, "access_denied"),
                ({"CWD": "550 no"}, "not_found"),
                ({"PASS": "530 SSL is fine, but you are not"},
                 "credentials_rejected"),
                ({"NLST": "522 SSL failed"}, "data_connection_failed")):
            for server in self.servers(replies, context=context()):
                with server:
                    result = self.ask_server(server, *LIMITS)
                    self.assertEqual(result["reason"], reason, result)
                    self.assertIs(result["steps"][4]["ok"], True, result)


if __name__ == "__main__":
    unittest.main()
