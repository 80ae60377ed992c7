"""The connector test and what token endpoints say: errors whatever the
status, forms, and numbers that are more than a machine's."""
import json
import unittest

import probe_support
from probe_bodies import KEYS, TOKEN, Bodies
from probe_http import WithWeb
from probe_support import SECRET

FORM = "Content-Type: application/x-www-form-urlencoded"
REJECTED = ("invalid_client", "invalid_grant", "unauthorized_client",
            "access_denied")
REFUSED = ("invalid_request", "invalid_scope", "unsupported_grant_type")
# Each digit counts; the last two are what arithmetic would write otherwise.
NUMBERS = ("98765432109876543210", "12345678901234567890",
           "18446744073709551616", "-9223372036854775809", "9007199254740993",
           "100000000000000000000000", "0.10", "1.0", "1e400", "-0", "1E+2",
           "0.30000000000000000001", "-1.50e-3", "0", "5")


def setUpModule():
    probe_support.make_cli()


def error_of(word, **more):
    return json.dumps({"error": word, "error_description": SECRET, **more})


class Errors(Bodies):
    def says(self, body, reason, *headers, says="", **more):
        result = self.token(body.encode(), *headers, **more)
        self.check(result, reason, "authentication", says)

    def test_count_whatever_the_status(self):
        for status in (200, 201, 400, 401, 403, 404, 500, 503):
            for word in REJECTED:
                self.says(error_of(word), "credentials_rejected", says=word,
                          status=status)
            for word in REFUSED:
                self.says(error_of(word), "token_refused", says=word,
                          status=status)

    def test_of_refresh_tokens(self):
        keys = {**KEYS, "refresh_token": TOKEN}
        result = self.ask(
            "oauth2_authorization_code", error_of("invalid_grant").encode(),
            variables=probe_support.variables(**keys))
        self.check(result, "credentials_rejected", "authentication")
        self.assertEqual(result["rotated"], "")

    def test_deeper(self):
        for path in ("error.code", "error.type", "error.error", "data.error",
                     "errors.0.code", "error_code", "data.error.code"):
            body = "invalid_client"
            for name in reversed(path.split(".")):
                body = [body] if name == "0" else {name: body}
            self.says(json.dumps(body), "credentials_rejected",
                      says="invalid_client", token_path="data.access_token")

    def test_page_of_a_server_that_wants_a_certificate(self):
        self.check(self.token(
            b"<h1>400 No required SSL certificate was sent</h1>", status=400),
                   "client_certificate_required", "tls")

    def test_of_others(self):
        """A word that is not the RFC's is not repeated."""
        for word in ("something_" + SECRET, "Invalid client", 17):
            for status in (200, 400):
                self.says(error_of(word), "token_refused", status=status)
        for word in ("incorrect_client_credentials", "bad_refresh_token",
                     "bad_verification_code"):
            self.says(error_of(word), "credentials_rejected", says=word)
        self.check(self.token(error_of("x").encode(), status=404),
                   "not_found")

    def test_no_error(self):
        for error in ("", None, False, 0, [], {}):
            self.says(json.dumps({"error": error, "x": SECRET}),
                      "token_missing")
            self.check(self.token(json.dumps(
                {"error": error, "access_token": TOKEN}).encode()), None)
        self.check(self.token(json.dumps(
            {"error": "invalid_client", "access_token": TOKEN}).encode()),
                   None)

    def test_server_says_that_it_is_at_fault(self):
        for word in ("server_error", "temporarily_unavailable"):
            for status in (200, 400):
                self.check(self.token(error_of(word).encode(), status=status),
                           "server_error", "response", word)


class Forms(Bodies):
    def test_token(self):
        for head in (FORM, FORM.upper() + " ; charset=utf-8"):
            for body in ("access_token=%s&token_type=bearer",
                         "scope=&x&access_token=%s", "access%%5ftoken=%s\r\n",
                         "access_token=%s"):
                self.check(self.token((body % TOKEN).encode(), head), None)
        result = self.ask(
            "oauth2_authorization_code",
            b"access_token=t&refresh_token=a%20b%2B+c", FORM,
            variables=probe_support.variables(**KEYS, refresh_token=TOKEN))
        self.check(result, None)
        self.assertEqual(result["rotated"], "a b+ c")
        # It is JSON whatever it says that it is.
        self.check(self.token(b'{"access_token": "t"}', FORM), None)

    def test_errors(self):
        for body, reason in (
                ("error=invalid_client&x=" + SECRET, "credentials_rejected"),
                ("x=1&error=bad_verification_code", "credentials_rejected"),
                ("error=invalid%5fscope", "token_refused"),
                ("error=own+words", "token_refused"),
                ("error=&x=1", "token_missing"), ("", "token_missing"),
                ("access_token=", "token_missing"), ("x", "token_missing"),
                ("access_token=a%0d%0aX:1", "token_malformed"),
                ("access_token=a+b", "token_malformed")):
            for status in (200, 400):
                result = self.token(body.encode(), FORM, status=status)
                self.check(result, reason if status == 200
                           or reason == "credentials_rejected"
                           else "token_refused", "authentication")

    def test_only_where_it_says_so(self):
        for head in ("", "Content-Type: text/html", "X: y"):
            self.check(self.token(b"access_token=t", head),
                       "token_malformed")


class Numbers(WithWeb, Bodies):
    def test_sent_as_written(self):
        for number in NUMBERS:
            self.passes("none", "/status/200", query='{"n":%s}' % number,
                        headers='{"X-N": %s }' % number)
            _, path, headers, _ = self.web.requests[-1]
            self.assertEqual(headers["X-N"], number)
            self.assertEqual(path, "/status/200?n="
                             + number.replace("+", "%2B"))

    def test_in_token_requests(self):
        for number in NUMBERS:
            self.passes("oauth2_client_credentials", "/token/same", KEYS,
                        body_format="json",
                        body='{"n": %s, "s": "a,1: [2]"}' % number)
            self.assertTrue(self.web.requests[-1][3].endswith(
                "&n=%s&s=a%%2C1%%3A%%20%%5B2%%5D"
                % number.replace("+", "%2B")))

    def test_in_token_answers(self):
        for number in NUMBERS:
            self.web.requests.clear()
            self.check(self.ask(
                "oauth2_client_credentials",
                ('{"a":[%s],"refresh_token":%s}' % (number, number)).encode(),
                token_path="a.0", test_url=self.web.base + "/status/200"),
                       None)
            self.assertEqual(self.web.requests[-1][2]["Authorization"],
                             "Bearer " + number)

    def test_malformed_stay_malformed(self):
        for number in ("01", "1.", ".5", "+1", "1e", "-", "0x10", "1 2",
                       "1_000", "--1", "NaN", "1e5e", "1:2", '1"'):
            for where, reason in (("headers", "headers_invalid"),
                                  ("query", "query_invalid")):
                self.fails(reason, "none", "/status/200",
                           **{where: '{"X-N":%s}' % number})
                self.fails(reason, "none", "/status/200",
                           **{where: '{%s:"a"}' % number})


if __name__ == "__main__":
    unittest.main()
