"""Runs the commands of a document as they stand.

A block behind a line `<!-- tested -->` is run by sh, in one shell for all of
the document, but for the folder and the port of the stack. A block of json
behind it says what the last line of output has: members that it leaves out
may have any value, lists have as many elements.
"""
import json
import re
import subprocess

MARK = "printed by the block"


def blocks_of(text):
    """(kind, block) of each."""
    return re.findall(r"<!-- tested -->\n```(sh|json)\n(.*?)```", text, re.S)


def told(expected, real, where=""):
    """Differences between a block of json and what was printed."""
    if isinstance(expected, dict) and isinstance(real, dict):
        absent = [f"{where}.{name}: absent" for name in expected
                  if name not in real]
        return absent + [line for name, value in expected.items()
                         if name in real
                         for line in told(value, real[name],
                                          f"{where}.{name}")]
    if isinstance(expected, list) and isinstance(real, list):
        if len(expected) != len(real):
            return [f"{where}: {len(real)} elements"]
        return [line for i, value in enumerate(expected)
                for line in told(value, real[i], f"{where}[{i}]")]
    return [] if expected == real else [f"{where}: {real!r}"]


def for_stack(text, state, port):
    """The same for a stack in that folder and at that port. What a command
    writes is written there."""
    text = re.sub(r"\./dev (\w+)", rf"./dev \1 --state '{state}'", text)
    text = re.sub(r"(\./dev up --state '[^']*')", rf"\1 --port {port}", text)
    text = text.replace("-o openapi.json", f"-o '{state}/openapi.json'")
    return text.replace("8080", str(port))


def script_of(blocks):
    """One script; what each block prints stands behind a line of its own.
    curl fails with an error that no block of json expects."""
    script = ["set -eu"]
    for i, (kind, block) in enumerate(blocks):
        if kind == "json":
            continue
        expects = i + 1 < len(blocks) and blocks[i + 1][0] == "json"
        script.append("echo; echo '%s' %d" % (MARK, i))
        # An answer has no newline at its end.
        script.append("curl() { command curl %s \"$@\" || return; echo; }"
                      % ("" if expects else "-f"))
        script.append(block)
    return "\n".join(script)


def run(text, top, state, port, before=""):
    """What is wrong with a document: a line each. before: what the document
    takes for granted."""
    blocks = blocks_of(for_stack(text, state, port))
    script = for_stack(before, state, port) + "\n" + script_of(blocks)
    done = subprocess.run(["sh", "-c", script], cwd=top, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=300, check=False)
    if done.returncode != 0:
        return [done.stdout[-500:] + done.stderr[-500:]]
    printed = dict(
        (int(number), rest) for number, rest in re.findall(
            rf"^{MARK} (\d+)\n(.*?)(?=\n{MARK} |\Z)", done.stdout, re.M | re.S))
    wrong = []
    for i, (kind, block) in enumerate(blocks):
        if kind == "json":
            last = printed[i - 1].strip().splitlines()[-1]
            wrong += told(json.loads(block), json.loads(last),
                          f"block {i} ")
    return wrong
