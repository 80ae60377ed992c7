"""Last of the tests of the connector test: which reasons they have seen."""
import pathlib
import unittest

import probe_support

# What no server can be made to provoke here.
NOT_PROVOKED = {"certificate_invalid", "connection_failed",
                "host_unreachable"}


class Reasons(unittest.TestCase):
    @unittest.skipUnless(probe_support.REASONS, "run by ./dev test")
    def test_every_reason_is_provoked(self):
        probe_support.make_cli()
        seen = set(pathlib.Path(probe_support.REASONS).read_text().split())
        known = {name for kind, name, _ in probe_support.listed()
                 if kind == "reason"}
        self.assertLessEqual(seen, known)
        self.assertLessEqual(known - seen, NOT_PROVOKED)


if __name__ == "__main__":
    unittest.main()
