"""./dev keeps to itself: its database is nobody else's, a port that is taken
is noticed before anything is done, and what it installs does not run."""
import os
import pathlib
import shutil
import socket
import stat
import subprocess
import tempfile
import time
import unittest

from test_dev import LIST, TOP, Case, free_port

NOBODY = 65534


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


class Private(Case):
    def as_nobody(self, *command):
        return subprocess.run(
            [str(word) for word in command], user=NOBODY, group=NOBODY,
            extra_groups=[], text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
            check=False)

    def check_database(self, run):
        sock = pathlib.Path(run, "database.sock")
        self.assertTrue(sock.exists())
        client = shutil.which("mariadb") or shutil.which("mysql")
        done = self.as_nobody(client, "--no-defaults", "--socket", sock,
                              "--user=root", "-e", "SELECT 1")
        self.assertNotEqual(done.returncode, 0, done.stdout)
        for path in ("api.sock", "test.sock", "admin.sock", "database.sock"):
            done = self.as_nobody(
                "python3", "-c", "import socket, sys\n"
                "socket.socket(socket.AF_UNIX).connect(sys.argv[1])",
                pathlib.Path(run, path))
            self.assertIn("Permission denied", done.stdout, path)

    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_database_is_nobody_elses(self):
        for folder, run in (("/deep/new", "/run"),
                            ("/" + "x" * 120, None)):
            with self.subTest(folder):
                stack = self.stack(folder)
                root = pathlib.Path(stack.state).parent
                os.chmod(root if folder[1] == "x" else root.parent, 0o755)
                stack.up()
                self.assertEqual(mode(stack.state), 0o700)
                where = stack.state + run if run else pathlib.Path(
                    stack.state, "facts/run").read_text().strip()
                self.assertEqual(mode(where), 0o700)
                self.check_database(where)
                # It works all the same.
                key = stack.dev("key").strip()
                self.assertEqual(stack.get(LIST, key)[0], 200)
                stack.dev("down")

    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_folder_that_was_open_and_empty(self):
        stack = self.stack()
        os.chmod(stack.state, 0o777)
        stack.up("--no-demo")
        self.assertEqual(mode(stack.state), 0o700)
        os.chmod(stack.state, 0o755)
        # What another version left open is closed again.
        stack.dev("down")
        stack.up("--no-demo")
        self.assertEqual(mode(stack.state), 0o700)

    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_folder_with_other_things_stays_as_it_is(self):
        stack = self.stack()
        os.chmod(stack.state, 0o755)
        pathlib.Path(stack.state, "mine").write_text("x")
        for _ in range(2):
            stack.up("--no-demo")
            self.assertEqual(mode(stack.state), 0o755)
            self.check_database(stack.state + "/run")
            for name in ("database", "etc", "log", "run", "nginx"):
                self.assertEqual(mode(stack.state + "/" + name), 0o700, name)
            stack.dev("down")


class Port(Case):
    def refused(self, stack, port, *words):
        begun = time.monotonic()
        text = stack.dev("up", "--port", str(port), status=1)
        self.assertLess(time.monotonic() - begun, 10)
        for word in words:
            self.assertIn(word, text)
        self.assertNotIn("building", text)
        self.assertNotIn("installing", text)
        self.assertFalse(os.path.exists(stack.state + "/database"))

    def test_port_that_is_taken(self):
        for host, family in (("127.0.0.1", socket.AF_INET),
                             ("0.0.0.0", socket.AF_INET)):
            with socket.socket(family) as plug:
                plug.bind((host, 0))
                plug.listen(1)
                port = plug.getsockname()[1]
                self.refused(self.stack(), port, str(port), "in use",
                             "--port")

    def test_port_that_is_taken_is_not_remembered(self):
        stack = self.stack()
        with socket.create_server(("127.0.0.1", 0)) as plug:
            port = plug.getsockname()[1]
            self.refused(stack, port, "in use")
        self.assertFalse(os.path.exists(stack.state + "/facts/port"))

    def test_ports_and_workers_that_cannot_be(self):
        stack = self.stack()
        self.refused(stack, 65536, "65535")
        self.refused(stack, 99999999999999999999, "65535")
        text = stack.dev("up", "--workers", "300", status=1)
        self.assertIn("256", text)

    def test_its_own_port_is_not_taken(self):
        stack = self.stack()
        stack.up("--no-demo")
        pid = int(pathlib.Path(stack.state, "run/connectors.pid").read_text())
        os.kill(pid, 15)
        while os.path.exists("/proc/%d" % pid):
            time.sleep(0.05)
        stack.up("--no-demo")
        other = free_port()
        stack.dev("down")
        stack.dev("up", "--no-demo", "--port", other)
        self.assertIn(other, stack.dev("status"))


