"""The read-only routes, as the tests about all of them see them."""
from support import Case, DATA, key_header, rows, send

API = "/api/v1/"
# Table of each route, and its model in the texts of 404.
ROUTES = {"systems": ("systems", "System"),
          "authentication-implementations": (
              "authentication_implementations", "AuthenticationImplementation"),
          "connection-pools": ("connection_pools", "ConnectionPool"),
          "certificates": ("certificates", "Certificate"),
          "connector-tests": ("connector_tests", "ConnectorTest")}
# Those whose rows come by import.
IMPORTED = [route for route in ROUTES if route != "connector-tests"]
INCLUDES = {
    "systems": [
        name + end for name in (
            "logo", "systemType", "systemTemplate",
            "authenticationImplementations", "endpoints")
        for end in ("", "_count", "Exists")] + [
            "authenticationImplementations.authenticationType",
            "authenticationImplementations.variables"],
    "authentication-implementations": [
        "authenticationType", "system", "system.logo", "system.systemType",
        "variables", "variables_count", "variablesExists", "endpoints",
        "endpoints_count", "endpointsExists"],
    "connection-pools": [], "certificates": ["user"],
    "connector-tests": ["connector"]}
FILTERS = {
    "systems": ["name", "protocol", "system_type_id", "system_template_id"],
    "authentication-implementations": ["system", "authenticationType"],
    "connection-pools": ["name"], "certificates": ["name"],
    "connector-tests": ["connector", "ok", "reason", "latest"]}
SORTS = {
    "systems": ["name", "label"], "authentication-implementations": ["name"],
    "connection-pools": ["name"], "certificates": ["name", "expires_at"],
    "connector-tests": ["id", "created_at"]}


def company_of(row):
    if "system_id" in row:
        row, = rows("systems", id=row["system_id"])
    return row["company_id"]


def run_test(connector, company):
    """Leaves a row more in the company's tests; the status of the answer."""
    return send("POST", "%sconnectors/%s/test" % (API, connector),
                key_header(company)).status


class ResourceCase(Case):
    def seen(self, route, company):
        """Ids of the rows of a route that a company sees, ascending."""
        return sorted(row["id"] for row in DATA[ROUTES[route][0]]
                      if company_of(row) in (company, None))

    def listed(self, route, query="", company=1):
        return [row["id"] for row in
                self.data(query, company, API + route)]

    def one_of(self, route, company=1):
        """The path of a row."""
        if route == "connector-tests":
            run_test({1: 101, 2: 201}[company], company)
        return "%s%s/%d" % (API, route, self.listed(route, "", company)[0])
