"""The connector test where the other side asks for no credentials: what was
never tried did not pass."""
import unittest

import probe_support
from probe_http import WithWeb
from probe_support import SECRET, STEPS
from probe_web import PASSWORD, TOKEN, USER

LOGIN = {"username": USER, "password": PASSWORD}
WRONG = {**LOGIN, "password": SECRET + "-wrong"}
POST = {"http_method": "POST", "body": "x" * 5000, "body_format": "raw"}
ASKED_FOR_NONE = "asked for no credentials"


def setUpModule():
    probe_support.make_cli()


def authentication(result):
    return result["steps"][STEPS.index("authentication")]["ok"]


class Unasked(WithWeb):
    def check(self, outcome, *arguments, **more):
        result = self.passes(*arguments, **more)
        self.assertIs(authentication(result), outcome, result)
        self.assertEqual(ASKED_FOR_NONE in result["detail"], outcome is None,
                         result)
        return result

    def test_answered_at_once(self):
        for kind in ("digest", "ntlm"):
            for login in (LOGIN, WRONG):
                self.check(None, kind, "/status/200", login)
                self.check(None, kind, "/status/204", login)
                self.check(None, kind, "/status/200", login,
                           http_method="HEAD")
                self.check(None, kind, "/status/404", login,
                           expected_status="404")
                self.check(None, kind, "/status/302", login,
                           expected_status="302")
                self.check(None, kind, "/method/POST", login, **POST)
                self.assertEqual(self.web.requests[-1][3], POST["body"])

    def test_redirected(self):
        for kind in ("digest", "ntlm"):
            for to in ("/status/200", self.other.base + "/status/200"):
                self.check(None, kind, "/redirect?to=" + to, WRONG)
            self.check(True, kind, "/redirect?to=/" + kind, LOGIN)
            self.fails("credentials_rejected", kind, "/redirect?to=/" + kind,
                       WRONG)
            # Asked, accepted and then led elsewhere.
            for to in ("/status/200", self.other.base + "/status/200"):
                self.check(True, kind, "/%s?then=%s" % (kind, to), LOGIN)

    def test_asked(self):
        for kind in ("digest", "ntlm"):
            self.check(True, kind, "/" + kind, LOGIN)
            self.check(True, kind, "/" + kind, LOGIN, **POST)
            self.fails("credentials_rejected", kind, "/" + kind, WRONG)

    def test_refused_without_being_asked(self):
        """What never reached it was not rejected."""
        for kind in ("digest", "ntlm"):
            for path in ("/status/401", "/status/403", "/basic"):
                result = self.fails("credentials_rejected", kind, path, LOGIN)
                self.assertIn("without asking", result["detail"])
                self.assertNotIn("does not accept", result["detail"])
            result = self.fails("credentials_rejected", kind, "/" + kind,
                                WRONG)
            self.assertNotIn("without asking", result["detail"])
        result = self.fails("not_found", "digest", "/status/404", LOGIN)
        self.assertIsNone(authentication(result))

    def test_sent_unasked(self):
        everything = {**LOGIN, "consumer_key": "ck", "token": TOKEN,
                      "consumer_secret": PASSWORD, "token_secret": TOKEN,
                      "access_key_id": "AKIDEXAMPLE", "region": "r",
                      "secret_access_key": PASSWORD, "service": "s"}
        for kind in ("basic", "token", "oauth1", "aws_sigv4"):
            self.check(True, kind, "/status/200", everything)
            self.assertIn("Authorization", self.web.requests[-1][2])

    def test_none(self):
        result = self.passes("none", "/status/200")
        self.assertIsNone(authentication(result))
        self.assertNotIn(ASKED_FOR_NONE, result["detail"])

    def test_a_token_counts_where_it_is_sent(self):
        """Not in a url or a body that this request does not have."""
        for more in ({"url": "http://a.invalid/{{token}}"},
                     {"url": "http://a.invalid/", "body": "{{token}}"},
                     {"body": "{{token}}", "body_format": "none"}):
            self.passes("token", "", {"token": TOKEN},
                        test_url=self.web.base + "/bearer", **more)
        for more in ({"test_url": self.web.base + "/status/200?{{token}}"},
                     {**POST, "body": "{{token}}",
                      "test_url": self.web.base + "/status/200"}):
            self.passes("token", "", {"token": TOKEN}, **more)
            self.assertNotIn("Authorization", self.web.requests[-1][2])


if __name__ == "__main__":
    unittest.main()
