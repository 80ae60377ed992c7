"""What is measured: who is asked what."""
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
TWO = "variables,authenticationImplementation.system"
ALL = ",".join("""
    authenticationImplementation authenticationImplementation_count
    authenticationImplementationExists
    authenticationImplementation.authenticationType
    authenticationImplementation.system
    authenticationImplementation.system.logo
    authenticationImplementation.endpoints
    authenticationImplementation.endpoints.filters
    authenticationImplementation.endpoints.endpointSchema
    authenticationImplementation.endpoints.system
    authenticationImplementation.endpoints.system.logo
    authenticationImplementation.endpoints.entityType
    authenticationImplementation.endpoints.fieldTags
    authenticationImplementation.system.systemType
    variables variables_count variablesExists
    authenticationImplementation.endpoints.variables
    certificate certificate_count certificateExists certificate.user
    """.split())
SYSTEMS = ",".join(
    [name + end for name in ("logo", "systemType", "systemTemplate",
                             "authenticationImplementations", "endpoints")
     for end in ("", "_count", "Exists")] +
    ["authenticationImplementations.authenticationType",
     "authenticationImplementations.variables"])

NAMES = {
    "project": "this project",
    "plain": "this project, cache off",
    "floor": "C floor",
    "php": "PHP (php-fpm, PDO)",
    "node": "Node (Fastify, mysql2)",
    "fixed": "FastCGI, fixed answer",
}
PEERS = ("php", "node")


class Case:
    """kind is one of requests.lua, or "after": a page of the one large company,
    or "aftersmall": of one of the others, right after a store there, by one
    client; base: the floor's case it is compared with;
    change: the data of each company change once for every two requests to it;
    warm: seconds of requests that go ahead unmeasured, to fill caches, and
    before stores until the system's scheduler has forgotten what the processes
    did before: for some seconds it places them by that; goal: the ratio to the
    floor that the project is to reach, plain_goal with its cache of answers
    off; route: in place of connectors."""

    def __init__(self, name, title, kind, who, query="", base=None,
                 change=False, warm=0, connections=16, goal=None,
                 plain_goal=None, route="connectors"):
        self.route = route
        self.name, self.title, self.kind = name, title, kind
        self.who, self.query, self.base = who.split(), query, base or name
        self.change, self.warm = change, warm
        self.connections = connections
        self.goals = {"project": goal, "plain": plain_goal}

    def query_for(self, contender):
        """The floor knows only what it is asked."""
        if contender == "floor":
            return (self.query.replace(f"include={ALL}", "include=all")
                    .replace(f"include={TWO}", "include=two"))
        return self.query


CASES = [
    Case("fixed", "fixed answer", "fixed", "fixed"),
    Case("show", "show, 100,000 connectors at random", "show",
         "project plain floor php node", goal=1.4),
    Case("hot", "show, 200 connectors at random", "target", "project",
         base="show", warm=1),
    Case("unchanged", "show, 304 Not Modified", "target", "project plain",
         base="show", warm=1, goal=1.6),
    Case("list", "list of 15, two includes", "list",
         "project plain floor php node", f"per_page=15&include={TWO}",
         warm=1, goal=3.0, plain_goal=1.3),
    Case("changed", "list of 15, two includes, data change every second "
         "request", "list",
         "project floor", f"per_page=15&include={TWO}", change=True,
         goal=2.5),
    Case("all", "list of 15, all includes", "list", "project plain floor",
         f"per_page=15&include={ALL}", warm=3, goal=3.0),
    Case("allchanged", "list of 15, all includes, data change every second "
         "request", "list",
         "project floor", f"per_page=15&include={ALL}", change=True, warm=3,
         goal=6.0),
    Case("systems", "systems, list of 15, all includes", "list",
         "project plain floor", f"per_page=15&include={SYSTEMS}", warm=2,
         goal=3.0, route="systems"),
    Case("big1", "list, page 1 of 100,000", "big", "project plain floor",
         "per_page=15&page=1", warm=1),
    Case("big1000", "list, page 1,000 of 100,000", "big",
         "project plain floor", "per_page=15&page=1000", warm=1),
    Case("big6000", "list, page 6,000 of 100,000", "big", "project plain",
         "per_page=15&page=6000", base="big1000", warm=1),
    Case("after", "list, page 1 of 100,000 right after a store there", "after",
         "project floor", "per_page=15&page=1", goal=30.0),
    Case("aftersmall", "list, page 1 of 1,000 right after a store there",
         "aftersmall",
         "project floor", "per_page=15&page=1"),
    Case("store", "store with five variables", "store",
         "project floor php node", warm=3, goal=1.0),
    Case("many", "show, 256 connections", "show", "project floor",
         connections=256),
]

# Left out of a quick run.
SLOW = {("show", "plain"), ("unchanged", "plain"), ("all", "plain"),
        ("systems", "plain"), ("big6000", "plain"), ("big6000", "project"),
        ("many", "floor"), ("hot", "project")}

# What a case costs this project, with the cache of answers on or off, to
# another one: at most so many times as much.
COSTS = [("big1000", "big1", 1.5), ("big6000", "big1", 1.5),
         ("after", "aftersmall", 1.3)]

# A pool of so many workers may take so many MiB when its caches are full.
FULL_WORKERS, FULL_MEMORY = 8, 60
