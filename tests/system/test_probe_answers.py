"""The connector test over HTTP: what statuses mean, which redirects are followed
with what, and that nothing secret comes out."""
import unittest

import probe_support
from probe_http import WithWeb
from probe_support import SECRET, probe, variables
from probe_web import PASSWORD, TOKEN, USER

LOGIN = {"username": USER, "password": PASSWORD}


def setUpModule():
    probe_support.make_cli()


class Statuses(WithWeb):
    def test_reasons(self):
        for status, reason, stage in (
                (401, "credentials_rejected", "authentication"),
                (403, "credentials_rejected", "authentication"),
                (404, "not_found", "response"),
                (410, "not_found", "response"),
                (405, "method_not_allowed", "response"),
                (429, "rate_limited", "response"),
                (500, "server_error", "response"),
                (503, "server_error", "response"),
                (400, "unexpected_status", "response"),
                (304, "unexpected_status", "response"),
                (300, "unexpected_status", "response")):
            result = self.fails(reason, "basic", "/status/%d" % status, LOGIN)
            self.assertEqual(result["stage"], stage)
            self.assertEqual(result["http_status"], status)

    def test_token_endpoint(self):
        keys = {"client_id": "id", "client_secret": PASSWORD}
        for path, reason in (
                ("none", "token_missing"), ("html", "token_malformed"),
                ("form", "token_malformed"), ("break", "token_malformed"),
                ("scope", "token_refused"), ("gone", "not_found"),
                ("busy", "server_error")):
            result = self.fails(reason, "oauth2_client_credentials",
                                "/token/" + path, keys, expected_status="404")
            self.assertEqual(
                result["stage"],
                "response" if path in ("gone", "busy") else "authentication")


class Redirects(WithWeb):
    def test_followed(self):
        for status in (301, 302, 303, 307, 308):
            self.passes("none", "/redirect?status=%d" % status)
        self.passes("none", "/redirect/3")
        result = self.fails("too_many_redirects", "none", "/redirect/4")
        self.assertIn("3", result["detail"])
        self.assertEqual(len(self.web.requests), 18)
        self.assertEqual(
            probe(self.target("none", "/redirect"), "--redirects",
                  "0")["reason"], "too_many_redirects")

    def test_methods(self):
        for status, method in ((301, "GET"), (302, "GET"), (303, "GET"),
                               (307, "POST"), (308, "POST")):
            self.passes("none", "/redirect?status=%d&to=/method/%s" % (
                status, method), http_method="POST", body="x",
                        body_format="raw")
        self.passes("none", "/redirect?to=/method/HEAD", http_method="HEAD")

    def test_credentials_stay_with_their_host(self):
        self.passes("basic", "/redirect?to=/basic", LOGIN)
        everything = {"headers": {"X-Key": "{{token}}", "Cookie": "a=b",
                                  "Authorization": "Bearer {{token}}"}}
        for kind, values in (("basic", LOGIN), ("token", {"token": TOKEN})):
            self.passes(
                kind, "/redirect?to=%s/status/200" % self.other.base, values,
                **(everything if kind == "token" else {}))
            _, _, headers, _ = self.other.requests[-1]
            self.assertEqual(
                set(headers) - {"Host", "User-Agent", "Accept"}, set())
        # Back at home they are still gone.
        self.fails("credentials_rejected", "basic",
                   "/redirect?to=%s/redirect?to=%s/basic" % (
                       self.other.base, self.web.base), LOGIN)

    def test_refused(self):
        for to in ("ftp://127.0.0.1/", "file:///etc/passwd", "javascript:1",
                   "gopher://127.0.0.1:1/", "http://u:p@127.0.0.1/",
                   "http://127.0.0.1:0/"):
            self.fails("redirect_refused", "none", "/redirect?to=" + to)
        for status in (307, 308):
            self.fails("redirect_refused", "oauth2_password",
                       "/redirect?status=%d&to=%s/token" % (
                           status, self.other.base),
                       {"client_id": "id", "client_secret": PASSWORD,
                        **LOGIN})
        self.assertEqual(self.other.requests, [])

    def follow(self, location, kind="none", values=None, **more):
        """Gives the result, and what was asked for by the last request."""
        self.web.server.locations = [location]
        result = probe(self.target(kind, "/location/0", values, **more))
        return result, self.web.requests[-1][1]

    def test_locations_with_bytes_that_are_not_of_urls(self):
        for location, path in (
                ("/echo/a b", "/echo/a%20b"),
                ("/echo/ a  b /?c d= e", "/echo/%20a%20%20b%20/?c%20d=%20e"),
                ("../echo/x y?z", "/echo/x%20y?z"),
                ("?a b", "/location/0?a%20b"),  # and again and again
                ("/echo/a\tb", "/echo/a%09b"),
                ("/echo/|\"<>^`{}", "/echo/%7C%22%3C%3E%5E%60%7B%7D"),
                ("/echo?q=|\"<>^`{}", "/echo?q=%7C%22%3C%3E%5E%60%7B%7D"),
                ("/echo/\u00e4?\u20ac", "/echo/%C3%A4?%E2%82%AC"),
                ("/echo/\udce4", "/echo/%E4"),
                ("/echo/%20%2f%zz+[]", "/echo/%20%2f%zz+[]"),
                ("/echo/x#a b|", "/echo/x"),
                (self.web.base.upper() + "/echo/a b", "/echo/a%20b"),
                (self.web.base[5:] + "/echo/a b", "/echo/a%20b"),
                (" " + self.web.base + "/echo/a b ", "/echo/a%20b")):
            result, got = self.follow(location)
            self.assertEqual(got, path, (location, result))
            self.assertIs(result["ok"], path.startswith("/echo"), result)

    def test_blanks_do_not_make_a_stranger(self):
        for location in ("/basic?a b", "/basic?\u00e4|",
                         self.web.base.upper() + "/basic?a b"):
            self.assertTrue(self.follow(location, "basic", LOGIN)[0]["ok"])
        result, _ = self.follow(self.other.base + "/echo/a b", "basic", LOGIN)
        self.assertTrue(result["ok"], result)
        _, path, headers, _ = self.other.requests[-1]
        self.assertEqual(path, "/echo/a%20b")
        self.assertNotIn("Authorization", headers)

    def test_locations_that_may_mean_another_host(self):
        other = self.other.base[len("http://"):]
        for location in ("/\\" + other, "\\\\" + other,
                         "http:\\\\" + other, "/echo\\x", "/echo?\\x",
                         "http://%s \\@%s/" % (other, other),
                         "http:// %s/" % other, "http://a b/",
                         "http://%s\t/" % other, "http://a|b/",
                         "http://x\"@%s/" % other, "//{%s}/" % other,
                         "/echo/\x01", "/echo/\x1b[1m", "/echo/\x7f",
                         "/echo?\x08"):
            result, path = self.follow(location)
            self.assertEqual((result["reason"], result["stage"]),
                             ("redirect_refused", "response"), location)
            self.assertEqual(path, "/location/0")
        self.assertEqual(self.other.requests, [])

    def test_judged_again(self):
        for to in ("http://127.0.0.2:%d/", "http://[::1]:%d/",
                   "http://2130706434:%d/", "http://0.0.0.0:%d/"):
            result = probe(self.target("none", "/redirect?to="
                                       + to % self.other.port),
                           allow="127.0.0.1")
            self.assertEqual(result["reason"], "address_refused", result)
            self.assertEqual(result["stage"], "guard")
            self.assertIn("redirect", result["detail"])
        self.assertEqual(self.other.requests, [])


