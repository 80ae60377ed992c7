"""A proxy between a pool and its database that does harm at a chosen moment.

It listens on TCP and on a unix socket and reads the MySQL protocol in the
clear, as far as it takes to count steps: the greeting of a connection, what
the client sends to log in, each command that has an answer. The n-th step
after arm() meets the fault. FAULTS says what becomes of the connection in
hand, and how new ones are met until heal().
"""
import os
import select
import socket
import struct
import threading
import time

COMMANDS = {0x02: "INIT_DB", 0x03: "QUERY", 0x0e: "PING", 0x16: "PREPARE",
            0x17: "EXECUTE", 0x1a: "RESET_STMT", 0x1f: "RESET"}
QUERY = 0x03
LATE = 0.3      # seconds until a step arrives whose sender is gone
LATENCY = 0.12  # seconds before each answer
DRIP = 0.2      # seconds a byte
QUIET = 0.02    # seconds without data: the answer is whole
PATIENCE = 10   # seconds for the server to begin an answer
GARBAGE = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"


def lasts(manner):
    """Whether the connection goes on, as do errors of the server's own."""
    return manner in ("latency", "drip") or isinstance(manner, int)


# name: (what becomes of the connection in hand, how new ones are met)
FAULTS = {
    "latency": ("latency", None),
    "reset": ("reset", None),
    "done, no answer": ("unanswered", None),
    "done late, no answer": ("late", None),
    "cut behind the answer": ("answered", None),
    "cut after 3 bytes": ("some_bytes", None),
    "cut inside a packet": ("half_packet", None),
    "garbage": ("garbage", None),
    "slow drip": ("drip", None),
    "server stops": ("stopping", None),
    "black hole": ("swallow", "swallow"),
    "half-open": ("swallow", "half_open"),
    "refused": ("reset", "refuse"),
    "unreachable": ("swallow", "unreachable"),
    "no greeting": ("reset", "close"),
    "garbage as greeting": ("reset", "babble"),
}


# The server takes back the transaction and says nothing; only once.
TAKEN_BACK = "taken back"


def packet(number, content):
    return struct.pack("<I", len(content) | number << 24) + content


def error(number):
    return b"\xff" + struct.pack("<H", number) + b"#HY000an error of a test"


def split(data):
    """The whole packets, and what is left."""
    found = []
    while len(data) >= 4:
        size = int.from_bytes(data[:3], "little") + 4
        if len(data) < size:
            break
        found.append(data[:size])
        data = data[size:]
    return found, data


