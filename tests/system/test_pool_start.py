"""How connectors-fcgi starts: sockets of all kinds, systemd, usage."""
import os
import signal
import socket
import subprocess
import time
import unittest

from fastcgi import PROGRAM, Pool, read_answer, request


class Start(unittest.TestCase):
    def test_socket_mode(self):
        with Pool(api__mode="0640") as pool:
            self.assertEqual(os.stat(pool.socket).st_mode & 0o777, 0o640)
            self.assertEqual(int(pool.pid_file.read_text()),
                             pool.process.pid)

    def test_stale_socket_is_replaced(self):
        with Pool() as pool:
            workers = pool.workers()
            pool.process.kill()
            pool.process.wait()
            self.assertTrue(os.path.exists(pool.socket))
            pool.wait_for(lambda: not any(
                os.path.exists(f"/proc/{pid}") for pid in workers),
                "the workers' end")
            pool.log.write_text("")
            pool.start()
            self.assertEqual(pool.ask().status, 404)

    def refused(self, pool, words):
        result = subprocess.run(
            [PROGRAM, "-c", str(pool.config)], stderr=subprocess.PIPE,
            text=True, timeout=20)
        self.assertEqual(result.returncode, 1)
        self.assertIn(words, result.stderr)

    def test_live_socket_is_left_alone(self):
        with Pool() as pool:
            self.refused(pool, "listens on it")
            self.assertEqual(pool.ask().status, 404)

    def test_other_file_is_left_alone(self):
        with Pool(start=False) as pool:
            with open(pool.socket, "w") as file:
                file.write("mine")
            self.refused(pool, "no socket")

    def test_tcp(self):
        for host, family in (("127.0.0.1", socket.AF_INET),
                             ("[::1]", socket.AF_INET6)):
            with socket.socket(family) as plug:
                try:
                    plug.bind((host.strip("[]"), 0))
                except OSError:
                    self.skipTest("no address " + host)
                port = plug.getsockname()[1]
            with Pool(api__listen=f"{host}:{port}"):
                with socket.create_connection(
                        (host.strip("[]"), port)) as sock:
                    sock.sendall(request(method="POST", body=b"x" * 500000))
                    self.assertEqual(read_answer(sock).status, 404)

    def test_systemd_socket(self):
        with socket.create_server(("127.0.0.1", 0)) as listener, Pool(
                start=False, api__listen="systemd:api") as pool:
            version = subprocess.run([PROGRAM, "--version"], text=True,
                                     stdout=subprocess.PIPE).stdout
            self.assertTrue(version)
            with pool.log.open("a") as log:
                pool.process = subprocess.Popen(
                    ["sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 "
                     "LISTEN_FDNAMES=api exec \"$0\" -c \"$1\" 3<&0 </dev/null",
                     PROGRAM, str(pool.config)], stdin=listener, stderr=log)
            time.sleep(0.2)
            if "without libsystemd" in pool.log.read_text():
                self.skipTest("built without libsystemd")
            pool.wait_for(lambda: pool.logged("ready"), "the pool")
            with socket.create_connection(listener.getsockname()) as sock:
                sock.sendall(request())
                self.assertEqual(read_answer(sock).status, 404)

    def test_notification(self):
        with Pool(start=False) as pool:
            path = str(pool.folder / "notify")
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.bind(path)
                sock.settimeout(10)
                pool.start(env={"NOTIFY_SOCKET": path})
                try:
                    self.assertIn(b"READY=1", sock.recv(4096))
                except socket.timeout:
                    self.skipTest("built without libsystemd")
                pool.tell(signal.SIGHUP)
                self.assertIn(b"RELOADING=1", sock.recv(4096))
                self.assertIn(b"READY=1", sock.recv(4096))
                pool.tell(signal.SIGTERM)
                self.assertIn(b"STOPPING=1", sock.recv(4096))

    def notified(self, end, until="READY=1", **settings):
        """What the service manager is told while end(pool) runs, until one of
        the messages has this text, and while the pool stops."""
        with Pool(start=False, api__workers="1", **settings) as pool:
            path = str(pool.folder / "notify")
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.bind(path)
                sock.settimeout(10)
                pool.start(env={"NOTIFY_SOCKET": path})
                end(pool)
                told = ""
                try:
                    while until not in told:
                        told += sock.recv(4096).decode() + "\n"
                except socket.timeout:
                    if not told:
                        self.skipTest("built without libsystemd")
                pool.stop()
                sock.setblocking(False)
                try:
                    while True:
                        told += sock.recv(4096).decode() + "\n"
                except BlockingIOError:
                    return told

    def end_worker(self, number):
        def end(pool):
            for _ in range(3):
                before = pool.workers()
                os.kill(before[0], number)
                pool.wait_for(lambda: pool.workers() and
                              pool.workers() != before, "a new worker")
                self.assertEqual(pool.ask().status, 404)
        return end

    def test_workers_that_left_well_were_not_replaced(self):
        def ask(pool):
            seen = set()
            while len(seen) < 4:
                self.assertEqual(pool.ask().status, 404)
                seen.update(pool.workers())
        for name, end, settings in (
                ("max_requests", ask,
                 {"pool__max_requests": "2", "pool__max_requests_jitter": "0"}),
                ("SIGTERM", self.end_worker(signal.SIGTERM), {}),
                ("SIGINT", self.end_worker(signal.SIGINT), {})):
            with self.subTest(name):
                told = self.notified(end, **settings)
                self.assertIn("STATUS=0 workers had", told)
                self.assertNotRegex(told, "STATUS=[1-9]")

    def test_workers_that_died_were_replaced(self):
        for number in (signal.SIGKILL, signal.SIGSEGV):
            with self.subTest(number):
                last = "STATUS=3 workers had"
                self.assertIn(last, self.notified(
                    self.end_worker(number), last))

    def test_usage(self):
        for arguments, status in (
                (["--nonsense"], 2), (["more"], 2), (["-c"], 2),
                (["--help"], 0), (["--version"], 0),
                (["--show-settings"], 0),
                (["-c", "/nonexistent/file"], 1),
                (["-c", "", "--check-config"], 0),
                (["-c", "", "--check-config", "-o", "api.workers=x"], 1),
                (["-c", "", "-o", "api.listen=nonsense"], 1)):
            result = subprocess.run(
                [PROGRAM, *arguments], stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, timeout=20)
            self.assertEqual(result.returncode, status, arguments)
            self.assertTrue(result.stderr if status else result.stdout)

    def test_settings_that_do_not_go_together(self):
        """Of the lane of the tests, if there is one."""
        company = "test.per_company"
        for options, words in (
                ([], []), (["test.workers=1"], [company]),
                (["test.workers=2"], []), (["test.workers=3"], []),
                (["test.workers=4", "test.per_company=3"], []),
                (["test.workers=4", "test.per_company=4"], [company]),
                (["test.per_company=9"], [company]),
                (["test.per_company=9", "test.listen="], []),
                (["test.per_company=9", "test.workers=0"], [])):
            result = subprocess.run(
                [PROGRAM, "-c", "", "--check-config",
                 *[word for option in options for word in ("-o", option)]],
                capture_output=True, text=True, timeout=20)
            self.assertEqual(result.returncode, 0, options)
            lines = result.stderr.splitlines()
            self.assertEqual(len(lines), len(words), (options, lines))
            for line, word in zip(lines, words):
                self.assertIn("warning: %s is not below" % word, line)

    def test_the_log_warns_of_them_too(self):
        with Pool(start=False) as pool:
            pool.settings.update({
                "test__listen": "unix:%s/t" % pool.folder,
                "test__workers": "2", "test__per_company": "2"})
            pool.write_config()
            pool.start()
            for reloads in (1, 2):
                self.assertEqual(
                    [line["level"] for line in pool.logged("per_company")],
                    ["warning"] * reloads)
                pool.tell(signal.SIGHUP)
                pool.wait_for(lambda: len(pool.logged("ready")) > reloads,
                              "the reload")


if __name__ == "__main__":
    unittest.main()
