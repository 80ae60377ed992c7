"""MySQL servers for tests: one that plays a script and keeps all it was sent,
a MariaDB of our own, and a MySQL that somebody has unpacked."""
import hashlib
import os
import pathlib
import subprocess
import time

from probe_direct import PASSWORD, Base, program
from probe_support import Process, Server, free_port

NONCE = b"0123456789abcdefghij"
OK = b"\0\0\0\2\0\0\0"
END = b"\xfe\0\0\2\0"
COLUMN = (b"\3def\0\0\0\1" b"1\0\x0c\x3f\0\1\0\0\0\3\x81\0\0\0\0")
# What SELECT 1 is answered with.
ONE = (b"\1", COLUMN, END, b"\1" b"1", END)
# CLIENT_PROTOCOL_41 and the others that every server of today has.
CAPABILITIES = 0x000ff7ff & ~0x800
TLS = 0x800
CACHING, NATIVE = b"caching_sha2_password", b"mysql_native_password"
PIECE = 0xffffff
FAST, FULL = b"\1\3", b"\1\4"


def switch(method, nonce=NONCE + b"\0"):
    return b"\xfe" + method + b"\0" + nonce


def error(number, text=b"#HY000no"):
    return b"\xff" + number.to_bytes(2, "little") + text


def hello(method, capabilities):
    low, high = capabilities & 0xffff, capabilities >> 16
    return (b"\x0a8.4.3-script\0\1\0\0\0" + NONCE[:8] + b"\0"
            + low.to_bytes(2, "little") + b"\x2d\2\0"
            + high.to_bytes(2, "little") + b"\x15" + bytes(10) + NONCE[8:]
            + b"\0" + method + b"\0")


def mixed(digest, password, nonce=NONCE):
    """The answer to a challenge, as whoever knows the password makes it."""
    once = digest(password).digest()
    twice = digest(once).digest()
    other = (digest(twice + nonce) if digest is hashlib.sha256
             else digest(nonce + twice)).digest()
    return bytes(a ^ b for a, b in zip(once, other))


def scramble(method, password):
    return mixed(hashlib.sha256 if method == CACHING else hashlib.sha1,
                 password.encode())


class Script:
    """Greets, takes the login, sends each piece and reads what it is answered
    with, then OK; answers the one query with packets. Keeps every packet it
    got in got, and in after what came once the last piece was out."""

    def __init__(self, *pieces, method=CACHING, tls=None, answer=ONE,
                 early=b"", refusal=None, greets=None, pause=0):
        self.pieces, self.tls, self.answer = pieces, tls, answer
        self.early, self.refusal, self.pause = early, refusal, pause
        self.greets = greets or hello(
            method, CAPABILITIES | (TLS if tls else 0))
        self.got, self.commands, self.after = [], [], []

    def __call__(self, connection):
        self.number = 0
        self.send(connection, self.greets)
        if self.early:
            connection.sendall(self.early)
        if self.tls:
            assert len(self.read(connection)) == 32
            connection = self.tls.wrap_socket(connection, server_side=True)
        with connection:
            connection.settimeout(5)
            self.talk(connection)

    def talk(self, connection):
        self.read(connection)
        for piece in self.pieces:
            self.send(connection, piece)
            self.after = []
            if piece != FAST:
                self.after.append(self.read(connection))
        if self.refusal:
            self.send(connection, self.refusal)
            return
        self.send(connection, OK)
        while True:
            query = self.read(connection)
            self.number = 1
            if not query.startswith(b"\3"):
                return
            for packet in self.answer:
                self.send(connection, packet)
                time.sleep(self.pause)

    def send(self, connection, payload):
        while True:
            piece, payload = payload[:PIECE], payload[PIECE:]
            connection.sendall(len(piece).to_bytes(3, "little")
                               + bytes([self.number % 256]) + piece)
            self.number += 1
            if len(piece) < PIECE:
                return

    def read(self, connection):
        head = self.exactly(connection, 4)
        payload = self.exactly(connection, int.from_bytes(head[:3], "little"))
        self.number = head[3] + 1
        self.got.append(payload)
        if head[3] == 0:  # the others go on with the login
            self.commands.append(payload)
        return payload

    @staticmethod
    def exactly(connection, size):
        data = b""
        while len(data) < size:
            more = connection.recv(size - len(data))
            if not more:
                raise OSError("gone")
            data += more
        return data

    @property
    def queries(self):
        return [packet for packet in self.commands if packet[:1] == b"\3"]


