"""A reload takes only what would start and work; lanes that come and go; the
forms of hosts, against a real database."""
import os
import select
import signal
import socket
import threading
import unittest

from ctl_support import CtlTest
from fastcgi import Pool
from test_admin_direct import AdminPool


class Relay(threading.Thread):
    """A port of this machine behind which the database's socket is."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def run(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,),
                             daemon=True).start()

    def carry(self, client):
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self.path)
            other = {client: server, server: client}
            while True:
                for one in select.select(list(other), [], [])[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    other[one].sendall(data)


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as plug:
        return plug.getsockname()[1]


class Reloading:
    def reload(self, pool, **settings):
        """Reads the settings; the log since then, once it is decided."""
        before = len(pool.lines())
        pool.settings.update(settings)
        pool.write_config()
        pool.tell(signal.SIGHUP)

        def decided():
            new = [line["message"] for line in pool.lines()[before:]]
            return new if any("refused" in text or text == "ready"
                              for text in new) else None
        return pool.wait_for(decided, "the end of the reload")

    def wait_for_workers(self, pool, n):
        pool.wait_for(lambda: len(pool.workers()) == n, "%d workers" % n)

    def refused(self, pool, words, **settings):
        kept, workers = dict(pool.settings), pool.workers()
        new = self.reload(pool, **settings)
        texts = [text for text in new if "reload refused" in text]
        self.assertTrue(any(words in text for text in texts), new)
        self.assertEqual(pool.workers(), workers)
        self.assertEqual(pool.ask().status, 404)
        pool.settings = kept
        pool.write_config()
        return texts


class Reload(Reloading, unittest.TestCase):
    def test_what_would_not_start_is_refused(self):
        with Pool() as pool:
            for name, value, words in (
                    ("pool__user", "nosuchuser", "no user"),
                    ("pool__log_file", "/none/log", "/none is not there"),
                    ("api__listen", "/x.sock", "allowed is"),
                    ("api__group", "nosuchgroup", "no group"),
                    ("test__listen", "unix:" + pool.socket, "api.listen"),
                    ("test__ca_file", "/none/ca", "/none/ca"),
                    ("test__allow_networks", "10.0.0.1/8", "10.0.0.1/8"),
                    ("secrets__keyring_file", "/none/ring", "/none/ring"),
                    ("database__hosts", "db example net", "allowed is"),
                    ("test__total_timeout", "16s;", "allowed is"),
                    ("test__connect_timeout", "16s", "total_timeout")):
                with self.subTest(name):
                    texts = self.refused(pool, words, **{name: value})
                    self.assertEqual(len(texts), 1)
                    self.assertIn("connectors.conf:", texts[0])
                    self.assertIn(name.replace("__", "."), texts[0])

    def test_all_faults_have_a_line(self):
        with Pool() as pool:
            texts = self.refused(pool, "nosuchuser", pool__user="nosuchuser",
                                 api__mode="0", api__backlog="x",
                                 database__hosts="a:99999")
            self.assertEqual(len(texts), 4, texts)

    def test_all_that_needs_a_restart_is_named(self):
        with Pool() as pool:
            new = self.reload(pool, api__mode="0600", api__backlog="9")
            self.assertTrue(any("api.mode, api.backlog changed" in text
                                for text in new), new)

    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_rights_that_were_given_up_are_not_missed(self):
        """The folder of its own socket is root's."""
        with Pool(start=False) as pool:
            pool.folder.chmod(0o755)
            pool.settings["pool__user"] = "nobody"
            pool.write_config()
            pool.start()
            self.assertIn("ready", self.reload(pool, api__workers="3"))
            self.wait_for_workers(pool, 3)

    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_folders_that_it_may_not_look_into_any_more(self):
        with Pool(start=False) as pool:
            pool.folder.chmod(0o755)
            closed = pool.folder / "closed"
            closed.mkdir(0o700)
            (closed / "sub").mkdir()
            pool.socket = str(closed / "sub/x.sock")
            pool.settings.update(
                pool__user="nobody", api__listen="unix:" + pool.socket,
                pool__pid_file=str(closed / "sub/pid"))
            pool.write_config()
            pool.start()
            self.assertIn("ready", self.reload(pool, api__workers="3"))
            self.wait_for_workers(pool, 3)


