"""What runs beside the service: nginx's log of what it refuses by itself, and
logrotate, as the examples have them."""
import gzip
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from fastcgi import TOP, Pool
from test_nginx_sites import API, INCLUDE, Nginx, free_ports


class Refused(unittest.TestCase):
    """docs/metrics.md"""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="connectors-ref."))
        self.addCleanup(shutil.rmtree, self.folder, True)
        block = re.search(r"<!-- tested: nginx -->\n```nginx\n(.*?)```",
                          (TOP / "docs/metrics.md").read_text(), re.S).group(1)
        self.log = self.folder / "refused.log"
        block = block.replace("/var/log/nginx/connectors-refused.log",
                              str(self.log))
        self.port = free_ports(1)[0]
        self.nginx = Nginx(self.folder, "%s server { listen 127.0.0.1:%d; "
                           "error_page 404 /x; %s }" % (
                               block, self.port, INCLUDE))
        # In the http context, its own log comes first.
        path = self.nginx.folder / "nginx.conf"
        path.write_text(path.read_text().replace("access_log off;", ""))
        self.addCleanup(self.nginx.stop)

    def limit(self):
        """So low that the third request at once is too much."""
        for name, old, new in (
                ("connectors-upstream.conf", r"rate=\d+r/s", "rate=1r/m"),
                ("connectors-locations.conf", r"burst=\d+", "burst=1")):
            path = self.nginx.folder / name
            path.write_text(re.sub(old, new, path.read_text()))

    def ask(self, *arguments, path=API):
        return subprocess.run(
            ["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", *arguments,
             "http://127.0.0.1:%d%s" % (self.port, path)],
            text=True, stdout=subprocess.PIPE, timeout=30).stdout

    def check_logged(self, *wanted):
        """A line is written a moment after the answer."""
        end = time.monotonic() + 10
        while True:
            found = re.findall(r'" (\d{3}) \d+ "', self.log.read_text())
            if len(found) >= len(wanted) or time.monotonic() > end:
                break
            time.sleep(0.02)
        self.assertEqual(found, list(wanted))

    def test_beyond_the_limits(self):
        self.limit()
        with Pool(folder=str(self.folder)):
            self.nginx.start(self.port)
            answers = [self.ask() for _ in range(4)]
        self.assertEqual(answers, ["401", "401", "429", "429"])
        self.check_logged("429", "429")

    def test_too_large(self):
        with Pool(folder=str(self.folder)):
            self.nginx.start(self.port)
            body = self.folder / "body"
            body.write_bytes(b" " * ((8 << 20) + 1))
            self.assertEqual(self.ask("--data-binary", "@%s" % body), "413")
            self.assertEqual(self.ask("-H", "X: " + "x" * 9000), "400")
            self.assertEqual(self.ask(path=API + "/" + "x" * 9000), "414")
            self.assertEqual(self.ask(path="/elsewhere"), "404")
            self.assertEqual(self.ask(), "401")
        self.check_logged("413", "414")

    def test_no_pool(self):
        self.nginx.start(self.port)
        self.assertEqual(self.ask(), "503")
        self.check_logged("503")


@unittest.skipUnless(shutil.which("logrotate"), "logrotate is missing")
class Rotated(unittest.TestCase):
    """examples/logrotate"""

    @staticmethod
    def count(files):
        return sum((gzip.decompress(path.read_bytes())
                    if path.suffix == ".gz" else path.read_bytes())
                   .count(b'"status":401') for path in files)

    def test_nothing_is_lost(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="connectors-rot."))
        self.addCleanup(shutil.rmtree, folder, True)
        (folder / "logs").mkdir(mode=0o700)
        log = folder / "logs/api.log"
        with Pool(start=False, pool__log_file=str(log)) as pool:
            pool.start(wait=False)
            pool.wait_for(lambda: log.exists() and "ready" in log.read_text(),
                          "the pool")
            text = (TOP / "examples/logrotate").read_text()
            user = pathlib.Path(folder).owner()
            group = pathlib.Path(folder).group()
            for old, new in (
                    ("/var/log/connectors", str(folder / "logs")),
                    ("su connectors connectors", "su %s %s" % (user, group)),
                    ("systemctl kill -s USR1 --kill-whom=main connectors-api",
                     "kill -%d %d" % (signal.SIGUSR1, pool.process.pid))):
                self.assertIn(old, text)
                text = text.replace(old, new)
            rules = folder / "rules"
            rules.write_text(text)
            rules.chmod(0o644)
            asked = []

            def seen():
                """Workers turn to the new file one by one."""
                asked.append(pool.ask(API).status)
                return log.exists() and self.count([log])
            for _ in range(3):
                pool.wait_for(seen, "a line in the new file")
                done = subprocess.run(
                    ["logrotate", "-f", "-s", str(folder / "state"),
                     str(rules)], text=True, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, timeout=60)
                self.assertEqual((done.returncode, done.stdout), (0, ""))
        files = sorted((folder / "logs").iterdir())
        self.assertEqual([path.name for path in files],
                         ["api.log", "api.log.1", "api.log.2.gz",
                          "api.log.3.gz"])
        self.assertEqual(self.count(files), len(asked))


if __name__ == "__main__":
    unittest.main()
