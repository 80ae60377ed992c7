"""Every command of the documents that says so is run as it stands."""
import unittest

import documents
from test_dev import TOP, Case, one_server

# Each on a stack of its own, as somebody does who reads only that.
READ = ("README.md", "docs/guide.md", "docs/tutorial.md", "docs/howto.md")
ELSEWHERE = ("docs/shared-hosting.md",)  # test_shared_hosting.py


class Commands(Case):
    def check(self, name, before=""):
        stack = self.stack()
        text = (TOP / name).read_text()
        self.assertTrue(documents.blocks_of(text))
        self.assertEqual(documents.run(text, str(TOP), stack.state, stack.port,
                                       before), [])

    def test_of_the_readme(self):
        self.check("README.md")

    @one_server  # its answers have ids that follow each other
    def test_of_the_guide(self):
        self.check("docs/guide.md", "./dev up\nkey=$(./dev key)\n"
                   "server=http://127.0.0.1:8080")

    @one_server
    def test_of_the_tutorial(self):
        self.check("docs/tutorial.md")

    def test_of_the_recipes(self):
        self.check("docs/howto.md")

    def test_are_run_in_all_documents_that_have_any(self):
        found = [str(path.relative_to(TOP))
                 for path in (TOP / "README.md",
                              *sorted((TOP / "docs").rglob("*.md")))
                 if documents.blocks_of(path.read_text())]
        self.assertEqual(sorted(found), sorted(READ + ELSEWHERE))


class Comparing(unittest.TestCase):
    def test_finds_what_is_told_otherwise(self):
        for expected, real, wrong in (
                ({"a": 1}, {"a": 1, "b": 2}, 0), ({"a": 1}, {"a": 2}, 1),
                ({"a": 1}, {"b": 1}, 1), ([1, 2], [1], 1), ([], [1], 1),
                ({"a": [{"b": None}]}, {"a": [{"b": 0}]}, 1),
                ({}, [], 1)):
            with self.subTest(expected=expected, real=real):
                self.assertEqual(len(documents.told(expected, real)), wrong)


if __name__ == "__main__":
    unittest.main()
