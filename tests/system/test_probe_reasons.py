"""Every reason of the connector test has a test that expects it, and the check
of what the tests have seen finds what is missing."""
import subprocess
import sys
import tempfile
import unittest

import probe_reasons
import probe_support


class Reasons(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        probe_support.make_cli()
        cls.known = probe_reasons.known()

    def test_every_reason_is_expected_by_a_test(self):
        self.assertLessEqual(
            self.known - probe_reasons.NOT_PROVOKED, probe_reasons.expected())

    def test_what_is_not_provoked_is_a_reason(self):
        self.assertLessEqual(probe_reasons.NOT_PROVOKED, self.known)

    def judge(self, words):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("".join(word + "\n" for word in words))
            file.flush()
            done = subprocess.run(
                [sys.executable, probe_reasons.__file__, file.name],
                capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout

    def test_what_was_seen_is_judged(self):
        all_but = sorted(self.known - probe_reasons.NOT_PROVOKED)
        for words, status, said in (
                (all_but, 0, ""), (all_but + all_but[:1], 0, ""),
                (self.known, 0, ""),
                (all_but[1:], 1, "no test has provoked: " + all_but[0]),
                (all_but[:-1], 1, "no test has provoked: " + all_but[-1]),
                ([], 1, "no test has provoked: " + all_but[0]),
                (all_but + ["nonsense"], 1, "not in the table: nonsense")):
            with self.subTest(len(words)):
                found, output = self.judge(words)
                self.assertEqual(found, status, output)
                self.assertIn(said, output)


if __name__ == "__main__":
    unittest.main()
