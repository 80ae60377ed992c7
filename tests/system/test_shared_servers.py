"""docs/shared-hosting.md beside Apache and lighttpd, with the configuration that
stands there: the host's part of it is as small as can be.
"""
import grp
import json
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import unittest

from hosting_support import PAGE, Home
from test_dev import free_port, one_server

MODULES = pathlib.Path("/usr/lib/apache2/modules")
LIST = "/api/v1/connectors"
# Apache and what it starts do not run as root.
SERVER_USER = "www-data" if os.getuid() == 0 else pwd.getpwuid(
    os.getuid()).pw_name


SERVER_GROUP = grp.getgrgid(pwd.getpwnam(SERVER_USER).pw_gid).gr_name


def part(name):
    return re.search(r"<!-- tested: %s -->\n```\w*\n(.*?)```" % name, PAGE,
                     re.S).group(1)


@one_server
class Servers(Home):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_block("script")
        if os.getuid() == 0:
            # The home belongs to who runs the program there.
            for path in (cls.home, *cls.home.rglob("*")):
                shutil.chown(path, SERVER_USER, SERVER_USER)
            for path in (cls.state, cls.state + "/stack",
                         cls.state + "/stack/run"):
                os.chmod(path, 0o711)

    def start(self, port, *command):
        log = (pathlib.Path(self.state) / "server.log").open("w")
        self.addCleanup(log.close)
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT)
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.terminate)

        def listens():
            self.assertIsNone(process.poll(), self.told())
            with socket.socket() as plug:
                return plug.connect_ex(("127.0.0.1", int(port))) == 0
        self.wait_for(listens, "the server does not listen")

    def told(self):
        return "".join(path.read_text()[-2000:] for path in
                       (*pathlib.Path(self.state).glob("*.log"),
                        self.home / "connectors/run/log"))

    def apache(self, htaccess, *modules):
        port = free_port()
        (self.home / "public_html/.htaccess").write_text(
            self.placed(htaccess))
        config = pathlib.Path(self.state) / "apache.conf"
        config.write_text("".join(
            "LoadModule %s_module %s/mod_%s.so\n" % (name, MODULES, name)
            for name in ("mpm_event", "authz_core", "mime", *modules)) + f"""
ServerRoot {self.state}
ServerName localhost
PidFile {self.state}/apache.pid
ErrorLog {self.state}/error.log
TypesConfig /dev/null
Listen 127.0.0.1:{port}
User {SERVER_USER}
Group {SERVER_GROUP}
DefaultRuntimeDir {self.state}
DocumentRoot {self.home}/public_html
<IfModule fcgid_module>
    FcgidIPCDir {self.home}/connectors/run/fcgid
    FcgidProcessTableFile {self.home}/connectors/run/fcgid-table
</IfModule>
<Directory {self.home}/public_html>
    AllowOverride FileInfo AuthConfig
    Options +ExecCGI +FollowSymLinks
</Directory>
""")
        self.start(port, "apache2", "-DFOREGROUND", "-f", str(config))
        return port

    def placed(self, text):
        return text.replace("/home/alice", str(self.home))

    def spawn(self):
        """The page's command, as who owns the home."""
        command = ["sh", "-ec", self.blocks["spawn"]]
        if os.getuid() == 0:
            command[:0] = ["setpriv", "--reuid=" + SERVER_USER,
                           "--regid=" + SERVER_USER, "--clear-groups"]
        subprocess.run(command, check=True, timeout=30, cwd=self.home,
                       env={**os.environ, "HOME": str(self.home)},
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        self.addCleanup(self.run_block, "end")

    def curl(self, port, path, *more):
        """(status, document); an empty one is None."""
        done = subprocess.run(
            ["curl", "-gs", "-m", "30", "-w", "\n%{http_code}", "-H",
             "Authorization: Bearer " + self.key, *more,
             "http://127.0.0.1:%s%s" % (port, path)],
            text=True, check=True, stdout=subprocess.PIPE, timeout=60)
        text, _, status = done.stdout.rpartition("\n")
        try:
            return int(status), json.loads(text or "null")
        except ValueError:
            return int(status), text

    def check_api(self, port):
        status, answer = self.curl(port, LIST + "/1?include=variables")
        self.assertEqual((status, answer["data"]["id"]), (200, 1),
                         self.told())
        self.assertEqual(self.curl(port, LIST, "-H", "Authorization: x")[0],
                         401)
        status, answer = self.curl(port, LIST + "/9999999")
        self.assertEqual((status, list(answer)), (404, ["message"]))
        status, answer = self.curl(
            port, LIST + "/1", "-X", "PATCH", "-H",
            "Content-Type: application/json", "-d", '{"timezone": "UTC"}')
        self.assertEqual((status, answer["data"]["timezone"]), (200, "UTC"))
        # Larger than one record, smaller than what mod_fcgid takes.
        status, answer = self.curl(
            port, LIST, "-H", "Content-Type: application/json", "-d",
            json.dumps({"name": "n" * 100000}))
        self.assertEqual(status, 422, self.told())
        self.assertIn("name", answer["errors"])

    def check_empty_posts(self, port, without_length):
        """A test has no body. 127.0.0.1 is not for tests: refused."""
        test = LIST + "/3/test"
        for more in (("-d", ""), ("-X", "POST", "-H", "Content-Length: 0")):
            status, answer = self.curl(port, test, *more)
            self.assertEqual((status, answer["test"]["reason"]),
                             (422, "address_refused"), more)
        self.assertEqual(self.curl(port, test, "-X", "POST")[0],
                         without_length)

    @unittest.skipUnless((MODULES / "mod_fcgid.so").exists(),
                         "mod_fcgid is missing")
    def test_apache_starts_it(self):
        port = self.apache(part("mod_fcgid"), "rewrite", "fcgid")
        self.check_api(port)
        self.check_empty_posts(port, 422)

    @unittest.skipUnless((MODULES / "mod_proxy_fcgi.so").exists(),
                         "mod_proxy_fcgi is missing")
    def test_apache_passes_on(self):
        self.spawn()
        port = self.apache(part("mod_proxy_fcgi"), "proxy", "proxy_fcgi")
        self.check_api(port)
        self.check_empty_posts(port, 422)

    def lighttpd(self, text):
        port = free_port()
        config = pathlib.Path(self.state) / "lighttpd.conf"
        config.write_text(f"""
server.document-root = "{self.home}/public_html"
server.port = {port}
server.bind = "127.0.0.1"
server.errorlog = "{self.state}/error.log"
""" + self.placed(text))
        self.start(port, "lighttpd", "-D", "-f", str(config))
        return port

    @unittest.skipUnless(shutil.which("lighttpd"), "lighttpd is missing")
    def test_lighttpd_starts_it(self):
        port = self.lighttpd(part("lighttpd"))
        self.check_api(port)
        self.check_empty_posts(port, 411)

    @unittest.skipUnless(shutil.which("lighttpd"), "lighttpd is missing")
    def test_lighttpd_passes_on(self):
        self.spawn()
        text = re.sub(r' *"bin-path".*\n', "", part("lighttpd"))
        port = self.lighttpd(text.replace("lighttpd.sock", "api.sock"))
        self.check_api(port)
        self.check_empty_posts(port, 411)


if __name__ == "__main__":
    unittest.main()
