"""The connector test over HTTP: each authentication type with right and wrong
credentials, what stops a test before anything is sent, and what is sent."""
import unittest

import probe_support
from probe_http import WithWeb
from probe_support import SECRET, probe, variables
from probe_web import PASSWORD, TOKEN, USER

WRONG = SECRET + "-wrong"
LOGIN = {"username": USER, "password": PASSWORD}


def setUpModule():
    probe_support.make_cli()


class Types(WithWeb):
    def test_none(self):
        result = self.passes("none", "/status/200")
        self.assertEqual(result["http_status"], 200)
        self.assertEqual(result["address"], "127.0.0.1")
        self.assertEqual(result["target"], {
            "scheme": "http", "host": "127.0.0.1", "port": self.web.port,
            "path": "/status/200"})
        self.fails("credentials_rejected", "none", "/status/401")

    def test_none_without_url_passes(self):
        for protocol in ("HTTP", "FTP", "SQLSRV"):
            result = probe({"type": "none", "protocol": protocol})
            self.assertTrue(result["ok"])
            self.assertIsNone(result["target"]["host"])

    def test_basic(self):
        self.passes("basic", "/basic", LOGIN)
        self.fails("credentials_rejected", "basic", "/basic",
                   {**LOGIN, "password": WRONG})

    def test_digest(self):
        self.passes("digest", "/digest", LOGIN)
        self.passes("digest", "/digest?a=b", LOGIN, http_method="POST",
                    body="x", body_format="raw")
        self.fails("credentials_rejected", "digest", "/digest",
                   {**LOGIN, "password": WRONG})

    def test_ntlm(self):
        self.passes("ntlm", "/ntlm", LOGIN)
        self.fails("credentials_rejected", "ntlm", "/ntlm",
                   {**LOGIN, "password": WRONG})

    def test_token(self):
        self.passes("token", "/bearer", {"token": TOKEN})
        self.passes("token", "/bearer", {"token": TOKEN},
                    headers={"Accept": "application/json"})
        self.passes("token", "/key", {"token": TOKEN},
                    headers={"X-Key": "{{token}}"})
        self.passes("token", "/query", {"token": TOKEN},
                    query={"api key": "{{token}}"})
        self.fails("credentials_rejected", "token", "/bearer",
                   {"token": WRONG})
        self.fails("variable_missing", "token", "/bearer", {"token": None})

    def test_oauth1(self):
        keys = {"consumer_key": "ck", "consumer_secret": PASSWORD,
                "token": "tk", "token_secret": TOKEN}
        self.passes("oauth1", "/oauth1", keys)
        self.passes("oauth1", "/oauth1?b=%20x&a=1&a=0&c", keys,
                    query={"z z": "{{token}}"})
        self.passes("oauth1", "/oauth1?realm=r", {**keys, "realm": "r"})
        self.passes("oauth1", "/oauth1",
                    {**keys, "signature_method": "HMAC-SHA1"})
        self.passes("oauth1", "/oauth1", keys, http_method="POST",
                    body="a=b+c&d={{token}}", body_format="form")
        self.fails("credentials_rejected", "oauth1", "/oauth1",
                   {**keys, "token_secret": WRONG})
        self.fails("value_invalid", "oauth1", "/oauth1",
                   {**keys, "signature_method": "PLAINTEXT"})

    def test_aws_sigv4(self):
        keys = {"access_key_id": "AKIDEXAMPLE",
                "secret_access_key": PASSWORD, "region": "eu-west-1"}
        service = {**keys, "service": "execute-api"}
        self.passes("aws_sigv4", "/sigv4", service)
        self.passes("aws_sigv4", "/sigv4?z=1&a=%20x&b", service)
        self.passes("aws_sigv4", "/sigv4", service, http_method="POST",
                    body='{"a": 1}', body_format="json")
        self.passes("aws_sigv4", "/sigv4?session",
                    {**service, "session_token": TOKEN})
        self.passes("aws_sigv4", "/sigv4/bucket", keys, protocol="S3")
        self.fails("credentials_rejected", "aws_sigv4", "/sigv4",
                   {**service, "secret_access_key": WRONG})
        self.fails("variable_missing", "aws_sigv4", "/sigv4", keys)

    def test_oauth2_client_credentials(self):
        kind = "oauth2_client_credentials"
        keys = {"client_id": "id", "client_secret": PASSWORD}
        bearer = self.web.base + "/bearer"
        self.passes(kind, "/token", keys)
        self.passes(kind, "/token", keys, test_url=bearer)
        # http_method is the token request's, unless it is harmless.
        self.passes(kind, "/token", keys, http_method="HEAD",
                    test_url=self.web.base + "/method/HEAD")
        self.passes(kind, "/token", keys, http_method="POST",
                    test_url=self.web.base + "/method/GET")
        self.passes(kind, "/token/deep", keys, test_url=bearer,
                    token_path="data.access_token")
        self.passes(kind, "/token?scope=read%20all", test_url=bearer,
                    values={**keys, "scope": "read all"})
        self.passes(kind, "/token?extra=x%26y", test_url=bearer,
                    values={**keys, "aud": "x&y"}, body_format="form",
                    body="audience={{aud}}")
        self.passes(kind, "/token?extra=x%26y", test_url=bearer,
                    values={**keys, "aud": "x&y"}, body_format="json",
                    body='{"audience": "{{aud}}"}')
        self.passes(kind, "/token", keys, test_url=self.web.base + "/key",
                    headers={"X-Key": "{{access_token}}",
                             "Content-Type": "application/json"})
        self.fails("credentials_rejected", kind, "/token",
                   {**keys, "client_secret": WRONG})
        result = self.fails("credentials_rejected", kind, "/token/same", keys,
                            test_url=self.web.base + "/status/401")
        self.assertEqual(result["target"]["path"], "/status/401")

    def test_oauth2_password(self):
        keys = {"client_id": "id", "client_secret": PASSWORD, **LOGIN}
        self.passes("oauth2_password", "/token", keys,
                    test_url=self.web.base + "/bearer")
        self.fails("credentials_rejected", "oauth2_password", "/token",
                   {**keys, "password": WRONG})

    def test_oauth2_authorization_code(self):
        kind = "oauth2_authorization_code"
        keys = {"client_id": "id", "client_secret": PASSWORD,
                "refresh_token": TOKEN + "-refresh"}
        for path, where in (("/token", ""), ("/token/deep",
                                             "data.access_token")):
            result = self.passes(kind, path, keys, token_path=where,
                                 test_url=self.web.base + "/bearer")
            self.assertEqual(result["rotated"], TOKEN + "-fresh")
        # A rotated token is not lost when the test fails behind it.
        result = self.fails("server_error", kind, "/token", keys,
                            test_url=self.web.base + "/status/500")
        self.assertEqual(result["rotated"], TOKEN + "-fresh")
        result = self.passes(kind, "/token/same", keys)
        self.assertEqual(result["rotated"], "")
        result = self.fails("credentials_rejected", kind, "/token",
                            {**keys, "refresh_token": WRONG})
        self.assertEqual(result["stage"], "authentication")
        self.assertEqual(result["rotated"], "")

    def test_soap(self):
        body = ("<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/"
                "envelope/'><e:Body><u>{{username}}</u><p>{{password}}</p>"
                "</e:Body></e:Envelope>")
        self.passes("soap", "/soap", LOGIN, body=body, body_format="xml")
        for path in ("/soap", "/soap/polite"):
            self.fails("soap_fault", "soap", path,
                       {**LOGIN, "password": WRONG}, body=body)
        self.fails("not_soap", "soap", "/soap/page", LOGIN, body=body)
        self.fails("not_soap", "soap", "/soap/cut", LOGIN, body=body)
        self.fails("not_found", "soap", "/none", LOGIN, body=body)
        self.fails("body_invalid", "soap", "/soap", LOGIN)


