"""The results as a picture: one panel a case, each bar a multiple of the C
floor's requests a second on a logarithmic axis, on which 1.3 x and 300 x can
both be read."""
import math
from xml.sax.saxutils import escape

import cases

COLOURS = {"project": "#1f6feb", "plain": "#8db9f5", "floor": "#999999",
           "php": "#7a5ea8", "node": "#3c873a", "fixed": "#bbbbbb"}
BAR, LEFT, WIDTH, RIGHT = 16, 250, 600, 170
HEAD, PANEL_HEAD, GAP = 64, 24, 14


class Axis:
    """Powers of ten around all ratios, at least from 0.1 to 10."""

    def __init__(self, ratios):
        ratios = [r for r in ratios if r > 0]
        self.low = math.floor(math.log10(min([0.1, *ratios])))
        self.high = math.ceil(math.log10(max([10, *ratios])))

    def x(self, ratio):
        share = (math.log10(max(ratio, 10 ** self.low)) - self.low) / \
            (self.high - self.low)
        return LEFT + share * WIDTH

    def marks(self):
        return [10 ** power for power in range(self.low, self.high + 1)]


def text(x, y, what, weight="normal", anchor="start", colour="#222"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-weight="{weight}" '
            f'text-anchor="{anchor}" fill="{colour}">{escape(what)}</text>')


def line(x, top, bottom, colour, dash=""):
    return (f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" '
            f'stroke="{colour}" stroke-dasharray="{dash}"/>')


def bar(axis, entry, y):
    """From the floor's line to the ratio, to its left or its right."""
    floor, end = axis.x(1), axis.x(entry["ratio"])
    start, long = min(floor, end), max(1, abs(end - floor))
    return [text(LEFT - 10, y + 12, cases.NAMES[entry["who"]], anchor="end"),
            f'<rect x="{start:.1f}" y="{y + 1}" width="{long:.1f}" '
            f'height="{BAR - 3}" fill="{COLOURS[entry["who"]]}"/>',
            text(LEFT + WIDTH + 12, y + 12,
                 f"{entry['ratio']:.2f} x  ({entry['rps']:,.0f}/s)")]


def goal_mark(axis, goal, y):
    x = axis.x(goal)
    return [f'<path d="M{x - 5:.1f} {y - 7} h10 l-5 7 z" fill="#c93c37"/>',
            line(x, y, y + BAR, "#c93c37")]


def panel(axis, case, entries, y):
    """The parts of a case and where the next one begins."""
    bottom = y + PANEL_HEAD + BAR * len(entries)
    parts = [f'<rect x="8" y="{y}" width="{LEFT + WIDTH + RIGHT - 16}" '
             f'height="{bottom - y + 8}" rx="4" fill="#f7f8fa"/>',
             text(18, y + 16, case.title, "bold")]
    parts += [line(axis.x(mark), y + PANEL_HEAD - 2, bottom + 2, "#dde1e6")
              for mark in axis.marks()]
    parts.append(line(axis.x(1), y + PANEL_HEAD - 2, bottom + 2, "#444"))
    for i, entry in enumerate(entries):
        at = y + PANEL_HEAD + BAR * i
        parts += bar(axis, entry, at)
        if case.goals.get(entry["who"]):
            parts += goal_mark(axis, case.goals[entry["who"]], at)
    return parts, bottom + 8 + GAP


def draw(found, case_of):
    """SVG; found: the results in the order of the cases."""
    shown = [e for e in found if e["ratio"] and e["who"] != "floor"]
    axis = Axis([e["ratio"] for e in shown])
    parts = [text(10, 22, "Requests a second, as a multiple of the "
                  "hand-written C floor's (1 x), logarithmic", "bold"),
             text(10, 40, "A red mark is the goal of this project.",
                  colour="#57606a")]
    parts += [text(axis.x(mark), HEAD - 6, f"{mark:g} x", anchor="middle",
                   colour="#57606a") for mark in axis.marks()]
    y = HEAD
    for name in dict.fromkeys(e["case"] for e in shown):
        entries = [e for e in shown if e["case"] == name]
        more, y = panel(axis, case_of(entries[0]), entries, y)
        parts += more
    return (f'<svg xmlns="http://www.w3.org/2000/svg" '
            f'width="{LEFT + WIDTH + RIGHT}" height="{y}" '
            f'font-family="sans-serif" font-size="12">\n'
            f'<rect width="100%" height="100%" fill="#fff"/>\n' +
            "\n".join(parts) + "\n</svg>\n")
