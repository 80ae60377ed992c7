"""What clients see while parts of the stack die under load."""
import collections
import http.client
import os
import pathlib
import signal
import threading
import time
import unittest

from test_dev import Case, LIST, one_server


class Load:
    """Threads that ask without pause and note (time, status, retry-after);
    an answer that came cut has status 0."""

    def __init__(self, stack, key, threads=4):
        self.answers, self.stop = [], threading.Event()
        self.threads = [threading.Thread(target=self.ask, args=(stack, key))
                        for _ in range(threads)]

    def ask(self, stack, key):
        headers = {"Authorization": key}
        while not self.stop.is_set():
            connection = http.client.HTTPConnection(
                "127.0.0.1", int(stack.port), timeout=30)
            try:
                connection.request("GET", LIST + "?include=variables",
                                   headers=headers)
                answer = connection.getresponse()
                answer.read()
                seen = answer.status, answer.headers["Retry-After"]
            except (OSError, http.client.HTTPException):
                seen = 0, None
            self.answers.append((time.monotonic(), *seen))
            connection.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def statuses(self, since=0.0):
        return collections.Counter(status for when, status, _ in self.answers
                                   if when >= since)


def run_folder(stack):
    # Sockets and pid files may stand elsewhere, see tools/dev/common.sh.
    fact = pathlib.Path(stack.state, "facts/run")
    return pathlib.Path(fact.read_text().strip() if fact.exists()
                        else stack.state + "/run")


def pid_of(stack, name):
    return int((run_folder(stack) / (name + ".pid")).read_text())


def children(pid):
    text = pathlib.Path("/proc/%d/task/%d/children" % (pid, pid)).read_text()
    return [int(child) for child in text.split()]


class Failures(Case):
    def setUp(self):
        self.target = self.stack()
        self.target.up()
        self.key = self.target.dev("key").strip()

    @one_server
    def test_database_is_killed(self):
        stack = self.target
        parent = pid_of(stack, "connectors")
        with Load(stack, self.key) as load:
            time.sleep(1)
            workers = children(parent)
            os.kill(pid_of(stack, "database"), signal.SIGKILL)
            time.sleep(2)
            self.assertIn(503, load.statuses())
            restart = threading.Thread(target=stack.up)
            restart.start()
            back = self.wait_for_database(stack)
            restart.join()
            time.sleep(max(0, back + 3 - time.monotonic()))
        self.assertEqual(set(load.statuses()), {200, 503}, load.statuses())
        self.assertGreater(sum(load.statuses().values()), 1000)
        for _, status, retry_after in load.answers:
            if status == 503:
                self.assertRegex(retry_after or "none", r"^[1-9][0-9]*$")
        self.assertEqual(set(load.statuses(back + 2)), {200})
        self.assertEqual(children(parent), workers, "a worker was replaced")

    def wait_for_database(self, stack):
        for _ in range(600):
            try:
                stack.dev("sql", "-e", "SELECT 1")
                return time.monotonic()
            except AssertionError:
                time.sleep(0.05)
        self.fail("the database does not come back")

    def test_workers_are_killed(self):
        parent = pid_of(self.target, "connectors")
        before = children(parent)
        killed = 0
        with Load(self.target, self.key) as load:
            for _ in range(4):
                time.sleep(0.4)
                os.kill(children(parent)[0], signal.SIGKILL)
                killed += 1
            time.sleep(1)
            quiet = time.monotonic()
            time.sleep(0.5)
        lost = sum(n for status, n in load.statuses().items()
                   if status != 200)
        self.assertLessEqual(lost, killed, load.statuses())
        self.assertEqual(set(load.statuses(quiet)), {200})
        self.assertEqual(len(children(parent)), len(before))


if __name__ == "__main__":
    unittest.main()
