"""The connector test over FTP, FTPS and SFTP."""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import unittest

import probe_support
from probe_direct import (LIMITS, PASSWORD, PATH, WRONG, Base, program)
from probe_support import (SECRET, Certificates, Process, Server, answering,
                           deaf, dripping, free_port, greeting, probe, reset,
                           silent, variables)


def setUpModule():
    global certificates, folder
    probe_support.make_cli()
    certificates = Certificates()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="probe-files."))
    os.chmod(folder, 0o755)
    (folder / "root/in ner").mkdir(parents=True)
    for i in range(50):
        (folder / ("root/file%d" % i)).touch()


def tearDownModule():
    certificates.remove()
    shutil.rmtree(folder)


def ftpd(port):
    # Debian's python has the module, another one first in the path may not.
    python = "/usr/bin/python3"
    if subprocess.run([python, "-c", "import pyftpdlib"],
                      capture_output=True).returncode != 0:
        raise unittest.SkipTest("python3-pyftpdlib is not here")
    return Process([python, pathlib.Path(__file__).with_name(
        "probe_ftpd.py"), port, folder / "root", PASSWORD], port)


class Ftp(Base):
    kind, protocol = "ftp", "FTP"

    @classmethod
    def setUpClass(cls):
        cls.login = {"host": "127.0.0.1", "port": str(free_port()),
                     "username": "alice", "password": PASSWORD}
        cls.server = ftpd(cls.login["port"])

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def test_login(self):
        result = self.passes(**self.login)
        self.assertEqual(result["target"]["scheme"], "ftp")
        self.assertIsNone(result["http_status"])
        for root in ("", "/", "in ner", "/in ner", "/in ner/"):
            self.passes(**self.login, root=root)
        self.passes(**{**self.login, "host": "localhost"})
        for wrong in ({"password": WRONG}, {"username": "bob"}):
            self.fails("credentials_rejected", "authentication",
                       **{**self.login, **wrong})

    def test_root(self):
        for root in ("nowhere", "/nowhere", "../../etc"):
            self.fails("not_found", "response", **self.login, root=root)
        # More names than a test reads are names enough.
        self.passes("--answer-max", "20", **self.login)

    def test_values(self):
        for wrong in ({"port": "0"}, {"port": "65536"}, {"port": "x"},
                      {"host": "http://127.0.0.1"}, {"host": "127.0.0.1:21"},
                      {"host": "a/b"}, {"host": "u@127.0.0.1"},
                      {"root": "a\r\nDELE x"}):
            self.fails("value_invalid", "configuration",
                       **{**self.login, **wrong})
        for name in ("username", "password"):
            # libcurl must not let a line break into a command.
            result = self.ask(**{**self.login, name: "a\r\nDELE x"})
            self.assertFalse(result["ok"])
        self.fails("variable_missing", "configuration",
                   **{**self.login, "host": None})

    def test_faults(self):
        self.fails("connection_refused", "connect",
                   **{**self.login, "port": str(free_port())})
        for serve, reason, stage in (
                (answering(b"HTTP/1.1 400 no\r\n"), "timeout",
                 "authentication"),
                (greeting(b"500 no\r\n"), "not_ftp", "response"),
                (greeting(b"220 hi\r\n"), "timeout", "authentication"),
                (greeting(b"220 hi\r\n331 word\r\n230 in\r\n"),
                 "timeout", "authentication"),
                (greeting(b"220 hi\r\n331 \r\n230 in\r\n257 \"/\"\r\n229 "
                          b"x (|||9|)\r\n200 \r\n150 \r\n"),
                 None, None),
                (silent, "timeout", "authentication"),
                (deaf, "timeout", "authentication"),
                (dripping(b"220-a\r\n", 0.01), "timeout", "authentication"),
                (reset, None, None)):
            with Server(serve) as server:
                values = {**self.login, "port": str(server.port)}
                if reason:
                    self.fails(reason, stage, *LIMITS, **values)
                else:
                    self.assertFalse(self.ask(*LIMITS, **values)["ok"])

    def test_no_data_connection_elsewhere(self):
        """A reply that names another address is not believed."""
        with Server(deaf) as trap:
            reply = b"227 go (127,0,0,2,%d,%d)\r\n" % divmod(trap.port, 256)
            steps = [b"220 hi\r\n", b"331 \r\n", b"230 \r\n",
                     b"257 \"/\"\r\n", b"500 no EPSV\r\n", reply]

            def serve(connection):
                for step in steps:
                    connection.sendall(step)
                    connection.recv(4096)
            with Server(serve) as server:
                result = probe(
                    {"type": "ftp", "protocol": "FTP",
                     "variables": variables(**{
                         **self.login, "port": str(server.port)})}, *LIMITS,
                    allow="127.0.0.1")
            self.assertFalse(result["ok"])
            # It may come to the port, but only at the address judged.
            self.assertEqual(result["address"], "127.0.0.1")


