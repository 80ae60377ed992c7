"""Medians of the measurements as tables."""
import statistics

import cases

FIGURES = ("rps", "p50", "p99", "nginx", "workers", "database", "client",
           "kilobytes", "foreign")


def summary(results):
    """One entry a case and contender: medians, spread of the rate, ratio to
    the floor."""
    found = []
    for case in cases.CASES:
        for who in case.who:
            runs = [r for r in results
                    if (r["case"], r["who"]) == (case.name, who)]
            if not runs:
                continue
            entry = {"case": case.name, "who": who, "runs": len(runs)}
            for name in FIGURES:
                entry[name] = statistics.median(r[name] for r in runs)
            entry["least"] = min(r["rps"] for r in runs)
            entry["most"] = max(r["rps"] for r in runs)
            entry["errors"] = sum(r["errors"] for r in runs)
            found.append(entry)
    floors = {e["case"]: e["rps"] for e in found if e["who"] == "floor"}
    for entry in found:
        floor = floors.get(case_of(entry).base)
        entry["ratio"] = entry["rps"] / floor if floor else None
    return found


def case_of(entry):
    return next(c for c in cases.CASES if c.name == entry["case"])


def title_of(case, who):
    return case.title + (", cache off" if who == "plain" else "")


def tables(found, facts):
    lines = ["", f"{'':26} {'req/s':>7} {'min-max':>13} {'floor x':>8} "
             f"{'p50 ms':>7} {'p99 ms':>7} {'errors':>6} {'kB':>6} | ms/req: "
             f"{'nginx':>6} {'worker':>6} {'db':>6} {'client':>6} {'other':>6}"]
    last = None
    for e in found:
        if e["case"] != last:
            lines.append(case_of(e).title)
            last = e["case"]
        ratio = f"{e['ratio']:.2f}" if e["ratio"] else ""
        spread = f"{e['least']:.0f}-{e['most']:.0f}"
        lines.append(
            f"  {cases.NAMES[e['who']]:24} {e['rps']:7.0f} {spread:>13} "
            f"{ratio:>8} {e['p50']:7.2f} {e['p99']:7.2f} {e['errors']:6} "
            f"{e['kilobytes']:6.1f} |         {e['nginx']:6.3f} "
            f"{e['workers']:6.3f} {e['database']:6.3f} {e['client']:6.3f} "
            f"{e['foreign']:6.0%}")
    lines += ["", "Goals"] + goals(found, facts) + ["", "Memory (PSS, MiB)"]
    for who, sizes in facts["memory"].items():
        if sizes:
            each = " ".join(f"{size:.1f}" for size in sizes)
            lines.append(f"  {cases.NAMES[who]}: {each}")
    lines.append(f"  ({facts['served']:,} requests were measured of this "
                 "project)")
    lines.append(f"Parent and eight workers answer {facts['startup_ms']:.0f} "
                 "ms after their start")
    lines.append(f"Before the run the idle machine stood still "
                 f"{facts['stalls_a_second']:.1f} times a second for more "
                 f"than 1 ms, {facts['longest_stall_ms']:.1f} ms at most")
    lines.append(f"The run took {facts['seconds']} s")
    return "\n".join(lines)


def markdown(found):
    """The table of docs/performance.md."""
    lines = ["| request | who | req/s | least - most | x floor | p50 ms | "
             "p99 ms | nginx ms | worker ms | database ms |",
             "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    last = None
    for e in found:
        title = "" if e["case"] == last else case_of(e).title
        last = e["case"]
        ratio = f"{e['ratio']:.2f}" if e["ratio"] else ""
        lines.append(
            f"| {title} | {cases.NAMES[e['who']]} | {e['rps']:,.0f} | "
            f"{e['least']:,.0f} - {e['most']:,.0f} | {ratio} | "
            f"{e['p50']:.2f} | {e['p99']:.2f} | {e['nginx']:.3f} | "
            f"{e['workers']:.3f} | {e['database']:.3f} |")
    return "\n".join(lines) + "\n"


def goals(found, facts):
    by = {(e["case"], e["who"]): e for e in found}
    lines = []

    def goal(text, value, limit, below=False):
        met = value <= limit if below else value >= limit
        lines.append(f"  {'met   ' if met else 'MISSED'} {text}: {value:.2f} "
                     f"({'at most' if below else 'at least'} {limit})")

    for case in cases.CASES:
        for who, limit in case.goals.items():
            entry = by.get((case.name, who))
            if entry and limit and entry["ratio"]:
                goal(f"{title_of(case, who)}, ratio to the floor",
                     entry["ratio"], limit)
    for name, other, limit in cases.COSTS:
        for who in ("project", "plain"):
            dear, cheap = by.get((name, who)), by.get((other, who))
            if dear and cheap:
                goal(f"{title_of(case_of(dear), who)}, cost to that of "
                     f"{case_of(cheap).title}", cheap["rps"] / dear["rps"],
                     limit, True)
    for case in cases.CASES:
        entry = by.get((case.name, "project"))
        if entry and case.connections == 16:
            goal(f"{case.title}, p99 to p50", entry["p99"] / entry["p50"], 3,
                 True)
        if entry and case.connections == 256:
            goal(f"{case.title}, errors", entry["errors"], 0, True)
    goal(f"MiB of a pool of {cases.FULL_WORKERS} workers, caches full",
         sum(facts["full_memory"]), cases.FULL_MEMORY, True)
    return lines
