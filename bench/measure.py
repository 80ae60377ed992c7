"""One measurement: wrk's figures, and who used how much processor time."""
import http.client
import json
import multiprocessing
import os
import re
import resource
import subprocess
import threading
import time
import urllib.parse

import cases
import dataset
from stack import HERE, Failure

TICK = os.sysconf("SC_CLK_TCK")


def processor_time(pids):
    """Seconds that processes have used."""
    used = 0
    for pid in pids:
        try:
            fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        used += int(fields[11]) + int(fields[12])
    return used / TICK


def memory(pids):
    """Proportional memory in MiB, a list with one entry a process."""
    found = []
    for pid in pids:
        try:
            text = open(f"/proc/{pid}/smaps_rollup").read()
        except OSError:
            continue
        match = re.search(r"^Pss: +(\d+) kB", text, re.M)
        if match:
            found.append(int(match[1]) / 1024)
    return found


def machine():
    """Ticks of the machine: all, idle."""
    fields = [int(x) for x in open("/proc/stat").readline().split()[1:9]]
    return sum(fields), fields[3] + fields[4]


def children_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def stalls_of(processor, seconds):
    """Milliseconds of each time the processor did not run us for longer than
    one."""
    os.sched_setaffinity(0, {processor})
    found, last = [], time.monotonic()
    end = last + seconds
    while last < end:
        now = time.monotonic()
        if now - last > 0.001:
            found.append((now - last) * 1000)
        last = now
    return found


def stalls(seconds=2):
    """How often a second, and for how many milliseconds at most, a processor
    of the machine stands still for a program, with nothing else to do: no p99
    can be below what the machine does by itself."""
    processors = sorted(os.sched_getaffinity(0))
    with multiprocessing.Pool(len(processors)) as pool:
        found = sum(pool.starmap(
            stalls_of, [(p, seconds) for p in processors]), [])
    return len(found) / seconds, max(found, default=0)


