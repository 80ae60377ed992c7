"""Filters: what each compares, and how values and filters combine."""
import unittest

from support import Case, LIST, connectors, rows


def through(*systems, company=1):
    """Ids of the company's connectors of these systems."""
    own = {i["id"] for i in rows("authentication_implementations")
           if i["system_id"] in systems}
    return [c["id"] for c in connectors(company)
            if c["authentication_implementation_id"] in own]


class Filters(Case):
    def filtered(self, *pairs):
        return self.ids("?per_page=100&" + "&".join(
            "filter[%s]=%s" % pair for pair in pairs))

    def test_canonical_key_is_exact(self):
        self.assertEqual(self.filtered(("canonical_key", "Key-Mixed")), [101])
        for value in ("key-mixed", "Key-Mixed%20,x", "Key", "101", "Key%25"):
            self.assertEqual(self.filtered(("canonical_key", value)), [])

    def test_outer_blanks_are_trimmed(self):
        self.assertEqual(self.filtered(("canonical_key", "+Key-Mixed%20")),
                         [101])

    def test_comma_is_or(self):
        self.assertEqual(
            self.filtered(("canonical_key", "Key-Mixed,key-104,nothing")),
            [101, 104])
        self.assertEqual(
            self.filtered(("canonical_key", "key-104,key-104,")), [104])

    def test_list_form_is_or(self):
        self.assertEqual(
            self.ids("?filter[canonical_key][]=key-104"
                     "&filter[canonical_key][]=Key-Mixed"), [101, 104])
        self.assertEqual(
            self.ids("?filter[canonical_key][a]=key-104"
                     "&filter[canonical_key][b]=Key-Mixed"), [101, 104])

    def test_system_by_id(self):
        for system in (51, 52, 53, 54, 55):
            self.assertEqual(self.filtered(("system", system)),
                             through(system))

    def test_system_by_name(self):
        self.assertEqual(self.filtered(("system", "Quartz+Shop")),
                         through(51))
        self.assertEqual(self.filtered(("system", "Quartz")), [])
        self.assertEqual(self.filtered(("system", "%25")), [])

    def test_names_compare_under_the_collation(self):
        self.assertEqual(self.filtered(("system", "QUARTZ%20shop")),
                         through(51))
        both = through(52, 55)
        self.assertEqual(self.filtered(("system", "%C3%96l%20Lager")), both)
        self.assertEqual(self.filtered(("system", "ol+lager")), both)

    def test_digits_are_an_id_never_a_name(self):
        self.assertEqual(self.filtered(("system", "51")), through(51))
        self.assertEqual(self.filtered(("forSystemTemplate", "31")),
                         through(51))

    def test_ids_and_names_together(self):
        self.assertEqual(self.filtered(("system", "53,Quartz+Shop")),
                         through(51, 53))

    def test_system_template_id(self):
        self.assertEqual(self.filtered(("system_template_id", "31")),
                         through(51))
        self.assertEqual(self.filtered(("system_template_id", "31,33")),
                         through(51, 53))
        for value in ("Quartz", "31x", "-31", "31.0", "0x1f",
                      "99999999999999999999999"):
            self.assertEqual(self.filtered(("system_template_id", value)),
                             [])

    def test_template_by_id_or_name_of_any_version(self):
        self.assertEqual(self.filtered(("forSystemTemplate", "32")),
                         through(52))
        self.assertEqual(self.filtered(("forSystemTemplate", "quartz")),
                         through(51, 52))
        self.assertEqual(self.filtered(("forSystemTemplate", "basalt,31")),
                         through(51, 53))

    def test_sessions_compare_byte_for_byte(self):
        self.assertEqual(self.filtered(("forSession", "Session-A")), [101])
        self.assertEqual(self.filtered(("forSession", "session-a")), [102])
        self.assertEqual(self.filtered(("forSession", "SESSION-A")), [])
        self.assertEqual(self.filtered(("forSession", "session-a%20,x")), [])

    def test_platform_sessions_compare_byte_for_byte(self):
        self.assertEqual(self.filtered(("platformSession", "outside-1")),
                         [101])
        self.assertEqual(self.filtered(("platformSession", "Outside-1")),
                         [102])
        self.assertEqual(
            self.filtered(("platformSession", "Outside-1,outside-1")),
            [101, 102])

    def test_filters_are_and(self):
        self.assertEqual(self.filtered(
            ("system", "51"), ("forSession", "Session-A")), [101])
        self.assertEqual(self.filtered(
            ("system", "53"), ("forSession", "Session-A")), [])

    def test_total_counts_what_is_filtered(self):
        meta = self.get("?filter[system]=51&per_page=2").json()["meta"]
        self.assertEqual(meta["total"], len(through(51)))

    def test_empty_value_is_no_filter(self):
        for query in ("?filter[system]=", "?filter[system]=%20", "?filter=x",
                      "?filter", "?filter="):
            self.assertEqual(len(self.ids(query + "&per_page=100")), 21,
                             query)

    def test_last_of_two_counts(self):
        self.assertEqual(self.ids("?filter[forSession]=Session-A"
                                  "&filter[forSession]=session-a"), [102])

    def test_encoded_brackets(self):
        self.assertEqual(self.ids("?filter%5BforSession%5D=Session-A"),
                         [101])

    def test_unknown_filters(self):
        self.assertEqual(
            self.message("?filter[bogus]=1&filter[z]=", 400),
            "Requested filter(s) `bogus, z` are not allowed. "
            "Allowed filter(s) are `canonical_key, forSystemTemplate, "
            "system, system_template_id, forSession, platformSession`.")
        for name in ("System", "name", "id", "company_id", "connectors.id",
                     "%20system"):
            self.get("?filter[%s]=1" % name, status=400)
        self.assertIn("`0`", self.message("?filter[]=x", 400))

    def test_nested_forms_are_refused(self):
        self.message("?filter[system][a][b]=1", 400)
        self.message("?filter[system][]=1,2", 400)

    def test_at_most_100_values_in_a_filter(self):
        ids = [str(number) for number in range(1, 101)]
        wanted = self.ids("?per_page=100")
        self.assertEqual(
            self.ids("?per_page=100&filter[system]=" + ",".join(ids)), wanted)
        self.get("?" + "&".join("filter[%s]=%s" % (name, ",".join(ids))
                                for name in ("system", "canonical_key")))
        self.get("?" + "&".join("filter[system][]=" + one for one in ids))
        for name in ("system", "canonical_key", "forSession",
                     "platformSession", "forSystemTemplate",
                     "system_template_id"):
            for many in ("=" + ",".join(ids + ["x"]), "=" + "," * 100,
                         "=" + ",".join(ids * 9),
                         "[]=1" + ("&filter[%s][]=1" % name) * 100):
                self.assertEqual(
                    self.message("?filter[%s]%s" % (name, many), 400),
                    "The filter `%s` takes at most 100 values." % name)

    def test_at_most_20_filters(self):
        def named(number):
            return "?" + "&".join("filter[n%d]=1" % i for i in range(number))

        self.assertIn("`n0, n1, n2", self.message(named(20), 400))
        for number in (21, 300):
            self.assertEqual(self.message(named(number), 400),
                             "A query takes at most 20 filters.")
        # One that comes again is still one.
        self.get("?" + "&".join(["filter[system]=51"] * 30))
        self.assertEqual(
            self.message(named(21), 400, path=LIST + "/101"),
            "A query takes at most 20 filters.")

    def test_sql_in_values_is_a_value(self):
        for value in ("'%20OR%201=1%20--%20", "%22)%20OR%20(1=1",
                      "x'%20UNION%20SELECT%201--", "\\'%20OR%201=1#",
                      "%5C%27%20OR%201%3D1%23"):
            for name in ("canonical_key", "system", "forSession",
                         "forSystemTemplate", "system_template_id",
                         "platformSession"):
                self.assertEqual(self.filtered((name, value)), [])

    def test_show_with_a_filter(self):
        path = LIST + "/101"
        self.assertEqual(
            self.data("?filter[system]=51", path=path)["id"], 101)
        self.assertEqual(
            self.message("?filter[system]=52", 404, path=path),
            "No query results for model [Connector] 101")


if __name__ == "__main__":
    unittest.main()