class Account:
    """An account of this machine with a password, for servers that ask
    it: needs root."""
    name = "probe-files-test"

    def __enter__(self):
        if os.getuid() != 0:
            raise unittest.SkipTest("needs root, for an account")
        hashed = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, text=True,
            capture_output=True, check=True).stdout.strip()
        subprocess.run(["userdel", self.name], capture_output=True)
        subprocess.run(["useradd", "-M", "-d", folder / "root", "-s",
                        "/bin/sh", "-p", hashed, self.name], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["userdel", self.name], capture_output=True)


VSFTPD = """
background=NO
listen=YES
listen_address=127.0.0.1
listen_port={port}
anonymous_enable=NO
local_enable=YES
pam_service_name=vsftpd
secure_chroot_dir={empty}
seccomp_sandbox=NO
session_support=NO
ssl_enable=YES
implicit_ssl={implicit}
rsa_cert_file={certificate}.pem
rsa_private_key_file={certificate}.key
ssl_tlsv1=NO
"""


def vsftpd(port, implicit=False):
    path = folder / ("vsftpd%d" % port)
    (folder / "empty").mkdir(exist_ok=True)
    path.write_text(VSFTPD.format(
        port=port, implicit="YES" if implicit else "NO",
        empty=folder / "empty", certificate=certificates.path("good")))
    return Process([program("vsftpd"), path], port)


class Ftps(Base):
    kind, protocol = "ftp", "FTPS"

    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(Account())
        cls.ca = ("--ca", certificates.path("ca.pem"))
        cls.login = {"host": "127.0.0.1", "username": Account.name,
                     "password": PASSWORD}

    def check(self, login, server):
        self.addCleanup(server.stop)
        result = self.passes(*self.ca, **login)
        self.assertIs(result["steps"][4]["ok"], True)
        self.passes(*self.ca, **login, root="in ner")
        self.fails("credentials_rejected", "authentication", *self.ca,
                   **{**login, "password": WRONG})
        self.fails("certificate_untrusted", "tls", **login)

    def test_explicit(self):
        port = free_port()
        self.check({**self.login, "port": str(port)}, vsftpd(port))

    def test_server_that_dies_of_the_home_is_not_called_plain(self):
        """It says why in the clear, in the middle of TLS."""
        port = free_port()
        server = vsftpd(port)
        self.addCleanup(server.stop)
        subprocess.run(["usermod", "-d", "/nonexistent", Account.name],
                       check=True)
        self.addCleanup(subprocess.run, ["usermod", "-d", folder / "root",
                                         Account.name], check=True)
        self.fails("server_error", "authentication", *self.ca,
                   **{**self.login, "port": str(port)})

    def test_implicit(self):
        self.check(self.login, vsftpd(990, implicit=True))

    def test_no_tls(self):
        port = free_port()
        plain = ftpd(port)
        self.addCleanup(plain.stop)
        self.fails("tls_unsupported", "tls", *self.ca,
                   **{**self.login, "port": str(port)})


