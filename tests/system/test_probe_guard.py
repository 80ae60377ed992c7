"""What the connector test must not reach: a listener on every address of this
machine counts, and stays at nothing."""
import concurrent.futures
import itertools
import socket
import threading
import unittest

import probe_support
from probe_support import Names, Server, answering, probe, variables
from probe_web import Web

FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HERE = "127.0.0.9"  # where the server that redirects is; this one is opened

# Spellings of hosts that lead to this machine or into networks of its own.
HOSTS = """
127.0.0.1 127.0.0.2 127.1 127.0.1 127.000.000.001 127.0.0.1. 127.1.
127.127.127.127 127.255.255.254 2130706433 0x7f000001 0x7F000001
0x7f.0.0.1 0x7f.1 0x7f.0x0.0x0.0x1 0177.0.0.1 0177.1 017700000001
0177.0.0.01 127.0x0.00.1 00000177.0.0.1 0x0000007f.1 127.0.1.1 127.65530
0 0. 00 0x0 0.0.0.0 0.0 0.0.0 000.000.000.000 0.0.0.1 0.1
10.0.0.1 10.1 0xa.1 167772161 012.1 172.16.0.1 172.31.255.254 2886729729
192.168.0.1 192.168.1 0xc0a80001 3232235521 0300.0250.0.1 100.64.0.1
100.127.255.255 1681915905 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
4294967295 0xffffffff 192.88.99.1
169.254.169.254 169.254.43518 2852039166 0xa9fea9fe 0251.0376.0251.0376
0xa9.254.0251.254 169.254.170.2 169.254.1.1 100.100.100.200 168.63.129.16
2822734096 192.0.0.192
[::1] [0:0:0:0:0:0:0:1] [0000::0001] [::0.0.0.1] [::] [0::0] [::0.0.0.0]
[::127.0.0.1] [::7f00:1] [::ffff:127.0.0.1] [::ffff:7f00:1]
[0:0:0:0:0:ffff:127.0.0.1] [::FFFF:127.0.0.1] [::ffff:0.0.0.0]
[::ffff:10.0.0.1] [::ffff:192.168.0.1] [::ffff:169.254.169.254]
[::ffff:a9fe:a9fe] [::ffff:100.64.0.1] [::ffff:0:127.0.0.1]
[64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b::10.0.0.1]
[64:ff9b::169.254.169.254] [64:ff9b:1::7f00:1] [64:ff9b:1::1]
[2002:7f00:1::] [2002:7f00:1::1] [2002:a00:1::1] [2002:c0a8:1::1]
[2002:a9fe:a9fe::1] [2001:0:808:808::80ff:fffe] [2001:0:7f00:1::1]
[fe80::1] [fe80::1%25lo] [fe80::a9fe:a9fe] [fec0::1] [fc00::1]
[fd00:ec2::254] [fd20:ce::254] [fd12:3456::1] [ff02::1] [ff0e::1]
[100::1] [2001:db8::1] [3fff::1] [5f00::1] [2606:4700::5efe:7f00:1]
localhost LOCALHOST LocalHost localhost. foo.localhost a.b.localhost.
ip6-localhost ip6-loopback
127.0.0.1%00 127.0.0.1%2f 127%2e0%2e0%2e1 %31%32%37.0.0.1 %6c%6fcalhost
①②⑦.⓪.⓪.① １２７.0.0.1 127。0。0。1 ⓛocalhost ｌocalhost
example.com@127.0.0.1 example.com:80@127.0.0.1 example.com%40127.0.0.1
example.com@localhost a:b@[::1] example.com\\@127.0.0.1
example.com#@127.0.0.1 127.0.0.1#@example.invalid
127.0.0.1:80:80 127.0.0.1@ @127.0.0.1 :@127.0.0.1
""".split()

# Whole URLs that some parser takes for one of ours; %d is the port.
URLS = """
http:127.0.0.1:%d/ http:/127.0.0.1:%d/ http:///127.0.0.1:%d/
http:////127.0.0.1:%d/ //127.0.0.1:%d/ http:\\\\127.0.0.1:%d\\
http://127.0.0.1:%d?x http://127.0.0.1:%d#x HTTP://127.0.0.1:%d/
http://127.0.0.1:0%d/ hTTps://127.0.0.1:%d/ https://[::1]:%d/
ftp://127.0.0.1:%d/ ftps://127.0.0.1:%d/ sftp://127.0.0.1:%d/
scp://127.0.0.1:%d/ dict://127.0.0.1:%d/a gopher://127.0.0.1:%d/_a
ldap://127.0.0.1:%d/ telnet://127.0.0.1:%d/ tftp://127.0.0.1:%d/a
smb://127.0.0.1:%d/a imap://127.0.0.1:%d/ pop3://127.0.0.1:%d/
smtp://127.0.0.1:%d/ rtsp://127.0.0.1:%d/ mqtt://127.0.0.1:%d/
ws://127.0.0.1:%d/ file:///etc/passwd file://127.0.0.1/etc/passwd
jar:http://127.0.0.1:%d/ url:http://127.0.0.1:%d/ javascript:alert(1)
""".split()

# What the library refuses before it comes to an address, or what looks like
# a host but is none.
HARMLESS = {"address_refused", "url_invalid", "name_not_resolved",
            "redirect_refused"}


def setUpModule():
    global names
    probe_support.make_cli()
    names = Names()


def tearDownModule():
    names.remove()


