"""TLS to our own database: what tls_mode demands of a server, with either
client library, and what is said of one that has it not."""
import os
import pathlib
import subprocess
import tempfile
import unittest

from ctl_support import PROGRAM, TOP
from tls_servers import ADDRESS, PASSWORD, USER, Authority, Database

# Whoever refuses a certificate says so in one of these.
REFUSED = r"(?i)certificate|ssl|tls"


class DatabaseTls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = cls.enterClassContext(
            tempfile.TemporaryDirectory(prefix="connectors-tls."))
        cls.authority = Authority(made)
        cls.hashed = cls.authority.hashed()
        cls.servers = {
            name: cls.server(certificate) for name, certificate in (
                ("plain", None),
                ("good", cls.authority.certificate("good", "IP:" + ADDRESS)),
                ("other", cls.authority.certificate(
                    "other", "DNS:other.example")))}
        cls.password = pathlib.Path(made) / "password"
        cls.password.write_text(PASSWORD)

    @classmethod
    def server(cls, certificate):
        server = Database(certificate)
        cls.addClassCleanup(server.stop)
        return server

    def ask(self, environment=None, **settings):
        """migrate --status with these settings of the database."""
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
            config.write("\n".join([
                "[database]", "name = connectors", "user = " + USER,
                "password_file = %s" % self.password,
                "migrations = %s" % (TOP / "sql"),
                *("%s = %s" % pair for pair in settings.items()), ""]))
            config.flush()
            return subprocess.run(
                [PROGRAM, "--config", config.name, "migrate", "--status"],
                env={**os.environ, **(environment or {})}, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                check=False)

    def hosts(self, *names):
        return ",".join("%s:%d" % (ADDRESS, self.servers[name].port)
                        for name in names)

    def works(self, **settings):
        result = self.ask(**settings)
        self.assertEqual(result.stderr, "", settings)
        self.assertIn("0001", result.stdout)

    def fails(self, pattern, **settings):
        result = self.ask(**settings)
        self.assertEqual(result.returncode, 1, settings)
        self.assertRegex(result.stderr, pattern, settings)
        return result.stderr

    def test_a_server_without_tls_is_told(self):
        for mode in "required", "verify_identity":
            for hosts in ("plain",), ("plain", "plain"):
                said = self.fails(REFUSED, hosts=self.hosts(*hosts),
                                  tls_mode=mode)
                self.assertRegex(said, "tls_mode|required")
        # It is what is wanted by default.
        self.fails(REFUSED, hosts=self.hosts("plain"))
        self.works(hosts=self.hosts("plain"), tls_mode="disabled")

    def test_another_of_the_hosts_has_it(self):
        self.works(hosts=self.hosts("plain", "good"), tls_mode="required")
        self.works(hosts=self.hosts("plain", "other", "good"),
                   tls_mode="verify_identity", tls_ca=self.authority.ca)

    def test_required_takes_any_certificate(self):
        for name in "good", "other":
            self.works(hosts=self.hosts(name), tls_mode="required")
            self.works(hosts=self.hosts(name))

    def test_a_socket_needs_none(self):
        """Whatever the mode says, and whether the server has it or not."""
        for name in "plain", "good", "other":
            for mode in "disabled", "required", "verify_identity":
                self.works(socket=self.servers[name].socket, tls_mode=mode)
            self.works(socket=self.servers[name].socket)

    def test_verify_identity_with_a_file(self):
        self.works(hosts=self.hosts("good"), tls_mode="verify_identity",
                   tls_ca=self.authority.ca)
        self.fails(REFUSED, hosts=self.hosts("other"),
                   tls_mode="verify_identity", tls_ca=self.authority.ca)
        another, _ = self.authority.certificate("another", "IP:" + ADDRESS)
        self.fails(REFUSED, hosts=self.hosts("good"),
                   tls_mode="verify_identity", tls_ca=another)
        self.fails(REFUSED, hosts=self.hosts("good"),
                   tls_mode="verify_identity", tls_ca="/nonexistent")

    def test_verify_identity_with_the_certificates_of_the_system(self):
        """OpenSSL's own variables say where these are."""
        for environment in ({"SSL_CERT_FILE": str(self.authority.ca)},
                            {"SSL_CERT_DIR": str(self.hashed)}):
            self.works(hosts=self.hosts("good"), tls_mode="verify_identity",
                       environment=environment)
            self.fails(REFUSED, hosts=self.hosts("other"),
                       tls_mode="verify_identity", environment=environment)
        # The system itself knows nothing of our authority.
        said = self.fails(REFUSED, hosts=self.hosts("good"),
                          tls_mode="verify_identity")
        self.assertNotIn("is required", said)


if __name__ == "__main__":
    unittest.main()
