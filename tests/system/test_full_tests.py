"""The lane of the tests behind nginx, whose workers all wait for a far side
that never answers: what the next company is told, and when."""
import json
import shutil
import socket
import sys
import tempfile
import threading
import time
import unittest

from test_dev import LIST, Stack, TOP
from write_support import Client

sys.path.insert(0, str(TOP / "tests/api"))

import catalogue

QUEUE = 2      # seconds: pool.queue_timeout as it comes
SLACK = 1      # of a busy machine


class Silent:
    """Takes connections and says nothing, until it is let go."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.connections = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                self.connections.append(self.listener.accept()[0])
        except OSError:
            pass

    def let_go(self):
        while self.connections:
            self.connections.pop().close()


class FullTests(unittest.TestCase):
    """Two workers for the tests; one company may have one of them."""

    @classmethod
    def setUpClass(cls):
        cls.stack = stack = Stack(tempfile.mkdtemp(
            prefix="connectors-full."))
        cls.addClassCleanup(shutil.rmtree, stack.state, True)
        cls.addClassCleanup(stack.dev, "down")
        stack.up("--no-demo", "--workers", "1")
        cls.far = Silent()
        data = catalogue.build()
        data["authentication_implementations"].append(
            catalogue.implementation(900, 51, 1, test_url="http://127.0.0.1:"
                                     "%d/" % cls.far.port))
        data["connectors"] += [
            catalogue.connector(900 + company, company, "Full", 900)
            for company in (1, 2, 3)]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(data, file)
            file.flush()
            stack.dev("ctl", "import", file.name)
        cls.keys = {company: stack.dev(
            "ctl", "key", "create", "--company", str(company)).split()[-1]
            for company in (1, 2, 3)}

    def setUp(self):
        self.addCleanup(self.join)
        self.threads, self.found = [], []

    def join(self):
        self.far.let_go()
        for thread in self.threads:
            thread.join()

    def outcome(self, company):
        """(seconds, status, headers) of a test of the company's connector."""
        begun = time.monotonic()
        with Client(self.stack, self.keys[company]) as client:
            status, headers, text = client.ask(
                "POST", "%s/%d/test" % (LIST, 900 + company))
        if status == 503:
            self.assertEqual(json.loads(text),
                             {"message": "Service Unavailable"})
        return time.monotonic() - begun, status, headers

    def ask(self, company):
        """The same without waiting; what came is in self.found."""
        thread = threading.Thread(target=lambda: self.found.append(
            (company, *self.outcome(company))))
        thread.start()
        self.threads.append(thread)

    def fill(self):
        """Companies 1 and 2 keep both workers."""
        for number, company in enumerate((1, 2), 1):
            self.ask(company)
            deadline = time.monotonic() + 5
            while len(self.far.connections) < number:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)

    def test_the_next_company_is_told_in_time(self):
        self.fill()
        for pause in (0, 1, 0):
            time.sleep(pause)
            seconds, status, headers = self.outcome(3)
            self.assertEqual(status, 503)
            self.assertRegex(headers["Retry-After"], r"^[1-9]\d*$")
            self.assertLess(seconds, QUEUE + SLACK)
        self.assertEqual(self.found, [])

    def test_it_is_served_when_a_worker_gets_free(self):
        self.fill()
        self.ask(3)
        time.sleep(1)
        self.assertEqual(self.found, [])
        self.far.connections.pop(0).close()
        deadline = time.monotonic() + QUEUE
        while len(self.far.connections) < 2:
            self.assertLess(time.monotonic(), deadline, self.found)
            time.sleep(0.01)
        self.join()
        self.assertEqual({one[0]: one[2] for one in self.found},
                         {1: 422, 2: 422, 3: 422})

    def test_one_company_cannot_take_all(self):
        for _ in range(4):
            self.ask(1)
        time.sleep(1)
        self.ask(2)
        time.sleep(1)
        self.assertEqual(len(self.far.connections), 2)
        self.assertEqual([one[2] for one in self.found], [429] * 3)


if __name__ == "__main__":
    unittest.main()
