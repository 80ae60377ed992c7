"""connectorsctl import: what it refuses, by whose path."""
import json
import re
import unittest

from ctl_support import CtlTest, catalogue

# What is changed in the catalogue, and how the refusal begins: a table, a row,
# members that are set (or taken out, with `...`), the message.
REFUSED = [
    ("companies", 0, {"nope": 1}, "companies[0].nope: there is no such column"),
    ("companies", 1, {"name": ...}, "companies[1].name: is missing"),
    ("companies", 1, {"id": 1}, "companies[1]: is the same row as companies[0]"),
    ("companies", 0, {"name": 7}, "companies[0].name: must be a string"),
    ("companies", 0, {"name": "x" * 256},
     "companies[0].name: must not be longer than 255"),
    ("companies", 0, {"created_at": "yesterday"},
     "companies[0].created_at: must be a time"),
    ("systems", 1, {"colour": "beige"}, "systems[1].colour: must be one of blue"),
    ("systems", 1, {"system_type_id": 9},
     "systems[1].system_type_id: there is no such system_type"),
    ("systems", 0, {"company_id": 9},
     "systems[0].company_id: there is no such company"),
    ("systems", 0, {"rate_limit_duration": 0},
     "systems[0].rate_limit_duration: must be an integer from 1"),
    ("authentication_implementations", 0, {"headers": []},
     "authentication_implementations[0].headers: must be an object"),
    ("authentication_implementation_endpoints", 0, {"endpoint_id": 2},
     "authentication_implementation_endpoints[0].endpoint_id: the endpoint "
     "belongs to another company"),
    ("endpoint_schemas", 0, {"schema": ...},
     "endpoint_schemas[0].schema: is missing"),
    ("endpoint_field_tags", 1, {"field_path": "a.b"},
     "endpoint_field_tags[1]: is the same row as endpoint_field_tags[0]"),
    ("sessions", 1, {"id": "s-1"}, "sessions[1]: is the same row as"),
    ("certificates", 0, {"user_id": 2},
     "certificates[0].user_id: the user belongs to another company"),
    ("certificates", 0, {"certificate_sealed": "x"},
     "certificates[0].certificate_sealed: is the server's own"),
    ("certificates", 0, {"certificate": "x"},
     "certificates[0].certificate: is neither PEM nor PKCS #12"),
    ("certificates", 0, {"passphrase": "x"},
     "certificates[0].passphrase: needs the certificate"),
    ("certificates", 0, {"certificate": "********"},
     "certificates[0].certificate: the mask stands for a stored secret"),
    ("certificates", 0, {"connector_id": 9},
     "certificates[0].connector_id: there is no such connector"),
    ("certificates", 1, {"connector_id": 1},
     "connectors[0].certificate_id: the certificate belongs to another"),
    ("connectors", 0, {"version": 3},
     "connectors[0].version: is the server's own"),
    ("connectors", 0, {"session_id": "s-9"},
     "connectors[0].session_id: there is no such session"),
    ("connectors", 0, {"session_id": "s-2"},
     "connectors[0].session_id: the session belongs to another company"),
    ("connectors", 0, {"connection_pool_id": 2},
     "connectors[0].connection_pool_id: the connection_pool belongs to"),
    ("connectors", 0, {"certificate_id": 2},
     "connectors[0].certificate_id: the certificate belongs to another"),
    ("connectors", 0, {"authentication_implementation_id": 2},
     "connectors[0].authentication_implementation_id: the "
     "authentication_implementation belongs to another company"),
    ("connectors", 0, {"company_id": None},
     "connectors[0].company_id: must not be null"),
    ("connectors", 0, {"platform_app_key": "none"},
     "connectors[0].platform_app_key: there is no such platform_app"),
    ("connectors", 0, {"platform_app_key": "app", "platform_app_id": 2},
     "connectors[0].platform_app_key: is not the key of"),
    ("connectors", 1, {"canonical_key": "key-1"},
     "connectors[1]: another row has a value that must be unique"),
    ("variables", 3, {"value": "********", "secret": True},
     "variables[3].value: the mask stands for a stored secret"),
    ("variables", 0, {"value": "x" * 65536},
     "variables[0].value: must not be longer than 65535"),
    ("model_variables", 0, {"model_type": "company"},
     "model_variables[0].model_type: must be one of connector"),
    ("model_variables", 0, {"model_id": 9},
     "model_variables[0].model_id: there is no such connector"),
    ("model_variables", 3, {"model_id": 9},
     "model_variables[3].model_id: there is no such endpoint"),
    ("model_variables", 0, {"model_type": "endpoint"},
     "model_variables[0].variable_id: the variable belongs to another"),
    ("model_variables", 0, {"variable_id": 9},
     "model_variables[0].variable_id: there is no such variable"),
    ("model_variables", 1, {"variable_id": 1},
     "model_variables[1]: another row has a value that must be unique"),
]

