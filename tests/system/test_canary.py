"""Known secrets go in; nothing that comes out or lies about holds one.

200 connectors: half through the API, half by import. Looked at are all
answers, the export, the audit trail, the environment and command line of
every process of the stack, and, once it is down and its database has written
all it had, every file of its folder.
"""
import base64
import http.client
import json
import os
import pathlib
import re
import tempfile
import unittest

from test_dev import Case, LIST
from test_failures import pid_of
from write_support import BODY, catalogue

# Every secret holds this, whose spelling URLs leave alone.
MARK = "CanarySings7Qx"
WRAPPED = ["%s-%d", "  %s %d", "ü/%s+%d=&", "{\"%s\":%d}", "%s\n%d"]


def secret(n):
    return WRAPPED[n % len(WRAPPED)] % (MARK, n)


def spellings(text):
    """What to look for: as it is, in base64 at any of the three offsets, in
    hexadecimal digits, and as UTF-16."""
    raw = text.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode(),
             text.encode("utf-16-le"), raw[::-1]}
    for offset in range(3):
        code = base64.b64encode(b"\0" * offset + raw)
        # Without the characters that depend on what stands around it.
        code = code[-(-offset * 8 // 6):len(code) - 4]
        found |= {code, code.replace(b"+", b"-").replace(b"/", b"_")}
    return found


NEEDLE = re.compile(b"|".join(map(re.escape, spellings(MARK))))


class Canary(Case):
    def setUp(self):
        self.target = self.stack()
        self.target.up("--no-demo")
        self.seen = []
        self.bring(catalogue.build())
        self.key = self.target.dev(
            "ctl", "key", "create", "--company", "4").split()[-1]

    def bring(self, data):
        """Imports; the file is no part of the stack."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(data, file)
            file.flush()
            self.see("import", self.target.dev("ctl", "import", file.name))

    def see(self, what, text):
        """Looks at something that came out."""
        data = text if isinstance(text, bytes) else text.encode()
        found = NEEDLE.search(data)
        if found:
            near = data[max(found.start() - 80, 0):found.end() + 80]
            self.fail("a secret in %s: %r" % (what, near))
        self.seen.append(len(data))

    def ask(self, method, path, data=None, status=200, **headers):
        connection = http.client.HTTPConnection(
            "127.0.0.1", int(self.target.port), timeout=60)
        if data is not None and not isinstance(data, bytes):
            data = json.dumps(data).encode()
        connection.request(method, path, data, {
            "Authorization": self.key, "Content-Type": "application/json",
            **{name.replace("_", "-"): value
               for name, value in headers.items()}})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        self.see("%s %s" % (method, path), text)
        self.see("headers of " + path, str(answer.headers))
        self.assertEqual(answer.status, status, text[:500])
        return json.loads(text) if text else None

    def test_search_finds(self):
        for n in range(20):
            value = "x" * (n % 3) + secret(n)
            for data in (value.encode(), base64.b64encode(value.encode()),
                         base64.urlsafe_b64encode(value.encode()),
                         value.encode().hex().encode()):
                self.assertTrue(NEEDLE.search(data), data)

    def test_nothing_holds_a_secret(self):
        self.write_by_api()
        self.write_by_import()
        self.read_everything()
        self.look_at_processes()
        pids = [pid_of(self.target, name)
                for name in ("database", "connectors", "nginx")]
        self.assertEqual(len(set(pids)), 3)
        self.target.dev("down")
        self.look_at_files()

    def write_by_api(self):
        for n in range(100):
            variables = [{"key": "s", "label": "s", "secret": True,
                          "value": secret(n)}]
            data = {**BODY, "name": "api %d" % n, "variables": variables}
            headers = {"Idempotency_Key": "canary-%d" % n} if n % 2 else {}
            made = self.ask("POST", LIST, data, **headers)["data"]
            if n % 2:
                self.ask("POST", LIST, data, **headers)
                self.ask("POST", LIST, {**data, "name": secret(n)}, 422,
                         **headers)
            path = "%s/%d" % (LIST, made["id"])
            if n % 3 == 0:
                variables[0]["value"] = secret(n + 1000)
                self.ask("PUT", path, {"variables": variables})
            if n % 5 == 0:
                self.ask("PUT", path, {"variables": [
                    *variables, {"key": "s", "label": secret(n)}]}, 422)
            if n % 10 == 0:
                self.ask("DELETE", path)
        big = {**BODY, "name": "big", "variables": [
            {"key": "s%d" % i, "label": "s", "secret": True,
             "value": secret(i) + "x" * 60000} for i in range(20)]}
        self.ask("POST", LIST, big)
        text = json.dumps(big).encode()
        self.ask("POST", LIST, text[:-1], 400)
        self.ask("POST", LIST, text, 415, Content_Type="text/plain")
        self.ask("POST", LIST, text, 401, Authorization="cak_" + "x" * 40)
        self.ask("POST", LIST, text + b" " * (8 << 20), 413)
        self.ask("POST", LIST, {**big, "name": None}, 422)

    def write_by_import(self):
        connectors, variables, links = [], [], []
        for n in range(100):
            id = 10000 + n
            connectors.append(catalogue.connector(id, 4, "import %d" % n, 402))
            variables.append(catalogue.variable(
                20000 + n, "s", secret(n + 2000), company=4, secret=True))
            links.append({**catalogue.belongs(20000 + n, "connector", id),
                          "id": 30000 + n})
        self.bring({"connectors": connectors, "variables": variables,
                    "model_variables": links})
        # Again, and with other values; and one that is refused.
        for row in variables[:50]:
            row["value"] = secret(row["id"])
        self.bring({"variables": variables})
        variables[0]["company_id"] = 999999
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"variables": variables}, file)
            file.flush()
            self.see("a refused import", self.target.dev(
                "ctl", "import", file.name, status=1))

    def read_everything(self):
        total = self.ask("GET", LIST)["meta"]["total"]
        self.assertGreater(total, 190)
        for page in range(1, total // 100 + 2):
            data = self.ask("GET", LIST + "?per_page=100&page=%d"
                            "&include=variables,certificate" % page)["data"]
            for one in data:
                for variable in one["variables"]:
                    if variable["secret"] and variable["value"] is not None:
                        self.assertEqual(variable["value"], "********")
        for one in data[:20]:
            self.ask("GET", "%s/%d?include=variables" % (LIST, one["id"]))
        for command in (["export"], ["audit"], ["key", "list"],
                        ["secrets", "rotate"], ["check"]):
            self.see(" ".join(command), self.target.dev("ctl", *command))
        for rows in ("* FROM audit_events", "* FROM idempotency_keys",
                     "id, label, value, HEX(value_sealed) FROM variables"):
            self.see(rows, self.target.dev("sql", "-e", "SELECT " + rows))

    def look_at_processes(self):
        """Every process that has the stack's folder in its command line, or
        a parent that has."""
        looked = 0
        for name in ("database", "connectors", "nginx"):
            pids = [pid_of(self.target, name)]
            for pid in pids:
                folder = pathlib.Path("/proc/%d" % pid)
                pids += map(int, (folder / "task" / str(pid) / "children")
                            .read_text().split())
                for file in ("environ", "cmdline"):
                    self.see("%s of %s" % (file, name),
                             (folder / file).read_bytes())
                looked += 1
        self.assertGreater(looked, 6)

    def look_at_files(self):
        sizes = {}
        for folder, _, names in os.walk(self.target.state):
            for name in names:
                file = pathlib.Path(folder, name)
                if file.is_file():
                    data = file.read_bytes()
                    self.see(str(file), data)
                    sizes[file.name] = len(data)
        self.assertIn("variables.ibd", sizes)
        self.assertIn("connectors.log", sizes)
        self.assertGreater(sizes["connectors.log"], 20000)
        print("\n  looked at %d files with %d MiB and %d other things"
              % (len(sizes), sum(sizes.values()) >> 20,
                 len(self.seen) - len(sizes)), end=" ", flush=True)


if __name__ == "__main__":
    unittest.main()
