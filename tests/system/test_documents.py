"""The documents name what the program has, and only that."""
import re
import unittest

import probe_support
from probe_support import TOP


def setUpModule():
    probe_support.make_cli()


class ConnectorTests(unittest.TestCase):
    """docs/connector-tests.md"""

    def rows(self, heading):
        """The cells of the table below a heading."""
        text = (TOP / "docs/connector-tests.md").read_text()
        part = re.split(r"^## ", text.split("\n## %s\n" % heading)[1], 1,
                        re.M)[0]
        return [[cell.strip() for cell in line.strip("|").split("|")]
                for line in part.splitlines()
                if re.match(r"\| `", line)]

    def test_names_all_types_with_their_variables(self):
        told = {}
        for kind, _, names, *_ in self.rows("Authentication types"):
            told[kind.strip("`")] = {
                name: "needed" if bold else "optional" for bold, name in
                re.findall(r"(\*\*)?`([a-z][a-z0-9_]*)`", names)}
        self.assertEqual(told, probe_support.auth_types())

    def test_names_all_reasons(self):
        told = [row[0].strip("`") for row in self.rows("Reasons")]
        self.assertEqual(told, [name for kind, name, _ in
                                probe_support.listed() if kind == "reason"])


if __name__ == "__main__":
    unittest.main()
