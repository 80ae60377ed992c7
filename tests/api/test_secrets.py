"""Secrets: written once, masked for ever, never led elsewhere."""
import unittest

from catalogue_write import (FIXED, FTP, HOSTED, NONE, SECRET_HOST, SFTP,
                             WHOLE)
from writing import MASK, Writing, body, secret, sql, variable


def sealed(id):
    """(value, sealed value as text) of a variable's row."""
    return sql("SELECT value, HEX(value_sealed) FROM variables WHERE id = %d"
               % id)[0]


class Masked(Writing):
    def test_in_every_answer(self):
        answer = self.store(body(variables=[
            secret("full", "never-seen-again"), secret("empty", ""),
            secret("none", None), variable("plain", "seen")]))
        data = answer.json()["data"]
        self.assertEqual([one["value"] for one in data["variables"]],
                         [MASK, MASK, None, "seen"])
        self.assertEqual([one["secret"] for one in data["variables"]],
                         [True, True, True, False])
        for got in (answer, self.update(data["id"], {"name": "x"}),
                    self.get("?include=variables&per_page=100", 4),
                    self.destroy(data["id"])):
            self.assertNotIn(b"never-seen-again", got.body)
            self.assertNotIn("never-seen-again", str(got.headers))

    def test_errors_do_not_show_them(self):
        long = "never-shown" + "x" * 70000
        answer = self.store(body(name=None, variables=[
            secret("a", long), secret("a", "never-shown"),
            secret("b", ["never-shown"])]), 422)
        self.assertNotIn(b"never-shown", answer.body)
        answer = self.store(b'{"value":"never-shown', 400)
        self.assertNotIn(b"never-shown", answer.body)

    def test_sealed_in_the_database(self):
        data = self.made(secret("a", "same secret"), secret("b", "same secret"))
        rows = [sealed(one["id"]) for one in data["variables"]]
        for value, text in rows:
            self.assertEqual(value, "NULL")
            self.assertGreater(len(text), 2 * len("same secret"))
            self.assertNotIn("same secret".encode().hex().upper(), text)
        self.assertNotEqual(rows[0][1], rows[1][1])

    def test_secrets_of_any_bytes(self):
        values = [" x ", "\n", "\u00a0", "\U0001f49a", "a" * 65535, "\"\\"]
        data = self.made(*[secret("k%d" % i, value)
                           for i, value in enumerate(values)])
        self.assertEqual({one["value"] for one in data["variables"]}, {MASK})


