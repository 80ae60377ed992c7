"""Input from nobody's friend: an answer always, and never a 5xx."""
import http.client
import json
import random
import threading
import unittest

from hostile_queries import random_query
from resources import API, ROUTES
from support import Case, HOST, LIST, kept, key_header, raw


PATHS = [path + end for path in [LIST] + [API + route for route in ROUTES]
         for end in ("", "/51", "/101", "/x")] + [LIST + "/101/tests"]


def batch(seed, count, bad):
    """Sends random queries on kept connections; notes what went wrong."""
    chance = random.Random(seed)
    connection = http.client.HTTPConnection(HOST, timeout=30)
    headers = key_header()
    for _ in range(count):
        path = chance.choice(PATHS) + "?" + random_query(chance)
        answer = kept(connection, "GET", path, headers=headers)
        body = answer.body
        if answer.status not in (200, 400, 404, 414, 422):
            bad.append((path, answer.status))
            continue
        try:
            json.loads(body)
        except ValueError:
            bad.append((path, body[:200]))
    connection.close()


class Hostile(Case):
    def test_ten_thousand_random_queries(self):
        bad = []
        threads = [threading.Thread(target=batch, args=(seed, 2500, bad))
                   for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(bad[:5], [])

    def ask(self, target):
        """A request line as bytes; the status, from JSON or empty."""
        answer = raw(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n"
                     b"Connection: close\r\nAuthorization: " +
                     key_header()["Authorization"].encode() + b"\r\n\r\n")
        json.loads(answer.body)
        return answer.status

    def test_hostile_texts_on_every_route(self):
        for path in PATHS:
            for query in ("?search=%00", "?search=" + "%25" * 100,
                          "?search='%20OR%201=1%20--%20", "?search=%5C%27",
                          "?filter[name]='%20OR%201=1", "?sort=-id;--",
                          "?filter[ok]=1;DROP%20TABLE%20users",
                          "?filter[latest][]=true&filter[latest][x]=%FF",
                          "?include[]=" + "variables," * 200,
                          "?fields[variables]=value_sealed",
                          "?fields[certificates]=certificate_sealed"):
                status = self.ask((path + query).encode())
                self.assertIn(status, (200, 400, 404, 422), path + query)

    def test_64_kib_of_query(self):
        for piece in ("a", "a=1&", "filter[system]=x&", "include=variables,",
                      "%00", "[", "[]=&", "x[a][b][c]=1&"):
            query = (piece * 65536)[:65536]
            path = LIST + "?" + query
            self.assertIn(self.ask(path.encode()), (400, 414, 431))

    def test_as_much_query_as_gets_through(self):
        for piece in ("a=1&", "filter[system]=x&", "include=variables,",
                      "%00", "[", "[]=&", "x[a][b][c]=1&", "filter[%80]=1&",
                      "include[]=variables&", "sort=-name,"):
            query = (piece * 8000)[:8000 - 20]
            path = LIST + "?" + query
            self.assertIn(self.ask(path.encode()), (200, 400, 422), piece)

    def test_deep_brackets(self):
        self.assertIn(self.ask((LIST + "?filter" + "[a]" * 2000 + "=1")
                               .encode()), (200, 400))

    def test_broken_utf8(self):
        for broken in ("%80", "%C3", "%C0%AF", "%ED%A0%80", "%F5%80%80%80",
                       "%FF%FE", "%F0%9F%98"):
            for query in ("?include=" + broken, "?sort=" + broken,
                          "?filter[%s]=1" % broken, "?fields=" + broken):
                self.assertEqual(self.ask((LIST + query).encode()), 400,
                                 query)
            for query in ("?filter[system]=" + broken, "?x=" + broken,
                          "?%s=1" % broken):
                self.assertIn(self.ask((LIST + query).encode()), (200, 400),
                              query)
            self.assertIn(self.ask((LIST + "/" + broken).encode()),
                          (400, 404))

    def test_raw_bytes_in_the_request_line(self):
        for junk in (b"\xff\xfe", b"\xc3\xa9", b"\x80", b"\"<>|^`{}"):
            status = self.ask(LIST.encode() + b"?filter[system]=" + junk)
            self.assertIn(status, (200, 400))

    def test_nul_bytes(self):
        for query in ("?filter[system]=a%00b", "?filter[canonical_key]=%00",
                      "?include=variables%00", "?sort=name%00",
                      "?a%00b=1", "?page=1%00"):
            self.assertIn(self.ask((LIST + query).encode()),
                          (200, 400, 422), query)
        self.assertIn(self.ask((LIST + "/101%00").encode()), (400, 404))

    def test_nothing_is_injected(self):
        for value in (b"'%20OR%201=1%20--%20", b"%22%20OR%20%22%22=%22",
                      b"1);DROP%20TABLE%20connectors;--"):
            answer = self.ask(LIST.encode() + b"?filter[canonical_key]=" +
                              value)
            self.assertEqual(answer, 200)
        self.assertEqual(
            self.get("?filter[canonical_key]='%20OR%201=1%20--%20")
            .json()["meta"]["total"], 0)
        self.assertEqual(self.get().json()["meta"]["total"], 21)

    def test_authorization_with_odd_bytes(self):
        for value in (b"\xff\xfe", b"cak_" + b"\xc3\xa9" * 20, b"Bearer \t",
                      b"cak_' OR 1=1 --", b"cak_" + b"a" * 4000):
            answer = raw(b"GET /api/v1/connectors HTTP/1.1\r\nHost: x\r\n"
                         b"Connection: close\r\nAuthorization: " + value +
                         b"\r\n\r\n")
            self.assertEqual(answer.status, 401)


if __name__ == "__main__":
    unittest.main()
