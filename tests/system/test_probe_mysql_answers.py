"""What errors of a database mean, answers that have no end, and who is waited
for: scripted servers."""
import itertools
import resource
import socket
import unittest

import probe_support
from probe_direct import LIMITS
from probe_mysql import (COLUMN, END, FAST, FULL, NATIVE, OK, ONE,
                         Script, Scripted, error, hello, switch)
from probe_support import Certificates, Server, dripping, reset, silent

KINDS = {1045: ("credentials_rejected", "authentication"),
         1698: ("credentials_rejected", "authentication"),
         1820: ("credentials_rejected", "authentication"),
         1862: ("credentials_rejected", "authentication"),
         3118: ("credentials_rejected", "authentication"),
         3955: ("credentials_rejected", "authentication"),
         4151: ("credentials_rejected", "authentication"),
         1044: ("access_denied", "authentication"),
         1142: ("access_denied", "authentication"),
         1227: ("access_denied", "authentication"),
         1049: ("not_found", "request"),
         1251: ("authentication_unsupported", "authentication"),
         1524: ("authentication_unsupported", "authentication"),
         3159: ("tls_required", "tls")}
MEGA = bytes(1024 * 1024)
ROW = b"\xfd\0\0\x10" + MEGA


def setUpModule():
    global certificates
    probe_support.make_cli()
    certificates = Certificates()
    Scripted.ca = certificates.path("ca.pem")


def tearDownModule():
    certificates.remove()


def rows_for_ever():
    return itertools.chain(ONE[:3], itertools.repeat(b"\xfc\xe8\3" + MEGA[:1000]))


class Errors(Scripted):
    def test_errors_mean_the_same_at_the_login_and_at_the_query(self):
        for number, (reason, stage) in KINDS.items():
            text = error(number)
            for script in (Script(FAST, refusal=text),
                           Script(switch(NATIVE), refusal=text),
                           Script(FAST, answer=(text,)),
                           Script(FAST, answer=(b"\1", COLUMN, END, text))):
                result = self.refused(script, reason, stage)
                self.assertIn("(MySQL error %d.)" % number, result["detail"])

    def test_errors_that_are_not_known(self):
        self.refused(Script(FAST, refusal=error(1105)), "failed",
                     "authentication")
        for answer in ((error(1105),), (error(2026),), (OK,), (b"",),
                       (b"\xfb/etc/passwd",), (b"\xff",),
                       (b"\1", COLUMN, END, END),
                       (b"\1", COLUMN, END, b"\1" b"1", b"\1" b"1", END)):
            self.refused(Script(FAST, answer=answer), "query_failed",
                         "response")

    def test_busy_servers_are_told_at_the_step_where_they_are(self):
        for script, stage in (
                (Script(FAST, refusal=error(1203)), "authentication"),
                (Script(FAST, answer=(error(1053),)), "response"),
                (Script(greets=error(1040, b"Too many connections")),
                 "connect")):
            self.refused(script, "server_busy", stage)


class Endless(Scripted):
    def endless(self, stage, script, *options):
        result = self.refused(script, "response_too_large", stage, *options)
        self.assertLess(result["duration_ms"], 10000)

    def test_answers_are_read_to_the_limit_only(self):
        for tls in (None, certificates.context("good")):
            for answer in (
                    (b"\1", COLUMN, END, *[ROW] * 64),
                    (b"\1", COLUMN, END, b"\xfd\xfb\xff\xff" + MEGA * 16),
                    rows_for_ever(), (ROW,),
                    (b"\xfc\xff\xff", *[COLUMN] * 65535),
                    (b"\1", COLUMN + MEGA), (error(1064, b"#42000" + MEGA),),
                    (b"\1", COLUMN, END, error(1064, b"#42000" + MEGA))):
                self.endless("response", Script(FAST, tls=tls,
                                                answer=answer))

    def test_logins_are_read_to_the_limit_only(self):
        for tls in (None, certificates.context("good")):
            for pieces in ((error(1045, MEGA),), (switch(NATIVE, MEGA),),
                           (b"\1" + MEGA,), [FAST] * 200000):
                self.endless("authentication", Script(*pieces, tls=tls))

    def test_greetings_are_read_to_the_limit_only(self):
        for greeting in (hello(NATIVE + MEGA, 0xffffffff),
                         error(1040, MEGA), b"\x0a" + MEGA * 15):
            self.endless("connect", Script(greets=greeting))

    def test_the_limit_is_the_configured_one(self):
        answer = (b"\1", COLUMN, END, b"\xfc\x40\x9c" + MEGA[:40000], END)
        self.passed(Script(FAST, answer=answer))
        self.passed(Script(FAST, answer=answer), "--answer-max", "41000")
        self.endless("response", Script(FAST, answer=answer),
                     "--answer-max", "40000")
        tls = certificates.context("good")
        self.passed(Script(FULL, tls=tls), "--answer-max", "1024")
        self.endless("response", Script(FULL, tls=tls, answer=answer),
                     "--answer-max", "40000")
        # A packet of 16 MiB goes on in the next.
        self.passed(Script(FAST, answer=(
            b"\1", COLUMN, END, b"\xfd\xfb\xff\xff" + MEGA * 16 + b"x", END)),
            "--answer-max", str(17 * len(MEGA)))

    def test_memory_does_not_grow_with_what_is_sent(self):
        self.passed(Script(FAST))
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        row = b"\xfd\xfb\xff\x3f" + MEGA * 4
        self.refused(Script(FAST, answer=(b"\1", COLUMN, END, *[row] * 160)),
                     "response_too_large", "response",
                     "--answer-max", str(600 * len(MEGA)))
        after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertLess(after - before, 4096)


