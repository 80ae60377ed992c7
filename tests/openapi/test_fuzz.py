"""Some requests that are generated from the document; ./dev fuzz sends more."""
import unittest

import fuzz

REQUESTS, SEED = 1500, 18
MANY = 50 # of each outcome, or the generator has lost its way


class Generated(unittest.TestCase):
    def test_no_answer_is_anything_but_declared(self):
        run = fuzz.Fuzz(SEED)
        self.assertEqual(run.run(REQUESTS), [])
        for status in (200, 400, 404, 422):
            self.assertGreater(run.statuses[status], MANY, run.statuses)

    def test_what_is_not_declared_is_a_fault(self):
        run = fuzz.Fuzz(SEED)
        # As if the program answered more than the document says.
        parts = run.described.components[True]["schemas"]
        del parts["page_links"]["properties"]["next"]
        self.assertIn("'next' was unexpected", "".join(run.run(REQUESTS)))


if __name__ == "__main__":
    unittest.main()
