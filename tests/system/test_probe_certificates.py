"""The connector test with client certificates as they come: their keys
encrypted by older tools and newer ones, in PEM and PKCS #12."""
import base64
import os
import pathlib
import unittest

import probe_support
from probe_support import SECRET, Certificates, Server, answering, probe

FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
OLD = ("-provider", "legacy", "-provider", "default")
PKCS8 = ("PBE-MD5-DES", "PBE-SHA1-RC2-40", "PBE-SHA1-RC4-128",
         "PBE-SHA1-3DES")
PEM = ("des", "des3", "rc2", "aes256")
PKCS12 = {"legacy": ("-legacy",), "new": (),
          "rc4": ("-certpbe", "PBE-SHA1-RC4-128", *OLD)}


def setUpModule():
    global certificates
    probe_support.make_cli()
    certificates = Certificates()
    for name in PKCS8:
        certificates.openssl(
            "pkcs8", "-topk8", "-in", "client.key", "-v1", name, "-passout",
            "pass:" + SECRET, "-out", name + ".key", *OLD)
    for name in PEM:
        certificates.openssl(
            "pkey", "-in", "client.key", "-traditional", "-" + name,
            "-passout", "pass:" + SECRET, "-out", name + ".key", *OLD)
    for name, options in PKCS12.items():
        certificates.openssl(
            "pkcs12", "-export", "-in", "client.pem", "-inkey", "client.key",
            "-passout", "pass:" + SECRET, "-out", name + ".p12", *options)


def tearDownModule():
    certificates.remove()


def pkcs12(name):
    return base64.b64encode(
        pathlib.Path(certificates.path(name + ".p12")).read_bytes()).decode()


class Keys(unittest.TestCase):
    def ask(self, certificate, key="", passphrase=SECRET, env=None):
        """The result, and how many connections there were."""
        context = certificates.context("good", client_ca="ca")
        with Server(answering(FINE), context=context) as server:
            result = probe(
                {"type": "none", "url": "https://127.0.0.1:%d/" % server.port,
                 "certificate": certificate, "private_key": key,
                 "passphrase": passphrase}, "--ca",
                certificates.path("ca.pem"), env=env)
            return result, server.count

    def passes(self, *arguments):
        result, _ = self.ask(*arguments)
        self.assertTrue(result["ok"], result)

    def fails(self, says, *arguments, **more):
        result, count = self.ask(*arguments, **more)
        self.assertEqual((result["reason"], result["stage"]),
                         ("client_certificate_invalid", "configuration"))
        self.assertIn(says, result["detail"])
        self.assertEqual(count, 0)

    def test_in_pem(self):
        certificate = certificates.read("client.pem")
        for name in PKCS8 + PEM:
            with self.subTest(name):
                key = certificates.read(name + ".key")
                self.passes(certificate, key)
                self.passes(certificate + key)
                self.passes(key.strip() + "\n\n" + certificate)
                self.fails("passphrase", certificate, key, "wrong" + SECRET)
                self.fails("passphrase", certificate, key, "")

    def test_in_pkcs12(self):
        for name in PKCS12:
            with self.subTest(name):
                self.passes(pkcs12(name))
                self.fails("passphrase", pkcs12(name), "", "wrong" + SECRET)
                self.fails("passphrase", pkcs12(name), "", "")

    def test_without_the_old_ciphers(self):
        env = {"OPENSSL_MODULES": str(certificates.folder)}
        self.assertNotIn("OPENSSL_MODULES", os.environ)
        certificate = certificates.read("client.pem")
        for content in ((certificate, certificates.read("PBE-MD5-DES.key")),
                        (certificate, certificates.read("des.key")),
                        (pkcs12("legacy"),)):
            self.fails("legacy provider", *content, env=env)

    def test_says_what_is_amiss(self):
        pem, key = (certificates.read("client." + name)
                    for name in ("pem", "key"))
        for says, *content in (
                ("holds no private key", pem),
                ("holds no certificate", key),
                ("of another certificate", pem, certificates.read("good.key")),
                ("is neither PEM nor PKCS #12", "nonsense", "nonsense")):
            self.fails(says, *content)

    def test_is_not_looked_at_where_it_is_not_shown(self):
        with Server(answering(FINE)) as server:
            result = probe({"type": "none", "certificate": "nonsense",
                            "url": "http://127.0.0.1:%d/" % server.port})
            self.assertTrue(result["ok"], result)


if __name__ == "__main__":
    unittest.main()
