"""What the tests of systems that are not HTTP share."""
import os
import shutil
import time
import unittest

from probe_support import SECRET, probe, variables

LIMITS = ("--connect-ms", "700", "--total-ms", "1200")
PASSWORD = SECRET + " p@ss"
WRONG = SECRET + "-wrong"
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"


def program(name):
    path = shutil.which(name, path=PATH)
    if path is None:
        raise unittest.SkipTest(name + " is not here")
    return path


class Base(unittest.TestCase):
    kind = protocol = None

    def ask(self, *options, **values):
        return probe({"type": self.kind, "protocol": self.protocol,
                      "variables": variables(**values)}, *options)

    def passes(self, *options, **values):
        result = self.ask(*options, **values)
        self.assertTrue(result["ok"], result)
        return result

    def fails(self, reason, stage, *options, **values):
        begun = time.monotonic()
        result = self.ask(*options, **values)
        self.assertEqual((result["reason"], result["stage"]),
                         (reason, stage), result)
        if options[:4] == LIMITS:
            self.assertLess(time.monotonic() - begun, 1.2 + 2)
            self.assertLess(result["duration_ms"], 1700)
        return result
