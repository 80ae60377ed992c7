"""The connector test of databases: a MariaDB of our own, a MySQL if there is
one, and servers that are none or mean no good."""
import pathlib
import shutil
import tempfile
import unittest

import probe_support
from probe_direct import LIMITS, PASSWORD, WRONG, Base
from probe_mysql import FAST, NATIVE, Maria, MySQL, Script, error, switch
from probe_support import (LOOPBACK, SECRET, Certificates, Server, deaf,
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


class Real(Base):
    """Tests of a real server: how it is logged in to."""
    kind, protocol = "database", "MySQL"

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        self.ca = ("--ca", certificates.path("ca.pem"))
        self.login = {"host": "127.0.0.1", "port": str(self.server.port),
                      "username": "alice", "password": PASSWORD,
                      "database": "shop"}

    def verified(self, *options, **changes):
        """Passes, and there is nothing to be said about it."""
        result = self.passes(*self.ca, *options, **{**self.login, **changes})
        self.assertEqual(result["detail"], "The test passed.")
        self.assertIs(result["steps"][4]["ok"], True)
        return result

    def with_certificate(self, key="client.key", **changes):
        return probe({"type": "database", "protocol": "MySQL",
                      "certificate": certificates.read("client.pem"),
                      "private_key": certificates.read(key), **changes,
                      "variables": variables(**{
                          **self.login, "username": "mutual",
                          "database": None})}, *self.ca)


class MariaDatabase(Real):
    @classmethod
    def setUpClass(cls):
        cls.server = Maria(folder, certificates)
        cls.server.sql("""
            CREATE DATABASE shop; CREATE DATABASE vault;
            CREATE USER alice@'%%' IDENTIFIED BY '%s';
            GRANT SELECT ON shop.* TO alice@'%%';
            CREATE USER mutual@'%%' IDENTIFIED BY '%s' REQUIRE X509;
            CREATE USER locked@'%%' IDENTIFIED BY '%s' ACCOUNT LOCK;
            CREATE USER expired@'%%' IDENTIFIED BY '%s' PASSWORD EXPIRE;
            CREATE USER blank@'%%';
            """ % ((PASSWORD,) * 4))

    def test_login(self):
        result = self.verified()
        self.assertEqual(result["target"]["scheme"], "mysql")
        self.verified(database=None)
        self.verified(host="localhost")
        self.verified(username="blank", password="", database="")
        for wrong in ({"password": WRONG}, {"username": "bob"},
                      {"username": "locked"}, {"username": "mutual"},
                      {"password": ""}, {"username": "blank"}):
            self.fails("credentials_rejected", "authentication",
                       *self.ca, **{**self.login, **wrong})
        for name in ("nowhere", "vault"):
            self.fails("access_denied", "authentication", *self.ca,
                       **{**self.login, "database": name})

    def test_expired_passwords(self):
        for setting in ("ON", "OFF"):
            self.server.sql("SET GLOBAL disconnect_on_expired_password = "
                            + setting)
            result = self.fails(
                "credentials_rejected", "authentication", *self.ca,
                **{**self.login, "username": "expired", "database": None})
            self.assertIn({"ON": "1862", "OFF": "1820"}[setting],
                          result["detail"])

    def test_certificate(self):
        self.assertTrue(self.with_certificate()["ok"])
        certificates.openssl(
            "pkcs8", "-topk8", "-in", "client.key", "-v1", "PBE-MD5-DES",
            "-passout", "pass:" + SECRET, "-out", "client-old.key",
            "-provider", "legacy", "-provider", "default")
        for key in ("client-locked.key", "client-old.key"):
            self.assertTrue(
                self.with_certificate(key, passphrase=SECRET)["ok"])
        result = self.with_certificate("client-old.key")
        self.assertEqual((result["reason"], result["stage"]),
                         ("client_certificate_invalid", "configuration"))

    def test_challenges_are_answered_though_nothing_verifies(self):
        result = self.passes(**self.login)
        self.assertIn("not verified", result["detail"])
        self.assertIn("not trusted", result["detail"])

    @unittest.skipUnless(Maria.has_plugin("auth_ed25519"), "not installed")
    def test_signatures(self):
        self.server.sql("""
            INSTALL SONAME 'auth_ed25519';
            CREATE USER ed@'%%' IDENTIFIED VIA ed25519
                USING PASSWORD('%s');""" % PASSWORD)
        login = {**self.login, "username": "ed", "database": None}
        self.verified(**login)
        self.assertIn("not verified", self.passes(**login)["detail"])
        for wrong in (WRONG, ""):
            self.fails("credentials_rejected", "authentication",
                       **{**login, "password": wrong})

    def test_without_tls(self):
        self.server.stop()
        try:
            self.server.start("--skip-ssl")
            result = self.passes(**self.login)
            self.assertIsNone(result["steps"][4]["ok"])
            self.assertIn("not encrypted", result["detail"])
            self.fails("credentials_rejected", "authentication",
                       **{**self.login, "password": WRONG})
            self.server.stop()
        finally:
            self.server.start(*self.server.tls)


@unittest.skipUnless(MySQL.tree(), "$CONNECTORS_MYSQL names no tree")
class MySQLDatabase(Real):
    @classmethod
    def setUpClass(cls):
        cls.server = MySQL(folder, certificates)
        cls.server.sql("""
            CREATE DATABASE shop; CREATE DATABASE vault;
            CREATE USER alice@'%%' IDENTIFIED BY '%s';
            GRANT SELECT ON shop.* TO alice@'%%';
            CREATE USER mutual@'%%' IDENTIFIED BY '%s' REQUIRE X509;
            CREATE USER locked@'%%' IDENTIFIED BY '%s' ACCOUNT LOCK;
            CREATE USER expired@'%%' IDENTIFIED BY '%s' PASSWORD EXPIRE;
            CREATE USER blank@'%%';
            CREATE USER sha256@'%%' IDENTIFIED WITH sha256_password BY '%s';
            """ % ((PASSWORD,) * 5))

    def forget(self):
        """What the server keeps of passwords it has seen."""
        self.server.sql("FLUSH PRIVILEGES")

    def test_login(self):
        self.forget()
        for _ in range(2):
            self.verified()
            self.verified(username="sha256", database=None)
        self.verified(username="blank", password="", database=None)
        for wrong in ({"password": WRONG}, {"username": "bob"},
                      {"username": "locked"}, {"username": "mutual"},
                      {"username": "sha256", "password": WRONG},
                      {"username": "expired"}):
            self.fails("credentials_rejected", "authentication",
                       *self.ca, **{**self.login, "database": None, **wrong})
        self.fails("access_denied", "authentication", *self.ca,
                   **{**self.login, "database": "vault"})
        self.assertTrue(self.with_certificate()["ok"])

    def test_what_the_server_knows_is_proved_to_anyone(self):
        self.forget()
        self.fails("certificate_untrusted", "tls", **self.login)
        self.verified()
        result = self.passes(**self.login)
        self.assertIn("not verified", result["detail"])
        self.fails("certificate_untrusted", "tls", **{
            **self.login, "username": "sha256", "database": None})

    def test_opened_networks(self):
        for login in (self.login, {**self.login, "username": "sha256",
                                   "database": None}):
            self.forget()
            result = self.passes("--unverified", LOOPBACK, **login)
            self.assertIn("unverified_networks", result["detail"])
            self.fails("credentials_rejected", "authentication",
                       "--unverified", LOOPBACK,
                       **{**login, "password": WRONG})

    def test_without_tls(self):
        self.server.stop()
        try:
            self.server.start("--tls-version=")
            for login in (self.login, {**self.login, "username": "sha256",
                                       "database": None}):
                self.forget()
                self.fails("tls_unsupported", "tls", *self.ca, **login)
                result = self.passes("--unverified", LOOPBACK, **login)
                self.assertIn("not encrypted", result["detail"])
            self.passes("--unverified", LOOPBACK, **self.login)
            self.passes(**self.login)
            self.server.stop()
        finally:
            self.server.start()


class Faults(Base):
    kind, protocol = "database", "MySQL"

    def test_faults(self):
        login = {"host": "127.0.0.1", "port": str(free_port()),
                 "username": "alice", "password": PASSWORD}
        self.fails("connection_refused", "connect", **login)
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
                values = {**login, "port": str(server.port)}
                result = self.ask(*LIMITS, **values)
                self.assertFalse(result["ok"])
                self.assertLess(result["duration_ms"], 1700, result)
                if reason:
                    self.assertEqual(result["reason"], reason, result)

    def test_evil_servers(self):
        passwd = pathlib.Path("/etc/passwd").read_bytes()[:20]
        for evil in (Script(FAST, answer=(b"\xfb/etc/passwd",)),
                     Script(switch(NATIVE), answer=(b"\xfb/etc/passwd",)),
                     Script(b"\xfb/etc/passwd"),
                     Script(switch(b"mysql_clear_password", b"")),
                     Script(b"\xfedialog\0\4Password? "),
                     Script(FAST, answer=(error(1045),))):
            with Server(evil) as server:
                result = self.ask(*LIMITS, host="127.0.0.1",
                                  port=str(server.port), username="alice",
                                  password=PASSWORD)
            self.assertFalse(result["ok"])
            sent = b"".join(evil.got)
            self.assertIn(b"alice", sent)
            self.assertNotIn(PASSWORD.encode(), sent)
            self.assertNotIn(passwd, sent)


if __name__ == "__main__":
    unittest.main()
