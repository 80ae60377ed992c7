"""The connector test of databases: a MariaDB of our own, and servers that are
none or mean no good."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import probe_support
from probe_direct import LIMITS, PASSWORD, WRONG, Base, program
from probe_support import (SECRET, Certificates, Process, Server, deaf,
                           dripping, free_port, greeting, probe, reset,
                           silent, variables)


def setUpModule():
    global certificates, folder
    probe_support.make_cli()
    certificates = Certificates()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="probe-database."))


def tearDownModule():
    certificates.remove()
    shutil.rmtree(folder)


def packet(number, payload):
    return len(payload).to_bytes(3, "little") + bytes([number]) + payload


class EvilDatabase:
    """A server that asks for what it must not get; keeps all it was sent."""
    HELLO = (b"\x0a5.5.5-10.11.19-MariaDB\0\1\0\0\0aaaaaaaa\0\x00\xa2\x21"
             b"\2\0\x8f\x80\x15" + bytes(10) + b"bbbbbbbbbbbb\0"
             b"mysql_native_password\0")
    OK = b"\0\0\0\2\0\0\0"

    def __init__(self, switch=None, answer=None):
        self.switch, self.answer, self.sent = switch, answer, b""

    def __call__(self, connection):
        connection.sendall(packet(0, self.HELLO))
        self.read(connection)
        number = 2
        if self.switch:
            connection.sendall(packet(number, self.switch))
            self.read(connection)
            number += 2
        connection.sendall(packet(number, self.OK))
        self.read(connection)
        if self.answer:
            connection.sendall(packet(1, self.answer))
            self.read(connection)

    def read(self, connection):
        connection.settimeout(2)
        data = connection.recv(65536)
        self.sent += data
        if not data:
            raise OSError("gone")


class Database(Base):
    kind, protocol = "database", "MySQL"

    @classmethod
    def setUpClass(cls):
        install, server = program("mariadb-install-db"), program("mariadbd")
        client = program("mariadb")
        data, cls.socket = folder / "data", folder / "s.sock"
        root = ["--user=root"] if os.getuid() == 0 else []
        # Many servers on one machine run out of native I/O requests.
        done = subprocess.run(
            [install, "--no-defaults", "--datadir=%s" % data,
             "--auth-root-authentication-method=normal", "--skip-test-db",
             "--innodb-use-native-aio=0", *root], capture_output=True)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        cls.port = free_port()
        cls.base = [server, "--no-defaults", "--datadir=%s" % data,
                    "--socket=%s" % cls.socket, "--bind-address=127.0.0.1",
                    "--port=%d" % cls.port, "--skip-log-bin",
                    "--innodb-buffer-pool-size=16M",
                    "--innodb-use-native-aio=0", "--pid-file=%s" % (
                        folder / "pid"), *root]
        cls.tls = ["--ssl-cert=" + certificates.path("good.pem"),
                   "--ssl-key=" + certificates.path("good.key"),
                   "--ssl-ca=" + certificates.path("ca.pem")]
        cls.server = Process(cls.base + cls.tls, cls.port)
        sql = ("CREATE DATABASE shop; CREATE DATABASE vault;"
               "CREATE USER alice@'%%' IDENTIFIED BY '%s';"
               "GRANT SELECT ON shop.* TO alice@'%%';"
               "CREATE USER mutual@'%%' IDENTIFIED BY '%s' REQUIRE X509;"
               "CREATE USER locked@'%%' IDENTIFIED BY '%s' ACCOUNT LOCK;"
               "CREATE USER blank@'%%';"
               "CREATE USER ed@'%%' IDENTIFIED BY '%s' "
               "WITH MAX_USER_CONNECTIONS 1;" % ((PASSWORD,) * 4))
        subprocess.run([client, "--no-defaults", "-uroot", "-S", cls.socket],
                       input=sql, text=True, check=True)
        cls.login = {"host": "127.0.0.1", "port": str(cls.port),
                     "username": "alice", "password": PASSWORD,
                     "database": "shop"}

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def test_login(self):
        result = self.passes(**self.login)
        self.assertIs(result["steps"][4]["ok"], True)
        self.assertEqual(result["target"]["scheme"], "mysql")
        self.passes(**{**self.login, "database": None})
        self.passes(**{**self.login, "host": "localhost"})
        self.passes(**{**self.login, "username": "blank", "password": "",
                       "database": ""})
        for wrong in ({"password": WRONG}, {"username": "bob"},
                      {"username": "locked"}, {"username": "mutual"}):
            self.fails("credentials_rejected", "authentication",
                       **{**self.login, **wrong})
        for name in ("nowhere", "vault"):
            self.fails("access_denied", "authentication",
                       **{**self.login, "database": name})

    def test_certificate(self):
        target = {"type": "database", "protocol": "MySQL",
                  "certificate": certificates.read("client.pem"),
                  "private_key": certificates.read("client.key"),
                  "variables": variables(**{
                      **self.login, "username": "mutual",
                      "database": None})}
        self.assertTrue(probe(target)["ok"])
        target["private_key"] = certificates.read("client-locked.key")
        self.assertTrue(probe({**target, "passphrase": SECRET})["ok"])

    def test_faults(self):
        self.fails("connection_refused", "connect",
                   **{**self.login, "port": str(free_port())})
        for serve, reason in (
                (greeting(b"HTTP/1.1 400 Bad Request\r\n\r\n"), None),
                (greeting(b"\x05\0\0\0\x09abcd"), "not_database"),
                (greeting(b"\x00\0\0\0"), None),
                (greeting(b"\x17\0\0\0\xff\x10\x04Too many connections"),
                 "server_busy"),
                (silent, "timeout"), (deaf, "timeout"),
                (dripping(b"\x50\0\0\0\x0a10.11.19-M" + b"x" * 68, 0.05),
                 "timeout"),
                (greeting(b"\xff\xff\xff\0" + b"x" * 99999), None),
                (lambda connection: None, "connection_reset"),
                (reset, "connection_reset")):
            with Server(serve) as server:
                values = {**self.login, "port": str(server.port)}
                result = self.ask(*LIMITS, **values)
                self.assertFalse(result["ok"])
                self.assertLess(result["duration_ms"], 1700, result)
                if reason:
                    self.assertEqual(result["reason"], reason, result)

    def test_evil_servers(self):
        passwd = pathlib.Path("/etc/passwd").read_bytes()[:20]
        for evil in (EvilDatabase(answer=b"\xfb/etc/passwd"),
                     EvilDatabase(switch=b"\xfemysql_clear_password\0"),
                     EvilDatabase(switch=b"\xfedialog\0\4Password? "),
                     EvilDatabase(answer=b"\xff\x15\x04#28000no")):
            with Server(evil) as server:
                result = self.ask(*LIMITS, **{
                    **self.login, "port": str(server.port),
                    "database": None})
            self.assertFalse(result["ok"])
            self.assertIn(b"alice", evil.sent)
            self.assertNotIn(PASSWORD.encode(), evil.sent)
            self.assertNotIn(passwd, evil.sent)
            if evil.answer:
                self.assertIn(b"SELECT 1", evil.sent)

    def test_without_tls(self):
        self.server.stop()
        try:
            plain = Process(self.base + ["--skip-ssl"], self.port)
            result = self.passes(**self.login)
            self.assertIsNone(result["steps"][4]["ok"])
            self.assertIn("not encrypted", result["detail"])
            self.fails("credentials_rejected", "authentication",
                       **{**self.login, "password": WRONG})
            plain.stop()
            strict = Process(self.base + [
                "--skip-ssl", "--max-connections=10"], self.port)
            strict.stop()
        finally:
            type(self).server = Process(self.base + self.tls, self.port)


if __name__ == "__main__":
    unittest.main()
