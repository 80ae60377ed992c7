"""Breaks the stack under test for a while, so that it answers what it should
then. Each way is a context that mends it at the end."""
import contextlib
import hashlib
import os
import pathlib
import re
import signal
import subprocess
import time

from support import STATE, TOP, dev, send

FILE = pathlib.Path(STATE) / "etc/nginx/connectors-upstream.conf"
PID = pathlib.Path(STATE) / "run/nginx.pid"
BURST = 101    # requests that a key may have at once, and one
PATIENCE = 20  # seconds until nginx does as it is told


def workers(master):
    """The processes that nginx has started."""
    found = set()
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if path.read_text().rpartition(")")[2].split()[1] == str(master):
                found.add(path.parent.name)
    return found


def configure(text):
    """Gives nginx a file and waits until no worker has the old one."""
    master = int(PID.read_text())
    old = workers(master)
    FILE.write_text(text)
    os.kill(master, signal.SIGHUP)
    until = time.monotonic() + PATIENCE
    while not workers(master) or workers(master) & old:
        if time.monotonic() > until:
            raise AssertionError("nginx keeps its workers")
        time.sleep(0.02)


@contextlib.contextmanager
def nginx_with(pattern, replacement):
    """With its upstream file changed."""
    text = FILE.read_text()
    changed = re.sub(pattern, replacement, text)
    assert changed != text, pattern
    try:
        configure(changed)
        yield
    finally:
        configure(text)


def out_of_reach():
    """nginx finds no program where it is told to look."""
    return nginx_with(r"unix:[^\";]*", "unix:/nonexistent.sock")


@contextlib.contextmanager
def limited(key):
    """nginx has counted too many requests with a key."""
    with nginx_with(r"(zone=connectors_client:\S+) rate=\S+/s",
                    r"\1 rate=1r/m"):
        for _ in range(BURST):
            send("GET", "/api/v1/openapi.json", {"Authorization": key})
        yield


@contextlib.contextmanager
def without_table(name):
    dev("sql", "-e", "RENAME TABLE `%s` TO `%s_away`" % (name, name))
    try:
        yield
    finally:
        dev("sql", "-e", "RENAME TABLE `%s_away` TO `%s`" % (name, name))


@contextlib.contextmanager
def storing(key, name):
    """As while a first request with an Idempotency-Key runs. key: of the API,
    by which the row is found."""
    which = ("api_key_id = (SELECT id FROM api_keys WHERE key_hash = '%s') "
             "AND idempotency_key = '%s'"
             % (hashlib.sha256(key.encode()).hexdigest(), name))
    first = subprocess.Popen(
        [str(TOP / "dev"), "sql", "--state", STATE], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    first.stdin.write(
        "BEGIN; INSERT INTO idempotency_keys SET %s, body_hash = '', "
        "status = 0, etag = '', location = '', answer = '', "
        "created_at = UTC_TIMESTAMP(6);\n" % which.replace(" AND ", ", "))
    first.stdin.flush()
    seen = ("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; "
            "SELECT COUNT(*) FROM idempotency_keys WHERE " + which)
    try:
        while dev("sql", "-N", "-e", seen).split() != ["1"]:
            assert first.poll() is None
        yield
    finally:
        first.stdin.close()
        first.wait()
