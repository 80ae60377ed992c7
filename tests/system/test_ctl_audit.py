"""connectorsctl audit."""
import unittest

from ctl_support import CtlTest, catalogue


class Audit(CtlTest):
    def setUp(self):
        super().setUp()
        self.sql("INSERT INTO audit_events (company_id, api_key_id, user_id, "
                 "action, connector_id, connector_name, changed, request_id, "
                 "token, created_at) VALUES "
                 "(1, 7, NULL, 'store', 1, 'One\\tüx', '[\"name\"]', 'r1', 't1', "
                 "'2024-01-01 10:00:00'), "
                 "(1, 7, 3, 'update', 2, 'Two', '[]', 'r2', 't2', "
                 "'2024-01-02 10:00:00'), "
                 "(2, 8, NULL, 'destroy', 3, 'Three', '[]', 'r3', 't3', "
                 "'2024-01-03 10:00:00')")

    def rows(self, *options):
        lines = self.ok("audit", *options).out.splitlines()
        return [line.split("\t") for line in lines[1:]]

    def test_prints_all(self):
        self.assertEqual(self.rows()[0], [
            "2024-01-01T10:00:00.000000Z", "store", "1", "1", "One üx", "7",
            "-", '["name"]', "r1"])
        self.assertEqual([row[-1] for row in self.rows()],
                         ["r1", "r2", "r3"])

    def test_selects(self):
        for options, expected in (
                (["--connector", "2"], ["r2"]),
                (["--company", "1"], ["r1", "r2"]),
                (["--since", "2024-01-02"], ["r2", "r3"]),
                (["--since", "2024-01-02T11:00:00+00:00"], ["r3"]),
                (["--since", "2024-01-02", "--company", "1"], ["r2"])):
            self.assertEqual([row[-1] for row in self.rows(*options)],
                             expected, options)


if __name__ == "__main__":
    unittest.main()
