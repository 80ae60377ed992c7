"""Linters have nothing to say about the document."""
import copy
import json
import pathlib
import tempfile
import unittest

import tools


def without_contact(document):
    del document["info"]["contact"]


def with_an_unused_schema(document):
    document["components"]["schemas"]["none"] = {"type": "string"}


class Lint(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        tools.install()
        cls.document = json.loads(tools.DOCUMENT.read_text())
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / ".spectral.yaml").write_text(
            'extends: ["spectral:oas"]\n')
        (cls.folder / "redocly.yaml").write_text(
            "extends: [recommended-strict]\n")

    def spectral(self, document):
        (self.folder / "openapi.json").write_text(json.dumps(document))
        _, output = tools.run("spectral", "lint", "-f", "json", "-q", "-F",
                              "hint", "openapi.json", cwd=self.folder)
        found, _ = json.JSONDecoder().raw_decode(output[output.index("["):])
        return [(item["code"], item["path"]) for item in found]

    def redocly(self, document):
        (self.folder / "openapi.json").write_text(json.dumps(document))
        _, output = tools.run("redocly", "lint", "--format", "json",
                              "openapi.json", cwd=self.folder)
        found, _ = json.JSONDecoder().raw_decode(output[output.index("{"):])
        return [(item["ruleId"], item["location"][0].get("pointer"))
                for item in found["problems"]]

    def test_no_member_stands_twice(self):
        def once(pairs):
            names = [name for name, _ in pairs]
            self.assertEqual(len(names), len(set(names)), names)
            return dict(pairs)
        json.loads(tools.DOCUMENT.read_text(), object_pairs_hook=once)

    def test_spectral_says_nothing(self):
        self.assertEqual(self.spectral(self.document), [])

    def test_redocly_says_nothing(self):
        self.assertEqual(self.redocly(self.document), [])

    def test_both_would_say_something(self):
        for lint, harm in ((self.spectral, without_contact),
                           (self.redocly, with_an_unused_schema)):
            harmed = copy.deepcopy(self.document)
            harm(harmed)
            self.assertTrue(lint(harmed))


if __name__ == "__main__":
    unittest.main()
