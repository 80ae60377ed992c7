"""Private keys and fingerprints for SSH: what is wrong on this side is said at
the step configuration, whatever the server would say."""
import base64
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile
import unittest

import probe_support
from probe_direct import LIMITS, PATH, WRONG, Base, program
from probe_support import (SECRET, Process, Server, free_port, greeting,
                           reset)

HERE = "configuration"


def setUpModule():
    global folder
    probe_support.make_cli()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="probe-keys."))
    for kind in ("ed25519", "ecdsa", "rsa"):
        keygen("-t", kind, "-N", "", "-f", folder / kind)
    keygen("-t", "ed25519", "-N", "", "-f", folder / "host")
    keygen("-t", "ed25519", "-N", "", "-f", folder / "stranger")
    make_pkcs8_ed25519()
    for name in ("ecdsa", "rsa"):  # the forms of before OpenSSH 7.8
        convert(name, name + ".pem", "-m", "PEM")
        run("openssl", "pkey", "-in", folder / (name + ".pem"), "-out",
            folder / (name + ".p8"))


def make_pkcs8_ed25519():
    """Which ssh-keygen does not write; so its line is made by hand."""
    run("openssl", "genpkey", "-algorithm", "ed25519", "-out",
        folder / "ed25519.p8")
    run("openssl", "pkey", "-in", folder / "ed25519.p8", "-pubout",
        "-outform", "DER", "-out", folder / "ed25519.der")
    kind, key = b"ssh-ed25519", (folder / "ed25519.der").read_bytes()[-32:]
    line = base64.b64encode(b"".join(
        len(part).to_bytes(4, "big") + part for part in (kind, key)))
    (folder / "ed25519.p8.pub").write_bytes(kind + b" " + line + b"\n")


def tearDownModule():
    shutil.rmtree(folder)


def run(*command):
    return subprocess.run([str(part) for part in command], check=True,
                          capture_output=True, text=True).stdout


def keygen(*options):
    run(program("ssh-keygen"), "-q", *options)


def convert(name, to, *options, word=""):
    """A copy of a key, written anew."""
    shutil.copy(folder / name, folder / to)
    keygen("-p", "-P", "", "-N", word, *options, "-f", folder / to)
    return read(to)


def read(name):
    return (folder / name).read_text()


def locked(name, *options, word=SECRET):
    return convert(name, name + ".locked", *options, word=word)


def pkcs8(name, *options, word=SECRET):
    return run("openssl", "pkcs8", "-topk8", *options, "-passout",
               "pass:" + word, "-in", folder / (name + ".p8"))


def pem(name, cipher, word=SECRET):
    return run("openssl", "rsa" if name == "rsa" else "ec", "-" + cipher,
               "-passout", "pass:" + word, "-in", folder / (name + ".pem"),
               *(["-traditional"] if name == "rsa" else []))


def signs_rsa_sha2():
    """Whether libcurl's SSH library here does: libssh2 since 1.11."""
    found = re.search(r"libssh2/(\d+)\.(\d+)", run("curl", "--version"))
    return not found or tuple(map(int, found.groups())) >= (1, 11)


class Keys(Base):
    kind, protocol = "sftp_key", "SFTP"
    options = ""

    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        (folder / "authorized").write_text("".join(
            read(name + ".pub")
            for name in ("ed25519", "ed25519.p8", "ecdsa", "rsa")))
        (folder / "sshd").write_text(
            "ListenAddress 127.0.0.1\nPort %d\nHostKey %s/host\nPidFile none\n"
            "AuthorizedKeysFile %s/authorized\nStrictModes no\nUsePAM no\n"
            "PermitRootLogin yes\nPasswordAuthentication no\n"
            "KbdInteractiveAuthentication no\nMaxStartups 100\n%s"
            % (cls.port, folder, folder, cls.options
               or "Subsystem sftp internal-sftp\n"))
        if os.getuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        cls.server = Process([program("sshd"), "-D", "-e", "-f",
                              folder / "sshd"], cls.port,
                             env={**os.environ, "PATH": PATH})
        cls.login = {"host": "127.0.0.1", "port": str(cls.port),
                     "username": pwd.getpwuid(os.getuid()).pw_name,
                     "root": str(folder)}

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def key(self, text, word=None, **values):
        return {**self.login, "private_key": text, "passphrase": word,
                **values}

    def refused(self, text, word=None, reason="private_key_invalid",
                says=""):
        """Said at the step configuration, of this key."""
        result = self.fails(reason, HERE, **self.key(text, word))
        self.assertIn("private_key", result["detail"])
        self.assertIn(says, result["detail"])
        return result