class Scripted(Base):
    """Tests of alice against a script."""
    kind, protocol, ca = "database", "MySQL", None

    def run_script(self, script, *options, **changes):
        with Server(script) as server:
            self.server = server
            return self.ask(
                "--ca", self.ca, *options,
                **{"host": "127.0.0.1", "port": str(server.port),
                   "username": "alice", "password": PASSWORD,
                   "database": None, **changes})

    def refused(self, script, reason, stage, *options, **changes):
        result = self.run_script(script, *options, **changes)
        self.assertEqual((result["reason"], result["stage"]),
                         (reason, stage), result)
        return result

    def passed(self, script, *options, **changes):
        result = self.run_script(script, *options, **changes)
        self.assertTrue(result["ok"], (result, script.got))
        self.assertEqual(script.queries, [b"\3SELECT 1"])
        return result


class Real:
    """A server that is a program; root logs in by its socket."""
    base = port = socket = None

    def start(self, *options):
        self.process = Process(self.base + list(options), self.port)

    def stop(self):
        self.process.stop()

    def sql(self, text):
        subprocess.run([program("mariadb"), "--no-defaults", "-uroot", "-S",
                        self.socket], input=text, text=True, check=True)


class Maria(Real):
    """A MariaDB, with TLS unless it is started anew without."""
    plugins = pathlib.Path(os.environ.get("CONNECTORS_MARIADB_PLUGINS",
                                          "/usr/lib/mysql/plugin"))

    @classmethod
    def has_plugin(cls, name):
        return (cls.plugins / (name + ".so")).exists()

    def __init__(self, folder, certificates):
        install, server = program("mariadb-install-db"), program("mariadbd")
        data, self.socket = folder / "data", folder / "s.sock"
        root = ["--user=root"] if os.getuid() == 0 else []
        # Many servers on one machine run out of native I/O requests.
        done = subprocess.run(
            [install, "--no-defaults", "--datadir=%s" % data,
             "--auth-root-authentication-method=normal", "--skip-test-db",
             "--tmpdir=%s" % folder, "--innodb-use-native-aio=0", *root],
            capture_output=True)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        self.port = free_port()
        self.base = [server, "--no-defaults", "--datadir=%s" % data,
                     "--socket=%s" % self.socket, "--bind-address=127.0.0.1",
                     "--port=%d" % self.port, "--skip-log-bin",
                     "--innodb-buffer-pool-size=16M",
                     "--innodb-use-native-aio=0", "--tmpdir=%s" % folder,
                     "--plugin-dir=%s" % self.plugins,
                     "--pid-file=%s" % (folder / "pid"), *root]
        self.tls = ["--ssl-cert=" + certificates.path("good.pem"),
                    "--ssl-key=" + certificates.path("good.key"),
                    "--ssl-ca=" + certificates.path("ca.pem")]
        self.start(*self.tls)


class MySQL(Real):
    """A MySQL whose tree stands in a folder of its own, with its own loader:
    $CONNECTORS_MYSQL says where. None if it does not."""

    @staticmethod
    def tree():
        tree = os.environ.get("CONNECTORS_MYSQL")
        return pathlib.Path(tree) if tree else None

    def __init__(self, folder, certificates):
        tree, data = self.tree(), folder / "mysql"
        loader = next(tree.glob("usr/lib64/ld-linux-*"))
        program_of = [loader, "--library-path",
                      tree / "usr/lib/x86_64-linux-gnu",
                      tree / "usr/sbin/mysqld"]
        self.port, self.socket = free_port(), folder / "mysql.sock"
        base = [*program_of, "--no-defaults", "--basedir=%s" % (tree / "usr"),
                "--lc-messages-dir=%s" % (tree / "usr/share/mysql"),
                "--character-sets-dir=%s" % (tree
                                             / "usr/share/mysql/charsets"),
                "--plugin-dir=%s" % (tree / "usr/lib/mysql/plugin"),
                "--secure-file-priv=NULL", "--datadir=%s" % data,
                *(["--user=root"] if os.getuid() == 0 else [])]
        subprocess.run([*base, "--initialize-insecure"], check=True,
                       capture_output=True)
        self.base = [
            *base,
            "--socket=%s" % self.socket, "--port=%d" % self.port,
            "--bind-address=127.0.0.1", "--mysqlx=OFF",
            "--innodb-buffer-pool-size=32M", "--performance-schema=OFF",
            "--pid-file=%s" % (folder / "mysql.pid"),
            "--ssl-cert=" + certificates.path("good.pem"),
            "--ssl-key=" + certificates.path("good.key"),
            "--ssl-ca=" + certificates.path("ca.pem")]
        self.start()

