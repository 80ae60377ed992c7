"""connectorsctl system, implementation, connector."""
import http.server
import json
import os
import pathlib
import tempfile
import threading
import unittest

from ctl_support import CtlTest, catalogue

CANARY = "canary-7f3e"
LOCAL = ("-o", "test.allow_networks=127.0.0.0/8")


class Web(http.server.BaseHTTPRequestHandler):
    """Knows one token, and gives a new refresh token for each old one."""

    def log_message(self, *_):
        pass

    def answer(self, status, text=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        good = self.headers.get("Authorization") == "Bearer " + CANARY
        self.answer(200 if good else 401)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, json.dumps({
            "access_token": CANARY, "token_type": "Bearer",
            "refresh_token": CANARY + "-next"}).encode())


class Connectors(CtlTest):
    def setUp(self):
        super().setUp()
        self.web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
        thread = threading.Thread(target=self.web.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.web.server_close)
        self.addCleanup(self.web.shutdown)
        self.url = "http://127.0.0.1:%d/x" % self.web.server_port
        self.load_with()

    def load_with(self, **more):
        data = catalogue()
        data["authentication_implementations"][0].update(
            {"headers": {}, "test_url": self.url, "url": self.url, **more})
        self.load(data)

    def probe(self, connector, *options, status):
        result = self.run_ctl("connector", "test", str(connector), "--json",
                              *options)
        self.assertEqual(result.status, status, result.out + result.err)
        self.assertNotIn(CANARY, result.out + result.err)
        return json.loads(result.out).get("data")


