"""connectorsctl check: asks the service that runs, names what is really used,
and says what to do in each case."""
import os
import re
import socket
import subprocess
import threading
import time
import unittest

from ctl_support import PROGRAM, CtlTest, catalogue
from fastcgi import Pool


class Deaf:
    """A socket that somebody listens on, and nobody answers at."""

    def __init__(self, path, answer=b""):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(8)
        if answer:
            threading.Thread(target=self.serve, args=(answer,),
                             daemon=True).start()

    def serve(self, answer):
        while True:
            try:
                with self.listener.accept()[0] as client:
                    client.recv(4096)
                    client.sendall(answer)
            except OSError:
                return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


class CheckTest(CtlTest):
    def setUp(self):
        super().setUp()
        self.lines = self.config.read_text()

    def settings(self, **more):
        """The file of ctl_support and more: section__name=value."""
        text = self.lines
        for name, value in more.items():
            section, _, name = name.partition("__")
            head = "[%s]\n" % section
            if head not in text:
                text += head
            text = re.sub(r"(?m)^%s\s*=.*\n" % name, "", text) \
                if section == "database" else text
            text = text.replace(head, "%s%s = %s\n" % (head, name, value))
        self.config.write_text(text)

    def service(self, **more):
        """The pool that this configuration describes."""
        self.settings(api__listen="unix:%s/api.sock" % self.folder,
                      test__listen="unix:%s/test.sock" % self.folder,
                      admin__listen="unix:%s/admin.sock" % self.folder,
                      api__workers=1, test__workers=1, **more)
        text = self.config.read_text()
        pool = Pool(folder=self.folder, start=False)
        self.config.write_text(text)
        pool.start()
        self.addCleanup(pool.__exit__)
        return pool

    def check(self, *options, status=1, **keywords):
        """{part: (word, all its text)}"""
        begun = time.monotonic()
        result = self.run_ctl("check", *options)
        self.assertLess(time.monotonic() - begun, 30)
        self.assertEqual(result.status, status, result.out + result.err)
        self.assertEqual(result.err, "")
        found, last = {}, None
        for line in result.out.splitlines():
            head = re.match(r"(ok|FAIL|-|warn) +([a-z ]+?)  +(.*)", line)
            if head and head[1] == "warn":
                # Of this machine's libraries, not of this configuration.
                last = None
                continue
            if head:
                last = head[2]
                found[last] = (head[1], head[3])
            else:
                self.assertTrue(line.startswith("      "), line)
                if last is None:
                    continue
                found[last] = (found[last][0],
                               found[last][1] + "\n" + line.strip())
        return found

    def failed(self, found, part, *words):
        self.assertEqual(found[part][0], "FAIL", found)
        for word in words:
            self.assertIn(word, found[part][1])
        self.assertIn("\n-> ", found[part][1])


