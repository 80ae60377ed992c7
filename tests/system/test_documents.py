"""The documents name what the program has, and only that."""
import json
import re
import subprocess
import unittest

import probe_support
from probe_support import BUILD, TOP

PROGRAM = BUILD / "connectorsctl"


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


class Reference(unittest.TestCase):
    """docs/api.md and the page that is made of it."""

    def test_is_what_the_program_prints(self):
        printed = subprocess.run(
            [str(PROGRAM), "openapi", "--format", "markdown"], check=True,
            text=True, stdout=subprocess.PIPE, timeout=30).stdout
        self.assertEqual((TOP / "docs/api.md").read_text(), printed,
                         "connectorsctl openapi --format markdown >docs/api.md")

    def test_takes_no_other_format(self):
        done = subprocess.run(
            [str(PROGRAM), "openapi", "--format", "yaml"], text=True,
            stderr=subprocess.PIPE, timeout=30, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn('--format: "yaml" is neither json nor markdown',
                      done.stderr)

    def test_page_links_to_itself_and_loads_nothing(self):
        page = (BUILD / "docs.html").read_text()
        ids = re.findall(r' id="([^"]+)"', page)
        links = re.findall(r'href="([^"]*)"', page)
        self.assertGreater(len(links), 100)
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual({link for link in links
                          if link[:1] != "#" or link[1:] not in ids},
                         {"/api/v1/openapi.json"})
        self.assertNotRegex(page, r"<(script|img|link|iframe)\b|url\(|@import")

    def test_contents_name_every_operation(self):
        page = (BUILD / "docs.html").read_text()
        document = json.loads((BUILD / "openapi.json").read_text())
        contents = page[page.index("<nav"):page.index("</nav>")]
        for path, item in document["paths"].items():
            for method, operation in item.items():
                with self.subTest(path=path, method=method):
                    self.assertIn(">%s</a>" % operation["summary"], contents)


class Links(unittest.TestCase):
    def test_of_all_documents_lead_somewhere(self):
        for path in (TOP / "README.md", TOP / "CONTRIBUTING.md",
                     TOP / "SECURITY.md",
                     *sorted((TOP / "docs").rglob("*.md"))):
            for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)",
                                   path.read_text()):
                if link.startswith("/"):
                    continue  # of the service
                with self.subTest(path=path, link=link):
                    self.assertTrue((path.parent / link).exists())


if __name__ == "__main__":
    unittest.main()
