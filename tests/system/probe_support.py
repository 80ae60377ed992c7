"""What the tests of the connector test share: running it, certificates, and
servers that misbehave."""
import json
import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CONNECTORS_BUILD",
                                    TOP / "build-developer"))
CLI = BUILD / "tests/system/probe_cli"
LOOPBACK = "127.0.0.0/8"
STEPS = ["configuration", "guard", "dns", "connect", "tls", "authentication",
         "request", "response"]
SECRET = "s3cr3t-c4n4ry"

# The file that tests note the reasons in which they see, one a line; the
# environment names it where several processes run them.
REASONS = os.environ.get("CONNECTORS_REASONS")


def make_cli():
    subprocess.run(["make", "-s", "-C", BUILD, "tests/system/probe_cli"],
                   check=True, stdout=subprocess.DEVNULL)


def listed():
    """What the program itself says there is: (kind, name, more) a row."""
    return [(line.split() + [None])[:3] for line in subprocess.run(
        [CLI, "--list"], check=True, capture_output=True,
        text=True).stdout.splitlines()]


def auth_types():
    """{type: {variable: "needed" or "optional"}} of all types."""
    types = {}
    for kind, name, more in listed():
        if kind == "type":
            types[name] = last = {}
        elif kind == "variable":
            last[name] = more
    return types


def note_reason(reason):
    if REASONS and reason:
        with open(REASONS, "a") as file:
            file.write(reason + "\n")


def variables(**values):
    """Variables of a target; what begins with the canary is a secret."""
    return [{"key": key, "value": value,
             "secret": value is not None and SECRET in value}
            for key, value in values.items()]


def check_shape(result):
    """What holds for every result."""
    assert [step["step"] for step in result["steps"]] == STEPS, result
    assert result["detail"] and result["duration_ms"] > 0, result
    for step in result["steps"]:
        assert (step["duration_ms"] == 0) == (step["ok"] is None), result
    # Words that say what to look at.
    if result["reason"] == "timeout":
        assert "test.connect_timeout" in result["detail"] or \
            "test.total_timeout" in result["detail"], result
    outcomes = [step["ok"] for step in result["steps"]]
    if result["ok"]:
        assert (result["stage"], result["reason"]) == ("done", None), result
        assert False not in outcomes, result
        return
    at = STEPS.index(result["stage"])
    assert outcomes[at] is False and outcomes.count(False) == 1, result
    assert outcomes[at + 1:] == [None] * (len(STEPS) - at - 1), result


def probe(target, *options, allow=LOOPBACK, env=None, timeout=40):
    """Runs one test; gives the result, and the refresh token if asked."""
    command = [str(CLI), "--show-rotated"]
    if allow:
        command += ["--allow", allow]
    done = subprocess.run(
        command + [str(option) for option in options],
        input=json.dumps({"protocol": "HTTP", **target}), text=True,
        capture_output=True, timeout=timeout, env={**os.environ,
                                                   **(env or {})})
    if done.returncode not in (0, 1):
        raise AssertionError((target, done.returncode, done.stderr))
    assert "\n" in done.stdout, done.stderr
    line, rotated = done.stdout.split("\n")[:2]
    assert SECRET not in line + done.stderr, line + done.stderr
    result = json.loads(line)
    check_shape(result)
    assert done.returncode == (0 if result["ok"] else 1)
    note_reason(result["reason"])
    result["rotated"] = rotated
    return result