class Lanes(Reloading, unittest.TestCase):
    def test_lane_without_workers_is_opened_by_a_reload(self):
        with AdminPool(api__workers="1", admin__workers="0") as pool:
            self.assertFalse(os.path.exists(pool.admin_socket))
            for n in (2, 4, 1):
                self.assertIn("ready", self.reload(
                    pool, admin__workers=str(n)))
                self.wait_for_workers(pool, 1 + n)
                self.assertEqual(pool.admin("/live").status, 200)
            self.assertEqual(pool.stop(), 0)
            self.assertFalse(os.path.exists(pool.admin_socket))

    def test_lane_that_cannot_be_opened_then_is_refused(self):
        with AdminPool(api__workers="1", admin__workers="0") as pool:
            with open(pool.admin_socket, "w", encoding="ascii") as file:
                file.write("mine")
            self.refused(pool, "no socket", admin__workers="2")
            os.unlink(pool.admin_socket)
            self.assertIn("ready", self.reload(pool, admin__workers="2"))

    def test_lane_is_not_taken_away_by_a_reload(self):
        """Who connects would find a listener and nobody behind it."""
        with AdminPool(api__workers="2", admin__workers="1") as pool:
            for _ in range(2):
                new = self.reload(pool, api__workers="0")
                self.assertTrue(any(
                    "api.workers changed: that takes effect with a restart"
                    in text for text in new), new)
                self.wait_for_workers(pool, 3)
                self.assertEqual(pool.ask().status, 404)
            self.assertIn("ready", self.reload(pool, api__workers="1"))
            self.wait_for_workers(pool, 2)

    def test_two_lanes_or_none(self):
        """One of two that would be opened cannot be: none is."""
        with AdminPool(api__workers="1", admin__workers="0",
                       test__workers="0") as pool:
            other = str(pool.folder / "test.sock")
            pool.settings["test__listen"] = "unix:" + other
            pool.write_config()
            pool.stop()
            pool.log.write_text("")
            pool.start()
            with open(pool.admin_socket, "w", encoding="ascii") as file:
                file.write("mine")
            self.refused(pool, "no socket", admin__workers="1",
                         test__workers="1")
            self.assertFalse(os.path.exists(other))


class Database(Reloading, CtlTest):
    def test_reload_to_a_database_that_cannot_be_reached(self):
        with Pool(database__socket=self.server.socket, database__user="root",
                  database__name=self.database) as pool:
            for settings in (
                    {"database__socket": "/none/x.sock"},
                    {"database__name": "no_such_database"},
                    {"database__hosts": "127.0.0.1:%d" % closed_port()},
                    {"database__user": "nosuchaccount"}):
                with self.subTest(settings):
                    self.refused(pool, "cannot be reached", **settings)
            self.assertIn("ready", self.reload(pool, api__workers="3"))

    def test_reload_with_the_same_database_that_is_away(self):
        with Pool() as pool:
            self.assertIn("ready", self.reload(pool, api__workers="3"))

    def test_hosts(self):
        with Relay(self.server.socket) as relay:
            closed = closed_port()
            for hosts in ("localhost:%d", "127.0.0.1:%d",
                          f"127.0.0.1:{closed}, localhost:%d",
                          f" 127.0.0.1:{closed} ,127.0.0.1:%d",
                          f"localhost:{closed} , localhost:%d "):
                with self.subTest(hosts):
                    self.ok("migrate", "--status", "-o", "database.hosts="
                            + hosts % relay.port, "-o",
                            "database.tls_mode=disabled", "-o",
                            "database.socket=/none")

    def test_hosts_that_are_none(self):
        for hosts in ("db example net", "localhost:65536", "a:99999", "a,,b"):
            self.assertIn("database.hosts", self.fails(
                "migrate", "-o", "database.hosts=" + hosts))


if __name__ == "__main__":
    unittest.main()