class Configuration(WithWeb):
    def fails_before_sending(self, reason, *arguments, **more):
        result = self.fails(reason, *arguments, **more)
        self.assertEqual(result["stage"], "configuration", result)
        self.assertEqual(self.web.requests, [])
        return result

    def test_variables(self):
        for where in ({"headers": {"X-A": "{{nope}}"}},
                      {"query": {"a": "{{nope}}"}},
                      {"body": "{{nope}}", "body_format": "raw"},
                      {"test_url": self.web.base + "/{{nope}}"}):
            result = self.fails_before_sending(
                "variable_unknown", "none", "/status/200", **where)
            self.assertIn("nope", result["detail"])
        result = self.fails_before_sending(
            "variable_missing", "none", "/{{gone}}", {"gone": None})
        self.assertIn("gone", result["detail"])
        result = self.fails_before_sending(
            "variable_missing", "basic", "/basic", {"username": USER})
        self.assertIn("password", result["detail"])

    def test_urls(self):
        for url in ("", "nonsense", "http://", "ftp://127.0.0.1/",
                    "file:///etc/passwd", "http://a b/", "{{host}}/x",
                    "http://{{url}}/", "http://{{path}}.example/",
                    "http://127.0.0.1:0/", "gopher://127.0.0.1:70/",
                    "http://127.0.0.1:99999/", "dict://127.0.0.1/",
                    "http:/127.0.0.1/", "http:///127.0.0.1/", "//127.0.0.1/",
                    "http:127.0.0.1/", "127.0.0.1/", "http:/{{host}}/"):
            result = probe({"type": "basic", "url": url,
                            "variables": variables(
                                host="127.0.0.1", url=self.web.base,
                                path="a/b", **LOGIN)})
            self.assertEqual(result["reason"],
                             "url_invalid" if url else "url_missing", url)

    def test_host_names_of_other_letters(self):
        for host, wire in (("b\u00fccher.example", "xn--bcher-kva.example"),
                           ("\u4f8b\u3048.example", "xn--r8jz45g.example"),
                           ("xn--bcher-kva.example",
                            "xn--bcher-kva.example")):
            port = self.web.port
            for url, values in (("http://%s:%d/status/200" % (host, port), {}),
                                ("http://{{host}}:%d/status/200" % port,
                                 {"host": host})):
                result = probe({"type": "none", "url": url,
                                "variables": variables(**values)},
                               "--resolve", "%s:%d:127.0.0.1" % (wire, port))
                self.assertTrue(result["ok"], result)
                self.assertEqual(self.web.requests[-1][2]["Host"],
                                 "%s:%d" % (wire, port))

    def test_headers(self):
        for name in ("Host", "content-length", "Transfer-Encoding", "a b",
                     "X-\u00dcn", "", "a:b", "A\r\nB"):
            self.fails_before_sending("headers_invalid", "none",
                                      "/status/200", headers={name: "x"})
        for value in ("a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "\x1b"):
            self.fails_before_sending("headers_invalid", "none",
                                      "/status/200", headers={"X-A": value})
            self.fails_before_sending(
                "value_invalid", "none", "/status/200", {"v": value},
                headers={"X-A": "{{v}}"})
            result = self.fails_before_sending(
                "value_invalid", "token", "/bearer", {"token": value})
            self.assertIn(" token ", result["detail"])
        for headers in ("[1]", "5", "{", '{"a": []}'):
            self.fails_before_sending("headers_invalid", "none",
                                      "/status/200", headers=headers)
            self.fails_before_sending("query_invalid", "none",
                                      "/status/200", query=headers)

    def test_bodies(self):
        for value in ('{"a": {{v}}}', "{'", "{{v}}", ""):
            reason = "body_invalid" if value else None
            result = probe(self.target(
                "none", "/status/200", {"v": 'x", "admin": true'},
                http_method="POST", body=value, body_format="json"))
            self.assertEqual(result["reason"], reason)

    def test_others(self):
        self.fails_before_sending("type_unknown", "kerberos", "/")
        for protocol in ("FTP", "SFTP", "MySQL", "Gopher", ""):
            self.fails_before_sending("protocol_unsupported", "basic", "/",
                                      LOGIN, protocol=protocol)
        for protocol in ("PGSQL", "SQLSRV", "HTTP"):
            self.fails_before_sending("protocol_unsupported", "database", "/",
                                      protocol=protocol)
        for spec in ("2xx", "200-", "99", "200,,204"):
            self.fails_before_sending("expected_status_invalid", "none",
                                      "/status/200", expected_status=spec)
        self.fails_before_sending("value_invalid", "none", "/status/200",
                                  http_method="GET / HTTP/1.1\r\nX: y")
        self.fails_before_sending(
            "request_too_large", "none", "/status/200", {"v": "x" * 60000},
            query={str(i): "{{v}}" for i in range(5)})
        self.fails_before_sending(
            "request_too_large", "none", "/status/200", {"v": "x" * 60000},
            body="{{v}}" * 20, body_format="raw")


class Sent(WithWeb):
    def test_places_of_values(self):
        odd = "a/b?c=d&e#f%20\"'<> +"
        self.passes("none", "/json", {"v": PASSWORD}, http_method="POST",
                    body='{"key": "{{v}}"}', body_format="json")
        self.passes("none", "/form", {"v": PASSWORD}, http_method="POST",
                    body="a=1&key={{v}}", body_format="form")
        self.fails("not_found", "none", "/x/{{v}}?q={{v}}", {"v": odd},
                   query={"r&": "{{v}} &"})
        path = self.web.requests[-1][1]
        encoded = "a%2Fb%3Fc%3Dd%26e%23f%2520%22%27%3C%3E%20%2B"
        self.assertEqual(path, "/x/%s?q=%s&r%%26=%s%%20%%26" % (
            encoded, encoded, encoded))

    def test_methods(self):
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE",
                       "OPTIONS"):
            self.passes("none", "/method/" + method, http_method=method)
        self.fails("method_not_allowed", "none", "/method/PUT")

    def test_what_is_not_sent(self):
        self.passes("none", "/status/200", http_method="POST",
                    body="x" * 1000000, body_format="raw")
        headers = self.web.requests[-1][2]
        for name in ("Expect", "Cookie", "Accept-Encoding", "Authorization",
                     "Proxy-Connection"):
            self.assertNotIn(name, headers)

    def test_proxies_of_the_environment_are_ignored(self):
        env = {name: "http://127.0.0.1:%d" % self.other.port
               for name in ("http_proxy", "https_proxy", "all_proxy",
                            "HTTPS_PROXY", "ALL_PROXY")}
        self.assertTrue(probe(self.target("none", "/status/200"),
                              env=env)["ok"])
        self.assertEqual(self.other.requests, [])

    def test_expected_status(self):
        for spec, status in (("204", 204), ("200-299,304", 304),
                             ("404", 404), ("500-599", 503), ("302", 302)):
            self.passes("none", "/status/%d" % status, expected_status=spec)
        self.fails("unexpected_status", "none", "/status/200",
                   expected_status="204")


if __name__ == "__main__":
    unittest.main()
