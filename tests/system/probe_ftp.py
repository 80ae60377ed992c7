"""An FTP server that answers as it is told, and writes down what it got."""
import socket

from probe_support import Server

REPLIES = {"USER": "331 word?", "PASS": "230 in", "PBSZ": "200 ok",
           "PROT": "200 private", "PWD": '257 "/"', "CWD": "250 there",
           "TYPE": "200 ok", "QUIT": "221 bye"}
BEGIN, END = "150 names", "226 done"


class FtpServer(Server):
    """replies has answers by verb, in place of those above; NLST's has two
    with "|" between when data goes over; None hangs up; "" says nothing.

    context is for TLS (implicit: before the first word); data_context for the
    data connections, if that is another one; reuse demands that they resume
    the session of the login.
    """

    def __init__(self, replies=None, greeting="220 hi", context=None,
                 implicit=False, data_context=None, reuse=False,
                 names=b"one\r\ntwo\r\n", port=0):
        self.replies = {**REPLIES, "NLST": BEGIN + "|" + END,
                        **(replies or {})}
        self.greeting, self.tls, self.names = greeting, context, names
        self.data_tls, self.reuse = data_context or context, reuse
        self.commands, self.resumed, self.plain_data = [], [], 0
        self.data, self.logins_resumed = None, []
        self.implicit = implicit
        super().__init__(self.talk, port=port)

    def say(self, connection, text):
        if text is None:
            raise OSError("told to hang up")
        if text:
            connection.sendall(text.encode("latin-1") + b"\r\n")

    def secure(self, connection):
        secured = super().secure(connection, self.tls)
        self.logins_resumed.append(secured.session_reused)
        return secured

    def talk(self, connection):
        if self.implicit:
            with self.secure(connection) as secured:
                self.say(secured, self.greeting)
                self.converse(secured)
        else:
            self.say(connection, self.greeting)
            self.converse(connection)

    def converse(self, connection):
        data, private, rest = None, False, b""
        while True:
            while b"\n" not in rest:
                more = connection.recv(4096)
                if not more:
                    return None
                rest += more
            line, rest = rest.split(b"\n", 1)
            line = line.rstrip(b"\r").decode("latin-1")
            self.commands.append(line)
            verb = line.split(" ")[0]
            if verb == "AUTH" and self.tls and verb not in self.replies:
                self.say(connection, "234 go on")
                with self.secure(connection) as secured:
                    return self.converse(secured)
            elif verb in ("EPSV", "PASV") and verb not in self.replies:
                data = self.data = socket.create_server(("127.0.0.1", 0))
                self.say(connection, self.passive(verb, data))
            elif verb == "NLST":
                self.list(connection, data, private)
            else:
                self.say(connection, self.replies.get(verb, "502 what?"))
            private |= line == "PROT P" and self.replies["PROT"][0] == "2"

    def __exit__(self, *_):
        super().__exit__()
        if self.data:
            self.data.close()

    def passive(self, verb, data):
        port = data.getsockname()[1]
        if verb == "EPSV":
            return "229 there (|||%d|)" % port
        return "227 there (127,0,0,1,%d,%d)" % divmod(port, 256)

    def list(self, connection, data, private):
        begin, _, end = (self.replies["NLST"] or "").partition("|")
        if not end:
            return self.say(connection, self.replies["NLST"])
        self.say(connection, begin)
        other, _ = data.accept()
        data.close()
        with other:
            if private:
                end = self.send_secured(other, end)
            else:
                self.plain_data += 1
                other.sendall(self.names)
        return self.say(connection, end)

    def send_secured(self, other, end):
        with self.data_tls.wrap_socket(other, server_side=True) as secured:
            self.resumed.append(secured.session_reused)
            if self.reuse and not secured.session_reused:
                end = "522 SSL connection failed; session reuse required"
            else:
                secured.sendall(self.names)
            secured.unwrap().close()
        return end

    def told(self, verb):
        """What was said behind a verb."""
        return [line[len(verb) + 1:] for line in self.commands
                if line.split(" ")[0] == verb]
