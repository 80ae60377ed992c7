"""The connector test and what stands in answers: compressed though nobody
asked, in any charset, with attachments, or empty as they may be."""
import base64
import codecs
import gzip
import quopri
import unittest
import zlib

import probe_support
from probe_bodies import (FAULT, FINE, TOKEN_JSON, Bodies, halves,
                          raw_deflate)
from probe_support import SECRET, Server, answering, probe, read_head

REFUSAL = b'{"error": "invalid_client", "said": "%s"}' % SECRET.encode()
# What a server says that the coding is, and how it makes it.
CODINGS = (
    ("gzip", gzip.compress), ("GZIP", gzip.compress),
    ("x-gzip", gzip.compress), ("gzip", halves),
    ("gzip", lambda data: gzip.compress(data) + bytes(20)),
    ("deflate", zlib.compress), ("Deflate", raw_deflate),
    ("identity", bytes), ("gzip, identity", gzip.compress),
    ("identity,gzip", gzip.compress), (" gzip ,,", gzip.compress), ("", bytes),
    ("deflate, gzip", lambda data: gzip.compress(zlib.compress(data))),
    ("gzip\r\nContent-Encoding: deflate",
     lambda data: zlib.compress(gzip.compress(data))),
    ("gzip\r\ncontent-encoding: identity", gzip.compress))


def setUpModule():
    probe_support.make_cli()


def coded(coding):
    return "Content-Encoding: " + coding


