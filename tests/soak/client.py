"""HTTP on a kept connection, as little of it as nginx's answers need.

http.client would take more of the machine than the program under test.
"""
import socket


class Connection:
    """Closed by the other side, it is made anew by the next request."""

    def __init__(self, port):
        self.port, self.sock = port, None

    def close(self):
        if self.sock is not None:
            self.sock.close()
        self.sock = None

    def ask(self, method, path, headers, body=b""):
        """(status, entity tag, body); status 0: there was no whole answer."""
        lines = ["%s %s HTTP/1.1" % (method, path), "Host: localhost"]
        lines += ["%s: %s" % header for header in headers.items()]
        if body:
            lines += ["Content-Type: application/json",
                      "Content-Length: %d" % len(body)]
        data = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        try:
            return self.exchange(data, method == "HEAD")
        except OSError:
            self.close()
            return 0, None, b""

    def exchange(self, data, is_head):
        if self.sock is None:
            self.sock = socket.create_connection(("127.0.0.1", self.port), 60)
        self.sock.sendall(data)
        head, rest = self.until_head()
        status = int(head[9:12])
        size = 0 if is_head or status in (204, 304) else int(
            field(head, b"Content-Length") or 0)
        while len(rest) < size:
            rest += self.receive()
        if field(head, b"Connection") == b"close":
            self.close()
        return status, (field(head, b"ETag") or b"").decode(), rest

    def until_head(self):
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self.receive()
        return data[:end + 2], data[end + 4:]

    def receive(self):
        data = self.sock.recv(65536)
        if not data:
            raise ConnectionError("the connection was closed")
        return data


def field(head, name):
    """A header's value; None if there is none. nginx writes names as here."""
    at = head.find(b"\r\n" + name + b": ")
    if at < 0:
        return None
    at += len(name) + 4
    return head[at:head.find(b"\r\n", at)]
