"""connectorsctl import: certificates as older tools wrote them."""
import base64
import os
import pathlib
import subprocess
import tempfile
from unittest import main, mock

from ctl_support import CtlTest, catalogue

OLD = ("-provider", "legacy", "-provider", "default")
PASSPHRASE = "geheim p\u00e4ss"
# What OpenSSL 1.x, keytool and Windows encrypt with.
PKCS12 = {
    "legacy": ["-legacy"],
    "rc2": ["-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-3DES",
            "-macalg", "sha1"],
    "rc4": ["-certpbe", "PBE-SHA1-RC4-128", "-keypbe", "PBE-SHA1-RC4-40"],
    "rc2-128": ["-certpbe", "PBE-SHA1-RC2-128", "-keypbe",
                "PBE-SHA1-RC2-128", "-macalg", "md5"],
    "des": ["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-MD5-DES"],
    "new": [], "no-mac": ["-nomac"],
    "bare": ["-certpbe", "NONE", "-keypbe", "NONE"]}
PKCS8 = ("PBE-MD5-DES", "PBE-SHA1-DES", "PBE-SHA1-RC2-40", "PBE-MD5-RC2-64",
         "PBE-SHA1-RC4-128", "PBE-SHA1-3DES")
PEM = ("des", "des3", "rc2", "bf", "seed", "aes256")


class OldCertificates(CtlTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.made.cleanup)
        cls.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                    "-subj", "/CN=a", "-keyout", "a.key", "-out", "a.crt")
        # The keys in PEM have ASCII passphrases: older tools knew no other.
        for name in PKCS8:
            cls.openssl("pkcs8", "-topk8", "-in", "a.key", "-v1", name,
                        "-passout", "pass:geheim", "-out", name, *OLD)
        for name in PEM:
            cls.openssl("pkey", "-in", "a.key", "-traditional", "-" + name,
                        "-passout", "pass:geheim", "-out", name, *OLD)

    @classmethod
    def openssl(cls, *arguments):
        return subprocess.run(
            ["openssl", *arguments], cwd=cls.made.name, check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def pkcs12(self, passphrase, *options):
        return base64.b64encode(self.openssl(
            "pkcs12", "-export", "-in", "a.crt", "-inkey", "a.key",
            "-passout", "pass:" + passphrase, *options, *(
                () if "-legacy" in options else OLD))).decode()

    def pem(self, key):
        return "".join(pathlib.Path(self.made.name, name).read_text()
                       for name in ("a.crt", key))

    def with_content(self, content, passphrase):
        data = catalogue()
        row = data["certificates"][0]
        del row["fingerprint_sha256"]
        row.update({"certificate": content, "passphrase": passphrase})
        return data

    def check(self, content, passphrase):
        """What is stored is the same whatever it came in."""
        self.assertEqual(self.load(self.with_content(content, passphrase))
                         .counts()["certificates"], (0, 0, 2))

    def check_wrong(self, content, passphrase):
        self.assertRegex(
            self.refused(self.with_content(content, passphrase)),
            r"^certificates\[0\].certificate: .*passphrase")

    def test_pkcs12(self):
        for passphrase in ("geheim", PASSPHRASE):
            self.load(self.with_content(self.pem("a.key"), passphrase))
            for name, options in PKCS12.items():
                with self.subTest(name, passphrase=passphrase):
                    content = self.pkcs12(passphrase, *options)
                    self.check(content, passphrase)
                    if name not in ("bare", "no-mac"):
                        self.check_wrong(content, "falsch")
                        self.check_wrong(content, None)

    def test_no_passphrase(self):
        for passphrase in ("", None):
            self.load(self.with_content(self.pem("a.key"), passphrase))
            for name, options in PKCS12.items():
                with self.subTest(name, passphrase=passphrase):
                    self.check(self.pkcs12("", *options), passphrase)

    def test_passphrase_byte_by_byte(self):
        """OpenSSL before 1.1 took each byte of UTF-8 for a character."""
        content = self.pkcs12(PASSPHRASE.encode().decode("latin-1"),
                              "-legacy")
        self.load(self.with_content(self.pem("a.key"), PASSPHRASE))
        self.check(content, PASSPHRASE)

    def test_keys_in_pem(self):
        self.load(self.with_content(self.pem("a.key"), "geheim"))
        for name in PKCS8 + PEM:
            with self.subTest(name):
                self.check(self.pem(name), "geheim")
                self.check_wrong(self.pem(name), "falsch")
                self.check_wrong(self.pem(name), None)

    def test_encrypted_certificate(self):
        """Nobody does that, but the header can say so."""
        content = self.pem("a.key").replace(
            "BEGIN CERTIFICATE-----\n", "BEGIN CERTIFICATE-----\nProc-Type: "
            "4,ENCRYPTED\nDEK-Info: AES-128-CBC,%s\n\n" % ("00" * 16))
        for passphrase in ("geheim", None):
            self.assertIn("holds no certificate", self.refused(
                self.with_content(content, passphrase)))

    def test_without_the_old_ciphers(self):
        """Where OpenSSL has no legacy provider the text says what to do."""
        with mock.patch.dict(os.environ, OPENSSL_MODULES=self.made.name):
            for name in ("legacy", "rc4", "rc2-128"):
                said = self.refused(self.with_content(
                    self.pkcs12_elsewhere(name), "geheim"))
                self.assertIn("openssl pkcs12 -legacy", said)
                self.assertIn("legacy provider", said)
                self.check_wrong(self.pkcs12_elsewhere(name), "falsch")
            for name in ("PBE-MD5-DES", "PBE-SHA1-RC2-40", "des", "bf"):
                said = self.refused(self.with_content(self.pem(name),
                                                      "geheim"))
                self.assertIn("legacy provider", said)
            self.load(self.with_content(self.pem("a.key"), "geheim"))
            for name in ("PBE-SHA1-3DES", "des3", "aes256"):
                self.check(self.pem(name), "geheim")
                self.check_wrong(self.pem(name), "falsch")
            self.check(self.pkcs12_elsewhere("new"), "geheim")

    def pkcs12_elsewhere(self, name):
        """Made by a program that has them."""
        env = dict(os.environ)
        del env["OPENSSL_MODULES"]
        with mock.patch.dict(os.environ, env, clear=True):
            return self.pkcs12("geheim", *PKCS12[name])


if __name__ == "__main__":
    main()