class Tests(Connectors):
    def test_one_that_passes_is_recorded_without_a_key(self):
        result = self.probe(1, *LOCAL, status=0)
        self.assertEqual((result["ok"], result["address"]),
                         (True, "127.0.0.1"))
        (company, connector, key, user, ok, stored), = self.sql(
            "SELECT company_id, connector_id, api_key_id, user_id, ok, "
            "result FROM connector_tests")
        self.assertEqual((company, connector, key, user, ok),
                         ("1", "1", None, None, "1"))
        self.assertEqual(json.loads(stored), result)
        event, = self.data("audit")
        self.assertEqual(
            (event["action"], event["connector_id"], event["connector_name"],
             event["api_key_id"], event["user_id"], event["changed"]),
            ("test", 1, "Connector 1", None, None, []))
        self.assertTrue(event["request_id"].startswith("connectorsctl-"))

    def test_steps_are_a_table(self):
        result = self.ok("connector", "test", "1", *LOCAL)
        fields, steps = result.out.split("\n\n")
        self.assertIn("RESULT\tpassed\n", fields)
        self.assertIn("TARGET\t%s\n" % self.url, fields)
        rows = [line.split("\t") for line in steps.splitlines()]
        self.assertEqual([row[0] for row in rows], [
            "STEP", "configuration", "guard", "dns", "connect", "tls",
            "authentication", "request", "response"])
        self.assertEqual(rows[4][1], "ok")
        self.assertEqual(rows[5][1:], ["-", "-"])
        self.assertRegex(rows[4][2], r"^\d+\.\d{3}$")

    def test_failures_are_recorded_and_end_with_1(self):
        for number, (options, change, stage, reason) in enumerate((
                # The guard is that of the API: nothing here opens networks.
                ((), {}, "guard", "address_refused"),
                (LOCAL, {"test_url": self.url.replace("http:", "https:")},
                 "tls", None),
                (LOCAL, {"test_url": "http://127.0.0.1:1/"}, "connect",
                 "connection_refused"),
                (LOCAL, {"headers": {"X": "{{nobody}}"}}, "configuration",
                 None))):
            self.load_with(**change)
            result = self.probe(1, *options, status=1)
            self.assertEqual(result["stage"], stage, result)
            if reason:
                self.assertEqual(result["reason"], reason)
            rows = self.sql("SELECT ok, stage, reason FROM connector_tests "
                            "ORDER BY id")
            self.assertEqual(len(rows), number + 1)
            self.assertEqual(rows[-1], ("0", stage, result["reason"]))
            self.assertEqual(len(self.data("audit")), number + 1)

    def test_the_limit_of_a_company_counts(self):
        self.sql("INSERT INTO connector_tests (company_id, connector_id, "
                 "created_at, updated_at) VALUES (1, 2, UTC_TIMESTAMP(6), "
                 "UTC_TIMESTAMP(6))")
        said = self.fails("connector", "test", "1", *LOCAL, "-o",
                          "test.per_company=1")
        self.assertIn("test.per_company", said)
        self.assertEqual(self.sql("SELECT COUNT(*) FROM connector_tests"),
                         [("1",)])
        self.assertEqual(self.data("audit"), [])
        self.probe(1, *LOCAL, "-o", "test.per_company=2", status=0)

    def test_a_new_refresh_token_is_stored(self):
        self.sql("UPDATE authentication_types SET `key` = "
                 "'oauth2_authorization_code'")
        data = catalogue()
        for row in data["variables"]:
            row["key"] = {"token": "refresh_token", "host": "client_id",
                          "empty": "client_secret"}.get(row["key"],
                                                        row["key"])
        data["model_variables"][2]["model_id"] = 1
        data["variables"][2]["value"] = "s"
        del data["authentication_types"]
        del data["authentication_implementations"]
        self.load(data)
        before = self.sql("SELECT value_sealed FROM variables WHERE id = 2")
        self.probe(1, *LOCAL, status=0)
        self.assertNotEqual(self.sql(
            "SELECT value_sealed FROM variables WHERE id = 2"), before)
        self.assertEqual(self.data("audit")[0]["changed"],
                         ["variables.refresh_token"])

    @unittest.skipUnless(os.getuid() == 0, "only root has rights to give up")
    def test_root_becomes_the_user_of_the_service(self):
        self.server.sql("CREATE USER IF NOT EXISTS tester@localhost "
                        "IDENTIFIED BY 'x'; GRANT ALL ON *.* TO "
                        "tester@localhost")
        self.addCleanup(self.server.sql, "DROP USER tester@localhost")
        # Down to the socket, which a stack has in a folder of its own.
        folder = pathlib.Path(self.server.socket).parent
        while folder != pathlib.Path(tempfile.gettempdir()):
            folder.chmod(folder.stat().st_mode | 0o755)
            folder = folder.parent
        password = self.folder / "password"
        password.write_text("x")
        options = [*LOCAL, "-o", "database.user=tester", "-o",
                   "database.password_file=%s" % password]
        self.probe(1, *options, "-o", "pool.user=nobody", status=0)
        # Who has given up root's rights is not let in as root.
        said = self.fails("connector", "test", "1", *LOCAL, "-o",
                          "pool.user=nobody")
        self.assertIn("denied", said)
        self.assertIn("nosuchuser", self.fails(
            "connector", "test", "1", "-o", "pool.user=nosuchuser"))

    def test_what_is_not_there(self):
        for command in (("connector", "test"), ("connector", "show"),
                        ("implementation", "show")):
            self.assertEqual(self.fails(*command, "9"), "there is no %s 9"
                             % command[0])
            self.fails(*command, "x", status=2)
            failed = self.run_ctl(*command, "9", "--json")
            self.assertEqual(json.loads(failed.out),
                             {"message": "there is no %s 9" % command[0]})

    def test_without_a_key_ring_nothing_is_sent(self):
        said = self.fails("connector", "test", "1", *LOCAL, "-o",
                          "secrets.keyring_file=")
        self.assertIn("no key ring is configured", said)