class Service(CheckTest):
    def test_names_what_is_really_used(self):
        pool = self.service()
        found = self.check(status=0)
        self.assertEqual({word for word, _ in found.values()}, {"ok"})
        self.assertEqual(found["configuration"][1], str(self.config))
        for word in ("process %d" % pool.process.pid, str(self.config),
                     self.server.socket, self.database, "root",
                     str(self.folder / "ring")):
            self.assertIn(word, found["service"][1])
        for word in (self.server.socket, self.database, "root"):
            self.assertIn(word, found["database"][1])
        self.assertIn(str(self.folder / "ring"), found["key ring"][1])
        for lane in ("api", "test", "admin"):
            self.assertIn("%s unix:%s/%s.sock" % (lane, self.folder, lane),
                          found["sockets"][1])

    def test_no_file_and_no_service(self):
        """The default file of a build that was not installed is missing."""
        path = re.search(r"\(default: (/.*)\)", self.ok("--help").out)[1]
        if os.path.exists(path) or os.path.exists("/run/connectors"):
            self.skipTest("something is installed here")
        result = subprocess.run([str(PROGRAM), "check"], text=True,
                                stdout=subprocess.PIPE, timeout=60)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout,
                         r"ok +configuration +no file, defaults "
                         r"\(\S+/connectors.conf is not there\)")
        self.assertRegex(result.stdout,
                         r"FAIL +service +.*/run/connectors/admin.sock")

    def test_no_service(self):
        self.settings(admin__listen="unix:%s/admin.sock" % self.folder)
        self.failed(self.check(), "service", "admin.sock: No such file",
                    "-> start")
        with Deaf(str(self.folder / "admin.sock")):
            pass
        self.failed(self.check(), "service", "refused", "-> start")

    def test_no_service_behind_a_socket_of_systemd(self):
        """It connects, for systemd listens."""
        path = str(self.folder / "admin.sock")
        self.settings(admin__listen="unix:" + path)
        with Deaf(path):
            self.failed(self.check(), "service", "no answer", "-> ")

    @unittest.skipIf(os.path.exists("/run/connectors"), "it is installed here")
    def test_socket_of_systemd_is_looked_for_where_the_units_have_it(self):
        self.settings(**{lane + "__listen": "systemd:" + lane
                         for lane in ("api", "test", "admin")})
        done = subprocess.run(
            ["sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" --config "
             "\"$1\" check 3<&0", str(PROGRAM), str(self.config)], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 1)
        for lane, part in (("admin", "FAIL  service"), ("api", "sockets"),
                           ("test", "")):
            self.assertRegex(done.stdout, r"%s .*/run/connectors/%s.sock: No "
                             "such" % (part, lane))

    @unittest.skipIf(os.path.exists("/run/systemd/system"), "systemd runs")
    def test_systemd_is_not_there(self):
        self.settings(admin__listen="systemd:admin")
        self.failed(self.check(), "configuration", "admin.listen", "systemd")

    def test_something_else_answers(self):
        path = str(self.folder / "admin.sock")
        self.settings(admin__listen="unix:" + path)
        for answer in (b"HTTP/1.1 200 OK\r\n\r\nhello", b"x", b"\0" * 64,
                       b"\1\6\0\1\0\4\0\0nope\1\3\0\1\0\10\0\0" + b"\0" * 8,
                       b"\1\6\0\1\377\377\0\0" * 3):
            with Deaf(path, answer):
                self.failed(self.check(), "service", "not connectors-fcgi")
            os.unlink(path)

    def test_place_that_is_named(self):
        self.service()
        text = self.config.read_text()
        self.config.write_text(text.replace("admin.sock", "elsewhere.sock"))
        self.failed(self.check(), "service", "elsewhere.sock")
        place = "unix:%s/admin.sock" % self.folder
        found = self.check("--admin", place, status=0)
        self.assertIn("ready", found["service"][1])
        self.assertIn("admin %s answers" % place, found["sockets"][1])
        self.fails("check", "--admin", "/x.sock", status=2)

    def test_service_with_another_file(self):
        self.service()
        other = self.folder / "other.conf"
        other.write_text(self.config.read_text())
        self.config, own = other, self.config
        self.failed(self.check(), "service", "runs with %s" % own,
                    "-> connectorsctl check --config %s" % own)

    def test_service_with_another_database(self):
        self.service()
        text = self.config.read_text()
        self.config.write_text(text.replace(
            "name=" + self.database, "name=mysql"))
        self.failed(self.check(), "service",
                    "database.name = %s" % self.database, "mysql", "reload")

    def test_service_that_is_not_ready(self):
        self.service()
        self.sql("DROP TABLE schema_migrations")
        self.failed(self.check(), "service", "not ready", "migrat",
                    "-> run: connectorsctl migrate")

    def test_no_admin_lane_to_ask(self):
        for place in ("", "fd:0"):
            self.settings(**{lane + "__listen": place if lane == "admin"
                             else "" for lane in ("api", "test", "admin")})
            found = self.check(status=0)
            self.assertEqual(found["service"][0], "-")
            self.assertIn("--admin", found["service"][1])

    def test_socket_that_nobody_answers_at(self):
        pool = self.service()
        os.unlink(pool.socket)
        self.failed(self.check(), "sockets", "api.sock: No such file")
        with Deaf(pool.socket):
            self.failed(self.check(), "sockets", "api.sock: no answer")
        os.unlink(pool.socket)
        os.unlink(self.folder / "test.sock")
        found = self.check()
        self.failed(found, "sockets", "api.sock: No such", "test.sock: No")
        self.assertIn("admin unix:", found["sockets"][1])

    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_without_the_right_to_connect(self):
        self.service()
        self.folder.chmod(0o755)
        self.config.chmod(0o644)
        (self.folder / "ring").chmod(0o400)
        os.chown(self.folder / "ring", 65534, 65534)
        done = subprocess.run(
            [str(PROGRAM), "--config", str(self.config), "check"], text=True,
            stdout=subprocess.PIPE, user=65534, group=65534, extra_groups=[],
            timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"FAIL +service .*Permission denied\n"
                         r" +-> .*(root|group)")


class Advice(CheckTest):
    """What is said fits what is wrong."""

    def advice(self, part, words, *options):
        found = self.check(*options)
        self.failed(found, part)
        self.assertIn(words, found[part][1].split("\n-> ")[1], found)

    def setUp(self):
        super().setUp()
        self.settings(**{lane + "__listen": "" for lane in
                         ("api", "test", "admin")})
        self.lines = self.config.read_text()

    def test_database(self):
        self.server.sql("CREATE USER IF NOT EXISTS somebody@localhost "
                        "IDENTIFIED BY 'x'")
        for option, words in (
                ("database.socket=/none/x.sock", "database.socket"),
                ("database.hosts=127.0.0.1:1", "database.hosts"),
                ("database.hosts=no.such.host.invalid", "database.hosts"),
                ("database.user=somebody", "database.password_file"),
                ("database.name=no_such", "connectorsctl database init")):
            with self.subTest(option):
                self.advice("database", words, "-o", option)

    def test_key_ring(self):
        ring = self.folder / "ring"
        kept = ring.read_bytes()
        ring.unlink()
        self.advice("key ring", "connectorsctl secrets init")
        ring.write_bytes(kept)
        ring.chmod(0o644)
        self.advice("key ring", "chmod 0600 %s" % ring)
        ring.chmod(0o600)
        self.load(catalogue())
        ring.unlink()
        self.advice("key ring", "backup")
        self.ok("secrets", "init")
        self.advice("key ring", "backup")

    def test_migrations(self):
        self.advice("migrations", "database.migrations", "-o",
                    "database.migrations=%s" % self.folder)
        self.sql("DELETE FROM schema_migrations WHERE version > 1")
        self.advice("migrations", "connectorsctl migrate")

    def test_schema(self):
        self.sql("ALTER TABLE logos DROP COLUMN url")
        self.advice("schema", "backup")

    def test_configuration(self):
        self.config.write_text("[pool]\nuser = nosuchuser\n[api]\n"
                               "listen = /x.sock\nworkers = x\n")
        found = self.check()
        self.failed(found, "configuration", "nosuchuser", "/x.sock", "\"x\"")
        self.assertEqual(list(found), ["configuration"])
        result = self.run_ctl("check", "--config", "/none/x.conf")
        self.assertIn("--config", result.out)


if __name__ == "__main__":
    unittest.main()
