"""What the tests over HTTP share: two servers and what to ask them."""
import unittest

from probe_support import probe, variables
from probe_web import Web


class WithWeb(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.web = Web()
        cls.other = Web()

    @classmethod
    def tearDownClass(cls):
        cls.web.stop()
        cls.other.stop()

    def setUp(self):
        self.web.requests.clear()
        self.other.requests.clear()

    def target(self, kind, path, values=None, **more):
        return {"type": kind, "url": self.web.base + path,
                "variables": variables(**(values or {})), **more}

    def passes(self, *arguments, **more):
        result = probe(self.target(*arguments, **more))
        self.assertTrue(result["ok"], result)
        return result

    def fails(self, reason, *arguments, **more):
        result = probe(self.target(*arguments, **more))
        self.assertEqual(result["reason"], reason, result)
        return result