class Lists(Connectors):
    def test_connectors_and_their_last_tests(self):
        self.probe(1, status=1)
        self.probe(1, *LOCAL, status=0)
        self.probe(2, status=1)
        self.assertEqual(
            [(row["id"], row["company_id"], row["name"], row["last_test"])
             for row in self.data("connector", "list")],
            [(1, 1, "Connector 1", "passed"),
             (2, 1, "Connector 2", "variable_missing")])
        self.assertEqual(self.data("connector", "list", "--company", "2"),
                         [])
        self.assertEqual(
            len(self.data("connector", "list", "--implementation", "1")), 2)
        for option, what in (("company", "company"),
                             ("implementation", "implementation")):
            self.assertEqual(
                self.fails("connector", "list", "--" + option, "9"),
                "there is no %s 9" % what)

    def test_many_connectors_are_all_listed(self):
        data = {"connectors": [
            {**catalogue()["connectors"][0], "id": number,
             "canonical_key": "key-%d" % number}
            for number in range(10, 2510)]}
        self.load(data)
        self.assertEqual(
            [row["id"] for row in self.data("connector", "list")],
            [1, 2, *range(10, 2510)])
        self.assertEqual(
            len(self.ok("connector", "list").out.splitlines()), 2503)

    def test_show_has_variables_without_secrets(self):
        self.probe(1, status=1)
        shown = self.ok("connector", "show", "1")
        self.assertNotIn(CANARY, shown.out)
        one = self.data("connector", "show", "1")
        self.assertEqual(
            [(v["key"], v["value"], v["secret"], v["from"])
             for v in one["variables"]],
            [("host", "a.test", False, "connector"),
             ("token", "********", True, "connector")])
        self.assertEqual((one["company"], one["system"], one["canonical_key"]),
                         ("One", "System", "key-1"))
        self.assertEqual([(t["ok"], t["reason"]) for t in one["tests"]],
                         [(False, "address_refused")])

    def test_systems(self):
        self.assertEqual(
            [(row["id"], row["company_id"], row["implementations"])
             for row in self.data("system", "list")],
            [(1, None, 1), (2, 2, 1)])
        self.assertEqual([row["id"] for row in self.data(
            "system", "list", "--company", "1")], [1])
        self.fails("system", "list", "--company", "9")

    def test_implementations(self):
        self.assertEqual(
            [(row["id"], row["system_id"], row["type"], row["connectors"])
             for row in self.data("implementation", "list")],
            [(1, 1, "token", 2), (2, 2, "token", 0)])
        self.assertEqual([row["id"] for row in self.data(
            "implementation", "list", "--system", "2")], [2])
        self.assertEqual(self.fails("implementation", "list", "--system",
                                    "9"), "there is no system 9")


class Needs(Connectors):
    def needs(self, **more):
        self.load_with(**more)
        return {need["key"]: need for need in
                self.data("implementation", "show", "1")["needs"]}

    def test_what_the_type_asks_for(self):
        needs = self.needs()
        self.assertEqual([*needs], ["token"])
        self.assertEqual((needs["token"]["required"],
                          needs["token"]["secret"],
                          needs["token"]["asked_by"]), (True, True, "type"))
        self.sql("UPDATE authentication_types SET `key` = 'basic'")
        data = self.data("implementation", "show", "1")["needs"]
        self.assertEqual([need["key"] for need in data],
                         ["username", "password"])
        self.sql("UPDATE authentication_types SET `key` = 'none'")
        self.assertEqual(self.data("implementation", "show", "1")["needs"],
                         [])

    def test_what_templates_refer_to(self):
        needs = self.needs(url="https://{{shop}}.x.test/{{shop}}/{{page}}",
                           headers={"X-Key": "{{key}}"})
        self.assertEqual({key: need["asked_by"]
                          for key, need in needs.items()},
                         {"shop": "template", "page": "template",
                          "key": "template"})

    def test_what_the_catalogue_lists(self):
        self.load({"variables": [
            {"id": 10, "key": "shop", "label": "Shop", "value": "x"},
            {"id": 11, "key": "token", "label": "Token",
             "value": CANARY + "-2", "secret": True}],
            "model_variables": [
                {"id": number, "variable_id": number, "model_id": 1,
                 "model_type": "authentication_implementation",
                 "required": number == 10} for number in (10, 11)]})
        self.assertNotIn(CANARY, self.ok("implementation", "show", "1").out)
        needs = self.needs(url="https://{{shop}}.x.test/")
        self.assertEqual(
            [(need["key"], need["required"], need["secret"],
              need["default"], need["asked_by"]) for need in needs.values()],
            [("shop", True, False, "x", "catalogue"),
             ("token", False, True, "********", "catalogue")])


if __name__ == "__main__":
    unittest.main()
