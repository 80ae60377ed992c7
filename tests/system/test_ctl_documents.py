"""connectorsctl: its help, its manual page and its table of commands agree."""
import pathlib
import re
import shutil
import subprocess
import unittest

from ctl_commands import COMMANDS
from ctl_support import TOP

PAGE = TOP / "man" / "connectorsctl.8"


def items(text):
    """What the page says of each command, up to what it does: {name: text}."""
    found = {}
    for item in re.split(r"(?m)^\.It ", text)[1:]:
        head = item.split(".Xc")[0] if item.startswith("Xo") \
            else item.split("\n")[0]
        name = re.match(r"(?:Xo\n\.)?Cm ([a-z-]+(?: [a-z-]+)?)(?: Ar| Op| Oo|"
                        r" Fl|\n|$)", head)
        if name:
            found[name.group(1)] = head
    return found


class ManualPage(unittest.TestCase):
    def setUp(self):
        self.text = PAGE.read_text()
        self.items = items(self.text)

    def test_it_has_exactly_the_commands_of_the_table(self):
        self.assertEqual(sorted(self.items), sorted(COMMANDS))

    def test_each_command_has_exactly_the_options_of_the_table(self):
        for name, command in COMMANDS.items():
            options = re.findall(r"Fl -([a-z-]+)(?: Ar ([a-z]+))?",
                                 self.items[name])
            self.assertEqual(
                {option: bool(value) for option, value in options},
                {option: bool(value) for option, value
                 in command.options.items()}, name)

    def test_each_command_has_its_words(self):
        for name, command in COMMANDS.items():
            words = re.sub(r"Fl -[a-z-]+(?: Ar [a-z]+)?", "",
                           self.items[name])
            self.assertEqual(len(re.findall(r"Ar [a-z|]+", words)),
                             len(command.words), name)

    def test_options_of_all_commands(self):
        for option in ("config", "help", "version"):
            self.assertIn("Fl -%s" % option, self.text)

    @unittest.skipUnless(shutil.which("mandoc"), "needs mandoc")
    def test_mandoc_has_nothing_to_say(self):
        done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", str(PAGE)],
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.stdout, done.returncode), ("", 0))


class Documents(unittest.TestCase):
    def test_commands_that_are_named_exist(self):
        groups = {name.split()[0] for name in COMMANDS if " " in name}
        for path in [TOP / "README.md", *(TOP / "docs").rglob("*.md"),
                     *(TOP / "man").iterdir()]:
            self.names_no_other(pathlib.Path(path), groups)

    def names_no_other(self, path, groups):
        for line in re.findall(r"connectorsctl ((?:[a-z]+[-a-z]* ?)+)",
                               path.read_text()):
            words = line.split()
            if words[0] in groups and len(words) > 1:
                self.assertIn(" ".join(words[:2]), COMMANDS, path)


if __name__ == "__main__":
    unittest.main()
