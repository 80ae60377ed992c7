"""What tests of the pool share: load, and a database that never answers."""
import socket
import threading
import time



class Load(threading.Thread):
    """Asks again and again until told to stop; counts."""

    def __init__(self, pool):
        super().__init__(daemon=True)
        self.pool, self.going = pool, True
        self.good, self.bad, self.times = 0, [], []

    def run(self):
        while self.going:
            begun = time.monotonic()
            try:
                answer = self.pool.ask()
            except OSError as error:
                self.bad.append(repr(error))
                continue
            self.times.append(time.monotonic() - begun)
            if answer is not None and answer.status == 404:
                self.good += 1
            else:
                self.bad.append(answer and answer.status)


class Loads:
    def __init__(self, pool, n):
        self.threads = [Load(pool) for _ in range(n)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        for thread in self.threads:
            thread.going = False
        for thread in self.threads:
            thread.join(30)

    good = property(lambda self: sum(t.good for t in self.threads))
    bad = property(lambda self: [b for t in self.threads for b in t.bad])


class BlackHole:
    """A database server that takes connections and never says a word: a
    request that needs it lasts as long as database.connect_timeout."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host = "127.0.0.1:%d" % self.listener.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


SLOW = dict(path="/api/v1/connectors", HTTP_AUTHORIZATION="cak_" + "a" * 40)


def is_stopped(pid):
    """A moment after SIGSTOP was sent."""
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "T"