class Link:
    """One connection of a client and its own to the server."""

    def __init__(self, proxy, client, manner=None):
        self.proxy, self.client, self.manner = proxy, client, manner
        self.server, self.rest, self.logged_in = None, b"", False
        self.harmed = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            if self.manner in ("close", "babble", "swallow"):
                self.never_served()
            else:
                self.serve()
        except OSError:
            pass
        self.client.close()
        if self.server is not None:
            self.end_server()

    def never_served(self):
        if self.manner == "babble":
            self.client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        while self.manner != "close" and self.client.recv(65536):
            pass

    def serve(self):
        self.server = self.proxy.to_server()
        self.step(None, "CONNECT")
        while not self.harmed or lasts(self.manner):
            ready = select.select([self.client, self.server], [], [])[0]
            if self.server in ready:
                data = self.server.recv(65536)
                if not data:
                    return
                self.client.sendall(data)
            if self.client in ready:
                data = self.client.recv(65536)
                if not data:
                    return
                found, self.rest = split(self.rest + data)
                for one in found:
                    self.take(one)

    def take(self, one):
        name = COMMANDS.get(one[4]) if len(one) > 4 else None
        if one[3] != 0:
            self.step(one, "LOGIN")
        elif name is None:
            self.server.sendall(one)  # there is no answer to it
        else:
            if one[4] == QUERY:
                name = one[5:].decode(errors="replace")
            self.step(one, name)

    def step(self, one, name):
        """Passes on a packet and its answer, or does what the fault says."""
        manner = self.proxy.count(name) or self.manner
        if manner == "half_open":
            manner = None if name in ("CONNECT", "LOGIN") else "swallow"
        if isinstance(manner, int) and name in ("CONNECT", "LOGIN"):
            self.manner, manner = manner, None
        if manner == "taken_back":
            self.server.sendall(packet(0, b"\x03ROLLBACK"))
            self.server.recv(65536)
            manner = None
        if manner is None:
            if one is not None:
                self.server.sendall(one)
            return
        self.manner, self.harmed = manner, True
        if isinstance(manner, int):
            self.client.sendall(packet(one[3] + 1, error(manner)))
        else:
            getattr(self, manner)(one)

    def answer(self, one):
        """What the server answers, whole."""
        if one is not None:
            self.server.sendall(one)
        data, wait = b"", PATIENCE
        while select.select([self.server], [], [], wait)[0]:
            more = self.server.recv(65536)
            if not more:
                break
            data, wait = data + more, QUIET
        return data

    def is_left(self):
        """The client has gone."""
        try:
            return select.select([self.client], [], [], 0)[0] and \
                not self.client.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def cut(self, hard=False):
        if hard:
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        self.client.close()

    def end_server(self):
        """Until the server is done with the connection."""
        try:
            self.server.shutdown(socket.SHUT_WR)
            while self.server.recv(65536):
                pass
        except OSError:
            pass
        self.server.close()

    # What a fault does. No method returns before the link is of no more use,
    # but those that lasts().

    def latency(self, one):
        data = self.answer(one)
        time.sleep(LATENCY)
        self.client.sendall(data)

    def reset(self, _):
        self.cut(hard=True)

    def unanswered(self, one):
        self.answer(one)
        self.cut(hard=True)

    def late(self, one):
        self.cut(hard=True)
        time.sleep(LATE)
        self.answer(one)

    def answered(self, one):
        self.client.sendall(self.answer(one))
        self.cut()

    def some_bytes(self, one):
        self.client.sendall(self.answer(one)[:3])
        self.cut()

    def half_packet(self, one):
        data = self.answer(one)
        size = int.from_bytes(data[:3], "little")
        self.client.sendall(data[:4 + (size + 1) // 2])
        self.cut()

    def garbage(self, one):
        self.answer(one)
        self.client.sendall(GARBAGE)
        self.swallow(one)

    def drip(self, one):
        data = self.answer(one)
        for i in range(len(data)):
            self.client.sendall(data[i:i + 1])
            if select.select([self.client], [], [], DRIP)[0]:
                return  # gone, or out of turn

    def stopping(self, one):
        number = 0 if one is None else one[3] + 1
        self.client.sendall(packet(number, error(1053)))
        self.cut()

    def swallow(self, _):
        while self.client.recv(65536):
            pass


class Proxy:
    """To the server's unix socket. folder: for a socket of its own."""

    def __init__(self, server_socket, folder):
        self.server_socket = server_socket
        self.socket = str(folder) + "/proxy.sock"
        self.port, self.lock = 0, threading.Lock()
        self.links, self.steps, self.listeners = [], [], []
        self.at, self.fault, self.meet = 0, None, None
        self.swallowed = None  # a step that never arrives, whenever it comes
        self.listen()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.deafen()

    host = property(lambda self: "127.0.0.1:%d" % self.port)

    def to_server(self):
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.server_socket)
        return server

    def bind(self, backlog):
        tcp = socket.create_server(("127.0.0.1", self.port), backlog=backlog)
        self.port = tcp.getsockname()[1]
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(self.socket)
        unix.listen(backlog)
        return [tcp, unix]

    def listen(self):
        self.listeners = self.bind(128)
        for listener in self.listeners:
            threading.Thread(target=self.accept, args=(listener,),
                             daemon=True).start()

    def deafen(self):
        """Connections are refused from now on."""
        for listener in self.listeners:
            try:
                listener.shutdown(socket.SHUT_RDWR)  # ends accept()
            except OSError:
                pass
            listener.close()
        self.listeners = []
        if os.path.exists(self.socket):
            os.unlink(self.socket)

    def fill(self):
        """Connections get no answer from now on: the queues are full."""
        self.listeners = self.bind(0)
        for listener in self.listeners[:2]:
            for _ in range(3):
                sock = socket.socket(listener.family)
                sock.setblocking(False)
                sock.connect_ex(listener.getsockname())
                self.listeners.append(sock)
        time.sleep(0.01)

    def accept(self, listener):
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            if client.family == socket.AF_INET:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.links = [link for link in self.links
                              if link.thread.is_alive()]
                self.links.append(Link(self, client, self.meet))

    def arm(self, fault=None, at=0):
        """Forgets the steps so far; the at-th from now on meets the fault:
        one of FAULTS, or the number of an error that the server answers with
        from then on, on all connections."""
        with self.lock:
            self.steps, self.at, self.fault = [], at, fault

    def count(self, name):
        """What becomes of the connection at this step; None: nothing."""
        with self.lock:
            self.steps.append(name)
            if name == self.swallowed:
                return "swallow"
            if self.fault is None or len(self.steps) != self.at:
                return None
            if self.fault == TAKEN_BACK:
                return "taken_back"
            if isinstance(self.fault, int):
                self.meet = self.fault
                return self.fault
            manner, self.meet = FAULTS[self.fault]
            if self.meet in ("refuse", "unreachable"):
                self.deafen()
            if self.meet == "unreachable":
                self.fill()
            return manner

    struck = property(lambda self: len(self.steps) >= self.at)

    def heal(self):
        """New connections are served again. Returns when the server has seen
        the end of those that were harmed."""
        with self.lock:
            self.fault = None
            if self.meet in ("refuse", "unreachable"):
                self.deafen()
                self.listen()
            self.meet = None
            harmed = [link for link in self.links
                      if link.harmed or link.manner is not None]
        for link in harmed:
            if lasts(link.manner) and not link.is_left():
                link.manner, link.harmed = None, False
                continue
            link.thread.join(PATIENCE)
            if link.thread.is_alive():
                raise AssertionError("a client keeps a dead connection")