class Echo(WithWeb):
    """probe() itself looks for the canary in all that is printed."""

    def test_of_everything_that_was_sent(self):
        keys = {"username": USER, "password": PASSWORD, "token": TOKEN,
                "client_id": SECRET, "client_secret": PASSWORD,
                "refresh_token": TOKEN, "consumer_key": SECRET,
                "consumer_secret": PASSWORD, "token_secret": TOKEN,
                "access_key_id": SECRET, "secret_access_key": PASSWORD,
                "region": "r", "service": "s"}
        for kind in ("none", "basic", "digest", "ntlm", "token", "oauth1",
                     "oauth2_client_credentials", "oauth2_password",
                     "oauth2_authorization_code", "soap", "aws_sigv4"):
            for status in (200, 302, 400, 401, 403, 404, 429, 500):
                probe(self.target(
                    kind, "/echo/{{token}}?status=%d&x={{token}}" % status,
                    keys, headers={"X-Key": "{{token}}"},
                    query={"q": "{{password}}"}, http_method="POST",
                    body="{{password}}", body_format="form"))

    def test_in_the_place(self):
        result = self.fails("not_found", "none", "/a/{{v}}/b",
                            {"v": SECRET + "/x"})
        self.assertEqual(result["target"]["path"], "/a/********/b")
        result = probe({"type": "none", "url": "http://{{v}}.localhost:%d/"
                        % self.web.port, "variables": variables(v=SECRET)})
        self.assertIsNone(result["target"]["host"])
        self.assertIsNone(result["address"])
        url = self.web.base + "/" + SECRET
        result = probe({"type": "none", "url": "{{v}}",
                        "variables": variables(v=url)})
        self.assertEqual(result["reason"], "not_found")
        self.assertEqual(set(result["target"].values()), {None})
        self.assertIsNone(result["address"])
        # Nor where a redirect says so.
        result = self.fails("not_found", "none",
                            "/redirect?to=/x/" + SECRET)
        self.assertEqual(result["target"]["path"], "/redirect")


if __name__ == "__main__":
    unittest.main()