class Changed(Writing):
    def setUp(self):
        data = self.made(secret("s", "old"), variable("p", "plain"))
        self.id = data["id"]
        self.s, self.p = (one["id"] for one in data["variables"])

    def change(self, id, status=200, **members):
        return self.update(self.id, {"variables": [{"id": id, **members}]},
                           status)

    def value(self, key):
        return self.variable(self.id, key)["value"]

    def test_mask_keeps(self):
        before, tag = sealed(self.s), self.tag(self.id)
        self.change(self.s, value=MASK)
        self.update(self.id, {"variables": [secret("s", MASK, "Label of s")]})
        self.assertEqual((sealed(self.s), self.tag(self.id)), (before, tag))
        self.change(self.s, value=MASK, label="New label")
        self.assertEqual(sealed(self.s), before)
        self.assertEqual(self.variable(self.id, "s")["label"], "New label")

    def test_only_the_mask_keeps(self):
        for value in (MASK + "*", MASK[1:], " " + MASK, "", "old", "new"):
            before, version = sealed(self.s), self.version(self.id)
            self.change(self.s, value=value)
            self.assertNotEqual(sealed(self.s), before)
            self.assertEqual(self.value("s"), MASK)
            self.assertEqual(self.version(self.id), version + 1)

    def test_absent_keeps(self):
        before = sealed(self.s)
        self.change(self.s, label="x")
        self.change(self.s, key="renamed")
        self.update(self.id, {"name": "x"})
        self.assertEqual(sealed(self.s), before)

    def test_null_clears(self):
        self.change(self.s, value=None)
        self.assertIsNone(self.value("s"))
        self.assertEqual(sealed(self.s), ["NULL", "NULL"])
        self.change(self.s, value="again")
        self.assertEqual(self.value("s"), MASK)

    def test_the_mask_is_no_new_secret(self):
        errors = self.refused_store(body(variables=[
            variable("a", MASK), secret("b", MASK)]))
        self.assertEqual(list(errors), ["variables.1.value"])
        self.change(self.s, value=None)
        for item in (secret("new", MASK), {"id": self.s, "value": MASK},
                     {"id": self.s, "value": MASK, "label": "x"},
                     {"id": self.p, "value": MASK, "secret": True},
                     {"key": "p", "value": MASK, "secret": True}):
            errors = self.refused_update(self.id, {"variables": [item]})
            self.assertEqual(list(errors), ["variables.0.value"], item)
        self.assertEqual(sealed(self.s), ["NULL", "NULL"])

    def test_a_secret_is_replaced_by_its_key(self):
        before = sealed(self.s)
        self.update(self.id, {"variables": [{"key": "s", "value": "new"}]})
        self.assertNotEqual(sealed(self.s), before)
        one = self.variable(self.id, "s")
        self.assertEqual((one["label"], one["secret"], one["id"]),
                         ("Label of s", True, self.s))
        self.update(self.id, {"variables": [{"key": "p", "value": "q"},
                                            {"key": "s", "value": MASK}]})
        self.assertEqual(self.value("p"), "q")
        for item, field in (({"key": "other", "value": "x"}, "label"),
                            ({"key": "S", "value": "x"}, "label"),
                            ({"id": None, "value": "x"}, "key")):
            errors = self.refused_update(self.id, {"variables": [item]})
            self.assertIn("variables.0." + field, errors)
        self.refused_update(self.id, {"variables": [
            {"key": "s", "label": "", "value": "x"}]})
        self.refused_store(body(variables=[{"key": "s", "value": "x"}]))

    def test_mask_where_no_secret_is_stored_is_a_text(self):
        self.change(self.p, value=MASK)
        self.assertEqual(sealed(self.p), [MASK, "NULL"])

    def test_a_stored_secret_never_becomes_readable(self):
        field = "variables.0.secret"
        for members in ({}, {"value": MASK}, {"label": "x"}, {"key": "y"}):
            errors = self.refused_update(self.id, {"variables": [
                {"id": self.s, "secret": False, **members}]})
            self.assertEqual(list(errors), [field])
        errors = self.refused_update(self.id, {"variables": [
            {"key": "s", "label": "l", "secret": 0}]})
        self.assertEqual(list(errors), [field])

    def test_with_a_new_value_it_may_be_readable(self):
        self.change(self.s, secret=False, value="new")
        self.assertEqual(self.value("s"), "new")
        self.assertEqual(sealed(self.s), ["new", "NULL"])

    def test_empty_stored_secret_is_a_secret(self):
        self.change(self.s, value="")
        self.refused_update(self.id, {"variables": [
            {"id": self.s, "secret": False}]})

    def test_readable_value_becomes_a_secret(self):
        self.change(self.p, secret=True)
        self.assertEqual(self.value("p"), MASK)
        value, text = sealed(self.p)
        self.assertEqual(value, "NULL")
        self.assertNotIn("plain".encode().hex().upper(), text)
        self.refused_update(self.id, {"variables": [
            {"id": self.p, "secret": False}]})

    def test_mask_does_not_seal_itself(self):
        # Made secret by what show returned: the mask is no new value.
        self.change(self.p, secret=True, value="x")
        before = sealed(self.p)
        self.change(self.p, secret=True, value=MASK)
        self.assertEqual(sealed(self.p), before)

    def test_a_secret_cannot_be_moved_to_another_connector(self):
        other = self.made(variable("x"))
        for item in ({"id": self.s, "value": MASK},
                     {"id": self.s, "key": "s", "label": "s"}):
            errors = self.refused_update(other["id"], {"variables": [item]})
            self.assertEqual(list(errors), ["variables.0.id"])


