"""The connector test with signed requests: whatever stands in the URL, the
headers and the body, what is signed is what arrives."""
import socket
import unittest

import probe_support
from probe_http import WithWeb
from probe_support import SECRET
from probe_web import PASSWORD, TOKEN, Web

OAUTH1 = {"consumer_key": "ck", "consumer_secret": PASSWORD, "token": "tk",
          "token_secret": TOKEN}
SIGV4 = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": PASSWORD,
         "region": "eu-west-1"}
ES = {**SIGV4, "service": "es"}
FORM = "application/x-www-form-urlencoded"


def setUpModule():
    probe_support.make_cli()


class Oauth1(WithWeb):
    def check(self, path, values=None, **more):
        return self.passes("oauth1", "/oauth1" + path,
                           {**OAUTH1, **(values or {})}, **more)

    def test_scheme_and_host_are_lower_case(self):
        for base in ("http://LOCALHOST:%d", "HTTP://LocalHost:%d",
                     "hTTp://127.0.0.1:%d"):
            url = base % self.web.port + "/oauth1/Path?a=b"
            self.passes("oauth1", "", OAUTH1, url=url)
            self.passes("oauth1", "", {**OAUTH1, "v": url}, url="{{v}}")

    def test_host_of_ipv6(self):
        try:
            web = Web(host="::1")
        except OSError:
            raise unittest.SkipTest("no IPv6 here")
        self.addCleanup(web.stop)
        result = probe_support.probe(
            {**self.target("oauth1", "", OAUTH1),
             "url": web.base + "/oauth1?a=b"}, allow="::1")
        self.assertTrue(result["ok"], result)

    def test_default_port(self):
        try:
            with socket.create_server(("127.0.0.1", 80)):
                pass
        except OSError:
            raise unittest.SkipTest("port 80 is not free")
        web = Web(port=80)
        self.addCleanup(web.stop)
        for base in ("http://127.0.0.1", "http://127.0.0.1:80",
                     "http://LOCALHOST:080"):
            for path in ("/oauth1", "/oauth1?a+b=c"):
                self.passes("oauth1", "", OAUTH1, url=base + path)

    def test_plus_is_a_blank_in_a_query(self):
        for query in ("a=b+c", "a+b=c", "+=+", "a=b%2Bc", "a=b%20c+d",
                      "a=%2b&a=+&a=%20"):
            self.check("?" + query)
        self.check("/a+b?c=d+e", query={"f+g": "h+i j"})

    def test_other_texts_in_a_query(self):
        for query in ("a=%2f%3A", "a&b=&=c&", "a=b=c&a==", "a=1&a=0&a=-&a",
                      "a=%&b=%4&c=%zz", "%61=%7e", "a=*'()!;,/:@$",
                      "a-b=1&a=2&a.b=3", "\u00e4=\u20ac", "a=\"<>|^`{}"):
            self.check("?" + query)

    def test_path_as_it_is_sent(self):
        for path in ("/r%20v/X", "/%e4%2f", "/a;b=c,d*(e)", "/\u20ac/\u00e4",
                     "/a|b/{c}", "//x//", "/./a/../b"):
            self.check(path)

    def test_form_bodies_are_signed_by_their_type(self):
        body = {"http_method": "POST", "body": "a=b+c&d=%2f&e&f=+%2B"}
        self.check("?a=0", body_format="form", **body)
        self.check("", body_format="raw", headers={"Content-Type": FORM},
                   **body)
        self.check("", body_format="raw", headers={
            "content-type": FORM.upper() + " ; charset=UTF-8"}, **body)
        self.check("", body_format="raw", **body)
        self.check("", body_format="form", headers={
            "Content-Type": "text/plain"}, **body)
        self.check("", body_format="json", http_method="POST",
                   body='{"a": "b"}')
        self.check("", body_format="form", http_method="PUT", body="a=b")

    def test_redirected(self):
        for to in ("/oauth1?a=b+c", "/oauth1?a%3Db%2Bc", "/oauth1/x%2520y"):
            self.passes("oauth1", "/redirect?to=" + to, OAUTH1)
            self.passes("oauth1", "/redirect?status=307&to=" + to, OAUTH1,
                        http_method="POST", body="c=d", body_format="form")
        self.passes("oauth1", "", OAUTH1, url="http://LOCALHOST:%d/redirect"
                    "?to=http://localhost:%d/oauth1" % (
                        self.web.port, self.web.port))

    def test_realm_is_a_quoted_text(self):
        for realm in ("Photos", "http://sp.example.com/", "a b, c=d",
                      'a"b\\c'):
            self.check("?realm={{realm}}", {"realm": realm})
        result = probe_support.probe(self.target(
            "oauth1", "/oauth1", {**OAUTH1, "realm": "a\r\nX-Evil: 1"}))
        self.assertEqual(result["stage"], "configuration", result)


