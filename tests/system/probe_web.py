"""An HTTP server that knows each kind of credentials, and checks them."""
import base64
import hashlib
import hmac
import http.server
import json
import re
import socket
import struct
import threading
from urllib.parse import parse_qsl, quote, urlsplit

from probe_signed import is_oauth1, sigv4_fault
from probe_support import SECRET

USER, PASSWORD = "alice", SECRET + " p%&ss\"word"
TOKEN = SECRET + "-token"
NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_FINE = "<e:Envelope xmlns:e='%s'><e:Body><ok/></e:Body></e:Envelope>"
SOAP_FAULT = ("<e:Envelope xmlns:e='%s'><e:Body><e:Fault><faultstring>%s"
              "</faultstring></e:Fault></e:Body></e:Envelope>")


def md4(data):
    """MD4: OpenSSL has put it away, NTLM has not."""
    def rotate(x, n):
        x &= 0xffffffff
        return (x << n | x >> (32 - n)) & 0xffffffff

    state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
    data += b"\x80" + bytes((55 - len(data)) % 64) + struct.pack(
        "<Q", 8 * len(data))
    rounds = (
        (lambda x, y, z: x & y | ~x & z, 0, range(16), (3, 7, 11, 19)),
        (lambda x, y, z: x & y | x & z | y & z, 0x5a827999,
         [i % 4 * 4 + i // 4 for i in range(16)], (3, 5, 9, 13)),
        (lambda x, y, z: x ^ y ^ z, 0x6ed9eba1,
         [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
         (3, 9, 11, 15)))
    for at in range(0, len(data), 64):
        words = struct.unpack("<16I", data[at:at + 64])
        a, b, c, d = state
        for mix, add, order, shifts in rounds:
            for i, k in enumerate(order):
                a, b, c, d = d, rotate(a + mix(b, c, d) + words[k] + add,
                                       shifts[i % 4]), b, c
        state = [x + y & 0xffffffff for x, y in zip(state, (a, b, c, d))]
    return struct.pack("<4I", *state)


def ntlm_challenge():
    target = "T".encode("utf-16le")
    info = struct.pack("<HH", 2, len(target)) + target + bytes(4)
    return (b"NTLMSSP\0" + struct.pack("<IHHI", 2, len(target), len(target),
                                       48)
            + struct.pack("<I", 0x008a8205) + b"12345678" + bytes(8)
            + struct.pack("<HHI", len(info), len(info), 48 + len(target))
            + target + info)


def is_ntlm_answer(message):
    def field(at):
        length, _, offset = struct.unpack("<HHI", message[at:at + 8])
        return message[offset:offset + length]

    answer = field(20)
    user, domain = (field(at).decode("utf-16le") for at in (36, 28))
    key = hmac.digest(md4(PASSWORD.encode("utf-16le")),
                      (user.upper() + domain).encode("utf-16le"), "md5")
    proof = hmac.digest(key, b"12345678" + answer[16:], "md5")
    return user == USER and hmac.compare_digest(proof, answer[:16])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body="", **headers):
        data = body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def handle_any(self):
        length = int(self.headers.get("Content-Length", 0))
        self.body = self.rfile.read(length).decode()
        # As it came: the class has changed self.path if it begins with "//".
        self.target = self.requestline.split(" ")[1]
        self.url = urlsplit(self.path)
        self.query = dict(parse_qsl(self.url.query, True))
        self.server.requests.append(
            (self.command, self.path, dict(self.headers), self.body))
        name, _, rest = self.url.path[1:].partition("/")
        getattr(self, "on_" + name, self.on_nothing)(rest)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any
    do_HEAD = do_OPTIONS = handle_any

    def on_nothing(self, _):
        self.answer(404)

    def on_status(self, rest):
        self.answer(int(rest), "echo: " + self.path + self.body
                    + str(self.headers))

    def on_echo(self, _):
        """All that came, in a body and in headers."""
        self.answer(int(self.query.get("status", 200)), self.body
                    + self.path + str(self.headers), X_Echo=quote(self.path))

    def on_redirect(self, rest):
        count = int(rest or 1)
        to = self.query.get("to") or (
            "/redirect/%d" % (count - 1) if count > 1 else "/status/200")
        self.answer(int(self.query.get("status", 302)), Location=to)

    def on_location(self, rest):
        """One of a list, byte for byte."""
        self.answer(302, Location=self.server.locations[int(rest)].encode(
            errors="surrogateescape").decode("latin-1"))

    def let_in(self, good, challenge="Basic realm=x"):
        if good and "then" in self.query:
            self.answer(302, Location=self.query["then"])
        elif good:
            self.answer(200, "welcome")
        else:
            self.answer(401, "go away " + str(self.headers),
                        WWW_Authenticate=challenge)

    def on_basic(self, _):
        expected = base64.b64encode(
            ("%s:%s" % (USER, PASSWORD)).encode()).decode()
        self.let_in(self.headers.get("Authorization") == "Basic " + expected)

    def on_bearer(self, _):
        self.let_in(self.headers.get("Authorization") == "Bearer " + TOKEN)

    def on_key(self, _):
        self.let_in(self.headers.get("X-Key") == TOKEN)

    def on_query(self, _):
        self.let_in(self.query.get("api key") == TOKEN)

    def on_json(self, _):
        self.let_in(json.loads(self.body).get("key") == PASSWORD
                    and self.headers["Content-Type"] == "application/json")

    def on_form(self, _):
        self.let_in(dict(parse_qsl(self.body)).get("key") == PASSWORD)

    def on_method(self, rest):
        self.answer(200 if self.command == rest else 405)

    def on_digest(self, _):
        given = dict(re.findall(r'(\w+)="?([^",]*)"?',
                                self.headers.get("Authorization", "")))

        def md5(*parts):
            return hashlib.md5(":".join(parts).encode()).hexdigest()

        good = given.get("nonce") == NONCE and given["response"] == md5(
            md5(USER, "r", PASSWORD), NONCE, given["nc"], given["cnonce"],
            "auth", md5(self.command, self.path))
        self.let_in(good, 'Digest realm="r", nonce="%s", qop="auth"' % NONCE)

    def on_ntlm(self, _):
        scheme, _, text = self.headers.get("Authorization", "").partition(" ")
        message = base64.b64decode(text) if scheme == "NTLM" else b""
        if message[8:9] == b"\1":
            self.let_in(False, "NTLM " + base64.b64encode(
                ntlm_challenge()).decode())
        else:
            self.let_in(message[8:9] == b"\3" and is_ntlm_answer(message),
                        "NTLM")

    def on_oauth1(self, _):
        self.let_in(is_oauth1(
            self.command, self.target, self.headers, self.body,
            (PASSWORD, TOKEN), ("ck", "tk"), self.query.get("realm", "")))

    def on_sigv4(self, _):
        fault = sigv4_fault(self.command, self.target, self.headers.items(),
                            self.body, "AKIDEXAMPLE", PASSWORD)
        if "session" in self.query and self.headers.get(
                "x-amz-security-token") != TOKEN:
            fault = fault or "session"
        self.server.faults.append(fault)
        self.answer(403 if fault else 200, fault or "")

    def on_token(self, rest):
        """An OAuth 2 token endpoint; rest names how it misbehaves."""
        form = dict(parse_qsl(self.body, True))
        kind = form.get("grant_type")
        if rest in self.TOKEN_ANSWERS:
            return self.answer(*self.TOKEN_ANSWERS[rest])
        good = (form.get("client_id"), form.get("client_secret")) == (
            "id", PASSWORD)
        if kind == "password":
            good = good and (form["username"], form["password"]) == (
                USER, PASSWORD)
        if kind == "refresh_token":
            good = good and form["refresh_token"] == TOKEN + "-refresh"
        if "scope" in self.query:
            good = good and form.get("scope") == self.query["scope"]
        if "extra" in self.query:
            good = good and form.get("audience") == self.query["extra"]
        if not good:
            return self.answer(
                400 if kind == "refresh_token" else 401,
                json.dumps({"error": "invalid_grant", "got": self.body}))
        answer = {"access_token": TOKEN, "token_type": "bearer",
                  "refresh_token": TOKEN + "-fresh"}
        self.answer(200, json.dumps({"data": answer} if rest == "deep"
                                    else answer))

    TOKEN_ANSWERS = {
        "none": (200, '{"token_type": "bearer", "x": "%s"}' % SECRET),
        "html": (200, "<html>%s</html>" % SECRET),
        "form": (200, "access_token=%s&token_type=bearer" % TOKEN),
        "break": (200, json.dumps({"access_token": "a\r\nX-Evil: 1"})),
        "scope": (400, '{"error": "invalid_scope"}'),
        "gone": (404, "gone"),
        "busy": (503, "busy"),
        "same": (200, json.dumps({"access_token": TOKEN,
                                  "refresh_token": TOKEN + "-refresh"})),
    }

    def on_soap(self, rest):
        good = ("<u>%s</u>" % USER) in self.body and (
            PASSWORD.replace("&", "&amp;").replace('"', "&quot;")
            in self.body)
        if rest == "page":
            self.answer(200, "<html><body>hello</body></html>")
        elif rest == "cut":
            self.answer(200, (SOAP_FINE % SOAP)[:-5])
        elif not good or self.headers["Content-Type"].split(";")[0] != \
                "text/xml" or "SOAPAction" not in self.headers:
            # The fault quotes what it was sent.
            self.answer(200 if rest == "polite" else 500, SOAP_FAULT % (
                SOAP, quote(self.body)))
        else:
            self.answer(200, SOAP_FINE % SOAP)


class Six(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


class Web:
    """The server, with what was asked of it."""

    def __init__(self, context=None, host="127.0.0.1", port=0):
        kind = Six if ":" in host else http.server.ThreadingHTTPServer
        self.server = kind((host, port), Handler)
        self.server.daemon_threads = True
        # A peer that hangs up is part of the tests.
        self.server.handle_error = lambda *_: None
        self.server.requests, self.server.faults = [], []
        if context:
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.base = "%s://%s:%d" % (
            "https" if context else "http",
            "[%s]" % host if ":" in host else host, self.port)
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()

    requests = property(lambda self: self.server.requests)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