FAKE_APT = """#!/bin/sh
case $1 in
update) exit 0 ;;
esac
"$POLICY" vsftpd start
echo "start: $?" >>"$WORK/seen"
[ ! -e "$WORK/fail" ] || exit 1
touch "$UNITS/vsftpd.service" "$UNITS/ssh.service" "$UNITS/static@.service"
touch "$SCRIPTS/vsftpd"
"""
FAKE_OTHERS = """#!/bin/sh
echo "${0##*/} $*" >>"$WORK/seen"
"""


class Packages(unittest.TestCase):
    """With an apt-get of our own that does what postinst scripts do."""

    def setUp(self):
        self.work = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory()))
        (self.work / "bin").mkdir()
        for name, text in (("apt-get", FAKE_APT),
                           ("systemctl", FAKE_OTHERS),
                           ("update-rc.d", FAKE_OTHERS),
                           ("dpkg-query", "#!/bin/sh\nexit 1\n"),
                           ("sudo", "#!/bin/sh\nexec \"$@\"\n")):
            path = self.work / "bin" / name
            path.write_text(text)
            path.chmod(0o755)
        for name in ("units", "scripts"):
            (self.work / name).mkdir()
        (self.work / "units/old.service").write_text("")
        self.policy = self.work / "policy-rc.d"

    def install(self, status=0):
        done = subprocess.run(
            ["sh", "-euc", ". tools/dev/common.sh; . tools/dev/packages.sh; "
             "top=$PWD; policy=$POLICY; units=$UNITS; scripts=$SCRIPTS; "
             "install_packages test"], cwd=TOP, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
            env={**os.environ, "PATH": "%s/bin:%s" % (
                self.work, os.environ["PATH"]), "POLICY": str(self.policy),
                "UNITS": str(self.work / "units"), "WORK": str(self.work),
                "SCRIPTS": str(self.work / "scripts")}, check=False)
        self.assertEqual(done.returncode, status, done.stdout)
        return (self.work / "seen").read_text()

    def test_services_do_not_start_now_nor_later(self):
        seen = self.install()
        self.assertIn("start: 101", seen)
        self.assertFalse(self.policy.exists())
        for name in ("vsftpd.service", "ssh.service"):
            self.assertRegex(seen, r"systemctl .*disable %s" % name)
        self.assertRegex(seen, r"update-rc.d vsftpd disable")
        self.assertNotIn("old", seen)

    def test_policy_that_is_there_is_kept(self):
        for text in ("#!/bin/sh\nexit 101\n", "#!/bin/sh\nexit 0\n"):
            self.policy.write_text(text)
            self.policy.chmod(0o751)
            (self.work / "seen").unlink(missing_ok=True)
            self.assertIn("start: 101", self.install())
            self.assertEqual(self.policy.read_text(), text)
            self.assertEqual(mode(self.policy), 0o751)
            self.assertEqual([path.name for path in self.work.glob("policy*")],
                             ["policy-rc.d"])

    def test_policy_is_put_back_after_a_failure(self):
        (self.work / "fail").write_text("")
        self.install(1)
        self.assertFalse(self.policy.exists())
        self.policy.write_text("#!/bin/sh\nexit 0\n")
        self.policy.chmod(0o755)
        self.install(1)
        self.assertEqual(self.policy.read_text(), "#!/bin/sh\nexit 0\n")


if __name__ == "__main__":
    unittest.main()
