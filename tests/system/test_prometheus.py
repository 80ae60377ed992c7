"""examples/ for Prometheus and Grafana, tried on what a stack measures."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from test_dev import LIST, TOP, Case, free_port, one_server

EXAMPLES = TOP / "examples"
RULES = EXAMPLES / "prometheus-alerts.yml"
DASHBOARD = json.loads((EXAMPLES / "grafana-dashboard.json").read_text())
has_prometheus = unittest.skipUnless(
    shutil.which("prometheus") and shutil.which("promtool"),
    "prometheus is missing")


def queries():
    """(panel, query) of the dashboard; what Grafana fills in is filled in."""
    return [(panel["title"], target["expr"].replace("$__rate_interval", "1m"))
            for panel in DASHBOARD["panels"] for target in panel["targets"]]


class Texts(unittest.TestCase):
    def test_name_only_measures_that_are_documented(self):
        documented = re.findall(r"^\| `(connectors_\w+)` \| (\w+) \|",
                                (TOP / "docs/metrics.md").read_text(), re.M)
        known = {name for name, kind in documented}
        known |= {name + "_bucket" for name, kind in documented
                  if kind == "histogram"}
        told = RULES.read_text() + json.dumps([q for _, q in queries()])
        named = set(re.findall(r"connectors_\w+", told))
        self.assertGreater(len(named), 10)
        self.assertEqual(named - known, set())

    def test_each_alarm_is_explained(self):
        page = (TOP / "docs/operate.md").read_text()
        for name in re.findall(r"alert: (\w+)", RULES.read_text()):
            self.assertIn("`%s`" % name, page)

    def test_panels_have_a_place_each(self):
        taken = set()
        for panel in DASHBOARD["panels"]:
            place = panel["gridPos"]
            cells = {(x, y)
                     for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertEqual(cells & taken, set(), panel["title"])
            self.assertLessEqual(place["x"] + place["w"], 24)
            taken |= cells
        ids = [panel["id"] for panel in DASHBOARD["panels"]]
        self.assertEqual(len(ids), len(set(ids)))


@has_prometheus
class Rules(unittest.TestCase):
    def promtool(self, *arguments, text=None):
        done = subprocess.run(
            ["promtool", *map(str, arguments)], input=text, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_are_well_formed(self):
        self.assertIn("SUCCESS", self.promtool("check", "rules", RULES))

    def test_each_sounds_and_is_silent_when_it_should(self):
        tests = pathlib.Path(__file__).with_name("alerts_test.yml")
        self.promtool("test", "rules", tests)
        alarms = re.findall(r"alert: (\w+)", RULES.read_text())
        self.assertEqual(
            sorted(alarms), sorted(re.findall(r'alertname="(\w+)"',
                                              tests.read_text())))


@has_prometheus
@one_server
class Live(Case):
    """A stack, some requests to it, and a Prometheus that looks at it."""

    def prepare(self):
        self.one = self.stack()
        self.one.up("--workers", "2")
        # Seen by the first look of the next pool.
        self.one.dev("sql", "-e", "UPDATE certificates SET expires_at = "
                     "UTC_TIMESTAMP(6) + INTERVAL 30 DAY")
        self.one.dev("down")
        self.one.up("--workers", "2")
        self.key = self.one.dev("key").strip()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        shutil.copy(RULES, self.folder)
        text = (EXAMPLES / "prometheus.yml").read_text()
        for old, new in (("127.0.0.1:80", "127.0.0.1:" + self.one.port),
                         ("scrape_interval: 15s", "scrape_interval: 1s")):
            self.assertIn(old, text)
            text = text.replace(old, new)
        (self.folder / "prometheus.yml").write_text(
            "global: {evaluation_interval: 1s}\n" + text)

    def start(self):
        self.port = free_port()
        process = subprocess.Popen(
            ["prometheus", "--config.file=prometheus.yml",
             "--storage.tsdb.path=data", "--log.level=warn",
             "--web.listen-address=127.0.0.1:" + self.port],
            cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.terminate)

    def ask(self, path, **query):
        url = "http://127.0.0.1:%s/api/v1/%s?%s" % (
            self.port, path, urllib.parse.urlencode(query))
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def value(self, query):
        return self.ask("query", query=query)["result"]

    def wait(self, condition, what, seconds=60):
        end = time.monotonic() + seconds
        while True:
            try:
                if condition():
                    return
            except urllib.error.URLError:
                pass
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.2)

    def use(self):
        """Some of everything that is counted."""
        for _ in range(20):
            self.one.get(LIST, self.key)
        for connector in (1, 2):
            urllib.request.urlopen(urllib.request.Request(
                self.one.base + LIST + "/%d" % connector, method="PATCH",
                data=b'{"timezone": "UTC"}',
                headers={"Authorization": self.key,
                         "Content-Type": "application/json"}), timeout=30)
        urllib.request.urlopen(urllib.request.Request(
            self.one.base + LIST + "/1/test", method="POST",
            headers={"Authorization": self.key}), timeout=30)

    def evaluated(self):
        return [rule for group in self.ask("rules")["groups"]
                for rule in group["rules"]
                if not rule["lastEvaluation"].startswith("0001")]

    def test_rules_and_dashboard(self):
        self.prepare()
        self.start()
        self.wait(lambda: self.value('up{job="connectors"} == 1'), "no scrape")
        self.use()
        # A rate needs a measure before and one after.
        self.wait(lambda: self.value(
            'increase(connectors_tests_total{outcome="ok"}[1m]) > 0 and on () '
            "connectors_certificates_expired"), "tests are not counted")
        for panel, query in queries():
            with self.subTest(panel=panel, query=query):
                self.assertTrue(self.value(query))
        wanted = RULES.read_text().count("alert:")
        self.wait(lambda: len(self.evaluated()) == wanted, "not evaluated")
        for rule in self.evaluated():
            with self.subTest(rule=rule["name"]):
                self.assertEqual(
                    (rule["health"], rule.get("lastError", "")), ("ok", ""))
                self.assertEqual(rule["state"], "inactive")
        # The stack is gone, and Prometheus knows it.
        self.one.dev("down")
        self.wait(lambda: self.value(
            'ALERTS{alertname="ConnectorsDown"}'), "no alarm")


if __name__ == "__main__":
    unittest.main()
