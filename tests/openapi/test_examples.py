"""The examples of the document are what a stack answers."""
import json
import unittest

import examples
import tools


class Examples(unittest.TestCase):
    def test_a_fresh_stack_answers_the_same(self):
        """Apart from ids, times and tags. Recorded anew by
        tests/openapi/examples.py."""
        kept = examples.FILE.read_text(encoding="utf-8").splitlines()
        self.maxDiff = 4000
        self.assertEqual(
            [examples.changing(line) for line in kept],
            [examples.changing(line) for line in examples.record()])

    def test_every_operation_has_one(self):
        document = json.loads(tools.DOCUMENT.read_text())
        for path, operations in document["paths"].items():
            for operation in operations.values():
                # The document is no example of itself.
                if operation["operationId"] == "openapi.show":
                    continue
                contents = list(operation["responses"]["200"]["content"]
                                .values())
                if "requestBody" in operation:
                    contents += operation["requestBody"]["content"].values()
                for content in contents:
                    self.assertTrue(content["examples"], path)

    def test_every_error_has_one(self):
        document = json.loads(tools.DOCUMENT.read_text())
        for name, response in document["components"]["responses"].items():
            content, = response["content"].values()
            self.assertTrue(content["examples"], name)


if __name__ == "__main__":
    unittest.main()