class Changer(threading.Thread):
    """Changes a connector of each company once for every two requests a company
    got, and counts the change as a PATCH does: in the version of its data and
    in that of the connector. With one client and one connection to nginx, which
    stay: to make them each time costs more than the change."""

    def __init__(self, stack, companies):
        super().__init__(daemon=True)
        self.stack, self.companies = stack, companies
        self.over = threading.Event()
        self.changes = 0
        self.nginx = http.client.HTTPConnection("127.0.0.1", stack.peer_port)

    def requests(self):
        self.nginx.request("GET", "/status")
        return int(self.nginx.getresponse().read().split()[9])

    def change(self, client):
        client.stdin.write(
            "START TRANSACTION; UPDATE connectors SET rate_limit_duration = "
            "rate_limit_duration % 100 + 1, version = version + 1, "
            f"own_changes = own_changes + 1 WHERE id <= {self.companies}; "
            "UPDATE data_versions SET version = version + 1 "
            f"WHERE company_id BETWEEN 1 AND {self.companies}; "
            "COMMIT; SELECT 'changed';\n")
        client.stdin.flush()
        if client.stdout.readline().strip() != "changed":
            raise Failure("the data were not changed")
        self.changes += 1

    def run(self):
        last = self.requests()
        with subprocess.Popen(self.stack.client("connectors"), text=True,
                              stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as client:
            while not self.over.wait(0.02):
                now = self.requests()
                if now - last < 2 * self.companies:
                    continue
                last += 2 * self.companies
                self.change(client)


def settle(pids, longest=5.0):
    """Waits until processes rest: requests whose client is gone already may
    still be served, and would count as the next measurement's."""
    end = time.monotonic() + longest
    before = processor_time(pids)
    while time.monotonic() < end:
        time.sleep(0.1)
        now = processor_time(pids)
        if now - before < 0.03:
            return
        before = now


def after_stores(url, query, company, seconds):
    """A company's page, each time right after a store there; in the
    form of wrk's figures, in which the stores do not count and the rate is that
    of the median: what stores wait for makes some pages wait, too."""
    address = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=30)
    headers = {"Authorization": "Bearer " + dataset.api_key(company)}
    body = (HERE / "store.json").read_bytes()
    times, errors, size = [], 0, 0
    end = time.monotonic() + seconds
    while time.monotonic() < end or not times:
        for method in ("POST", "GET"):
            begin = time.monotonic()
            if method == "POST":
                connection.request(method, address.path, body, {
                    **headers, "Content-Type": "application/json"})
            else:
                connection.request(method, f"{address.path}?{query}",
                                   headers=headers)
            answer = connection.getresponse()
            text = answer.read()
            took = time.monotonic() - begin
            errors += answer.status != 200
        times.append(took * 1e6)
        size += len(text)
    connection.close()
    times.sort()
    return {"requests": len(times), "us": len(times) * times[len(times) // 2],
            "max": times[-1],
            "p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100],
            "status": errors, "socket": 0, "bytes": size}


class Meter:
    def __init__(self, stack, size, targets):
        self.stack, self.size, self.targets = stack, size, targets
        self.seed = 0

    def wrk(self, case, contender, seconds):
        base, prefix = self.stack.prefix(contender, case.route)
        file = HERE / "store.json"
        if case.kind == "target":
            file = self.targets[case.name == "unchanged"]
        if case.kind in ("after", "aftersmall"):
            return after_stores(base + prefix, case.query_for(contender),
                                self.size.companies + (case.kind == "after"),
                                seconds)
        self.seed += 1
        done = subprocess.run(
            ["wrk", "-t2", f"-c{case.connections}", f"-d{seconds}s",
             "--latency", "--timeout", "10s", "-s", HERE / "requests.lua",
             base, "--", case.kind, prefix, case.query_for(contender),
             file, str(self.size.companies), str(self.size.each),
             str(self.seed)],
            capture_output=True, text=True, check=False)
        match = re.search(r"^RESULT (.*)$", done.stdout, re.M)
        if not match:
            raise Failure(f"wrk: {done.stdout[-300:]}{done.stderr[-300:]}")
        return json.loads(match[1])

    def measure(self, case, contender, seconds):
        changer = None
        # The project notes each key's use once a minute, which is not to fall
        # into one measurement of a second and not into the next.
        self.stack.sql("UPDATE api_keys SET last_used_at = UTC_TIMESTAMP(6)")
        settle(self.stack.pids("database"))
        if case.warm:
            self.wrk(case, contender, case.warm)
        if case.change:
            changer = Changer(self.stack, self.size.companies)
            changer.start()
        pids = {who: self.stack.pids(name) for who, name in
                (("nginx", "nginx"), ("workers", contender),
                 ("database", "database"))}
        before = {who: processor_time(p) for who, p in pids.items()}
        client, all_before = children_time(), machine()
        result = self.wrk(case, contender, seconds)
        all_after = machine()
        client = children_time() - client
        used = {who: processor_time(p) - before[who]
                for who, p in pids.items()}
        if changer:
            changer.over.set()
            changer.join()
            if changer.changes == 0:
                raise Failure("the data did not change")
        return self.figures(result, used, client, all_before, all_after)

    def figures(self, result, used, client, before, after):
        n = max(1, result["requests"])
        all_ticks = max(1, after[0] - before[0])
        busy = all_ticks - (after[1] - before[1])
        ours = (sum(used.values()) + client) * TICK
        return {
            "rps": n * 1e6 / result["us"],
            "p50": result["p50"] / 1000,
            "p99": result["p99"] / 1000,
            "max": result["max"] / 1000,
            "errors": result["status"] + result["socket"],
            "requests": n,
            "kilobytes": result["bytes"] / n / 1024,
            # Milliseconds a request are seconds for 1,000.
            **{who: value * 1000 / n for who, value in used.items()},
            "client": client * 1000 / n,
            "foreign": max(0, busy - ours) / all_ticks,
        }


def targets(stack, size, folder):
    """Files of 200 connectors to ask for, without and with their tags; none that
    Changer changes, whose tags would be old."""
    base, prefix = stack.prefix("project")
    plain, tagged = [], []
    for i in range(size.companies + 1, size.companies + 201):
        company = size.company_of(i)
        key = dataset.api_key(company)
        status, headers, _ = stack.ask(f"{base}{prefix}/{i}", company)
        if status != 200:
            raise Failure(f"show {i}: {status}")
        plain.append(f"{i} {key} -\n")
        tagged.append(f"{i} {key} {headers['ETag']}\n")
    paths = folder / "targets-plain", folder / "targets-tagged"
    for path, lines in zip(paths, (plain, tagged)):
        path.write_text("".join(lines))
    return paths


def startup(stack, workers):
    """Milliseconds from the start of the project to its first answer, with so
    many workers there."""
    stack.stop("plain")
    begin = time.monotonic()
    stack.project("plain", workers=workers)
    stack.wait_for("plain")
    # Parent, workers, and the one of the admin lane.
    while len(stack.pids("plain")) < workers + 2:
        if time.monotonic() - begin > 10:
            raise Failure("the workers do not start")
        time.sleep(0.001)
    return (time.monotonic() - begin) * 1000


def full_memory(stack, meter):
    """What startup() started takes when its caches are full: as many different
    lists as fill them more than once."""
    for page in range(1, 11):
        meter.wrk(cases.Case("full", "", "list", "plain",
                             f"per_page=15&page={page}&include={cases.ALL}"),
                  "plain", 1)
    return memory(stack.pids("plain"))


def data_of(stack, contender, case, company):
    base, prefix = stack.prefix(contender, case.route)
    query = (f"/{company}" if case.kind == "show" else
             "?" + case.query_for(contender))
    status, _, body = stack.ask(f"{base}{prefix}{query}", company)
    if status != 200:
        raise Failure(f"{contender}, {case.name}: {status}")
    return json.loads(body)["data"]


def difference(a, b, path=""):
    """Where two JSON values differ first."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        pairs = [(a[key], b[key], f"{path}.{key}") for key in a]
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = [(x, y, f"{path}.{i}") for i, (x, y) in enumerate(zip(a, b))]
    else:
        return path
    for x, y, where in pairs:
        if x != y:
            return difference(x, y, where)
    return path


def same_answers(stack):
    """The floor and the peers answer with the same data as the project."""
    for case in cases.CASES:
        if case.kind not in ("show", "list"):
            continue
        for company in (1, 2, 4):
            want = data_of(stack, "project", case, company)
            for who in case.who:
                if not stack.alive(who):
                    continue
                got = data_of(stack, who, case, company)
                if got != want:
                    raise Failure(f"{who} answers {case.name} differently: "
                                  f"{difference(got, want)}")
