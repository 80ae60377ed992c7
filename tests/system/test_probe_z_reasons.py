"""Last of the tests of the connector test: how many reasons they have seen."""
import unittest

import probe_support


class Reasons(unittest.TestCase):
    def test_reasons_told_apart(self):
        seen = probe_support.seen_reasons - {None}
        if len(seen) < 2:
            self.skipTest("counts what the other tests saw")
        print("%d reasons provoked: %s" % (len(seen), " ".join(sorted(seen))))
        self.assertGreaterEqual(len(seen), 25)


if __name__ == "__main__":
    unittest.main()
