"""Database servers of their own on the loopback, with TLS and without, and an
authority that signs their certificates. MariaDB, or MySQL where that is."""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from ctl_support import Server

MARIADB = shutil.which("mariadbd") is not None
# Newer clients of MariaDB want TLS from a socket too.
CLIENT = ["mariadb", "--no-defaults", "--skip-ssl"] if MARIADB else \
    ["mysql", "--no-defaults"]
USER, PASSWORD = "remote", "remote password"
# MariaDB's library trusts whoever answers at 127.0.0.1, from 3.4 on.
ADDRESS = "127.0.0.2"


def free_port():
    with socket.socket() as plug:
        plug.bind((ADDRESS, 0))
        return plug.getsockname()[1]


class Authority:
    """A CA; its file is `ca`, certificates are made in its folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ca = self.folder / "ca.crt"
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
                     "9", "-subj", "/CN=Connectors test CA", "-keyout",
                     "ca.key", "-out", "ca.crt")

    def openssl(self, *arguments):
        return subprocess.run(
            ["openssl", *arguments], cwd=self.folder, check=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def certificate(self, name, alternative):
        """Files of a certificate for an alternative name, and its key."""
        (self.folder / (name + ".ext")).write_text(
            "subjectAltName = %s\n" % alternative)
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj",
                     "/CN=" + name, "-keyout", name + ".key", "-out",
                     name + ".csr")
        self.openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.crt",
                     "-CAkey", "ca.key", "-CAcreateserial", "-days", "9",
                     "-extfile", name + ".ext", "-out", name + ".crt")
        return self.folder / (name + ".crt"), self.folder / (name + ".key")

    def hashed(self):
        """A folder in which OpenSSL finds the CA by the hash of its name."""
        folder = self.folder / "hashed"
        folder.mkdir()
        name = self.openssl("x509", "-in", "ca.crt", "-noout",
                            "-subject_hash").strip()
        shutil.copy(self.ca, folder / (name + ".0"))
        return folder


class Database:
    """A server with a port and a socket; certificate is a pair of files, more
    are options of the server."""

    def __init__(self, certificate=None, *more):
        self.folder = tempfile.mkdtemp(prefix="connectors-tls.")
        self.socket = self.folder + "/socket"
        self.port = free_port()
        try:
            self.create()
            self.start(certificate, more)
        except BaseException:
            self.stop()
            raise

    def options(self):
        return ["--no-defaults", "--datadir=" + self.folder + "/data",
                # A server that starts removes what others have there.
                "--tmpdir=" + self.folder,
                *(["--user=root"] if os.getuid() == 0 else [])]

    def create(self):
        command = ["mariadb-install-db", *self.options(), "--skip-test-db",
                   "--auth-root-authentication-method=normal"] if MARIADB \
            else ["mysqld", *self.options(), "--initialize-insecure"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def start(self, certificate, more):
        if certificate is not None:
            tls = ["--ssl-cert=%s" % certificate[0],
                   "--ssl-key=%s" % certificate[1]]
        else:
            tls = ["--skip-ssl"] if MARIADB else ["--tls-version="]
        if not MARIADB:
            more = ["--mysqlx=OFF", "--skip-log-bin",
                    "--secure-file-priv=NULL", *more]
        self.process = subprocess.Popen(
            ["mariadbd" if MARIADB else "mysqld", *self.options(), *tls, *more,
             "--bind-address=" + ADDRESS, "--port=%d" % self.port,
             "--socket=" + self.socket, "--skip-name-resolve"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 90
        while not self.runs("SELECT 1"):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("the database server does not start")
            time.sleep(0.1)
        assert self.runs(
            "CREATE DATABASE connectors; CREATE USER %s IDENTIFIED BY '%s'; "
            "GRANT ALL ON connectors.* TO %s" % (USER, PASSWORD, USER))

    def runs(self, text):
        """As root; whether it works."""
        return self.ask(text).returncode == 0

    def ask(self, text):
        return subprocess.run(
            [*CLIENT, "--default-character-set=utf8mb4", "-NB", "-uroot", "-S",
             self.socket], input=text, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, check=False)

    stop = Server.stop
