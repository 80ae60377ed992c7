"""connectorsctl import: certificates with content."""
import base64
import pathlib
import subprocess
import tempfile
import unittest

from ctl_support import CtlTest, catalogue


class Certificates(CtlTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.made.cleanup)
        for name in ("a", "b"):
            cls.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                        "-subj", "/CN=" + name, "-keyout", name + ".key",
                        "-out", name + ".crt")
        cls.openssl("pkcs12", "-export", "-in", "a.crt", "-inkey", "a.key",
                    "-passout", "pass:geheim", "-out", "a.p12")
        cls.openssl("pkcs8", "-topk8", "-in", "a.key", "-passout",
                    "pass:geheim", "-out", "a.enc")
        cls.print = cls.openssl("x509", "-in", "a.crt", "-noout",
                                "-fingerprint", "-sha256").split(
            "=")[1].strip().replace(":", "").lower()

    @classmethod
    def openssl(cls, *arguments):
        return subprocess.run(
            ["openssl", *arguments], cwd=cls.made.name, text=True, check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def read(self, name):
        return pathlib.Path(self.made.name, name).read_bytes()

    def with_content(self, content, passphrase=None, **members):
        data = catalogue()
        row = data["certificates"][0]
        del row["fingerprint_sha256"]
        row.update({"certificate": content, "passphrase": passphrase},
                   **members)
        return data

    def pem(self, certificate="a.crt", key="a.key"):
        return (self.read(certificate) + self.read(key)).decode()

    def stored(self):
        return self.sql("SELECT fingerprint_sha256, expires_at IS NOT NULL, "
                        "certificate_sealed IS NOT NULL, "
                        "passphrase_sealed IS NOT NULL FROM certificates "
                        "WHERE id = 1")[0]

    def test_pem(self):
        self.load(self.with_content(self.pem()))
        self.assertEqual(self.stored(), (self.print, "1", "1", "0"))
        self.assertEqual(self.load(self.with_content(self.pem()))
                         .counts()["certificates"], (0, 0, 2))
        # Key first is the same content.
        self.assertEqual(
            self.load(self.with_content(self.pem("a.key", "a.crt")))
            .counts()["certificates"], (0, 0, 2))

    def test_pkcs12_and_encrypted_key(self):
        p12 = base64.b64encode(self.read("a.p12")).decode()
        self.load(self.with_content(p12, "geheim"))
        self.assertEqual(self.stored(), (self.print, "1", "1", "1"))
        self.assertEqual(
            self.load(self.with_content(self.pem(key="a.enc"), "geheim"))
            .counts()["certificates"], (0, 0, 2))
        for content in (p12, self.pem(key="a.enc")):
            self.assertRegex(
                self.refused(self.with_content(content, "falsch")),
                r"^certificates\[0\].certificate: .*passphrase")

    def test_refused(self):
        for content, message in (
                (self.pem(key="b.key"), "has a private key of another"),
                (self.read("a.crt").decode(), "holds no private key"),
                (self.read("a.key").decode(), "holds no certificate"),
                ("AAAA", "is neither PEM nor PKCS #12")):
            self.assertIn("certificates[0].certificate: " + message,
                          self.refused(self.with_content(content)))

    def test_what_the_row_says_must_agree(self):
        self.load(self.with_content(
            self.pem(), fingerprint_sha256=self.print.upper()))
        self.assertEqual(self.stored()[0], self.print)
        self.assertIn("certificates[0].fingerprint_sha256: is not that of",
                      self.refused(self.with_content(
                          self.pem(), fingerprint_sha256="0" * 64)))
        self.assertIn("certificates[0].expires_at: is not that of",
                      self.refused(self.with_content(
                          self.pem(), expires_at="2020-01-01T00:00:00Z")))

    def test_mask_and_rotation_keep_it(self):
        self.load(self.with_content(self.pem(key="a.enc"), "geheim"))
        data = self.with_content("********", "********",
                                 fingerprint_sha256=self.print)
        self.assertEqual(self.load(data).counts()["certificates"], (0, 0, 2))
        self.ok("secrets", "add-key")
        out = self.ok("secrets", "rotate").out
        self.assertIn("certificates.certificate: 1 sealed anew", out)
        self.assertIn("certificates.passphrase: 1 sealed anew", out)
        self.assertEqual(
            self.load(self.with_content(self.pem(key="a.enc"), "geheim"))
            .counts()["certificates"], (0, 0, 2))


if __name__ == "__main__":
    unittest.main()
