"""The page /api/v1/docs as nginx serves it, with no service behind it."""
import http.client
import json
import unittest

from test_nginx_sites import BUILD, INCLUDE, PAGE, SITES, Nginx, free_ports


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ports = dict(zip(SITES, free_ports(len(SITES))))
        cls.nginx = Nginx("/nowhere", "".join(
            f"server {{ listen 127.0.0.1:{port}; {SITES[name]} {INCLUDE} }}\n"
            for name, port in cls.ports.items()).replace("@PROXY@", "9"))
        cls.addClassCleanup(cls.nginx.stop)
        cls.nginx.start(next(iter(cls.ports.values())))

    def ask(self, site, method="GET", path=PAGE):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[site],
                                                timeout=30)
        self.addCleanup(connection.close)
        connection.request(method, path)
        answer = connection.getresponse()
        return answer, answer.read().decode()

    def test_is_served_whatever_else_the_server_does(self):
        page = (BUILD / "docs.html").read_text()
        for site in SITES:
            with self.subTest(site=site):
                answer, body = self.ask(site)
                self.assertEqual(answer.status, 200)
                self.assertEqual(body, page)

    def test_is_html_that_may_load_nothing(self):
        answer, body = self.ask(next(iter(SITES)), "HEAD")
        self.assertEqual((answer.status, body), (200, ""))
        self.assertEqual(answer.headers["Content-Type"],
                         "text/html; charset=utf-8")
        self.assertIn("default-src 'none'",
                      answer.headers["Content-Security-Policy"])
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(answer.headers["Cache-Control"], "no-cache")

    def test_is_only_read(self):
        for method in ("POST", "PUT", "DELETE"):
            with self.subTest(method=method):
                answer, body = self.ask(next(iter(SITES)), method)
                self.assertEqual(answer.status, 405)
                self.assertEqual(set(json.loads(body)), {"message"})


if __name__ == "__main__":
    unittest.main()