class Forms(Keys):
    def test_forms_that_log_in(self):
        for name in ("ed25519", "ecdsa", "ecdsa.pem", "ecdsa.p8"):
            with self.subTest(name):
                self.passes(**self.key(read(name)))
                self.passes(**self.key(read(name), SECRET))
        for cipher in ("aes256-ctr", "aes128-cbc", "3des-cbc"):
            self.passes(**self.key(locked("ed25519", "-Z", cipher), SECRET))
        self.passes(**self.key(pem("ecdsa", "aes128"), SECRET))
        for options in (["-v2", "aes256"], ["-scrypt"],
                        ["-v1", "PBE-SHA1-3DES"]):
            self.passes(**self.key(pkcs8("ecdsa", *options), SECRET))

    def test_blanks_and_line_ends_do_not_matter(self):
        for name in ("ed25519", "ecdsa.pem", "ecdsa.p8"):
            text = read(name)
            for same in (text.replace("\n", "\r\n"),
                         text.replace("\n", "\r"), text.strip(),
                         "\n\n  " + text + " \n\t",
                         "\ufeff" + text, "Comment: x\n" + text + "end\n",
                         text.replace("\n", "\n    "),
                         text.replace("\n", " \t\n")):
                with self.subTest(name=name, same=same[:50]):
                    self.passes(**self.key(same))
        text = pem("ecdsa", "aes256").replace("\n", " \r\n")
        self.passes(**self.key(text, SECRET))

    def test_wrong_passphrase(self):
        for text in (locked("ed25519"), locked("ecdsa", "-Z", "aes128-cbc"),
                     pem("ecdsa", "aes128"), pem("rsa", "des3"),
                     pkcs8("ecdsa", "-v2", "aes256"), pkcs8("rsa", "-scrypt"),
                     pkcs8("rsa", "-v1", "PBE-SHA1-3DES")):
            with self.subTest(text[:60]):
                self.refused(text, WRONG, says="passphrase")
                self.refused(text, " " + SECRET, says="passphrase")

    def test_missing_passphrase(self):
        for text in (locked("ed25519"), locked("rsa"), pem("rsa", "aes256"),
                     pkcs8("ecdsa", "-v2", "aes256")):
            for word in (None, ""):
                with self.subTest(text[:60]):
                    self.refused(text, word, reason="variable_missing",
                                 says="passphrase")

    def test_passphrase_is_wrong_before_anything_is_sent(self):
        for text in (pem("ecdsa", "aes128"), pkcs8("rsa")):
            with Server(reset) as server:
                self.fails("private_key_invalid", HERE,
                           **self.key(text, WRONG, port=str(server.port)))
                self.assertEqual(server.count, 0)

    def test_line_breaks_that_are_none(self):
        for name in ("ed25519", "ecdsa.pem", "rsa.p8", "rsa"):
            text = read(name)
            for escape in ("\\n", "\\r\\n", "\\\\n", "\\n\n"):
                self.refused(text.replace("\n", escape), says="line breaks")
            for blank in (" ", "", "\t"):
                self.refused(text.replace("\n", blank), says="line breaks")

    def test_something_else_than_a_key(self):
        key = read("ed25519")
        for text, says in (
                (read("ed25519.pub"), "public"),
                (read("rsa.pub"), "public"),
                (run("openssl", "pkey", "-pubout", "-in",
                     folder / "rsa.pem"), "public"),
                ("-----BEGIN CERTIFICATE-----\nTUlJ\n"
                 "-----END CERTIFICATE-----\n", "certificate"),
                ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n"
                 "Private-Lines: 1\nAAAA\n", "PuTTY"),
                ("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n"
                 "---- END SSH2 PUBLIC KEY ----\n", "public"),
                (SECRET, ""), ("-----BEGIN ", ""), ("\\n", ""),
                (key[:200], "cut off"), (key[:key.index("-----END")], "cut"),
                (key.replace("b3Bl", "b3Bx", 1), "damaged"),
                ("\n".join(key.split("\n")[:3] + key.split("\n")[-2:]),
                 "damaged"),
                (read("rsa.pem")[:500] + "\n-----END RSA PRIVATE KEY-----\n",
                 "damaged"),
                (read("rsa.p8").replace("MII", "MIJ", 1), "damaged"),
                (key.replace(key.split("\n")[2], "*" * 70), "damaged"),
                ("-----BEGIN RSA PRIVATE KEY-----\n"
                 "-----END RSA PRIVATE KEY-----\n", "damaged")):
            with self.subTest(text[:40]):
                self.refused(text, says=says)

    def test_kinds_that_no_library_has(self):
        for options in (["ed448"], ["x25519"],
                        ["RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
                        ["EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"]):
            text = run("openssl", "genpkey", "-algorithm", *options)
            self.refused(text, reason="private_key_unsupported")

    def test_what_only_the_ssh_library_lacks(self):
        """As long as it does: a later one may log in."""
        for text, word in ((read("ed25519.p8"), None),
                           (locked("ed25519", "-Z", "aes256-gcm@openssh.com"),
                            SECRET),
                           (locked("ecdsa", "-Z",
                                   "chacha20-poly1305@openssh.com"), SECRET)):
            if not self.ask(**self.key(text, word))["ok"]:
                self.refused(text, word, reason="private_key_unsupported")

    def test_work_without_end_is_not_begun(self):
        slow = locked("ed25519", "-a", "257")
        self.refused(slow, SECRET, reason="private_key_unsupported",
                     says="work")
        forged = self.with_rounds(locked("ed25519"), 2 ** 31)
        self.refused(forged, SECRET, reason="private_key_unsupported",
                     says="work")
        self.passes(**self.key(locked("ed25519", "-a", "20"), SECRET))
        self.refused(pkcs8("ecdsa", "-iter", "2000001"), SECRET,
                     reason="private_key_unsupported", says="work")
        self.passes(**self.key(pkcs8("ecdsa", "-iter", "100000"), SECRET))
        self.refused(pkcs8("ecdsa", "-scrypt", "-scrypt_N", "2", "-scrypt_r",
                           "1", "-scrypt_p", "17"), SECRET,
                     reason="private_key_unsupported", says="work")

    def with_rounds(self, text, rounds):
        lines = text.strip().split("\n")
        data = bytearray(base64.b64decode("".join(lines[1:-1])))
        at = data.index(b"bcrypt") + 6 + 4 + 4 + 16
        self.assertEqual(data[at:at + 3], b"\0\0\0")
        data[at:at + 4] = rounds.to_bytes(4, "big")
        body = base64.b64encode(data).decode()
        return "\n".join([lines[0], body, lines[-1], ""])

    def test_key_that_the_server_does_not_know(self):
        for text, word in ((read("stranger"), None),
                           (locked("stranger"), SECRET),
                           (convert("stranger", "again"), WRONG)):
            self.fails("credentials_rejected", "authentication",
                       **self.key(text, word))
        self.fails("credentials_rejected", "authentication",
                   **self.key(read("ed25519"), username="nobody-here"))

    def test_rsa_key_where_only_sha1_can_be_signed(self):
        for text, word in ((read("rsa"), None), (read("rsa.pem"), None),
                           (read("rsa.p8"), None), (locked("rsa"), SECRET),
                           (pem("rsa", "aes256"), SECRET)):
            if signs_rsa_sha2():
                self.passes(**self.key(text, word))
                continue
            result = self.refused(text, word,
                                  reason="private_key_unsupported")
            self.assertIn("SHA-1", result["detail"])

    def test_dsa_key(self):
        run("openssl", "dsaparam", "-genkey", "-noout", "-out",
            folder / "dsa", "1024")
        self.refused(read("dsa"), reason="private_key_unsupported")

    def test_root(self):
        self.fails("not_found", "response",
                   **self.key(read("ed25519"), root="/nowhere"))
        self.fails("not_found", "response", **self.key(
            read("ed25519"), root=str(folder / "ed25519")))


class Fingerprints(Keys):
    def test_what_stands_around_it_does_not_matter(self):
        bare = run(program("ssh-keygen"), "-lf",
                   folder / "host.pub").split()[1].split(":")[1]
        for text in (bare, "SHA256:" + bare, "sha256:" + bare,
                     " SHA256:" + bare, "SHA256:" + bare + "\n",
                     "\tSHA256:" + bare + " \r\n", bare + "=",
                     " Sha256: " + bare + "= ", bare + "\u00a0"):
            result = self.passes(**self.key(read("ed25519"),
                                            host_key_sha256=text))
            self.assertNotIn("host_key", result["detail"])

    def test_what_cannot_be_one_is_said_here(self):
        good = "A" * 43
        for text in (" ", "SHA256:", "SHA256: \n", "x", good[:42], good + "A",
                     good[:42] + "B", good[:20] + " " + good[20:],
                     good + "==", "MD5:" + "ab:" * 15 + "ab", "ab" * 32,
                     "-" + good[1:], "_" + good[1:],
                     "256 SHA256:%s root@x (ED25519)" % good,
                     "ssh-ed25519 " + good, "SHA512:" + good):
            with Server(reset) as server:
                result = self.fails(
                    "value_invalid", HERE, **self.key(
                        read("ed25519"), host_key_sha256=text,
                        port=str(server.port)))
                self.assertIn("host_key_sha256", result["detail"])
                self.assertEqual(server.count, 0)

    def test_that_of_another_host(self):
        for text in ("A" * 43, " SHA256:" + "A" * 43 + "= "):
            self.fails("host_key_mismatch", "tls", **self.key(
                read("ed25519"), host_key_sha256=text))


class OldServer(Keys):
    options = ("Subsystem sftp internal-sftp\n"
               "PubkeyAcceptedAlgorithms +ssh-rsa\n")

    def test_rsa_key_logs_in_where_sha1_is_taken(self):
        for text, word in ((read("rsa"), None), (read("rsa.pem"), None),
                           (read("rsa.p8"), SECRET), (locked("rsa"), SECRET),
                           (pem("rsa", "des3"), SECRET),
                           (pkcs8("rsa"), SECRET)):
            self.passes(**self.key(text, word))


class OnlyPasswords(Keys):
    options = ("PubkeyAuthentication no\nPasswordAuthentication yes\n"
               "Subsystem sftp internal-sftp\n")

    def test_key_is_not_called_refused(self):
        for name in ("ed25519", "rsa", "ecdsa.pem"):
            self.fails("authentication_unsupported", "authentication",
                       **self.key(read(name)))


class OnlyKeys(Keys):
    kind = "sftp_password"

    def test_password_is_not_called_refused(self):
        self.fails("authentication_unsupported", "authentication",
                   **self.login, password=SECRET)


class NoSftp(Keys):
    options = "AllowTcpForwarding no\n"

    def test_login_is_not_to_blame(self):
        self.fails("access_denied", "authentication",
                   **self.key(read("ed25519")))


class Breaks(Keys):
    def test_server_that_breaks_off_refused_nothing(self):
        for serve in (greeting(b"SSH-2.0-x\r\n"), reset):
            with Server(serve) as server:
                result = self.ask(*LIMITS, **self.key(
                    read("rsa"), port=str(server.port)))
                self.assertNotIn(result["reason"], (
                    None, "credentials_rejected", "private_key_unsupported",
                    "private_key_invalid"))


if __name__ == "__main__":
    unittest.main()