class Sftp(Base):
    kind, protocol = "sftp_key", "SFTP"

    @classmethod
    def setUpClass(cls):
        sshd, keygen = program("sshd"), program("ssh-keygen")
        cls.user = pwd.getpwuid(os.getuid()).pw_name
        for name, kind, word in (("host", "ed25519", ""),
                                 ("user", "ed25519", ""),
                                 ("locked", "ecdsa", SECRET),
                                 ("stranger", "ed25519", "")):
            subprocess.run([keygen, "-q", "-t", kind, "-N", word, "-f",
                            folder / name], check=True)
        (folder / "authorized").write_text(
            (folder / "user.pub").read_text()
            + (folder / "locked.pub").read_text())
        cls.port = free_port()
        (folder / "sshd").write_text(
            "ListenAddress 127.0.0.1\nPort %d\nHostKey %s/host\nPidFile none"
            "\nAuthorizedKeysFile %s/authorized\nStrictModes no\nUsePAM no\n"
            "PermitRootLogin yes\nPasswordAuthentication no\n"
            "Subsystem sftp internal-sftp\n" % (cls.port, folder, folder))
        if os.getuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        cls.server = Process([sshd, "-D", "-e", "-f", folder / "sshd"],
                             cls.port, env={**os.environ, "PATH": PATH})
        cls.login = {"host": "127.0.0.1", "port": str(cls.port),
                     "username": cls.user, "root": str(folder / "root"),
                     "private_key": (folder / "user").read_text()}
        cls.fingerprint = subprocess.run(
            [keygen, "-lf", folder / "host.pub"], check=True,
            capture_output=True, text=True).stdout.split()[1]

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def test_key(self):
        result = self.passes(**self.login)
        self.assertIn("host_key_sha256", result["detail"])
        self.passes(**{**self.login, "root": ""})
        self.passes(**{**self.login, "passphrase": SECRET,
                       "private_key": (folder / "locked").read_text()})
        for wrong in ({"private_key": (folder / "stranger").read_text()},
                      {"username": "nobody-here"}):
            self.fails("credentials_rejected", "authentication",
                       **{**self.login, **wrong})
        self.fails("private_key_invalid", "configuration",
                   **{**self.login, "private_key": SECRET})

    def test_root(self):
        self.fails("not_found", "response",
                   **{**self.login, "root": "/nowhere"})

    def test_host_key(self):
        result = self.passes(**self.login, host_key_sha256=self.fingerprint)
        self.assertNotIn("host_key_sha256", result["detail"])
        self.passes(**self.login,
                    host_key_sha256=self.fingerprint.split(":")[1] + "=")
        self.fails("host_key_mismatch", "tls", **self.login,
                   host_key_sha256="SHA256:" + "A" * 43)

    def test_faults(self):
        self.fails("connection_refused", "connect",
                   **{**self.login, "port": str(free_port())})
        for serve, reason in ((greeting(b"220 ftp\r\n" * 100), None),
                              (greeting(b"HTTP/1.1 400 no\r\n\r\n"), None),
                              (silent, "timeout"), (deaf, "timeout"),
                              (greeting(b"SSH-2.0-x\r\n"), "timeout"),
                              (greeting(b"SSH-2.0-x\r\n" + os.urandom(999)),
                               None),
                              (dripping(b"a\r\n", 0.01), "timeout"),
                              (reset, None)):
            with Server(serve) as server:
                values = {**self.login, "port": str(server.port)}
                result = self.ask(*LIMITS, **values)
                self.assertFalse(result["ok"])
                self.assertLess(result["duration_ms"], 1700, result)
                if reason:
                    self.assertEqual(result["reason"], reason, result)
        def close(connection):
            connection.sendall(b"220 ftp\r\n")
        with Server(close) as server:
            self.fails("not_ssh", "connect", *LIMITS,
                       **{**self.login, "port": str(server.port)})


class SftpPassword(Base):
    kind, protocol = "sftp_password", "SFTP"

    def test_password(self):
        self.enterContext(Account())
        subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N",
                        "", "-f", folder / "host2"], check=True)
        port = free_port()
        (folder / "sshd2").write_text(
            "ListenAddress 127.0.0.1\nPort %d\nHostKey %s/host2\nPidFile "
            "none\nUsePAM no\nPasswordAuthentication yes\n"
            "PermitEmptyPasswords yes\n"
            "Subsystem sftp internal-sftp\n" % (port, folder))
        os.makedirs("/run/sshd", exist_ok=True)
        server = Process([program("sshd"), "-D", "-e", "-f",
                          folder / "sshd2"], port)
        self.addCleanup(server.stop)
        login = {"host": "127.0.0.1", "port": str(port),
                 "username": Account.name, "password": PASSWORD}
        self.passes(**login)
        self.fails("credentials_rejected", "authentication",
                   **{**login, "password": WRONG})
        # There, but not for this user; and not a folder at all.
        (folder / "closed/inner").mkdir(parents=True)
        os.chmod(folder / "closed", 0o700)
        for root in ("closed", "closed/inner", "closed/none"):
            self.fails("access_denied", "authentication",
                       **login, root=str(folder / root))
        # A server that asks nobody for a password has tested none.
        subprocess.run(["usermod", "-p", "", Account.name], check=True)
        result = self.passes(**login)
        self.assertIsNone(result["steps"][5]["ok"], result)
        self.assertIn("without asking", result["detail"])
        self.assertIn("host_key_sha256", result["detail"])
        self.fails("not_found", "response", **login,
                   root=str(folder / "root/file0"))


if __name__ == "__main__":
    unittest.main()
