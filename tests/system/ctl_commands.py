"""The table of commands as connectorsctl itself tells it."""
import re
import subprocess

from ctl_support import PROGRAM


class Command:
    def __init__(self, name):
        self.name = name
        self.help = _help(name)
        usage = re.match(r"usage: connectorsctl %s \[OPTIONS\](.*)" % name,
                         self.help).group(1)
        self.words = usage.split()
        own = self.help.split("Options of all commands:")[0]
        # {name: what its value is called, or None}
        self.options = {
            option: value or None for option, value in
            re.findall(r"(?m)^  --([a-z-]+)(?: ([A-Z]+))?", own)}


def _help(*words):
    return subprocess.run(
        [str(PROGRAM), *" ".join(words).split(), "--help"], text=True,
        check=True, stdout=subprocess.PIPE, timeout=60).stdout


def _names():
    text = _help().split("Commands:\n")[1].split("\n\n")[0]
    # Behind the name may be what its word is: ID, FILE|-, bash|zsh.
    return [re.match(r"  ([a-z-]+(?: [a-z-]+(?![a-z|-]))?)", line).group(1)
            for line in text.splitlines()]


# {name: Command}, in the table's order.
COMMANDS = {name: Command(name) for name in _names()}
GROUPS = sorted({name.split()[0] for name in COMMANDS if " " in name})
