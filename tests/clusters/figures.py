"""The table of what was measured, printed when the process ends."""
import atexit
import sys

_rows = []


def note(engine, what, **figures):
    _rows.append((engine, what, figures))


def text(value):
    if isinstance(value, float):
        return "%.2f" % value
    return "-" if value is None else str(value)


def table():
    names = list(dict.fromkeys(name for _, _, figures in _rows
                               for name in figures))
    lines = ["| " + " | ".join(["engine", "what", *names]) + " |",
             "|" + "---|" * (len(names) + 2)]
    for engine, what, figures in _rows:
        cells = [text(figures.get(name)) for name in names]
        lines.append("| " + " | ".join([engine, what, *cells]) + " |")
    return "\n".join(lines)


@atexit.register
def show():
    if _rows:
        print(table(), file=sys.stderr, flush=True)
