"""What a database may get of a password, by who it is and what it asks for:
scripted servers that keep all they were sent."""
import ssl
import subprocess
import unittest

import probe_support
from probe_direct import PASSWORD
from probe_mysql import (CACHING, FAST, FULL, NATIVE, NONCE, Script, Scripted,
                         error, scramble, switch)
from probe_support import (LOOPBACK, SECRET, Certificates, Server, probe,
                           variables)

# A server's certificate, and what it means that it has this one.
UNVERIFIED = {None: "tls_unsupported", "self": "certificate_self_signed",
              "expired": "certificate_expired",
              "future": "certificate_not_yet_valid",
              "other-name": "certificate_name_mismatch",
              "untrusted": "certificate_untrusted"}
SHA256, CLEAR = b"sha256_password", b"mysql_clear_password"
DIALOG = b"\xfedialog\0\4Password: "
# What a server says that wants to read the password.
DEMANDS = {"full authentication": (FULL,),
           "full authentication after a switch": (switch(CACHING), FULL),
           "sha256": (switch(SHA256),), "clear": (switch(CLEAR, b""),),
           "dialog": (DIALOG,), "old, in short": (b"\xfe",),
           "old": (switch(b"mysql_old_password"),)}
READABLE = PASSWORD.encode() + b"\0"


def setUpModule():
    global certificates
    probe_support.make_cli()
    certificates = Certificates()
    certificates.signed("wild", names="DNS:*.wild.example")
    certificates.signed("named", names="DNS:localhost")
    certificates.openssl("rsa", "-in", "self.key", "-pubout", "-out",
                         "self.pub")
    Scripted.ca = certificates.path("ca.pem")


def tearDownModule():
    certificates.remove()


def context(name, client_ca=None):
    return certificates.context(name, client_ca) if name else None


def key_of_server():
    """As a server sends its public key."""
    return b"\1" + certificates.read("self.pub").encode()


def decrypted(secret):
    return subprocess.run(
        ["openssl", "pkeyutl", "-decrypt", "-inkey",
         certificates.path("self.key"), "-pkeyopt",
         "rsa_padding_mode:oaep"], input=secret, capture_output=True,
        check=True).stdout


