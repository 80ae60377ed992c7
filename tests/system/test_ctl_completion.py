"""What bash and zsh complete: exactly the table of commands."""
import shutil
import subprocess
import tempfile
import unittest

from ctl_commands import COMMANDS
from ctl_support import PROGRAM

FIRST = sorted({name.split()[0] for name in COMMANDS})
COMMON = ["--config", "--help", "--version", "-o"]


def script(shell):
    return subprocess.run([str(PROGRAM), "completion", shell], text=True,
                          check=True, stdout=subprocess.PIPE).stdout


class Shell:
    """The last word is the one that is completed."""

    def test_first_words(self):
        self.assertEqual(self.complete(""), FIRST)
        self.assertEqual(self.complete("-c", "x.conf", ""), FIRST)
        self.assertEqual(self.complete("-o", "a.b=c", "--config", "x", ""),
                         FIRST)

    def test_words_of_groups(self):
        for group in FIRST:
            seconds = sorted(name.split()[1] for name in COMMANDS
                             if name.startswith(group + " "))
            if seconds:
                self.assertEqual(self.complete(group, ""), seconds)
                self.assertEqual(self.complete("-o", "a.b=c", group, ""),
                                 seconds)

    def test_options_of_each_command(self):
        for name, command in COMMANDS.items():
            options = ["--" + option for option in command.options]
            self.assertEqual(self.complete(*name.split(), "-"),
                             sorted(options + COMMON), name)
            # Behind others, too; a value is none.
            self.assertEqual(
                self.complete(*name.split(), "--company", "1", "-"),
                sorted(options + COMMON), name)

    def test_values(self):
        self.assertEqual(self.complete("openapi", "--format", ""),
                         ["json", "markdown"])
        self.assertEqual(self.complete("completion", ""), ["bash", "zsh"])
        self.assertEqual(self.complete("key", "list", "--company", ""), [])

    def test_only_what_begins_so(self):
        self.assertEqual(self.complete("ke"), ["key"])
        self.assertEqual(self.complete("key", "create", "--e"), ["--expires"])

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("one file.json", "two.json"):
                open(folder + "/" + name, "w", encoding="ascii").close()
            for words in (("import",), ("import", "--dry-run"), ("-c",),
                          ("check", "--config"),
                          ("database", "init", "--admin-password-file")):
                self.assertEqual(
                    self.files(folder, *words),
                    [folder + "/one file.json", folder + "/two.json"], words)


class Bash(Shell, unittest.TestCase):
    def run_bash(self, *words):
        return subprocess.run(
            ["bash", "--norc", "-c", script("bash") + """
             COMP_WORDS=(connectorsctl "$@"); COMP_CWORD=$#
             _connectorsctl; printf '%s\\n' "${COMPREPLY[@]}\"""", "bash",
             *words], text=True, check=True, capture_output=True)

    def complete(self, *words):
        done = self.run_bash(*words)
        self.assertEqual(done.stderr, "")
        # Bash shows only what begins as the word does.
        return sorted(line for line in done.stdout.splitlines() if line)

    def files(self, folder, *words):
        return [path for path in self.complete(*words, folder + "/")]

    def test_an_equals_sign_is_a_word_to_bash(self):
        self.assertEqual(self.complete("openapi", "--format", "=", "m"),
                         ["markdown"])
        self.assertEqual(self.complete("openapi", "--format", "="),
                         ["json", "markdown"])
        self.assertEqual(self.complete("--config", "=", "x", "key", "r"),
                         ["revoke"])


@unittest.skipUnless(shutil.which("zsh"), "needs zsh")
class Zsh(Shell, unittest.TestCase):
    def run_zsh(self, *words):
        return subprocess.run(
            ["zsh", "-f", "-c", """
             compdef() { }
             compadd() { print -l -- $list }
             _files() { print FILES }
             """ + script("zsh") + """
             words=(connectorsctl "$@") CURRENT=$(($# + 1))
             _connectorsctl""", "zsh", *words], text=True, check=True,
            capture_output=True)

    def complete(self, *words):
        done = self.run_zsh(*words)
        self.assertEqual(done.stderr, "")
        # As zsh does with what it is given.
        return sorted(line for line in done.stdout.splitlines()
                      if line != "FILES" and line.startswith(words[-1]))

    def files(self, folder, *words):
        self.assertIn("FILES", self.run_zsh(*words, folder + "/").stdout)
        return [folder + "/one file.json", folder + "/two.json"]


if __name__ == "__main__":
    unittest.main()
