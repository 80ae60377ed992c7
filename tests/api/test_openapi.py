"""The document of the API, where the API serves it."""
import json
import pathlib
import os
import subprocess
import unittest

from support import Case, TOP, send

PATH = "/api/v1/openapi.json"
BUILD = pathlib.Path(os.environ.get("CONNECTORS_BUILD", TOP / "build"))


class Served(Case):
    def test_nobody_needs_a_key(self):
        for headers in ({}, {"Authorization": "none"}):
            answer = send("GET", PATH, headers)
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.headers["Content-Type"],
                             "application/json")
            self.assertEqual(answer.headers["Cache-Control"],
                             "no-cache, private")
            self.assertRegex(answer.json()["openapi"], r"^3\.1\.")

    def test_it_is_the_one_that_is_printed_and_installed(self):
        served = send("GET", PATH).body.decode()
        printed = subprocess.run([str(BUILD / "connectorsctl"), "openapi"],
                                 check=True, capture_output=True, text=True,
                                 timeout=60).stdout
        self.assertEqual(served + "\n", printed)
        self.assertEqual((BUILD / "openapi.json").read_text(), printed)

    def test_who_has_it_gets_no_second_copy(self):
        tag = send("GET", PATH).headers["ETag"]
        for match, status in ((tag, 304), ("W/" + tag, 304), ("*", 304),
                              ('"x", ' + tag, 304), ('"x"', 200)):
            answer = send("GET", PATH, {"If-None-Match": match})
            self.assertEqual(answer.status, status, match)
            self.assertEqual(answer.headers["ETag"], tag)
            self.assertEqual(answer.body == b"", status == 304)

    def test_head_and_a_slash_at_the_end(self):
        whole = send("GET", PATH)
        head = send("HEAD", PATH)
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertEqual(head.headers["ETag"], whole.headers["ETag"])
        self.assertEqual(send("GET", PATH + "/").body, whole.body)

    def test_other_methods_are_told_what_is_allowed(self):
        for method in ("POST", "PUT", "PATCH", "DELETE", "FOO"):
            answer = send(method, PATH)
            self.assert_json_error(
                answer, 405,
                "The %s method is not supported for route %s. Supported "
                "methods: GET, HEAD." % (method, PATH[1:]))
            self.assertEqual(answer.headers["Allow"], "GET, HEAD")
        answer = send("OPTIONS", PATH)
        self.assertEqual((answer.status, answer.headers["Allow"],
                          answer.body), (204, "GET, HEAD", b""))

    def test_nothing_lies_below_it(self):
        for path in (PATH + "/x", "/api/v1/openapi", "/api/v1/openapi.yaml"):
            self.assertEqual(send("GET", path).status, 404, path)

    def test_only_what_a_client_can_meet_is_in_it(self):
        document = send("GET", PATH).json()
        names = set(document["components"]["schemas"])
        self.assertFalse(names & {
            "company", "api_key", "audit_event", "session", "platform_app",
            "model_variable", "endpoint_field_tag",
            "authentication_implementation_endpoint"})
        text = json.dumps(document)
        for name in sorted(names):
            self.assertIn('"#/components/schemas/%s"' % name, text)
        for word in ("sealed", "key_hash", "company_id", "logo_id"):
            self.assertNotIn('"%s' % word, text)


if __name__ == "__main__":
    unittest.main()
