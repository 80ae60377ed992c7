"""An FTP server for tests: probe_ftpd.py PORT FOLDER PASSWORD CERTIFICATE
(empty: no TLS; "implicit:..." for TLS from the first byte)."""
import socket
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

port, folder, password, certificate = sys.argv[1:]
authorizer = DummyAuthorizer()
authorizer.add_user("alice", password, folder, perm="elr")
handler = FTPHandler
if certificate:
    from pyftpdlib.handlers import TLS_FTPHandler

    class Implicit(TLS_FTPHandler):
        def __init__(self, *arguments, **more):
            super().__init__(*arguments, **more)
            self.secure_connection(self.ssl_context)

    implicit, _, path = certificate.rpartition(":")
    handler = Implicit if implicit else TLS_FTPHandler
    handler.certfile = path
    handler.tls_control_required = handler.tls_data_required = True
handler.authorizer = authorizer
listener = socket.create_server(("127.0.0.1", int(port)))
FTPServer(listener, handler).serve_forever()
