"""What FTP servers answer, and what the connector test makes of it: judged
by how far one came, not by the last code alone."""
import socket
import unittest

import probe_support
from probe_direct import LIMITS, PASSWORD, Base
from probe_ftp import BEGIN, FtpServer
from probe_support import SECRET, Server


def setUpModule():
    probe_support.make_cli()


class Replies(Base):
    kind, protocol = "ftp", "FTP"

    def login(self, server, **values):
        return {"host": "127.0.0.1", "port": str(server.port),
                "username": "alice", "password": PASSWORD, **values}

    def meets(self, replies, *options, root="inner", **server_options):
        """The result of a test of a server that answers so."""
        with FtpServer(replies, **server_options) as server:
            result = self.ask(*options, **self.login(server, root=root))
        self.said = server
        return result

    def check(self, cases, stage_of=None):
        for verb, reply, reason, stage in cases:
            with self.subTest(verb=verb, reply=reply):
                result = self.meets({verb: reply}, *LIMITS)
                self.assertEqual((result["reason"], result["stage"]),
                                 (reason, stage), result)
                # No text of the far side is shown.
                self.assertNotIn("xyzzy", str(result))

    def test_nothing_to_list_passes_once_the_root_is_entered(self):
        for reply in ("550 No files found.", "550 No such file or directory",
                      "450 No files found", "550 xyzzy",
                      "550 The system cannot find the file specified.",
                      "553 nichts da", "226 Transfer complete.",
                      "250-nothing\r\n250 done", "451 No files found",
                      BEGIN + "|" + "550 No files found",
                      BEGIN + "|" + "450 none", BEGIN + "|" + "250 done"):
            with self.subTest(reply=reply):
                result = self.meets({"NLST": reply}, *LIMITS, names=b"")
                self.assertTrue(result["ok"], result)
                result = self.meets({"NLST": reply}, *LIMITS, names=b"",
                                    root="")
                self.assertTrue(result["ok"], result)

    def test_a_listing_that_is_not_allowed_fails(self):
        self.check([("NLST", reply, "access_denied", "authentication")
                    for reply in ("550 Permission denied.",
                                  "550 Not enough privileges.",
                                  "530 Please login.",
                                  "532 Need account",
                                  "550-xyzzy\r\n550 Access is denied.",
                                  "550 Acc\xe8s refus\xe9.",
                                  "450 inner: Operation not permitted",
                                  BEGIN + "|550 Permission denied")])

    def test_a_root_that_may_not_be_entered_is_not_called_missing(self):
        self.check([("CWD", reply, "access_denied", "authentication")
                    for reply in ("550 Permission denied",
                                  "550 /inner: Permission denied",
                                  "550 Access is denied. ",
                                  "553 Not allowed.",
                                  "530 Not logged in for this",
                                  "532 Need account",
                                  "550 Zugriff verweigert",
                                  "550-The directory\r\n550-permission\r\n"
                                  "550 xyzzy",
                                  "550 Keine Berechtigung",
                                  "550 Acceso denegado.")])

    def test_a_root_that_is_not_there(self):
        self.check([("CWD", reply, "not_found", "response")
                    for reply in ("550 No such file or directory",
                                  "550 Failed to change directory.",
                                  "550 inner: xyzzy", "501 what?",
                                  "550 /permission-denied: No such file",
                                  "450 not available", "553 no")])

    def test_login(self):
        for verb, reply, reason in (
                ("PASS", "530 Login incorrect.", "credentials_rejected"),
                ("PASS", "530 Anmeldung fehlgeschlagen",
                 "credentials_rejected"),
                ("PASS", "430 Invalid user name or password",
                 "credentials_rejected"),
                ("PASS", "535 no", "credentials_rejected"),
                ("USER", "530 This server is anonymous only",
                 "credentials_rejected"),
                ("USER", "332 need account", "access_denied"),
                ("PASS", "332 need account", "access_denied"),
                ("PASS", "500 OOPS: cannot change directory:/home/alice",
                 "server_error"),
                ("PASS", "451 local error", "server_error"),
                ("PASS", "421 Too many users", "server_busy"),
                ("USER", "421 Service not available", "server_busy"),
                ("PASS", "530 Sorry, the maximum number of clients (2) are "
                 "connected", "server_busy"),
                ("PASS", "530 Too many failures from here", "server_busy")):
            self.check([(verb, reply, reason, "authentication")])
        # A mail server greets with the same code.
        self.check([("USER", "502 5.5.2 Error: command not recognized",
                     "not_ftp", "response")])

    def test_server_that_wants_tls(self):
        for verb, reply in (
                ("USER", "530 Non-anonymous sessions must use encryption."),
                ("USER", "503 Use AUTH first."),
                ("USER", "550 SSL/TLS required on the control channel."),
                ("USER", "534 Policy requires it."),
                ("PASS", "534 Policy requires SSL."),
                ("USER", "421 Sorry, cleartext sessions are not accepted"),
                ("TYPE", "521 PROT P required"),
                ("NLST", "522 Data connections must be encrypted."),
                ("NLST", BEGIN + "|522 Encryption wanted")):
            self.check([(verb, reply, "tls_required", "tls")])
        # A user of that name is not TLS.
        result = self.meets({"PASS": "530 User tlsmith cannot log in"})
        self.assertEqual(result["reason"], "credentials_rejected", result)

    def test_no_service(self):
        for greeting in ("421 Too many connections", "120 ready in 9 minutes",
                         "450 not now", "530 Connection refused",
                         "421-xyzzy\r\n421 later"):
            result = self.meets({}, *LIMITS, greeting=greeting)
            self.assertEqual((result["reason"], result["stage"]),
                             ("server_busy", "authentication"), result)
        for verb in ("CWD", "EPSV", "NLST"):
            self.check([(verb, "421 Timeout, closing control connection",
                         "server_busy", "response")])

    def test_no_data_connection(self):
        failed = "data_connection_failed", "response"
        self.check([(verb, reply, *failed) for verb, reply in (
            ("NLST", "425 Can't open data connection."),
            ("NLST", "425 Security: Bad IP connecting: permission denied"),
            ("NLST", "426 Failure writing network stream."),
            ("NLST", BEGIN + "|426 Connection closed; transfer aborted."))])
        closed = probe_support.free_port()
        high, low = divmod(closed, 256)
        for replies in ({"EPSV": "229 there (|||%d|)" % closed,
                         "PASV": "227 there (127,0,0,1,%d,%d)" % (high, low)},
                        {"EPSV": "500 what?", "PASV": "502 no passive mode"},
                        {"EPSV": "522 Bad network protocol",
                         "PASV": "500 no"},
                        {"EPSV": "500 what?", "PASV": "227 there"},
                        {"EPSV": "229 nowhere", "PASV": "425 no"}):
            result = self.meets(replies, *LIMITS)
            self.assertEqual((result["reason"], result["stage"]), failed,
                             result)
            self.assertIs(result["steps"][5]["ok"], True, result)
        for code in ("550", "500"):
            result = self.meets({"EPSV": code + " Permission denied.",
                                 "PASV": code + " Permission denied."})
            self.assertEqual(result["reason"], "access_denied", result)

    def test_data_port_that_never_answers(self):
        """As behind a firewall that lets the port of the login through."""
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(0)
            port = deaf.getsockname()[1]
            waiting = []
            for _ in range(4):
                waiting.append(socket.socket())
                waiting[-1].setblocking(False)
                waiting[-1].connect_ex(("127.0.0.1", port))
            high, low = divmod(port, 256)
            result = self.meets(
                {"EPSV": "229 there (|||%d|)" % port,
                 "PASV": "227 there (127,0,0,1,%d,%d)" % (high, low)},
                *LIMITS)
            for one in waiting:
                one.close()
        self.assertEqual((result["reason"], result["stage"]),
                         ("data_connection_failed", "response"), result)

    def test_words_without_end_are_no_listing(self):
        flood = "\r\n".join(["220-xyzzy" * 100] * 400)
        for options in ({"replies": {}, "greeting": flood},
                        {"replies": {"PASS": flood}},
                        {"replies": {"CWD": flood}},
                        {"replies": {"NLST": flood}}):
            result = self.meets(**options)
            self.assertEqual((result["reason"], result["stage"]),
                             ("response_too_large", "response"), result)
        # Names without end are names enough.
        result = self.meets({}, "--answer-max", "1000",
                            names=b"name\r\n" * 9999)
        self.assertTrue(result["ok"], result)

    def test_server_without_epsv(self):
        for reply in ("500 what?", "502 no", "522 (1)", "501 no"):
            result = self.meets({"EPSV": reply})
            self.assertTrue(result["ok"], result)

    def test_server_without_nlst_says_so(self):
        result = self.meets({"NLST": "502 not implemented"})
        self.assertTrue(result["ok"], result)
        self.assertIn("NLST", result["detail"])
        self.check([("NLST", "500 OOPS: child died", "server_error",
                     "response"),
                    ("NLST", "451 local error", "server_error", "response"),
                    ("TYPE", "504 no such type", "data_connection_failed",
                     "response")])

    def test_silence_and_breaks_belong_to_where_one_came(self):
        self.check([("USER", "", "timeout", "authentication"),
                    ("PASS", "", "timeout", "authentication"),
                    ("CWD", "", "timeout", "response"),
                    ("EPSV", "", "timeout", "response"),
                    ("NLST", "", "timeout", "response"),
                    ("USER", None, "connection_reset", "authentication"),
                    ("PASS", None, "connection_reset", "authentication"),
                    ("CWD", None, "connection_reset", "response"),
                    ("NLST", None, "connection_reset", "response")])
        result = self.meets({"CWD": ""}, *LIMITS)
        self.assertIs(result["steps"][5]["ok"], True, result)

    def test_login_that_was_not_asked_for_is_not_called_tested(self):
        for options in ({"replies": {"USER": "230 in"}},
                        {"replies": {"USER": "232 in, no word needed"}},
                        {"replies": {}, "greeting": "230 in"}):
            result = self.meets(**options)
            self.assertTrue(result["ok"], result)
            self.assertIsNone(result["steps"][5]["ok"], result)
            self.assertIn("without asking", result["detail"])
        result = self.meets({"PASS": "202 superfluous"})
        self.assertIs(result["steps"][5]["ok"], True, result)

    def test_root_is_entered_by_one_command(self):
        for root, said in (("/a/b/c", ["/a/b/c"]), ("a/b/c", ["a/b/c"]),
                           ("a/b/c/", ["a/b/c"]), ("/a/b/", ["/a/b"]),
                           ("/", ["/"]), ("", []), ("a", ["a"]),
                           ("/a b/100%25/%2F", ["/a b/100%25/%2F"]),
                           ("~/x", ["~/x"]), ("../x", ["../x"]),
                           ("C:/inetpub/x", ["C:/inetpub/x"]),
                           ("\u00fc/\u65e5", ["\u00fc/\u65e5"]),
                           ("a;type=i", ["a;type=i"]), ("a?b#c", ["a?b#c"])):
            result = self.meets({}, root=root)
            self.assertTrue(result["ok"], (root, result))
            self.assertEqual([one.encode("latin-1").decode()
                              for one in self.said.told("CWD")], said)
            self.assertEqual(self.said.told("NLST"), [""])

    def test_root_of_which_only_the_whole_may_be_entered(self):
        class Picky(FtpServer):
            def say(self, connection, text):
                if text == "250 there" and self.told("CWD")[-1] != whole:
                    text = "550 Permission denied"
                super().say(connection, text)
        for whole in ("/home/of/someone", "below/some/thing", "/a b/c%d"):
            for root in (whole, whole + "/"):
                with Picky() as server:
                    self.passes(**self.login(server, root=root))

    def test_secrets_stay_inside(self):
        # What is checked of every result is checked here with an echo.
        result = self.meets({"PASS": "530 %s xyzzy denied" % SECRET})
        self.assertEqual(result["reason"], "credentials_rejected", result)

    def test_not_ftp(self):
        for greeting in (b"SSH-2.0-x\r\n", b"500 no\r\n", b"* OK IMAP\r\n"):
            def serve(connection, greeting=greeting):
                connection.sendall(greeting)
                connection.recv(99)
            with Server(serve) as server:
                result = self.ask(*LIMITS, **self.login(server))
                self.assertFalse(result["ok"])
                self.assertNotEqual(result["reason"],
                                    "credentials_rejected")


if __name__ == "__main__":
    unittest.main()