class Server:
    """Calls a function with each connection, each in a thread of its own."""

    def __init__(self, serve, host="127.0.0.1", context=None, port=0):
        self.serve, self.context, self.count = serve, context, 0
        self.socket = socket.create_server(
            (host, port), backlog=128,
            family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self.socket.getsockname()[1]
        self.going = True
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while self.going:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.count += 1
            threading.Thread(target=self.handle, args=(connection,),
                             daemon=True).start()

    def handle(self, connection):
        try:
            with connection:
                if self.context:
                    with self.secure(connection) as secured:
                        self.serve(secured)
                else:
                    self.serve(connection)
        except (OSError, ValueError):
            pass

    def secure(self, connection, context=None):
        """Says goodbye slowly: a reset would overtake the alert."""
        copy = connection.dup()
        with copy:
            try:
                return (context or self.context).wrap_socket(
                    connection, server_side=True)
            except OSError:
                copy.shutdown(socket.SHUT_WR)
                copy.settimeout(2)
                while copy.recv(4096):
                    pass
                raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.going = False
        # A thread in accept() keeps the port until it is woken.
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


def read_head(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(4096)
        if not more:
            break
        data += more
    return data


def answering(*pieces, pause=0.0):
    """Reads a request, sends the pieces, closes."""
    def serve(connection):
        read_head(connection)
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
    return serve


def greeting(*pieces, pause=0.0):
    """Sends the pieces without being asked, then listens."""
    def serve(connection):
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        while connection.recv(4096):
            pass
    return serve


def dripping(data, pause, head=b""):
    """Reads a request, then sends a byte at a time for ever."""
    def serve(connection):
        if head:
            read_head(connection)
            connection.sendall(head)
        while True:
            for i in range(len(data)):
                connection.sendall(data[i:i + 1])
                time.sleep(pause)
    return serve


def flooding(head, data):
    """Reads a request, then sends as fast as it can for ever."""
    def serve(connection):
        read_head(connection)
        connection.sendall(head)
        while True:
            connection.sendall(data)
    return serve


def silent(connection):
    while connection.recv(4096):
        pass


def deaf(connection):
    time.sleep(60)


def closing(connection):
    read_head(connection)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          struct.pack("ii", 1, 0))
    connection.close()


def resetting(connection):
    read_head(connection)
    reset(connection)


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


CA_CONFIG = """
[ca]
default_ca = ours
[ours]
dir = {folder}
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""


class Certificates:
    """An authority of our own and what it signed; paths by name."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="probe-ca."))
        (self.folder / "index").touch()
        (self.folder / "serial").write_text("01\n")
        (self.folder / "config").write_text(
            CA_CONFIG.format(folder=self.folder))
        self.authority("ca")
        self.authority("other-ca")
        self.signed("good")
        self.signed("other-name", names="DNS:other.example")
        self.signed("expired", start="20200101000000Z",
                    end="20200201000000Z")
        self.signed("future", start="20980101000000Z", end="20990101000000Z")
        self.signed("untrusted", authority="other-ca")
        self.self_signed("self")
        self.signed("client", names="DNS:client")
        self.signed("stranger", names="DNS:client", authority="other-ca")
        self.openssl("rsa", "-aes256", "-passout", "pass:" + SECRET, "-in",
                     "client.key", "-out", "client-locked.key")

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True,
                       capture_output=True)

    def authority(self, name):
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes",
                     "-keyout", name + ".key", "-out", name + ".pem",
                     "-days", "2", "-subj", "/CN=" + name)

    def self_signed(self, name):
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes",
                     "-keyout", name + ".key", "-out", name + ".pem",
                     "-days", "2", "-subj", "/CN=localhost", "-addext",
                     "subjectAltName=DNS:localhost,IP:127.0.0.1")

    def signed(self, name, authority="ca", start=None, end=None,
               names="DNS:localhost,IP:127.0.0.1"):
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout",
                     name + ".key", "-out", name + ".csr", "-subj",
                     "/CN=" + name)
        (self.folder / "extensions").write_text("subjectAltName=" + names)
        dates = (["-startdate", start, "-enddate", end] if start
                 else ["-days", "2"])
        self.openssl("ca", "-batch", "-notext", "-config", "config", "-cert",
                     authority + ".pem", "-keyfile", authority + ".key",
                     "-in", name + ".csr", "-out", name + ".pem", "-extfile",
                     "extensions", *dates)

    def path(self, name):
        return str(self.folder / name)

    def read(self, name):
        return (self.folder / name).read_text()

    def context(self, name, client_ca=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(name + ".pem"),
                                self.path(name + ".key"))
        if client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.path(client_ca + ".pem"))
        return context

    def remove(self):
        shutil.rmtree(self.folder)


class Process:
    """A server that is a program; ready once its port answers."""

    def __init__(self, command, port, host="127.0.0.1", **options):
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection((host, port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise AssertionError(self.process.stderr.read())
                if time.monotonic() > deadline:
                    self.stop()
                    raise
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()


class Names:
    """An environment in which *.fake.example have the addresses we say."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="probe-names."))
        self.library = self.folder / "names.so"
        source = pathlib.Path(__file__).with_name("fake_names.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.library, source,
                        "-ldl"], check=True)

    def env(self, answers=""):
        return {"LD_PRELOAD": str(self.library), "FAKE_NAMES": answers,
                "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def remove(self):
        shutil.rmtree(self.folder)
