"""Routes, methods, and what every answer carries."""
import unittest

from support import Case, LIST, key_header, raw, send

ITEM = LIST + "/101"
TEST = ITEM + "/test"
ALLOW = {LIST: "GET, HEAD, POST", ITEM: "GET, HEAD, PUT, PATCH, DELETE",
         TEST: "POST"}


class Routes(Case):
    def test_routes_that_do_not_exist(self):
        for path in ("/api/v1/none", "/api/v1/Connectors", "/api/v1/connector",
                     "/api/v2/connectors", "/api/v1", "/api/", "/api/v1/",
                     ITEM + "/none", TEST + "/x", "/api/v1/connectors.json"):
            answer = send("GET", path)
            route = path.strip("/")
            self.assert_json_error(
                answer, 404, "The route %s could not be found." % route)

    def test_double_slashes_and_encoded_slashes_are_other_routes(self):
        for path in ("//api/v1/connectors", "/api//v1/connectors",
                     "/api/v1/connectors//101", "/api/v1%2Fconnectors"):
            self.assertEqual(send("GET", path, key_header()).status, 404,
                             path)

    def test_encoded_letters_and_trailing_slash_are_the_same_route(self):
        for path in ("/api/v1/%63onnectors", LIST + "/", ITEM + "/",
                     LIST + "/%31%30%31", "/%61pi/v1/connectors"):
            self.assertEqual(send("GET", path, key_header()).status, 200,
                             path)

    def test_outside_of_the_api_errors_are_json_too(self):
        for path in ("/", "/x", "/api", "/connectors-error"):
            answer = send("GET", path)
            self.assertEqual(answer.status, 404, path)
            self.assertIn("message", answer.json())

    def test_every_route_of_no_connector_says_so(self):
        for name in ("999999", "201", "no-such-key"):
            for method, end in (("GET", ""), ("DELETE", ""),
                                ("POST", "/test"), ("GET", "/tests")):
                with self.subTest(name=name, method=method, end=end):
                    self.assert_json_error(
                        send(method, LIST + "/" + name + end, key_header()),
                        404, "No query results for model [Connector] " + name)

    def test_dot_segments_do_not_lead_in(self):
        answer = send("GET", "/x/../api/v1/connectors", key_header())
        self.assertEqual(answer.status, 404)


class Methods(Case):
    def test_wrong_methods_name_the_right_ones(self):
        wrong = {LIST: ("PUT", "PATCH", "DELETE", "FOO"),
                 ITEM: ("POST", "FOO"),
                 TEST: ("GET", "HEAD", "PUT", "PATCH", "DELETE")}
        for path, methods in wrong.items():
            for method in methods:
                with self.subTest(method=method, path=path):
                    answer = send(method, path)
                    self.assertEqual(answer.status, 405)
                    self.assertEqual(answer.headers["Allow"], ALLOW[path])
                    if method == "HEAD":
                        continue
                    self.assert_json_error(
                        answer, 405,
                        "The %s method is not supported for route %s. "
                        "Supported methods: %s."
                        % (method, path[1:], ALLOW[path]))

    def test_options_needs_no_key(self):
        for path, allow in ALLOW.items():
            answer = send("OPTIONS", path)
            self.assertEqual(answer.status, 204)
            self.assertEqual(answer.headers["Allow"], allow)
            self.assertIsNone(answer.headers["Content-Type"])
            self.assertEqual(answer.body, b"")

    def test_options_of_no_route_is_404(self):
        self.assertEqual(send("OPTIONS", "/api/v1/none").status, 404)

    def test_trace_is_refused_as_json(self):
        answer = send("TRACE", LIST)
        self.assertEqual(answer.status, 405)
        self.assertIn("Allow", answer.headers)
        self.assertIn("message", answer.json())

    def test_head_is_get_without_the_body(self):
        for path in (LIST, ITEM, LIST + "?per_page=2", LIST + "/999"):
            got = send("GET", path, key_header())
            head = send("HEAD", path, key_header())
            self.assertEqual(head.status, got.status)
            self.assertEqual(head.body, b"")
            for name in ("ETag", "Cache-Control"):
                self.assertEqual(head.headers[name], got.headers[name])

    def test_head_without_key(self):
        answer = send("HEAD", LIST)
        self.assertEqual((answer.status, answer.body), (401, b""))


class Headers(Case):
    def test_every_answer(self):
        for path, status in ((LIST, 200), (ITEM, 200), (LIST + "/x", 404),
                             (LIST + "?page=0", 422),
                             (LIST + "?include=x", 400)):
            answer = send("GET", path, key_header())
            self.assertEqual(answer.status, status)
            self.assertEqual(answer.headers.get_all("Content-Type"),
                             ["application/json"])
            self.assertEqual(answer.headers.get_all("Cache-Control"),
                             ["no-cache, private"])
            self.assertEqual(len(answer.headers.get_all("X-Request-Id")), 1)

    def test_request_id_is_kept_when_well_formed(self):
        for own in ("a", "A-z_0.9", "x" * 64):
            answer = send("GET", LIST, {**key_header(), "X-Request-Id": own})
            self.assertEqual(answer.headers["X-Request-Id"], own)

    def test_request_id_is_made_otherwise(self):
        seen = set()
        for own in ("", "x" * 65, "a b", "ü", "a/b", "a\"b"):
            answer = send("GET", LIST, {**key_header(),
                                        "X-Request-Id": own.encode()})
            made = answer.headers["X-Request-Id"]
            self.assertNotEqual(made, own)
            self.assertRegex(made, r"^[0-9A-Za-z._-]{1,64}$")
            seen.add(made)
        self.assertEqual(len(seen), 6)

    def test_accept_does_not_matter(self):
        for accept in ("text/html", "*/*", "application/xml;q=0.1"):
            answer = send("GET", LIST + "/x", {**key_header(),
                                               "Accept": accept})
            self.assert_json_error(
                answer, 404, "No query results for model [Connector] x")

    def test_override_headers_do_not_matter(self):
        answer = send("GET", ITEM, {**key_header(),
                                    "X-HTTP-Method-Override": "DELETE"})
        self.assertEqual(answer.status, 200)


class FromTheWebServer(Case):
    def test_body_over_8_mebibytes(self):
        answer = send("POST", LIST, key_header(), b" " * ((8 << 20) + 1))
        self.assert_json_error(answer, 413, "The POST data is too large.")

    def test_request_line_that_is_too_long(self):
        answer = send("GET", LIST + "?x=" + "a" * 65536, key_header())
        self.assert_json_error(answer, 414, "URI Too Long")

    def test_header_that_is_too_long(self):
        answer = send("GET", LIST, {"Authorization": "a" * 20000})
        self.assert_json_error(answer, 431,
                               "Request Header Fields Too Large")

    def test_headers_as_long_as_allowed_reach_the_application(self):
        long = "x" * 8000
        answer = send("GET", LIST + "?filter[canonical_key]=" + "y" * 7900,
                      {**key_header(), "If-Match": long, "Prefer": long,
                       "If-None-Match": long})
        self.assertEqual(answer.status, 200)

    def test_malformed_requests(self):
        for line in (b"GET /api/v1/%zz HTTP/1.1", b"get / HTTP/1.1",
                     b"GET /api/v1/connectors%00 HTTP/1.1"):
            answer = raw(line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assert_json_error(answer, 400, "Bad request.")

    def test_http_1_0_without_host(self):
        answer = raw(b"GET /api/v1/connectors HTTP/1.0\r\n\r\n")
        self.assert_json_error(answer, 401, "Unauthenticated.")


if __name__ == "__main__":
    unittest.main()