class Passwords(Scripted):
    def test_no_readable_password_for_who_is_not_verified(self):
        for name, reason in UNVERIFIED.items():
            for title, pieces in DEMANDS.items():
                with self.subTest(certificate=name, demand=title):
                    script = Script(*pieces, tls=context(name))
                    result = self.refused(script, reason, "tls")
                    self.assertIn("password itself", result["detail"])
                    self.assertEqual(script.after, [])
                    self.assertNotIn(PASSWORD.encode(),
                                     b"".join(script.got))

    def test_no_public_key_of_who_is_not_verified_is_used(self):
        """Who is in the middle has a key of his own."""
        key = key_of_server()
        for name, reason in UNVERIFIED.items():
            for pieces in ((FULL, key), (switch(SHA256), key)):
                script = Script(*pieces, tls=context(name))
                self.refused(script, reason, "tls")
                self.assertNotIn(b"\1", script.got)
                self.assertNotIn(b"\2", script.got)
                self.assertEqual([packet for packet in script.got
                                  if len(packet) == 256], [])

    def test_challenges_are_answered_and_the_result_says_what_was_not_verified(
            self):
        for name, reason in UNVERIFIED.items():
            for method, pieces in ((NATIVE, ()), (CACHING, (FAST,)),
                                   (SHA256, (switch(NATIVE),)),
                                   (CACHING, (switch(NATIVE),)),
                                   (NATIVE, (switch(CACHING), FAST))):
                script = Script(*pieces, method=method, tls=context(name))
                result = self.passed(script)
                self.assertIn("verified", result["detail"])
                self.assertIn("password itself was not sent",
                              result["detail"])
                self.assertNotIn(PASSWORD.encode(), b"".join(script.got))
                if name is None:
                    self.assertIn("not encrypted", result["detail"])
                    self.assertIsNone(result["steps"][4]["ok"])

    def test_the_answer_is_right(self):
        for first, asked in ((NATIVE, NATIVE), (CACHING, CACHING),
                             (CACHING, NATIVE), (NATIVE, CACHING)):
            pieces = [switch(asked)] if first != asked else []
            script = Script(*pieces, *([FAST] if asked == CACHING else []),
                            method=first)
            self.passed(script)
            self.assertIn(scramble(asked, PASSWORD), b"".join(script.got))
            self.assertIn(b"alice\0", script.got[0])

    def test_signatures_are_right(self):
        """A password of 32 bytes is a key as any other program knows it."""
        password, nonce = SECRET + "-of-thirty-two-byte", bytes(range(1, 33))
        pem = certificates.folder / "ed.der"
        pem.write_bytes(bytes.fromhex("302e020100300506032b657004220420")
                        + password.encode())
        (certificates.folder / "nonce").write_bytes(nonce)
        certificates.openssl("pkeyutl", "-sign", "-rawin", "-inkey", "ed.der",
                             "-keyform", "DER", "-in", "nonce", "-out",
                             "signature")
        signature = (certificates.folder / "signature").read_bytes()
        for end in (b"", b"\0"):
            for name in (None, "self", "good"):
                script = Script(switch(b"client_ed25519", nonce + end),
                                tls=context(name))
                self.passed(script, password=password)
                self.assertEqual(script.after, [signature])

    def test_who_is_verified_gets_what_it_asks_for(self):
        for pieces in ((FULL,), (switch(SHA256),), (switch(CACHING), FULL),
                       (switch(CLEAR, b""),), (DIALOG,)):
            script = Script(*pieces, tls=context("good"))
            result = self.passed(script)
            self.assertEqual(result["detail"], "The test passed.")
            self.assertIs(result["steps"][4]["ok"], True)
            self.assertEqual(script.after, [READABLE])
            script = Script(*pieces, tls=context("good"))
            self.passed(script, host="localhost")

    def test_the_name_that_the_user_gave_counts(self):
        for name, certificate, reason in (
                ("other.example", "other-name", None),
                ("OTHER.example", "other-name", None),
                ("db.other.example", "other-name", "mismatch"),
                ("db.wild.example", "wild", None),
                ("a.b.wild.example", "wild", "mismatch"),
                ("wild.example", "wild", "mismatch"),
                ("other.example.", "other-name", None),
                ("other.example", "good", "mismatch"),
                ("127.0.0.1", "named", "mismatch"),
                ("localhost", "named", None)):
            script = Script(FULL, tls=context(certificate))
            with Server(script) as server:
                result = self.ask(
                    "--ca", certificates.path("ca.pem"),
                    "--resolve", "%s:%d:127.0.0.1" % (name, server.port),
                    host=name, port=str(server.port), username="alice",
                    password=PASSWORD)
            self.assertEqual(
                result["reason"],
                reason and "certificate_name_" + reason, (name, result))

    def test_trust_comes_from_the_configured_authority_alone(self):
        script = Script(FULL, tls=context("untrusted"))
        self.passed(script, "--ca", certificates.path("other-ca.pem"))
        script = Script(FULL, tls=context("good"))
        self.refused(script, "certificate_untrusted", "tls",
                     "--ca", certificates.path("other-ca.pem"))
        # Without a setting: the system's, which know none of ours.
        script = Script(FULL, tls=context("good"))
        with Server(script) as server:
            self.fails("certificate_untrusted", "tls", host="127.0.0.1",
                       port=str(server.port), username="alice",
                       password=PASSWORD)
        self.assertEqual(script.after, [])

    def test_opened_networks_get_all_but_clear_text_on_the_wire(self):
        for name in UNVERIFIED:
            for pieces in ((FULL,), (switch(SHA256),)):
                if name is None:
                    continue
                script = Script(*pieces, tls=context(name))
                result = self.passed(script, "--unverified", LOOPBACK)
                self.assertEqual(script.after, [READABLE])
                self.assertIn("not verified", result["detail"])
                self.assertIn("unverified_networks", result["detail"])
                script = Script(*pieces, tls=context(name))
                self.refused(script, UNVERIFIED[name], "tls",
                             "--unverified", "10.0.0.0/8,127.0.0.2")
                self.assertEqual(script.after, [])
        for pieces in ((switch(CLEAR, b""),), (DIALOG,)):
            script = Script(*pieces)
            self.refused(script, "tls_unsupported", "tls", "--unverified",
                         LOOPBACK)
            self.assertEqual(script.after, [])

    def test_opened_networks_without_tls_get_it_under_the_servers_key(self):
        key = key_of_server()
        for ask, pieces in ((b"\2", (FULL, key)),
                            (b"\1", (switch(SHA256), key))):
            script = Script(*pieces)
            result = self.passed(script, "--unverified", LOOPBACK)
            self.assertIn("not encrypted", result["detail"])
            self.assertIn(ask, script.got)
            plain = decrypted(script.after[0])
            self.assertEqual(
                bytes(a ^ b for a, b in zip(plain, NONCE * 9)), READABLE)
        for key in (b"\1nonsense", b"\1", error(1045)):
            script = Script(FULL, key)
            result = self.run_script(script, "--unverified", LOOPBACK)
            self.assertFalse(result["ok"])
            self.assertEqual(script.after, [])

    def test_kinds_of_login_that_are_not_known(self):
        for piece in (switch(b"auth_gssapi_client", b"x"), b"\2auth\0",
                      switch(b"mysql_old_password"), b"\xfe",
                      switch(b"nonsense")):
            script = Script(piece, tls=context("good"))
            self.refused(script, "authentication_unsupported",
                         "authentication")
            self.assertEqual(script.after, [])

    def test_challenges_that_are_none(self):
        for piece in (switch(NATIVE, b""), switch(NATIVE, b"short\0"),
                      switch(CACHING, b"x" * 40),
                      switch(b"client_ed25519", NONCE), b"\xfe" + NATIVE,
                      b"\xfe\0"):
            script = Script(piece)
            result = self.run_script(script)
            self.assertFalse(result["ok"])
            self.assertEqual(script.after, [], piece)
        # One account has one method: no server changes its mind twice.
        script = Script(switch(NATIVE), switch(CACHING))
        self.assertFalse(self.run_script(script)["ok"])
        self.assertEqual(script.after, [])