class Target(Writing):
    """A stored secret never follows a changed target."""

    def connector(self, implementation, *variables, **more):
        data = self.made(secret("password", "one"), secret("token", "two"),
                         secret("unset", None), *variables,
                         implementation=implementation, **more)
        self.ids = {one["key"]: one["id"] for one in data["variables"]}
        return data["id"]

    def refused(self, connector, *items, **members):
        """Refused for both stored secrets, until both are given anew."""
        data = {"variables": list(items), **members}
        errors = self.refused_update(connector, data)
        self.assertEqual(list(errors), ["variables.*"])
        texts = errors["variables.*"]
        self.assertEqual(len(texts), 2)
        self.assertIn("password", texts[0])
        self.assertIn("token", texts[1])
        self.assertNotIn("unset", str(texts))

        given = {"id": self.ids["password"], "value": "anew"}
        data["variables"] = [*items, given, variable("token", MASK)]
        errors = self.refused_update(connector, data)
        self.assertEqual(len(errors["variables.*"]), 1)
        self.assertIn("token", errors["variables.*"][0])

        data["variables"][-1] = secret("token", "anew")
        self.update(connector, data)

    def test_another_implementation(self):
        self.refused(self.connector(NONE),
                     authentication_implementation_id=FIXED)
        one = self.connector(NONE)
        self.update(one, {"authentication_implementation_id": NONE})
        self.update(one, {"authentication_implementation_id": str(NONE),
                          "name": "x"})

    def test_variables_of_host_port_and_scheme(self):
        for key in ("host", "port", "test_host", "scheme"):
            one = self.connector(HOSTED, variable("host", "a.test"),
                                 variable("port", "1"),
                                 variable("test_host", "b.test"),
                                 variable("scheme", "https"))
            self.refused(one, variable(key, "evil"))

    def test_imported_secrets_too(self):
        errors = self.refused_update(441, {"variables": [
            variable("host", "evil.test")]})
        self.assertEqual(list(errors), ["variables.*"])
        self.assertIn("password", errors["variables.*"][0])

    def test_value_for_what_had_none_or_a_default(self):
        for key in ("host", "test_host"):
            self.refused(self.connector(HOSTED), variable(key, "evil"))

    def test_default_instead_of_a_value(self):
        for change in ({"_destroy": True}, {"value": None}):
            one = self.connector(HOSTED, variable("host", "a.test"))
            self.refused(one, {"id": self.ids["host"], **change})

    def test_rename(self):
        one = self.connector(HOSTED, variable("other", "evil"))
        self.refused(one, {"id": self.ids["other"], "key": "host"})
        one = self.connector(HOSTED, variable("host", "a.test"))
        self.refused(one, {"id": self.ids["host"], "key": "other"})

    def test_whole_url_in_a_variable(self):
        one = self.connector(WHOLE, variable("base_url", "https://a.test"))
        self.refused(one, variable("base_url", "https://evil.test"))

    def test_target_that_is_a_secret(self):
        one = self.connector(SECRET_HOST, secret("secret_host", "a.test"))
        errors = self.refused_update(one, {"variables": [
            secret("secret_host", "evil.test")]})
        self.assertEqual(len(errors["variables.*"]), 2)
        self.assertNotIn("secret_host", str(errors))

    def test_host_and_port_where_the_protocol_is_not_http(self):
        for key in ("host", "port"):
            self.refused(self.connector(FTP, variable(key, "a")),
                         variable(key, "evil"))

    def test_a_pinned_host_key_that_is_removed_or_changed(self):
        pin = variable("host_key_sha256", "SHA256:" + "A" * 43)
        for change in ({"_destroy": True}, {"value": None}, {"value": ""},
                       {"value": "SHA256:" + "B" * 43}, {"value": "  "},
                       {"key": "other"}):
            one = self.connector(SFTP, variable("host", "a.test"), pin)
            self.refused(one, {"id": self.ids["host_key_sha256"], **change})

    def test_a_host_key_may_be_pinned_and_kept(self):
        one = self.connector(SFTP, variable("host", "a.test"),
                             variable("host_key_sha256", ""))
        pin = variable("host_key_sha256", "SHA256:" + "A" * 43)
        self.update(one, {"variables": [pin]})
        self.update(one, {"variables": [pin], "name": "x"})

    def test_what_is_no_target_may_change(self):
        one = self.connector(HOSTED, variable("host", "a.test"),
                             variable("tenant", "t"), variable("q", "1"))
        self.update(one, {"variables": [
            variable("tenant", "u"), variable("q", "2"),
            variable("host", "a.test"), variable("username", "x")],
            "name": "x", "timezone": "UTC"})
        one = self.connector(FIXED, variable("host", "a.test"))
        self.update(one, {"variables": [variable("host", "b"),
                                        variable("tenant", "t")]})

    def test_connectors_without_secrets_may_move(self):
        one = self.made(variable("host", "a.test"), secret("unset", None),
                        implementation=HOSTED)["id"]
        self.update(one, {"variables": [variable("host", "b.test")]})
        self.update(one, {"authentication_implementation_id": FIXED})

    def test_new_secrets_may_come_with_a_new_target(self):
        one = self.made(variable("host", "a.test"),
                        implementation=HOSTED)["id"]
        self.update(one, {"variables": [variable("host", "b.test"),
                                        secret("password", "new")]})

    def test_removed_secrets_do_not_follow(self):
        one = self.connector(NONE)
        self.update(one, {
            "authentication_implementation_id": FIXED, "variables": [
                {"id": self.ids["password"], "_destroy": True},
                {"id": self.ids["token"], "value": None}]})


if __name__ == "__main__":
    unittest.main()
