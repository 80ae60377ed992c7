"""A configuration that is called good starts: everything else is refused, all
of it at once, each fault with file, line and setting."""
import os
import socket
import unittest

from config_support import Configuration

HOSTS = ("db example net", "db:99999", "db:0", "db:", "db:x", "db:33 06",
         ":3306", "a,,b", "a,", "[::1", "[::1]3306", "::1", "[db]",
         "999.1.1.1", "db:3306:1", "/run/mysqld/mysqld.sock", "a;b",
         "user@db")
LISTEN = ("/x.sock", "x.sock", "unix:", "unix:/" + "x" * 110, "unix",
          "localhost", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:0",
          "127.0.0.1:http", ":80", "[::1:80", "fd:", "fd:x", "fd:-1",
          "fd:99999", "systemd:", "Unix:/x.sock")


class Forms(Configuration):
    def test_good(self):
        self.accepted({})

    def test_hosts(self):
        for value in HOSTS:
            with self.subTest(value):
                self.refused({"database.hosts": value},
                             ("database.hosts", "allowed is"))

    def test_good_hosts(self):
        for value in ("", "a", "a:3307", "a, b", "a ,b:1", "[::1]", "a,[::1]:1",
                      "db-1.example.net:65535, 192.0.2.1:3306", "localhost"):
            with self.subTest(value):
                self.accepted({"database.hosts": value})

    def test_listen(self):
        for value in LISTEN:
            with self.subTest(value):
                self.refused({"api.listen": value},
                             ("api.listen", "allowed is"))

    def test_texts_that_are_too_long_or_missing(self):
        for name, value in (("database.name", ""), ("database.user", ""),
                            ("database.name", "x" * 65),
                            ("database.socket", "/" + "x" * 107)):
            with self.subTest(name):
                self.refused({name: value}, (name, "allowed is"))

    def test_modes_that_let_nobody_connect(self):
        for value in ("0", "0444", "0555"):
            self.refused({"test.mode": value}, ("test.mode", "connect"))