class Everywhere(Server):
    """On every address of this machine, IPv4 and IPv6."""

    def __init__(self):
        self.serve, self.context, self.count = answering(FINE), None, 0
        self.going = True
        self.socket = socket.create_server(
            ("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()


class Guard(unittest.TestCase):
    def setUp(self):
        self.trap = Everywhere()
        self.addCleanup(self.trap.__exit__)
        self.tried = 0

    def refused(self, *targets, **options):
        """Tries them, several at once; none may reach the trap."""
        def ask(target):
            return target, probe(target, "--connect-ms", "2000", **options)
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            for target, result in pool.map(ask, targets):
                self.assertIn(result["reason"], HARMLESS, (target, result))
                if result["stage"] != "response":
                    self.assertIsNone(result["steps"][3]["ok"], result)
                self.tried += 1
        self.assertEqual(self.trap.count, 0)

    def test_trap_works(self):
        for host in ("127.0.0.1", "[::1]", "localhost", "0x7f.1",
                     "[::ffff:127.0.0.1]"):
            self.assertTrue(probe(
                {"type": "none", "url": "http://%s:%d/" % (
                    host, self.trap.port)}, allow="127.0.0.0/8 ::1")["ok"],
                host)
        self.assertEqual(self.trap.count, 5)

    def urls(self):
        for host in HOSTS:
            yield "http://%s:%d/" % (host, self.trap.port)
        for url in URLS:
            yield url.replace("%d", str(self.trap.port))

    def test_spellings(self):
        self.refused(*({"type": "none", "url": url} for url in self.urls()),
                     allow=None)
        self.assertGreaterEqual(self.tried, 150)
        print("%d spellings, %d connections" % (self.tried, self.trap.count))

    def test_spellings_in_variables(self):
        kinds = (("ftp", "FTP"), ("sftp_password", "SFTP"),
                 ("database", "MySQL"))
        hosts = [host for host in HOSTS if "@" not in host][::3]
        targets = [{"type": kind, "protocol": protocol,
                    "variables": variables(
                        host=host, port=str(self.trap.port), username="u",
                        password="p")}
                   for host, (kind, protocol) in zip(
                       hosts, itertools.cycle(kinds))]
        HARMLESS.add("value_invalid")
        self.refused(*targets, allow=None)
        self.assertGreaterEqual(self.tried, 40)

    def test_spellings_behind_redirects(self):
        web = Web(host=HERE)
        web.server.locations = list(self.urls())
        self.refused(*({"type": "none", "url": "%s/location/%d" % (
            web.base, i)} for i in range(len(web.server.locations))
                       if not web.server.locations[i].startswith("http:/127")
                       and not web.server.locations[i].startswith(
                           "http:127")), allow=HERE)
        web.stop()
        self.assertGreaterEqual(self.tried, 150)
        print("%d redirects, %d connections" % (self.tried, self.trap.count))

    def test_names(self):
        for i, answers in enumerate((
                "127.0.0.1", "::1", "10.0.0.1", "169.254.169.254",
                "::ffff:127.0.0.1", "64:ff9b::7f00:1", "0.0.0.0",
                "127.0.0.1,::1,10.0.0.1", "fd00:ec2::254")):
            self.refused({"type": "none", "url":
                          "http://n%d.fake.example:%d/" % (
                              i, self.trap.port)},
                         allow=None, env=names.env(answers))
            self.refused({"type": "database", "protocol": "MySQL",
                          "variables": variables(
                              host="n%d.fake.example" % i, username="u",
                              port=str(self.trap.port), password="p")},
                         allow=None, env=names.env(answers))

    def test_good_and_bad_address(self):
        """The bad ones are never tried, whatever their place."""
        with Server(answering(FINE), host=HERE) as good:
            trap = socket.create_server(("127.0.0.1", good.port))
            trap.settimeout(0.2)
            for answers in ("127.0.0.1," + HERE, HERE + ",127.0.0.1",
                            "::1,127.0.0.1," + HERE):
                result = probe({"type": "none", "url":
                                "http://a.fake.example:%d/" % good.port},
                               allow=HERE, env=names.env(answers))
                self.assertTrue(result["ok"], result)
                self.assertEqual(result["address"], HERE)
            self.assertRaises(TimeoutError, trap.accept)
            trap.close()
        # Nobody at the good one: the bad one is no way out.
        result = probe({"type": "none", "url": "http://a.fake.example:%d/"
                        % self.trap.port}, allow="127.0.0.8",
                       env=names.env("127.0.0.1,::1"))
        self.assertEqual(result["reason"], "address_refused")
        self.assertEqual(self.trap.count, 0)

    def test_name_that_changes(self):
        """The second look-up, for a redirect, is judged as the first."""
        def serve(connection):
            answering(b"HTTP/1.1 302 Found\r\nLocation: /again\r\n"
                      b"Content-Length: 0\r\n\r\n")(connection)
        with Server(serve, host=HERE) as good:
            trap = socket.create_server(("127.0.0.1", good.port))
            trap.settimeout(0.2)
            result = probe({"type": "none", "url":
                            "http://a.fake.example:%d/" % good.port},
                           allow=HERE,
                           env=names.env(HERE + ";127.0.0.1"))
            self.assertEqual(result["reason"], "address_refused")
            self.assertRaises(TimeoutError, trap.accept)
            trap.close()

    def test_metadata_needs_to_be_named(self):
        for host in ("169.254.169.254", "100.100.100.200", "168.63.129.16",
                     "[fd00:ec2::254]"):
            self.refused({"type": "none", "url": "http://%s/" % host},
                         allow="0.0.0.0/0 ::/0 169.254.169.254/31")

    def test_nothing_of_a_refused_name_is_told(self):
        result = probe({"type": "none", "url": "http://a.fake.example/"},
                       allow=None, env=names.env("10.11.12.13"))
        self.assertEqual(result["reason"], "address_refused")
        self.assertNotIn("10.11.12.13", str(result))
        self.assertIsNone(result["address"])


if __name__ == "__main__":
    unittest.main()
