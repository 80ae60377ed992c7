"""Memory and open files of the pool's processes, and what to think of them."""
import os
import pathlib
import re

# A leak grows with the requests; what is filled once does not. Caches are set
# so small that they are full at the first mark (see run), so what grows behind
# it is a leak or fragmentation. But a worker that nothing was asked of yet has
# nothing, and how connections fall on workers is chance: each is judged from
# the first mark at which it had served so many, which is never for some that
# test. Allocators fragment a little for long, and pages of the program are read
# when they are first needed: 5 % or 1 MiB are left for that. In a whole run
# 1 MiB are 2 bytes a request of each of four workers.
SHARE, LEAST = 0.05, 1024  # of the memory at that mark; KiB
WARM = {"parent": 0, "api": 2000, "test": 50, "admin": 0}


class Process:
    """One worker, or the parent: what was seen of it at each mark."""

    def __init__(self, lane, pid):
        self.lane, self.pid = lane, pid
        self.marks = []  # (requests, rss, pss, files); KiB
        self.first = None  # mark that counts

    def look(self, requests, served):
        """After so many requests to the pool, and so many to this worker."""
        if self.first is None and served >= WARM[self.lane]:
            self.first = len(self.marks)
        proc = pathlib.Path("/proc/%d" % self.pid)
        text = (proc / "smaps_rollup").read_text()
        rss, pss = (int(re.search(r"^%s: +(\d+) kB" % name, text, re.M)[1])
                    for name in ("Rss", "Pss"))
        self.marks.append((requests, rss, pss,
                           len(os.listdir(proc / "fd"))))

    def is_judged(self):
        return self.first is not None

    def series(self, what):
        return [mark[what] for mark in self.marks[self.first or 0:]]

    def slope(self):
        """KiB for 100,000 requests of the whole pool, by least squares."""
        x, y = self.series(0), self.series(1)
        if len(x) < 2:
            return 0.0
        mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
        spread = sum((one - mean_x) ** 2 for one in x)
        return 1e5 * sum(
            (one - mean_x) * (two - mean_y) for one, two in zip(x, y)) / spread

    def growth(self):
        """KiB more than at the mark that counts, and how many are allowed."""
        if not self.is_judged():
            return 0, LEAST
        rss = self.series(1)
        return rss[-1] - rss[0], max(SHARE * rss[0], LEAST)

    def keeps_its_memory(self):
        more, allowed = self.growth()
        return more <= allowed

    def keeps_its_files(self):
        files = self.series(3)
        return files[-1] <= files[0]

    def row(self):
        rss, pss, files = (self.series(what) for what in (1, 2, 3))
        middle = len(rss) // 2
        return (self.lane, self.pid, rss[0], rss[middle], rss[-1],
                "%+.1f" % self.slope(), pss[0], pss[middle], pss[-1],
                files[0], files[middle], files[-1])


def table(processes):
    """Lines of text."""
    head = ("lane", "pid", "first", "middle", "last", "/100,000",
            "first", "middle", "last", "first", "middle", "last")
    form = "%-7s %7s  %7s %7s %7s %9s  %7s %7s %7s  %6s %6s %6s"
    return [" " * 17 + "resident memory, KiB" + " " * 16
            + "proportional, KiB" + " " * 9 + "open files",
            form % head] + [form % process.row() for process in processes]