class Codings(Bodies):
    def test_every_reader_unpacks(self):
        for coding, pack in CODINGS:
            with self.subTest(coding):
                self.check(self.token(pack(TOKEN_JSON), coded(coding)), None)
                self.check(self.soap(pack(FINE.encode()), coded(coding)), None)
                self.check(self.soap(pack(FAULT.encode()), coded(coding),
                                     status=500), "soap_fault")
                self.check(self.token(pack(REFUSAL), coded(coding),
                                      status=400), "credentials_rejected")
                self.check(self.ask(
                    "basic", pack(b"<h1>No required SSL certificate was sent"),
                    coded(coding), status=400, variables=[
                        {"key": key, "value": "x"}
                        for key in ("username", "password")]),
                           "client_certificate_required", "tls")

    def test_coding_is_that_of_the_last_answer(self):
        """Digest has two: the first asks for credentials."""
        page = gzip.compress(b"<h1>The SSL certificate error")

        def serve(connection):
            for status in (b"401 No\r\nWWW-Authenticate: Digest realm=r, "
                           b"nonce=n, qop=auth", b"400 No"):
                read_head(connection)
                connection.sendall(
                    b"HTTP/1.1 %s\r\nContent-Encoding: gzip\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (
                        status, len(page), page))
        with Server(serve) as server:
            self.check(probe({
                "type": "digest", "variables": [
                    {"key": key, "value": "x"}
                    for key in ("username", "password")],
                "url": "http://127.0.0.1:%d/" % server.port}),
                       "client_certificate_rejected", "tls")

    def test_in_chunks(self):
        data = gzip.compress(TOKEN_JSON)
        body = b"".join(b"1\r\n%c\r\n" % byte for byte in data)
        head = (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n")
        with Server(answering(head + body + b"0\r\n\r\n")) as server:
            self.check(probe({
                "type": "oauth2_client_credentials", "variables": [
                    {"key": key, "value": "x"}
                    for key in ("client_id", "client_secret")],
                "url": "http://127.0.0.1:%d/" % server.port}), None)

    def test_unknown(self):
        for coding in ("br", "zstd", "compress", "gzip, br", "br, gzip",
                       "aes128gcm", "x", "gzip;q=1", "gzip gzip",
                       ", ".join(["gzip"] * 20)):
            for ask in (self.token, self.soap):
                self.check(ask(gzip.compress(TOKEN_JSON), coded(coding)),
                           "not_decodable", "response", "compress")
                # What the status says counts more.
                self.check(ask(gzip.compress(REFUSAL), coded(coding),
                               status=503), "server_error")
        self.check(self.ask("none", b"\0", coded("br")), None)

    def test_cut(self):
        for pack, coding in ((gzip.compress, "gzip"), (halves, "gzip"),
                             (zlib.compress, "deflate"),
                             (raw_deflate, "deflate")):
            data = pack(FINE.encode())
            for length in (len(data) - 1, len(data) // 2, 12, 1):
                for ask in (self.token, self.soap):
                    self.check(ask(data[:length], coded(coding)),
                               "response_cut", "response")

    def test_broken(self):
        data = gzip.compress(TOKEN_JSON)
        for broken in (TOKEN_JSON, FINE.encode(),
                       data[:-8] + bytes(8), b"\x1f\x8b" + bytes(30),
                       data[:20] + b"\xff" * 9 + data[29:]):
            for ask in (self.token, self.soap):
                self.check(ask(broken, coded("gzip")), "not_decodable",
                           "response")

    def test_bombs(self):
        bomb = gzip.compress(b" " * 3000000 + TOKEN_JSON)
        self.assertLess(len(bomb), 60000)
        for coding, data in (("gzip", bomb), ("gzip, gzip",
                                              gzip.compress(bomb)),
                             ("gzip", gzip.compress(b" " * 60000) * 40)):
            for ask in (self.token, self.soap):
                for status in (200, 400):
                    self.check(ask(data, coded(coding), status=status),
                               "response_too_large", "response")
            # Where nobody reads it nobody unpacks it.
            for status, reason in ((200, None), (404, "not_found")):
                self.check(self.ask("none", data, coded(coding),
                                    status=status), reason)

    def test_limit_is_of_what_is_unpacked(self):
        for padding, reason in ((0, None), (1, "response_too_large")):
            data = TOKEN_JSON + b" " * (5000 - len(TOKEN_JSON) + padding)
            self.check(self.token(gzip.compress(data), coded("gzip"),
                                  options=("--answer-max", 5000)), reason)


def declared(encoding, text=FINE):
    return "<?xml version='1.0' encoding='%s'?>\n" % encoding + text


def typed(value):
    return "Content-Type: " + value


# The bytes and the media type of answers that are right.
XML = (
    (FINE.encode(), "text/xml"), (FINE.encode(), "text/xml; charset=utf-8"),
    (FINE.encode(), 'text/xml; charset="UTF-8"'),
    (FINE.encode(), "text/xml; charset=utf8"), (FINE.encode(), ""),
    (FINE.encode(), "text/xml; charset="), (FINE.encode(), "text/xml; ;;"),
    # The media type before the declaration.
    (declared("UTF-8").encode("latin-1"), "text/xml; charset=ISO-8859-1"),
    (declared("UTF-16").encode(), "text/xml;charset=utf-8"),
    (declared("ISO-8859-1").encode(), "application/soap+xml; charset=UTF-8"),
    (declared("x-nothing").encode("cp1252"), "text/xml; charset=Windows-1252"),
    (declared("UTF-8").encode("utf-16-le"), "text/xml; charset=utf-16le"),
    # A mark before both.
    (codecs.BOM_UTF8 + FINE.encode(), "text/xml; charset=iso-8859-1"),
    (codecs.BOM_UTF8 + declared("iso-8859-1").encode(), "text/xml"),
    (codecs.BOM_UTF16_LE + FINE.encode("utf-16-le"), "text/xml"),
    (codecs.BOM_UTF16_BE + FINE.encode("utf-16-be"), "text/xml"),
    (codecs.BOM_UTF16_BE + declared("utf-16").encode("utf-16-be"),
     "text/xml; charset=us-ascii"),
    (codecs.BOM_UTF16_LE + FINE.encode("utf-16-le"),
     "text/xml; charset=UTF-16"),
    # Both orders without a mark.
    (FINE.encode("utf-16-be"), "text/xml; charset=utf-16"),
    (FINE.encode("utf-16-le"), "text/xml; charset=utf-16"),
    (declared("UTF-16").encode("utf-16-le"), "text/xml"),
    (declared("UTF-16BE").encode("utf-16-be"), "text/xml"),
    # The declaration.
    (declared("windows-1252").encode("cp1252"), "text/xml"),
    (declared("WINDOWS-1252", FINE.replace("\u00e9", "\u20ac\u201c")).encode(
        "cp1252"), "application/xml"),
    (declared("ISO-8859-15", FINE.replace("\u00e9", "\u20ac")).encode(
        "iso8859-15"), "text/xml"),
    (declared("iso-8859-1").encode("latin-1"), "text/xml"),
    (declared("US-ASCII", FINE.replace("\u00e9", "e")).encode(), "text/xml"),
    # Others that are known, spelled as they come.
    (FINE.encode("cp1252"), 'text/xml; a="x;y\\""; CHARSET="windows-1252"'),
    (FINE.encode("iso8859-15"), "text/xml;charset=latin-9"),
    (FINE.encode("latin-1"), "text/xml ; charset=ISO_8859-1 ; x=y"),
    (FINE.replace("\u00e9", "\u0436").encode("cp1251"),
     "text/xml; charset=windows-1251"),
    (FINE.replace("\u00e9", "\u0436").encode("koi8-r"),
     "text/xml; charset=KOI8-R"),
    (FINE.replace("\u00e9", "\u4e2d").encode("gb18030"),
     "text/xml; charset=gb2312"),
    (FINE.replace("\u00e9", "\u3042").encode("shift_jis"),
     "text/xml; charset=Shift_JIS"),
    # Not known, but it can only be this.
    (FINE.encode(), "text/xml; charset=x-own"),
    (FINE.replace("\u00e9", "e").encode(), "text/xml; charset=us-ascii"),
)
NOT_XML = (
    # What is named is what counts, and it is not that.
    (FINE.encode("latin-1"), "text/xml; charset=utf-8", "not_soap"),
    (declared("iso-8859-1").encode("latin-1"), "text/xml; charset=utf-8",
     "not_soap"),
    (FINE.encode("cp1252"), "text/xml", "not_soap"),
    (FINE.encode(), "text/xml; charset=us-ascii", "not_soap"),
    (FINE.encode(), "text/xml; charset=utf-16", "not_soap"),
    (codecs.BOM_UTF16_LE + FINE.encode("utf-16-be"), "text/xml", "not_soap"),
    (codecs.BOM_UTF16_LE + FINE.encode("utf-16-le")[:-3], "text/xml",
     "not_soap"),
    (FINE.encode("latin-1"), "text/xml; charset=x-own", "not_decodable"),
    (declared("x-own").encode("latin-1"), "text/xml", "not_decodable"),
    (FINE.encode("latin-1"), "text/xml; charset=UTF-8//TRANSLIT",
     "not_decodable"),
    (FINE.encode("latin-1"), "text/xml; charset=ISO-2022-CN-EXT",
     "not_decodable"),
)


class Charsets(Bodies):
    def test_soap(self):
        for body, kind in XML:
            with self.subTest(kind, body=body):
                self.check(self.soap(body, typed(kind)), None)
        for body, kind, reason in NOT_XML:
            with self.subTest(kind, body=body):
                self.check(self.soap(body, typed(kind)), reason, "response")

    def test_faults_are_found_in_all(self):
        for encoding in ("utf-8", "utf-16", "utf-16-be", "cp1252",
                         "iso8859-15", "latin-1"):
            self.check(self.soap(
                FAULT.encode(encoding), typed("text/xml; charset="
                                              + encoding), status=500),
                       "soap_fault")

    def test_json(self):
        for body in (TOKEN_JSON.decode(), '{"\u00e9": "\u00e9", '
                     + TOKEN_JSON.decode()[1:]):
            for data, kind in (
                    (body.encode(), "application/json"),
                    (body.encode(), "application/json; charset=utf-8"),
                    (body.encode(), "application/json; charset=iso-8859-1"),
                    (body.encode(), "application/json; charset=us-ascii"),
                    (body.encode(), "application/json; charset=x-own"),
                    (codecs.BOM_UTF8 + body.encode(), "application/json"),
                    (body.encode("utf-16"), "application/json"),
                    (body.encode("utf-16-le"), "application/json"),
                    (body.encode("utf-16-be"), "application/json"),
                    (body.encode("utf-16-be"), "text/x; charset=utf-16"),
                    (body.encode("utf-32-le"), "application/json"),
                    (body.encode("latin-1"), 'text/json; charset="latin1"'),
                    (body.encode("cp1252"),
                     "application/json; charset=windows-1252")):
                with self.subTest(kind, data=data):
                    self.check(self.token(data, typed(kind)), None)
                    self.check(self.token(gzip.compress(data), typed(kind),
                                          coded("gzip")), None)
        self.check(self.token('{"\u00e9": 1}'.encode("latin-1"),
                              typed("application/json")), "token_malformed")
        self.check(self.token('{"\u00e9": 1}'.encode("latin-1"),
                              typed("application/json; charset=x-own")),
                   "not_decodable", "response", "charset")
        self.check(self.token(REFUSAL.decode().encode("utf-16"),
                              typed("application/json"), status=401),
                   "credentials_rejected", "authentication", "invalid_client")


def related(parts, end="\r\n", tail="--", boundary="b=_1"):
    """A body of parts, each with its header lines."""
    lines = [b"to those without MIME"]
    for data, *headers in parts:
        lines += [b"--" + boundary.encode(), *(h.encode() for h in headers),
                  b"", data]
    lines += [b"--" + boundary.encode() + tail.encode(), b""]
    return end.encode().join(lines)


RELATED = ('Content-Type: Multipart/Related; boundary="b=_1"; '
           'type="application/xop+xml"; start-info="text/xml"')
XOP = 'Content-Type: application/xop+xml; charset=UTF-8; type="text/xml"'
ROOT = (FINE.encode(), XOP, "Content-Transfer-Encoding: binary",
        "Content-ID: <root.message@cxf.apache.org>")
PICTURE = (b"\x89PNG\r\n--b=\r\n\0<<", "Content-Type: image/png",
           "Content-ID: <picture@x>")
START = '; start="<root.message@cxf.apache.org>"'


class Attachments(Bodies):
    def test_root_part_is_judged(self):
        folded = (FINE.encode(), 'Content-Type: application/xop+xml;',
                  '\tcharset=UTF-8', "content-id: root.message@cxf.apache.org")
        for parts, kind in (
                ((ROOT, PICTURE), RELATED), ((ROOT, PICTURE), RELATED + START),
                ((PICTURE, ROOT), RELATED + START),
                ((PICTURE, ROOT),
                 RELATED + "; START=root.message@cxf.apache.org"),
                ((PICTURE, folded), RELATED + START),
                (((FINE.encode(),), PICTURE), RELATED),
                ((ROOT,), RELATED + "\r\n " + START)):
            with self.subTest(kind, parts=parts):
                self.check(self.soap(related(parts), kind), None)
                self.check(self.soap(related(parts, end="\n"), kind), None)
                self.check(self.soap(gzip.compress(related(parts)), kind,
                                     coded("gzip")), None)
                faulty = [(part[0].replace(FINE.encode(), FAULT.encode()),
                           *part[1:]) for part in parts]
                self.check(self.soap(related(faulty), kind, status=500),
                           "soap_fault")

    def test_part_is_decoded(self):
        for data, *headers in (
                (base64.encodebytes(FINE.encode()).replace(b"\n", b"\r\n"),
                 "Content-Transfer-Encoding: base64"),
                (quopri.encodestring(FINE.encode()),
                 "Content-Transfer-Encoding: Quoted-Printable"),
                (FINE.replace("\u00e9", "e").encode(),
                 "Content-Transfer-Encoding: 7bit"),
                (FINE.encode("cp1252"),
                 "Content-Type: text/xml; charset=windows-1252"),
                (FINE.encode("utf-16"), "Content-Type: text/xml"),
                (base64.b64encode(declared("iso-8859-15").encode(
                    "iso8859-15")), "content-transfer-encoding:BASE64")):
            with self.subTest(headers):
                self.check(self.soap(related(((data, *headers), PICTURE)),
                                     RELATED), None)

    def test_not_soap(self):
        fine = related((ROOT, PICTURE))
        for body, kind in (
                (related((PICTURE, ROOT)), RELATED),
                (fine, RELATED + '; start="<other@x>"'),
                (fine, RELATED.replace("b=_1", "other")),
                (fine, "Content-Type: multipart/related"),
                (fine, 'Content-Type: multipart/related; boundary=""'),
                (fine, "Content-Type: text/xml"),
                (fine[:fine.index(b"</e:Body>")], RELATED),
                (related(()), RELATED), (b"", RELATED), (b"--b=_1", RELATED),
                (related(((b"!", XOP, "Content-Transfer-Encoding: base64"),)),
                 RELATED),
                (related((ROOT,)).replace(b"\r\n\r\n", b"\r\n"), RELATED)):
            with self.subTest(kind, body=body):
                self.check(self.soap(body, kind), "not_soap", "response")


class OneWay(Bodies):
    def test_nothing_is_right_where_nothing_is_said(self):
        for status in (202, 204):
            self.check(self.soap(b"", status=status), None)
        self.check(self.soap(b"\r\n", typed("text/xml"), status=202), None)
        self.check(self.soap(b"", coded("gzip"), status=202), None)
        self.check(self.soap(gzip.compress(b""), coded("gzip"), status=202),
                   None)
        self.check(self.soap(FINE.encode(), status=202), None)

    def test_something_else_is_not(self):
        self.check(self.soap(b"", status=200), "not_soap")
        self.check(self.soap(b"<html/>", status=202), "not_soap")
        self.check(self.soap(FAULT.encode(), status=202), "soap_fault")
        self.check(self.soap(b"", status=202, expected_status="200"),
                   "unexpected_status")
        self.check(self.soap(b"", status=500), "server_error")


if __name__ == "__main__":
    unittest.main()
