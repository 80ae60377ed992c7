"""Every parameter that the OpenAPI document declares is taken, with each word
that it lists."""
import unittest
import urllib.parse

from described import PATH, Description
from support import Case, send


class Parameters(Case):
    @classmethod
    def setUpClass(cls):
        cls.description = Description(send("GET", PATH).json())

    def lists(self):
        """(path, parameters by name) of every list of all rows."""
        resolve = self.description.resolve
        for path, operations in self.description.document["paths"].items():
            if "{" in path or "parameters" not in operations.get("get", {}):
                continue
            yield path, {parameter["name"]: parameter for parameter in
                         map(resolve, operations["get"]["parameters"])}

    def words(self, parameter):
        schema = self.description.resolve(parameter["schema"])
        return self.description.resolve(schema.get("items", schema))["enum"]

    def pairs(self, path, *pairs):
        query = urllib.parse.urlencode(pairs)
        return self.get("?" + query, path=path).json().get("data", [])

    def test_includes(self):
        for path, parameters in self.lists():
            if "include[]" not in parameters:
                continue
            words = self.words(parameters["include[]"])
            for word in words:
                self.pairs(path, ("include[]", word), ("per_page", "100"))
            self.pairs(path, *[("include[]", word) for word in words])

    def test_sorts(self):
        for path, parameters in self.lists():
            if "sort" in parameters:
                for word in self.words(parameters["sort"]):
                    self.pairs(path, ("sort", word))

    def test_filters(self):
        for path, parameters in self.lists():
            for name in parameters:
                if not name.startswith("filter["):
                    continue
                is_boolean = parameters[name]["schema"]["type"] == "boolean"
                for value in ("true", "false") if is_boolean else \
                        ("1", "true", "a,b", "none"):
                    self.pairs(path, (name, value))

    def test_fields(self):
        for path, parameters in self.lists():
            table = path.rpartition("/")[2].replace("-", "_")
            for name in parameters:
                if not name.startswith("fields["):
                    continue
                words = self.words(parameters[name])
                for word in words:
                    rows = self.pairs(path, (name, word))
                    if name == "fields[%s][]" % table:
                        for row in rows:
                            self.assertEqual(set(row), {"id", word})

    def test_pages(self):
        for path, parameters in self.lists():
            for name in ("page", "per_page"):
                if name in parameters:
                    most = parameters[name]["schema"]["maximum"]
                    self.pairs(path, (name, most))
                    self.get("?%s=%d" % (name, most + 1), path=path,
                             status=422)


if __name__ == "__main__":
    unittest.main()