class Waiting(Scripted):
    def test_silence_is_blamed_on_the_step_that_waits(self):
        tls = certificates.context("good")
        for script, stage in (
                (silent, "connect"), (dripping(b"\x50\0\0\0" + b"\x0a" * 80, 0.05), "connect"),
                (Stalling(1), "authentication"),
                (Stalling(1, tls=tls), "tls"),
                (Stalling(2, tls=tls), "authentication"),
                (Stalling(2), "response"),
                (Stalling(3, tls=tls), "response")):
            self.refused(script, "timeout", stage, *LIMITS)
            self.assertEqual(self.server.count, 1)

    def test_the_next_address_is_tried_when_nobody_speaks(self):
        script = Script(FAST)
        with Server(script) as server, \
                socket.create_server(("127.0.0.2", server.port)):
            ask = lambda *addresses: self.ask(
                "--connect-ms", "400", "--total-ms", "3000", "--resolve",
                "db.example:%d:%s" % (server.port, ",".join(addresses)),
                host="db.example", port=str(server.port), username="alice",
                password="x")
            for first in ("127.0.0.2", "127.0.0.3"):
                result = ask(first, "127.0.0.1")
                self.assertTrue(result["ok"], result)
                self.assertEqual(result["address"], "127.0.0.1")
            result = ask("127.0.0.3", "127.0.0.2")
            self.assertEqual(result["reason"], "timeout", result)
            result = ask("127.0.0.2", "127.0.0.3")
            self.assertEqual(result["reason"], "connection_refused", result)

    def test_rows_that_drip_end_in_time(self):
        for tls in (None, certificates.context("good")):
            script = Script(FAST, tls=tls, answer=rows_for_ever(),
                            pause=0.02)
            self.refused(script, "timeout", "response", *LIMITS)

    def test_breaks_are_blamed_on_the_step_that_broke(self):
        tls = certificates.context("good")
        for script, reason, stage in (
                (reset, "connection_reset", "connect"),
                (lambda connection: None, "connection_reset", "connect"),
                (Breaking(1), "connection_reset", "authentication"),
                (Breaking(1, tls=tls), "tls_failed", "tls"),
                (Breaking(2, tls=tls), "connection_reset", "authentication"),
                (Breaking(2), "connection_reset", "response")):
            self.refused(script, reason, stage)

    def test_packets_out_of_order_are_no_database(self):
        for greeting in (b"SSH-2.0-OpenSSH_9.2\r\n", b"220 ready\r\n",
                         b"\0\0\0\0", b"\1\0\0\1\x0a", b"\5\0\0\0\x09abcd",
                         b"\x4a\0\0\0" + b"\x0a" * 74):
            self.refused(probe_support.greeting(greeting), "not_database",
                         "connect")


class Stalling(Script):
    """Says nothing more once it has read so many packets."""

    def __init__(self, packets, **options):
        super().__init__(FAST, **options)
        self.packets = packets

    def read(self, connection):
        payload = super().read(connection)
        if len(self.got) >= self.packets:
            self.stop(connection)
        return payload

    def stop(self, connection):
        silent(connection)
        raise OSError("gone")


class Breaking(Stalling):
    def stop(self, connection):
        raise OSError("gone")


if __name__ == "__main__":
    unittest.main()
