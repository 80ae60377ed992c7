"""A FastCGI client as small as can be, and a pool of connectors-fcgi to talk to.

No web server stands between, so a test can send what no web server would.
"""
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("CONNECTORS_FCGI") or str(
    pathlib.Path(os.environ.get("CONNECTORS_BUILD", TOP / "build")).resolve()
    / "connectors-fcgi")
BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6


def record(kind, content=b"", request=1, padding=0):
    return struct.pack("!BBHHBx", 1, kind, request, len(content),
                       padding) + content + b"\0" * padding


def length(n):
    return bytes([n]) if n < 128 else struct.pack("!I", n | 1 << 31)


def pair(name, value):
    name, value = name.encode(), value.encode()
    return length(len(name)) + length(len(value)) + name + value


def stream(kind, content):
    parts = [content[i:i + 65528] for i in range(0, len(content), 65528)]
    return b"".join(record(kind, part) for part in parts) + record(kind)


def request(path="/api/v1/none", method="GET", body=b"", end=True, keep=False,
            **params):
    """The bytes of a whole request; keep asks that the connection stays open.
    A parameter that is None is left out."""
    values = {"REQUEST_METHOD": method, "REQUEST_URI": path,
              "REQUEST_SCHEME": "http", "HTTP_HOST": "localhost",
              "REMOTE_ADDR": "192.0.2.1", "CONTENT_TYPE": "application/json",
              "CONTENT_LENGTH": str(len(body)) if body else ""}
    values.update(params)
    if end:
        values["CONNECTORS_END"] = "1"
    pairs = b"".join(pair(k, v) for k, v in values.items() if v is not None)
    return record(BEGIN, struct.pack("!HB5x", 1, keep)) + stream(
        PARAMS, pairs) + stream(STDIN, body)


class Answer:
    def __init__(self, text):
        head, _, self.body = text.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        self.headers = {name.lower(): value for name, value in fields}
        self.status = int(self.headers["status"].split()[0])

    def json(self):
        return json.loads(self.body)


def read_answer(sock):
    """The answer, or None if the connection ended without a whole one."""
    data = b""
    out = b""
    while True:
        try:
            more = sock.recv(65536)
        except ConnectionResetError:
            return None
        if not more:
            return None
        data += more
        while len(data) >= 8:
            kind, size, padding = data[1], *struct.unpack("!HB", data[4:7])
            if len(data) < 8 + size + padding:
                break
            if kind == STDOUT:
                out += data[8:8 + size]
            if kind == END:
                return Answer(out)
            data = data[8 + size + padding:]


def log_lines(path):
    """The objects of a log. Who reads while another writes may see the
    beginning of a write, so the last line counts once its end is there."""
    whole = pathlib.Path(path).read_text().rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()
            if line.startswith("{")]


class Pool:
    """connectors-fcgi with an api lane on a unix socket in a folder of its
    own. Settings are given as api__workers=2."""

    def __init__(self, folder=None, start=True, lines="", **settings):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(folder or self.temporary.name)
        self.socket = str(self.folder / "api.sock")
        self.log = self.folder / "log"
        self.pid_file = self.folder / "pid"
        self.config = self.folder / "connectors.conf"
        self.settings = {
            "database__hosts": "", "database__connect_timeout": "1s",
            "database__socket": str(self.folder / "none.sock"),
            "api__listen": "unix:" + self.socket, "api__workers": "2",
            "test__listen": "", "admin__listen": "",
            "pool__pid_file": str(self.pid_file)}
        self.settings.update(settings)
        self.write_config(lines)
        self.process = None
        if start:
            self.start()

    def write_config(self, lines=""):
        sections = {}
        for name, value in self.settings.items():
            section, _, name = name.partition("__")
            sections.setdefault(section, []).append(f"{name} = {value}\n")
        self.config.write_text(lines + "".join(
            f"[{name}]\n" + "".join(values)
            for name, values in sections.items()))

    def start(self, wait=True, **keywords):
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--config", str(self.config)], stderr=log,
                stdin=keywords.pop("stdin", subprocess.DEVNULL), **keywords)
        if wait:
            self.wait_for(lambda: self.logged("ready"), "the pool")
        return self

    def wait_for(self, condition, what, seconds=15):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = condition()
            if found:
                return found
            time.sleep(0.01)
        raise AssertionError(f"{what} did not come in {seconds} s; log:\n"
                             + "".join(self.log.read_text()[-3000:]))

    def lines(self):
        return log_lines(self.log)

    def logged(self, words):
        return [line for line in self.lines() if words in line["message"]]

    def served(self):
        return [line for line in self.lines() if "request_id" in line]

    def n_served(self):
        """How many lines of requests there are, once no more come: they come
        after the answers."""
        while True:
            n = len(self.served())
            time.sleep(0.1)
            if len(self.served()) == n:
                return n

    def workers(self):
        """Process ids of the workers."""
        parent = self.process.pid
        path = pathlib.Path(f"/proc/{parent}/task/{parent}/children")
        return sorted(int(pid) for pid in path.read_text().split())

    def connect(self, timeout=20):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(timeout)
        sock.connect(self.socket)
        return sock

    def send(self, data, timeout=20):
        with self.connect(timeout) as sock:
            try:
                sock.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return read_answer(sock)

    def ask(self, *arguments, **keywords):
        return self.send(request(*arguments, **keywords))

    def tell(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM, seconds=20):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(seconds) if self.process else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(20)
        self.temporary.cleanup()