class Sigv4(WithWeb):
    def setUp(self):
        super().setUp()
        self.web.server.faults.clear()

    def check(self, path, values=None, **more):
        return self.passes("aws_sigv4", "/sigv4" + path, values or ES, **more)

    def check_s3(self, path, **more):
        self.check(path, SIGV4, protocol="S3", **more)
        self.check(path, {**SIGV4, "service": "s3"}, **more)

    PATHS = ("/logs-*/_search", "/a:b=c,d;e@f!g$h&i'j(k)", "/a+b", "/a%20b",
             "/%2a/%e2%82%ac/%2F/%7e", "/\u00e4/\u20ac", "/a//b///c//",
             "/a/./b/../c/", "/%", "/%zz/%4", "/~-._09azAZ", "/a|b/[c]/{d}",
             "/a%2E%2E/.../..a", "/model/x.y-v1:0/invoke")

    def test_paths(self):
        for path in self.PATHS:
            self.check(path)
            self.check_s3("/dt=2024-05-22/a:b" + path)
        self.check("/x/{{v}}", {**ES, "v": "a/b=c:d e*%"})
        self.check("/x/{{v}}", {**SIGV4, "service": "s3",
                                "v": "a/b=c:d e*%"})

    def test_what_arrives_means_the_same(self):
        self.check("/logs-*/%2f%41+?a=b+c&d=%2f&d=/&e")
        path = self.web.requests[-1][1]
        self.assertEqual(
            path, "/sigv4/logs-%2A/%2FA%2B?a=b%20c&d=%2F&d=%2F&e=")

    def test_queries(self):
        for query in ("a=b:c/d", "a=%2f%3a", "b=1&a=2&B=3&A=4", "a=2&a=1&a",
                      "a=b+c", "a=b%2Bc%20d", "a&b=&c", "a=b=c&d==", "&a=1&&",
                      "a-b=1&a=2&a.b=3&a%20=4", "a=*'()!;,@$", "%61=%7E",
                      "a=%&b=%4&c=%zz", "\u00e4=\u20ac", "a[]=\"<>|^`{}",
                      "list-type=2&prefix=a/b&delimiter=/"):
            self.check("?" + query)
            self.check_s3("/b?" + query)
        self.check("", query={"b:/": "{{region}} +", "a": ""})

    def test_headers(self):
        for headers in ({"X-Empty": ""}, {"X-Blank": "  "},
                        {"X-Trim": "  a   b \t c  "},
                        {"my-header1": "a,b", "My-Header2": '"a   b"'},
                        {"X-Amz-Target": "T.List", "x-amz-b": "",
                         "X-AMZ-A": "1"},
                        {"X-Amz-Date": "20150830T123600Z"},
                        {"Accept": "a/b", "User-Agent": "x  y"},
                        {"X-Latin": "\u00e4"}):
            self.check("", headers=headers)
            self.check_s3("", headers=headers)
        self.check("", {**ES, "v": ""}, headers={"X-Empty": "{{v}}"})

    def test_bodies(self):
        for body in ({"body": "a=b c", "body_format": "form"},
                     {"body": '{"a": "\u20ac"}', "body_format": "json"},
                     {"body": "x", "body_format": "raw",
                      "headers": {"Content-Type": "a/b;  c=d"}},
                     {"body": "x", "body_format": "raw",
                      "headers": {"Content-Type": ""}}, {}):
            for method in ("POST", "PUT", "GET", "DELETE"):
                self.check("/a?b", http_method=method, **body)
                self.check_s3("/a", http_method=method, **body)
        self.check_s3("/a", http_method="PUT", body="x", body_format="raw",
                      headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})

    def test_services(self):
        for service in ("execute-api", "s3-outposts", "s3express", "aoss",
                        "s3-object-lambda", "s3-other", "bedrock"):
            self.check("/a=b:c%20d", {**SIGV4, "service": service})

    def test_host_as_it_is_sent(self):
        for base in ("http://LOCALHOST:%d", "http://localhost:0%d",
                     "HTTP://2130706433:%d"):
            self.passes("aws_sigv4", "", ES,
                        url=base % self.web.port + "/sigv4")

    def test_redirected(self):
        self.passes("aws_sigv4", "/redirect?to=/sigv4/a:b%253Fc", ES)
        self.passes("aws_sigv4", "/redirect?status=307&to=/sigv4?a%3Db:/c",
                    ES, http_method="POST", body="x", body_format="raw")
        self.passes("aws_sigv4", "/redirect?status=303&to=/sigv4", ES,
                    http_method="POST", body="x", body_format="raw")

    def test_strangers_get_nothing(self):
        self.passes("aws_sigv4", "/redirect?to=%s/status/200"
                    % self.other.base, {**ES, "session_token": TOKEN})
        _, _, headers, _ = self.other.requests[-1]
        self.assertEqual(set(headers) - {"Host", "User-Agent", "Accept"},
                         set())

    def test_session_token_is_signed(self):
        self.check("?session", {**ES, "session_token": TOKEN})
        self.fails("credentials_rejected", "aws_sigv4", "/sigv4?session",
                   {**ES, "session_token": SECRET})
        self.assertEqual(self.web.server.faults[-1], "session")

    def test_values_that_cannot_be_sent(self):
        for key in ("access_key_id", "session_token"):
            for value in ("a\r\nX-Evil: 1", "a\nb", "a\x1bb", "a\x7f"):
                result = probe_support.probe(self.target(
                    "aws_sigv4", "/sigv4", {**ES, key: value}))
                self.assertEqual(result["stage"], "configuration", result)
        for key in ("region", "service"):
            for value in ("a/b", "a b", "a\n", "A"):
                self.fails("value_invalid", "aws_sigv4", "/sigv4",
                           {**ES, key: value})
        self.assertEqual(self.web.requests, [])


if __name__ == "__main__":
    unittest.main()
