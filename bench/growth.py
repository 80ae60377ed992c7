"""How the cost of a request grows with rows and with workers."""
import cases
import dataset
import measure
import report

# The first three with 100 companies, so that a company's rows grow as well.
SIZES = {
    "growth_small": dataset.Size(100, 100, 0, variables=1),
    "growth_middle": dataset.Size(100, 1000, 0, variables=1),
    "growth_large": dataset.Size(100, 10000, 0, variables=1),
    "growth_companies": dataset.Size(10000, 10, 0, variables=1),
}
PAIRS = (("growth_small", "growth_large"),
         ("growth_middle", "growth_companies"))
WORKERS = (1, 2, 4, 8)
SHOW = cases.Case("show", "show", "show", "plain")
LIST = cases.Case("list", "list, page 1", "list", "plain", "per_page=15")


def create(stack, name):
    stack.sql(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4 "
              "COLLATE utf8mb4_unicode_520_ci;"
              f"GRANT ALL ON {name}.* TO connectors@localhost")
    for path in sorted((measure.HERE.parent / "sql").glob("*.sql")):
        stack.sql(path.read_text(), name)
    stack.load(SIZES[name], name)


def serve(stack, port_of, **how):
    """The project alone, as the contender port_of."""
    stack.stop(port_of)
    stack.project(port_of, **how)
    stack.wait_for(port_of)


def print_row(what, figures):
    print(f"  {what:48} {figures['rps']:7.0f}/s  p50 {figures['p50']:6.2f} "
          f"p99 {figures['p99']:6.2f}  ms a request: nginx "
          f"{figures['nginx']:.3f} worker {figures['workers']:.3f} database "
          f"{figures['database']:.3f}")


def median(runs):
    return {name: report.statistics.median(r[name] for r in runs)
            for name in report.FIGURES}


def warm(size):
    """Seconds until every worker has seen most keys: the first time it asks for
    one alone."""
    return max(1, size.companies // 1000)


def cost(figures):
    """Milliseconds of processor time a request, without the client's."""
    return sum(figures[name] for name in ("nginx", "workers", "database"))


def label(name):
    size = SIZES[name]
    return f"{size.connectors:,} of {size.companies:,}"


def print_growth(medians):
    """A request of the larger dataset against one of the smaller."""
    for title, who in sorted({key[:2] for key in medians}):
        for names in PAIRS:
            small, large = (medians[title, who, name] for name in names)
            print(f"  {title}, {who}: {label(names[1])} cost "
                  f"{cost(large) / cost(small):.2f} times what "
                  f"{label(names[0])} do, at "
                  f"{large['rps'] / small['rps']:.2f} of the rate")


def rows(stack, options):
    """Round-robin over the sizes, each time with a pool of its own."""
    runs = {}
    for name in SIZES:
        create(stack, name)
    stack.nginx()
    for _ in range(options.repeats):
        for name, size in SIZES.items():
            meter = measure.Meter(stack, size, None)
            for who, cache in (("project", ""), ("plain", "0")):
                serve(stack, who, cache=cache, database=name)
                for case in (SHOW, LIST):
                    meter.wrk(case, who, warm(size))
                    key = (case.title, cases.NAMES[who], name)
                    runs.setdefault(key, []).append(
                        meter.measure(case, who, options.seconds))
    medians = {key: median(figures) for key, figures in runs.items()}
    for title, who, name in sorted(medians):
        print_row(f"{title}, {who}, {label(name)}",
                  medians[title, who, name])
    print_growth(medians)


def workers(stack, options):
    name = "growth_middle"
    meter = measure.Meter(stack, SIZES[name], None)
    runs = {}
    for _ in range(options.repeats):
        for n in WORKERS:
            serve(stack, "plain", cache="0", workers=n, database=name)
            for case in (SHOW, LIST):
                meter.wrk(case, "plain", 1)
                runs.setdefault((case.title, n), []).append(
                    meter.measure(case, "plain", options.seconds))
    for key in sorted(runs):
        print_row(f"{key[0]}, {key[1]} workers", median(runs[key]))


def run(stack, options):
    print("Connectors and companies")
    rows(stack, options)
    print("Workers (100,000 connectors, cache off)")
    workers(stack, options)
