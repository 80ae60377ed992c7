"""Which reasons of the connector test there are, which its tests expect, and
which they have seen.

As a program it judges what the tests have seen, once all of them have run:

    probe_reasons.py FILE      FILE: the reasons they noted, one a line
"""
import ast
import pathlib
import sys

import probe_support

# What no server can be made to provoke here.
NOT_PROVOKED = {"certificate_invalid", "connection_failed",
                "host_unreachable"}


def known():
    """The words of the program's own table."""
    return {name for kind, name, _ in probe_support.listed()
            if kind == "reason"}


def expected():
    """All texts in the tests of the connector test, words of reasons among
    them; not those in comments or in the middle of another text."""
    return {node.value
            for path in pathlib.Path(__file__).parent.glob("test_probe*.py")
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def main(path):
    words = known()
    seen = set(pathlib.Path(path).read_text().split())
    for what, found in (("no test has provoked", words - seen - NOT_PROVOKED),
                        ("not in the table", seen - words)):
        if found:
            print("%s: %s" % (what, ", ".join(sorted(found))))
    return 1 if seen - words or words - seen - NOT_PROVOKED else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
