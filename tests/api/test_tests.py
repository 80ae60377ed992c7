"""Tests of connectors through the API: what a tenant's listener is sent."""
import socket
import threading
import unittest

from catalogue_write import PARTNER, PARTNER_SECRET
from writing import Writing, body, path, variable


class Listener:
    """A server of a tenant's own; keeps all it is sent."""

    def __init__(self):
        self.got = b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = str(self.socket.getsockname()[1])
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                self.got += connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\n"
                                   b"Content-Length: 0\r\n\r\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


class SecretDefaults(Writing):
    def missing(self, connector, listener):
        answer = self.ask("POST", path(connector) + "/test", status=422)
        result = answer.json()["test"]
        self.assertEqual(result["reason"], "variable_missing", result)
        self.assertIn("partner_secret", result["detail"])
        self.assertEqual(listener.got, b"")
        self.assertNotIn(PARTNER_SECRET.encode(), answer.body)

    def where(self, listener):
        return [variable("host", "127.0.0.1"),
                variable("port", listener.port)]

    def test_none_goes_to_a_listener_by_store_or_update(self):
        with Listener() as listener:
            one = self.made(*self.where(listener), implementation=PARTNER)
            self.missing(one["id"], listener)
            other = self.made(implementation=PARTNER)
            self.update(other["id"], {"variables": self.where(listener)})
            self.missing(other["id"], listener)

    def test_none_goes_to_a_listener_by_import(self):
        with Listener() as listener:
            self.update(443, {"variables": [
                variable("port", listener.port)]})
            self.missing(443, listener)

    def test_a_value_of_the_connectors_own_goes(self):
        with Listener() as listener:
            one = self.made(*self.where(listener),
                            variable("partner_secret", "mine", secret=True),
                            implementation=PARTNER)
            self.ask("POST", path(one["id"]) + "/test", status=200)
            self.assertIn(b"X-Partner: mine", listener.got)


if __name__ == "__main__":
    unittest.main()