class Security(Scripted):
    def test_nothing_from_before_tls_counts_after_it(self):
        script = Script(tls=context("good"), early=b"\7\0\0\4\0\0\0\2\0\0\0")
        result = self.run_script(script)
        self.assertEqual(result["stage"], "tls", result)
        self.assertNotIn(b"alice", b"".join(script.got))

    def test_tls_that_is_none(self):
        for answer, reason in ((b"HTTP/1.1 400 Bad Request\r\n", "not_tls"),
                               (b"\x15\3\3\0\2\2\x28", "tls_failed"),
                               (b"", "tls_failed")):
            script = Script(tls=context("good"))
            script.tls = Liar(answer)
            self.refused(script, reason, "tls")
            self.assertNotIn(b"alice", b"".join(script.got))

    def test_client_certificates(self):
        target = {"type": self.kind, "protocol": self.protocol}
        ca = ("--ca", certificates.path("ca.pem"))
        for name, key, passphrase, reason in (
                ("client", "client", None, None),
                ("client", "client-locked", SECRET, None),
                ("client", "client-locked", "wrong", "invalid"),
                ("client", "client-locked", None, "invalid"),
                ("client", "good", None, "invalid"),
                ("stranger", "stranger", None, "rejected"),
                (None, None, None, "required")):
            for version in ("TLSv1_2", "TLSv1_3"):
                tls = context("good", "ca")
                tls.maximum_version = getattr(
                    ssl.TLSVersion, version)
                with Server(Script(FULL, tls=tls)) as server:
                    result = probe({
                        **target,
                        "certificate": name and certificates.read(
                            name + ".pem"),
                        "private_key": key and certificates.read(
                            key + ".key"), "passphrase": passphrase,
                        "variables": variables(
                            host="127.0.0.1", port=str(server.port),
                            username="alice", password=PASSWORD)}, *ca)
                self.assertEqual(
                    result["reason"],
                    reason and "client_certificate_" + reason,
                    (name, key, version, result))
        # All in one text, as connectors are stored.
        with Server(Script(FULL, tls=context("good", "ca"))) as server:
            self.assertTrue(probe({
                **target, "certificate": certificates.read("client.key")
                + certificates.read("client.pem"),
                "variables": variables(
                    host="127.0.0.1", port=str(server.port),
                    username="alice", password=PASSWORD)}, *ca)["ok"])


class Liar:
    """Says something else where TLS should begin."""

    def __init__(self, answer):
        self.answer = answer

    def wrap_socket(self, connection, server_side):
        connection.sendall(self.answer)
        if self.answer:
            connection.settimeout(2)
            while connection.recv(4096):
                pass
        raise OSError("gone")


if __name__ == "__main__":
    unittest.main()
