"""An FTP server for tests: probe_ftpd.py PORT FOLDER PASSWORD"""
import socket
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

port, folder, password = sys.argv[1:]
FTPHandler.authorizer = DummyAuthorizer()
FTPHandler.authorizer.add_user("alice", password, folder, perm="elr")
listener = socket.create_server(("127.0.0.1", int(port)))
FTPServer(listener, FTPHandler).serve_forever()