TEXTS = [
    ("", "standard input: is empty"),
    ("[]", "the file must be one JSON object"),
    ("{} x", "the file is no JSON at byte 3"),
    ('{"companies":[]', "the file is no JSON at byte"),
    ('{"companies":[],}', "the file is no JSON at byte"),
    ('{"companies":[],"companies":[]}', "companies: comes twice"),
    ('{"company":[]}', "company: there is no such table"),
    ('{"api_keys":[]}', "api_keys: is not imported"),
    ('{"audit_events":[]}', "audit_events: is not imported"),
    ('{"companies":{}}', "companies: must be an array of rows"),
    ('{"companies":[7]}', "companies[0]: must be an object"),
    ('{"companies":[{"id":1,"name":"a"} {}]}', "companies[1]: is no JSON"),
    ('{"companies":[{"id":1,"name":"a"},]}', "companies[1]: is no JSON"),
    ('{"companies":[{"id":1,"name":"a",}]}', "companies[0]: is no JSON at"),
    ("{'companies':[]}", "the file is no JSON at byte 1"),
]


class Refused(CtlTest):
    def rows(self):
        return {table: self.count(table)
                for table in catalogue()}

    def test_culprits_are_named_and_nothing_is_imported(self):
        for table, index, change, message in REFUSED:
            with self.subTest(message):
                data = catalogue()
                for name, value in change.items():
                    if value is ...:
                        del data[table][index][name]
                    else:
                        data[table][index][name] = value
                said = self.refused(data)
                self.assertEqual(said[:len(message)], message)
        self.assertEqual(set(self.rows().values()), {0})

    def test_texts_that_are_no_catalogue(self):
        for text, message in TEXTS:
            with self.subTest(text):
                said = self.fails("import", "-", stdin=text)
                self.assertEqual(said[:len(message)], message)

    def test_refusal_late_in_a_large_file(self):
        data = {"companies": [{"id": number, "name": "c"}
                              for number in range(1, 2001)]}
        data["companies"][1777]["name"] = None
        self.assertEqual(self.refused(data),
                         "companies[1777].name: must not be null")
        data["companies"][1777] = {"id": 3, "name": "c"}
        self.assertEqual(self.refused(data),
                         "companies[1777]: is the same row as companies[2]")
        self.assertEqual(self.rows()["companies"], 0)

    def test_lines_of_a_file_that_has_several(self):
        """Of the column where the row has it, else of the row."""
        def text(data):
            return json.dumps(data, indent=1)

        for table, index, change, message in REFUSED:
            data = catalogue()
            for name, value in change.items():
                if value is ...:
                    del data[table][index][name]
                else:
                    data[table][index][name] = value
            said = self.fails("import", "-", stdin=text(data))
            path, _, told = said.partition(": ")
            number = int(re.search(r" \(line (\d+)\)$", told).group(1))
            lines = text(data).splitlines()
            column = path.partition("].")[2]
            if column in data[table][index]:
                self.assertIn('"%s": ' % column, lines[number - 1])
            else:
                self.assertEqual(lines[number - 1], "  {", (path, number))
            # It stands in the row that is named.
            before = text({**{key: data[key] for key in [*data][
                :[*data].index(table)]}, table: data[table][:index]})
            self.assertGreaterEqual(number, len(before.splitlines()) - 2)

    def test_lines_of_tables_and_of_what_is_no_json(self):
        for text, said in (
                ('{\n"company":\n[]}', "company: there is no such table "
                 "(line 2)"),
                ('{"companies":[],\n\n"companies":[]}',
                 "companies: comes twice (line 1)"),
                ('{"companies": [\n7]}', "companies[0]: must be an object "
                 "(line 2)"),
                ('{\n\n"companies":[],}',
                 "the file is no JSON at byte 18 (line 3)"),
                ('{"companies":[{"id":1,\r\n"name":"a",}]}',
                 r"companies[0]: is no JSON at")):
            told = self.fails("import", "-", stdin=text)
            self.assertEqual(told[:len(said)], said)

    def test_lines_of_many_faults_in_a_large_file(self):
        data = {"companies": [{"id": number, "name": "c" if number % 50 else
                               ""} for number in range(1, 4001)]}
        text = json.dumps(data, indent=None).replace("}, ", "},\n")
        result = self.run_ctl("import", "-", stdin=text)
        self.assertEqual(
            [line for line in result.err.splitlines()],
            ["connectorsctl: companies[%d].name: must not be empty "
             "(line %d)" % (number - 1, number)
             for number in range(50, 4001, 50)])


if __name__ == "__main__":
    unittest.main()
