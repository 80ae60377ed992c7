"""How much of its full size a test that repeats itself has.

A run of all tests takes a tenth; CONNECTORS_TEST_SCALE=1 is the whole.
"""
import os
import sys

SCALE = float(os.environ.get("CONNECTORS_TEST_SCALE", "0.1"))


def scaled(number):
    return max(int(number * SCALE), 1)


def say(text, *values):
    """The figures of a test, for whoever runs it by hand."""
    print("\n  " + text % values, end=" ", file=sys.stderr, flush=True)
