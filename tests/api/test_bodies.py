"""Bodies: what is JSON enough, what is none, and that none is half-taken."""
import http.client
import json
import os
import random
import threading
import unittest

import hostile_bodies
from support import HOST, LIST, kept, key_header
from writing import WRITER, Writing, body, counts, path, variable

# The whole is 10,000: CONNECTORS_TEST_SCALE=1 ./dev test api
SCALE = float(os.environ.get("CONNECTORS_TEST_SCALE", "0.1"))

GOOD = json.dumps(body()).encode()
# Bytes, and at which of them they are wrong.
MALFORMED = [
    (b"{", 1), (b" ", 1), (b"[]", 0), (b"5", 0), (b'"x"', 0), (b"null", 0),
    (b"{}{}", 2), (b"{} x", 3), (b"{,}", 1), (b'{"name":"a",}', 12),
    (b"{'name':'a'}", 1), (b"{name:1}", 1), (b'{"name" 1}', 8),
    (b'{"name":NaN}', 8), (b'{"name":01}', 9), (b'{"name":1e400}', 8),
    (b'{"name":.5}', 8), (b'{"name":tru}', 8), (b'{"name":"a', 10),
    (b'{"name":"a\nb"}', 10), (b'{"name":"a\0b"}', 10),
    (b'{"name":"\\x"}', 10), (b'{"name":"\\u0000"}', 15),
    (b'{"na\\u0000me":1}', 10), (b'{"x":{"y":["\\u0000"]}}', 18),
    (b'{"name":"\\ud800"}', 15), (b'{"name":"\xff"}', 9),
    (b'{"name":"\xc0\xaf"}', 9), (b'{"name":"\xed\xa0\x80"}', 9),
    (b"\xef\xbb\xbf{}", 0), (b"// c\n{}", 0), (b"{}/**/", 2),
    (b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", 36),
]


class Malformed(Writing):
    def test_says_what_and_where(self):
        one, before = self.made()["id"], counts()
        for data, offset in MALFORMED:
            for method, target in (("POST", LIST), ("PUT", path(one)),
                                   ("PATCH", path(one))):
                with self.subTest(data=data[:40], method=method):
                    answer = self.ask(method, target, data, status=400)
                    self.assertEqual(list(answer.json()), ["message"])
                    self.assertIn("byte %d" % offset,
                                  answer.json()["message"])
        self.assertEqual(counts(), before)

    def test_last_member_of_a_name_counts(self):
        data = GOOD[:-1] + b',"name":"First","name":"Last"}'
        self.assertEqual(self.store(data).json()["data"]["name"], "Last")
        self.assertEqual(list(self.refused_store(
            GOOD[:-1] + b',"name":"x","name":null}')), ["name"])

    def test_as_deep_as_allowed(self):
        data = GOOD[:-1] + b',"x":' + b"[" * 31 + b"]" * 31 + b"}"
        self.store(data)

    def test_unknown_members_are_ignored(self):
        self.store(body(x=1, variables_count=[], data={"name": 5},
                        **{"variables.0.key": 5, "": None}))

    def test_escapes(self):
        data = GOOD[:-1] + (b',"name":"\\u00e9\\ud83d\\ude00\\/\\t|"'
                            b',"variables":[{"\\u006bey":"k","label":"l",'
                            b'"value":"\\u0001\\b"}]}')
        got = self.store(data).json()["data"]
        self.assertEqual(got["name"], "é\U0001f600/\t|")
        self.assertEqual(got["variables"][0]["value"], "\x01\b")


class MediaTypes(Writing):
    def with_type(self, kind, data, status, target=LIST, method="POST"):
        return self.ask(method, target, data, {"Content-Type": kind},
                        status=status)

    def test_json(self):
        for kind in ("application/json", "Application/JSON",
                     "application/json; charset=utf-8",
                     "application/json;charset=x", "application/vnd.api+json",
                     "application/merge-patch+JSON ; a=b"):
            self.with_type(kind, GOOD, 200)

    def test_others(self):
        one, before = self.made()["id"], counts()
        for kind in ("text/plain", "text/json", "application/xml", "",
                     "application/x-www-form-urlencoded", "json",
                     "multipart/form-data; boundary=x",
                     "text/plain; application/json", "application/jsonx"):
            for method, target in (("POST", LIST), ("PUT", path(one)),
                                   ("PATCH", path(one))):
                answer = self.with_type(kind, GOOD, 415, target, method)
                self.assertEqual(list(answer.json()), ["message"])
                self.assertIn("application/json", answer.json()["message"])
        self.assertEqual(counts(), before)

    def test_an_empty_body_has_no_type(self):
        one = self.made()
        for kind in ("text/plain", "", "application/json"):
            errors = self.errors(self.with_type(kind, b"", 422))
            self.assertEqual(len(errors), 6)
            answer = self.with_type(kind, b"", 200, path(one["id"]), "PUT")
            self.assertEqual(answer.json()["data"], one)

    def test_size(self):
        """8 MiB are taken, whatever stands in them."""
        blanks = b" " * ((8 << 20) - len(GOOD))
        self.store(GOOD + blanks)
        answer = self.store(GOOD + blanks + b" ", 413)
        self.assertEqual(answer.json(),
                         {"message": "The POST data is too large."})

    def test_large_bodies_arrive_whole(self):
        data = self.made(*[variable("k%d" % i, "%03d" % i * 20000)
                           for i in range(100)])
        for i, one in enumerate(data["variables"]):
            self.assertEqual(one["value"], "%03d" % i * 20000)


class Hostile(Writing):
    def send(self, seed, count, target, bad):
        """Sends on a kept connection; notes what was not refused."""
        chance = random.Random(seed)
        connection = http.client.HTTPConnection(HOST, timeout=60)
        for kind, data in hostile_bodies.generate(chance, count):
            if not data:
                continue
            answer = kept(connection, *target, data, {
                **key_header(WRITER), "Content-Type": kind})
            text = answer.body
            try:
                known = "message" in json.loads(text)
            except ValueError:
                known = False
            if not 400 <= answer.status < 500 or not known:
                bad.append((answer.status, kind, data[:500], text[:200]))
        connection.close()

    def test_ten_thousand_hostile_bodies(self):
        one = self.made(variable("k0"), variable("k1"))
        before, bad = counts(), []
        threads = [threading.Thread(target=self.send, args=(
            seed, int(2500 * SCALE),
            ("PUT", path(one["id"])) if seed % 2 else ("POST", LIST), bad))
            for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(bad[:3], [])
        self.assertEqual(counts(), before)
        self.assertEqual(self.show(one["id"]), one)


if __name__ == "__main__":
    unittest.main()
