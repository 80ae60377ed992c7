"""connectorsctl tells of secret defaults that no test can ever send."""
import json
import unittest

from ctl_support import CtlTest, catalogue


class Defaults(CtlTest):
    def import_with(self, url, defaults=(), protocol="HTTP"):
        """Imports an implementation with a secret default `token`."""
        data = catalogue()
        data["systems"][0]["protocol"] = protocol
        data["authentication_implementations"][0]["url"] = url
        rows = [("token", "canary-55aa", True),
                *((key, value, False) for key, value in defaults)]
        for id, (key, value, secret) in enumerate(rows, 11):
            data["variables"].append({
                "id": id, "company_id": None, "key": key, "label": key,
                "value": value, "secret": secret})
            data["model_variables"].append({
                "id": id, "variable_id": id, "model_id": 1,
                "model_type": "authentication_implementation"})
        return self.run_ctl("import", "-", stdin=json.dumps(data))

    def warnings(self):
        """What `check` warns of."""
        out = self.run_ctl("check").out
        self.assertNotIn("canary", out)
        return [line for line in out.splitlines() if line.startswith("warn  secret defaults")]

    def test_a_host_that_connectors_must_give_is_warned_of(self):
        for url in ("https://{{host}}/", "https://a.test:{{port}}/",
                    "{{base}}/x", "https://{{shop}}.test/"):
            done = self.import_with(url)
            self.assertEqual(done.status, 0, done.err)
            self.assertRegex(done.err, r"^connectorsctl: warning: 1 .*"
                             r"never sent.*: 1\n$")
            self.assertNotIn("canary", done.err + done.out)
            self.assertRegex(self.warnings()[0],
                             "secret defaults of 1 .*: 1$")

    def test_places_of_the_catalogue_are_not(self):
        for url, defaults in (("https://a.test/{{x}}", ()),
                              ("https://{{shop}}.shops.test/", ()),
                              ("https://{{host}}/", [("host", "a.test")])):
            done = self.import_with(url, defaults)
            self.assertEqual((done.status, done.err), (0, ""), url)
            self.assertEqual(self.warnings(), [])


if __name__ == "__main__":
    unittest.main()
