"""The programs of package.json, installed once for each package-lock.json."""
import os
import pathlib
import shutil
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
CACHE = pathlib.Path(os.environ.get("CONNECTORS_CACHE", TOP / ".cache"))
FOLDER = CACHE / "openapi"
BUILD = pathlib.Path(os.environ.get("CONNECTORS_BUILD", TOP / "build"))
DOCUMENT = BUILD / "openapi.json"
FILES = ("package.json", "package-lock.json", ".npmrc")


def is_installed():
    return all((FOLDER / name).exists() and
               (FOLDER / name).read_bytes() == (HERE / name).read_bytes()
               for name in FILES) and (FOLDER / "done").exists()


def install():
    """Skips the test where they are not to be had."""
    if is_installed():
        return
    if shutil.which("npm") is None:
        raise unittest.SkipTest("npm is not installed")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for name in FILES:
        shutil.copy(HERE / name, FOLDER)
    result = subprocess.run(["npm", "ci"], cwd=FOLDER, text=True,
                            capture_output=True, timeout=600)
    if result.returncode != 0:
        raise unittest.SkipTest("npm cannot install: " + result.stderr[-500:])
    (FOLDER / "done").touch()


def run(program, *arguments, cwd=FOLDER, **environment):
    """One of them; (status, what it says)."""
    result = subprocess.run(
        [str(FOLDER / "node_modules/.bin" / program), *map(str, arguments)],
        cwd=cwd, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=300,
        env={**os.environ, "REDOCLY_TELEMETRY": "off", "NO_COLOR": "1",
             "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", **environment})
    return result.returncode, result.stdout
