"""Servers that answer with bytes of one's choice, and what is asked of them."""
import gzip
import unittest
import zlib

from probe_support import SECRET, Server, probe, read_head, variables

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
FINE = ("<e:Envelope xmlns:e='" + SOAP + "'><e:Body><r>\u00e9</r></e:Body>"
        "</e:Envelope>")
FAULT = FINE.replace("<r>\u00e9</r>", "<e:Fault>\u00e9</e:Fault>")
TOKEN = SECRET + "-token"
TOKEN_JSON = b'{"access_token": "%s"}' % TOKEN.encode()
KEYS = {"client_id": "id", "client_secret": SECRET}


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def halves(data):
    """Two members of gzip, of which the first ends in the middle."""
    return gzip.compress(data[:9]) + gzip.compress(data[9:])


def serving(body, *headers, status=200):
    """Reads a request to its end, sends the body with these header lines."""
    head = "".join("%s\r\n" % line for line in (
        "HTTP/1.1 %d Said" % status, *headers,
        "Content-Length: %d" % len(body), "Connection: close", ""))

    def serve(connection):
        data = read_head(connection)
        got, _, rest = data.partition(b"\r\n\r\n")
        length = [line.split(b":")[1] for line in got.lower().split(b"\r\n")
                  if line.startswith(b"content-length:")]
        missing = int(length[0]) - len(rest) if length else 0
        while missing > 0:
            missing -= len(connection.recv(4096))
        connection.sendall(head.encode("latin-1") + body)
    return serve


class Bodies(unittest.TestCase):
    def ask(self, kind, body, *headers, status=200, options=(), **more):
        more.setdefault("variables", variables(**KEYS))
        if kind == "soap":
            more.setdefault("body", FINE)
        with Server(serving(body, *headers, status=status)) as server:
            return probe({"type": kind, "url": "http://127.0.0.1:%d/"
                          % server.port, **more}, *options)

    def soap(self, *arguments, **more):
        return self.ask("soap", *arguments, **more)

    def token(self, *arguments, **more):
        return self.ask("oauth2_client_credentials", *arguments, **more)

    def check(self, result, reason, stage=None, says=""):
        self.assertEqual(result["reason"], reason, result)
        if stage:
            self.assertEqual(result["stage"], stage, result)
        self.assertIn(says, result["detail"])