class Named(Configuration):
    """What the configuration names has to be there."""

    def test_users_and_groups(self):
        for name in ("pool.user", "api.owner", "test.owner", "admin.owner"):
            self.refused({name: "nosuchuser"}, (name, "no user nosuchuser"))
        for name in ("pool.group", "api.group", "test.group", "admin.group"):
            self.refused({name: "nosuchgroup", "pool.user": "nobody"},
                         (name, "no group nosuchgroup"))

    def test_group_without_user(self):
        self.refused({"pool.group": "nogroup"}, ("pool.group", "pool.user"))

    def test_folders(self):
        self.file("plain", "")
        for name, value in (
                ("api.listen", "unix:{d}/none/x.sock"),
                ("test.listen", "unix:{d}/none/x.sock"),
                ("admin.listen", "unix:{d}/plain/x.sock"),
                ("pool.pid_file", "{d}/none/pid"),
                ("pool.log_file", "{d}/none/log"),
                ("database.migrations", "{d}/none")):
            with self.subTest(name):
                self.refused({name: value}, (name, "folder"))

    def test_files(self):
        (self.folder / "folder").mkdir()
        self.file("empty", "")
        self.file("open", "k1:" + "A" * 43 + "=\n", 0o644)
        for name, value, words in (
                ("secrets.keyring_file", "{d}/none", "No such file"),
                ("secrets.keyring_file", "{d}/folder", "no regular file"),
                ("secrets.keyring_file", "{d}/open", "0644"),
                ("secrets.keyring_file", "{d}/password", "line 1"),
                ("secrets.keyring_file", "{d}/empty", ""),
                ("database.password_file", "{d}/none", "No such file"),
                ("database.password_file", "{d}/folder", "password"),
                ("database.tls_ca", "{d}/none", "No such file"),
                ("database.tls_ca", "{d}/folder", "no regular file"),
                ("database.tls_ca", "{d}/empty", "no certificate"),
                ("test.ca_file", "{d}/none", "No such file"),
                ("test.ca_file", "{d}/password", "no certificate"),
                ("pool.pid_file", "{d}/folder", "no regular file"),
                ("pool.log_file", "{d}/folder", "folder"),
                ("api.listen", "unix:{d}/empty", "no socket"),
                ("test.listen", "unix:{d}/folder", "no socket")):
            with self.subTest(name=name, value=value):
                self.refused({name: value}, (name, words))

    def test_good_ca_files(self):
        bundle = "/etc/ssl/certs/ca-certificates.crt"
        if not os.path.exists(bundle):
            self.skipTest("no CA certificates")
        self.accepted({"test.ca_file": bundle, "database.tls_ca": bundle})

    def test_password_that_is_too_long(self):
        self.file("long", "x" * 2000)
        self.refused({"database.password_file": "{d}/long"},
                     ("database.password_file", "1023"))

    def test_networks_all_of_them(self):
        for name in ("test.allow_networks", "test.unverified_networks"):
            first = self.write({name: "10.0.0.0/8, 10.0.0.1/8\n"
                                "  127.0.0.0/33 ::1\n  nonsense"})[name]
            found = self.complaints(self.check())
            self.assertEqual([(line, at) for line, at, _ in found],
                             [(first + i, name) for i in range(3)])
            for (_, _, text), entry in zip(
                    found, ("10.0.0.1/8", "127.0.0.0/33", "nonsense")):
                self.assertIn(entry, text)

    def test_addresses_of_other_machines(self):
        for value in ("203.0.113.7:9000", "[2001:db8::7]:9000",
                      "no.such.host.invalid:9000"):
            with self.subTest(value):
                self.refused({"api.listen": value}, ("api.listen", "9000"))

    def test_port_that_is_taken_is_no_fault_of_the_configuration(self):
        """Else a running service's own file would be refused."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.accepted({"api.listen": "127.0.0.1:%d"
                           % taken.getsockname()[1]})

    @unittest.skipIf(os.path.exists("/run/systemd/system"), "systemd runs")
    def test_systemd_without_systemd(self):
        self.refused({"api.listen": "systemd:api"},
                     ("api.listen", "systemd"))

    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_files_that_the_service_may_not_use(self):
        """As the user that it becomes, not as who starts it."""
        self.file("ca.pem", "")
        self.folder.chmod(0o755)
        closed = self.folder / "closed"
        closed.mkdir(0o700)
        (closed / "log").write_text("")
        self.refused({"pool.user": "nobody", "pool.log_file": "{d}/closed/log",
                      "test.ca_file": "{d}/ca.pem"},
                     ("pool.log_file", "nobody"), ("test.ca_file", "nobody"))

    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_what_only_root_may(self):
        self.folder.chmod(0o777)
        for name in ("ring", "password"):
            os.chown(self.folder / name, 65534, 65534)
        self.config.touch()
        self.config.chmod(0o644)
        self.refused({"api.owner": "root", "test.group": "root"},
                     ("api.owner", "root"), ("test.group", "root"),
                     run=lambda: self.check(user=65534, group=65534,
                                            extra_groups=[]))
        closed = self.folder / "closed"
        closed.mkdir(0o755)
        self.refused({"api.listen": "unix:{d}/closed/x.sock",
                      "pool.pid_file": "{d}/closed/pid"},
                     ("api.listen", "ermission"), ("pool.pid_file", "ermission"),
                     run=lambda: self.check(user=65534, group=65534,
                                            extra_groups=[]))


class Together(Configuration):
    """Settings that contradict each other."""

    def test_one_socket_for_two_lanes(self):
        (self.folder / "link").symlink_to(self.folder)
        for one, two in (
                ("unix:{d}/x.sock", "unix:{d}/x.sock"),
                ("unix:{d}/x.sock", "unix:{d}/../%s/./x.sock"
                 % self.folder.name),
                ("unix:{d}/x.sock", "unix:{d}//link/x.sock"),
                ("unix:{d}/x.sock", "unix:{d}/x.sock.new"),
                ("127.0.0.1:9999", "127.0.0.1:9999"),
                ("127.0.0.1:9999", "*:9999"), ("[::]:9999", "127.0.0.1:9999"),
                ("localhost:9999", "127.0.0.1:9999"),
                ("fd:0", "fd:0"), ("fd:0", "fd:00")):
            with self.subTest(one=one, two=two):
                self.refused({"api.listen": one, "test.listen": two},
                             ("test.listen", "api.listen"))

    def test_other_ports_and_descriptors_are_others(self):
        self.accepted({"api.listen": "127.0.0.1:9999",
                       "test.listen": "127.0.0.1:9998", "admin.listen": "fd:3"})

    def test_files_that_are_one(self):
        for changes, at, words in (
                ({"pool.log_file": "{d}/pid"}, "pool.log_file",
                 "pool.pid_file"),
                ({"pool.log_file": "{d}/ring"}, "pool.log_file",
                 "secrets.keyring_file"),
                ({"pool.pid_file": "{d}/password"}, "pool.pid_file",
                 "database.password_file"),
                ({"pool.pid_file": "{d}/api.sock"}, "api.listen",
                 "pool.pid_file"),
                ({"api.listen": "unix:{d}/none.sock"}, "api.listen",
                 "database.socket")):
            with self.subTest(changes):
                self.refused(changes, (at, words))

    def test_times(self):
        for changes, at, words in (
                ({"test.total_timeout": "31s"}, "test.total_timeout",
                 "test.request_timeout"),
                ({"test.total_timeout": "30s"}, "test.total_timeout",
                 "test.request_timeout"),
                ({"test.request_timeout": "10s"}, "test.request_timeout",
                 "test.total_timeout"),
                ({"test.connect_timeout": "16s"}, "test.connect_timeout",
                 "test.total_timeout"),
                ({"test.connect_timeout": "2s", "test.total_timeout": "1s"},
                 "test.connect_timeout", "test.total_timeout"),
                ({"pool.restart_backoff": "11s"}, "pool.restart_backoff",
                 "pool.restart_backoff_max"),
                ({"pool.restart_backoff_max": "50ms"},
                 "pool.restart_backoff_max", "pool.restart_backoff"),
                ({"pool.queue_timeout": "31s"}, "pool.queue_timeout",
                 "api.request_timeout")):
            with self.subTest(changes):
                self.refused(changes, (at, words))

    def test_times_that_agree(self):
        for changes in ({"test.total_timeout": "29s"},
                        # The default of the other does no harm.
                        {"test.total_timeout": "1s"},
                        {"test.connect_timeout": "15s"},
                        {"pool.queue_timeout": "0"},
                        {"api.request_timeout": "500ms"},
                        # No test runs there.
                        {"test.total_timeout": "60s", "test.listen": ""},
                        {"test.total_timeout": "60s", "test.workers": "0"}):
            with self.subTest(changes):
                self.accepted(changes)

    def test_more_memory_than_there_is(self):
        """What the workers of each lane share; that of lanes that are off is
        not counted."""
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        if memory > 32 << 30:
            self.skipTest("no setting is more than this machine has")
        each = "%dM" % min(16384, (memory >> 20) - 600)
        self.accepted({"cache.answers": each, "api.workers": "256",
                       "test.workers": "0"})
        self.refused({"cache.answers": each}, ("cache.answers", "memory"))

    def test_no_way_to_the_database(self):
        self.refused({"database.socket": ""},
                     ("database.socket", "database.hosts"))
        self.accepted({"database.socket": "", "database.hosts": "db"})

    def test_nobody_to_serve(self):
        self.refused({"api.workers": "0", "test.workers": "0",
                      "admin.workers": "0"}, ("api.workers", "no lane"))

    def test_listener_that_others_hold_and_nobody_serves(self):
        self.refused({"test.listen": "fd:5", "test.workers": "0"},
                     ("test.workers", "test.listen"))
        self.accepted({"test.workers": "0"})


class AtOnce(Configuration):
    def test_all_faults_are_told(self):
        """Of form, of what is named, and of what contradicts."""
        changes = {
            "database.hosts": "db example net", "pool.user": "nosuchuser",
            "pool.log_level": "loud", "api.listen": "/x.sock",
            "api.workers": "many", "test.listen": "unix:{d}/none/x.sock",
            "admin.group": "nosuchgroup", "test.total_timeout": "5m",
            "pool.nonsense": "1", "secrets.keyring_file": "{d}/no-ring",
            "test.connect_timeout": "6m", "database.password_file": "{d}/no"}
        at = self.write(changes)
        found = self.complaints(self.check())
        self.assertEqual(sorted((line, name) for line, name, _ in found),
                         sorted((at[name], name) for name in changes), found)

    def test_lines_that_are_none(self):
        self.write({})
        text = self.config.read_text()
        self.config.write_text("first\n" + text + "[pool\nnonsense\n; fine\n"
                               "user = nosuchuser\n")
        done = self.check()
        lines = [int(line.split(":")[2]) for line in done.stderr.splitlines()]
        n = text.count("\n") + 1
        self.assertEqual(lines[:3], [1, n + 1, n + 2], done.stderr)

    def test_there_is_a_limit(self):
        self.config.write_text("[api]\n" + "nonsense = 1\n" * 500)
        done = self.check()
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 101)
        self.assertIn("400 more", done.stderr.splitlines()[-1])

    def test_what_a_refused_line_would_have_said_is_not_judged(self):
        self.refused({"test.request_timeout": "soon",
                      "test.total_timeout": "60s"},
                     ("test.request_timeout", "allowed is"))

    def test_an_option_is_named_as_such(self):
        self.write({})
        done = self.run_program("--check-config", "-o", "pool.user=nosuchuser",
                                "-o", "api.listen=/x", "-o", "x=1")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(
            [line[:44] for line in done.stderr.splitlines()],
            ['connectors-fcgi: option "api.listen=/x": api',
             'connectors-fcgi: option "x=1": not of the fo',
             'connectors-fcgi: option "pool.user=nosuchuse'])

    def test_the_start_says_the_same(self):
        self.refused({"pool.user": "nosuchuser", "api.listen": "/x.sock"},
                     ("pool.user", "no user"), ("api.listen", "allowed"),
                     run=self.run_program)

    def test_password_of_the_environment_that_is_too_long(self):
        self.write({"database.password_file": ...})
        done = self.check(env={**os.environ, "CONNECTORS_DATABASE_PASSWORD":
                               "x" * 2000})
        self.assertEqual(done.returncode, 1)
        self.assertIn("CONNECTORS_DATABASE_PASSWORD", done.stderr)
        self.assertNotIn("xxx", done.stderr)


if __name__ == "__main__":
    unittest.main()
