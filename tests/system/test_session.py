"""What a session of ours relies on it sets itself: the server's own defaults,
and its init_connect, change nothing of what is answered and stored.
"""
import copy
import datetime
import json
import re
import unittest

import fastcgi
from ctl_support import IS_MYSQL, CtlTest, catalogue
from pool_database import body

LIST = "/api/v1/connectors"
ACCOUNT = "ordinary"  # one for which the server runs init_connect
STRANGE = "Zürich ☃ 𝄞 O'Neil \\ \"x\""

# Each the wrong way for all sessions of the server.
INIT_CONNECT = [
    "SET NAMES latin1", "SET NAMES utf8mb3 COLLATE utf8mb3_bin",
    "SET character_set_results = latin1", "SET AUTOCOMMIT=0", "BEGIN",
    "SET sql_select_limit = 1", "USE information_schema",
    "SET timestamp = 1000000000", "SET time_zone = '+09:00'",
    "SET insert_id = 4711", "SET sql_mode = ''",
    "SET max_statement_time = 0.0001",
]
GLOBALS = {
    "autocommit": "0", "sql_select_limit": "1", "sql_mode": "'ORACLE'",
    "sql_mode ": "'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,"
                 "NO_AUTO_VALUE_ON_ZERO,EMPTY_STRING_IS_NULL,"
                 "PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,"
                 "REAL_AS_FLOAT,IGNORE_SPACE'",
    "time_zone": "'-11:00'", "tx_isolation": "'SERIALIZABLE'",
    "tx_isolation ": "'READ-UNCOMMITTED'", "tx_read_only": "1",
    "completion_type": "'CHAIN'", "completion_type ": "'RELEASE'",
    "foreign_key_checks": "0", "unique_checks": "0",
    "check_constraint_checks": "0", "sql_safe_updates": "1",
    "sql_auto_is_null": "1", "max_join_size": "1", "max_sort_length": "8",
    "max_statement_time": "0.0001", "innodb_lock_wait_timeout": "0",
    "idle_transaction_timeout": "1", "default_storage_engine": "'MyISAM'",
    "character_set_server": "latin1", "collation_server": "latin1_bin",
    "collation_connection": "utf8mb4_bin", "group_concat_max_len": "4",
    "div_precision_increment": "0", "lc_time_names": "'ja_JP'",
    "low_priority_updates": "1",
    "optimizer_switch": "'derived_merge=off,materialization=off,"
                        "semijoin=off,exists_to_in=off,mrr=on'",
}

def as_of_mysql():
    """What MySQL calls otherwise, and what it does not have."""
    INIT_CONNECT[-1] = "SET max_execution_time = 1"
    for name in ("check_constraint_checks", "idle_transaction_timeout"):
        del GLOBALS[name]
    for old, new, value in (
            ("tx_isolation", "transaction_isolation", None),
            ("tx_isolation ", "transaction_isolation ", None),
            ("tx_read_only", "transaction_read_only", None),
            ("sql_mode", "sql_mode", "'ANSI'"),
            ("max_statement_time", "max_execution_time", "1")):
        was = GLOBALS.pop(old)
        GLOBALS[new] = value or was
    for name, only in (("sql_mode ", "EMPTY_STRING_IS_NULL,"),
                       ("optimizer_switch", "exists_to_in=off,")):
        GLOBALS[name] = GLOBALS[name].replace(only, "")


if IS_MYSQL:
    as_of_mysql()
# Of these, those that nothing we say depends on; max_join_size counts for
# nobody who has sql_big_selects.
LEFT_ALONE = {"max_join_size", "default_storage_engine",
              "character_set_server", "collation_server", "group_concat_max_len", "lc_time_names",
              "div_precision_increment", "low_priority_updates",
              "optimizer_switch"}


def strange_catalogue():
    """The small one, with names that only UTF-8 has and a page of rows."""
    data = catalogue()
    data["systems"][0]["name"] = STRANGE
    one = data["connectors"][0]
    data["connectors"] += [
        {**copy.deepcopy(one), "id": number, "canonical_key": "k%d" % number,
         "name": "%s %d" % (STRANGE, number % 7)} for number in range(3, 30)]
    return data


def scrub(text):
    """Without what no two runs have in common."""
    text = re.sub(r"20\d\d-\d\d-\d\dT[0-9:.]+Z", "TIME", text)
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b", "KEY", text)
    return re.sub(r'"(id|variable_id|model_id)":(\d+)',
                  lambda m: m[0] if int(m[2]) < 30 else '"%s":N' % m[1], text)


class Session(CtlTest):
    migrate_first = False
    usual = None  # what comes of it without any of this

    def setUp(self):
        super().setUp()
        self.server.sql(
            "CREATE USER IF NOT EXISTS %s@localhost IDENTIFIED BY 'p';"
            "GRANT ALL ON %s.* TO %s@localhost" % (
                ACCOUNT, self.database, ACCOUNT))
        password = self.folder / "password"
        password.write_text("p\n")
        self.config.write_text(self.config.read_text().replace(
            "user=root", "user=%s\npassword_file=%s" % (ACCOUNT, password)))

    def tearDown(self):
        self.settle()

    def settle(self):
        """The server's defaults as they were; afterwards sql() is of use."""
        self.server.sql("SET GLOBAL init_connect = ''" + "".join(
            ", GLOBAL %s = DEFAULT" % name.strip() for name in
            {name.strip() for name in GLOBALS}))

    def start_pool(self):
        return self.enterContext(fastcgi.Pool(
            database__socket=self.server.socket, database__user=ACCOUNT,
            database__name=self.database,
            database__password_file=str(self.folder / "password"),
            secrets__keyring_file=str(self.folder / "ring"),
            cache__answers="0", api__workers="1"))

    def make(self):
        """Database, data, and two keys."""
        for command in (["secrets", "init"], ["migrate"]):
            self.ok(*command)
        self.load(strange_catalogue())
        return [self.ok("key", "create", "--company", "1").out.split()[-1]
                for _ in range(2)]

    def ask(self, pool, key, path, method="GET", data=None, **more):
        data = b"" if data is None else json.dumps(data).encode()
        answer = pool.ask(path, method, data,
                          HTTP_AUTHORIZATION="Bearer " + key, **more)
        return "%s %s: %d %s" % (method, path, answer.status,
                                 scrub(answer.body.decode()))

    def write(self, pool, key):
        """A connector is stored, changed, seen and removed."""
        stored = pool.ask(LIST + "?include=variables", "POST", json.dumps(
            {**body(1, "b", "a", "c"), "name": STRANGE}).encode(),
            HTTP_AUTHORIZATION="Bearer " + key, HTTP_IDEMPOTENCY_KEY="one")
        yield scrub(stored.body.decode())
        data = stored.json()["data"]
        made = datetime.datetime.fromisoformat(data["created_at"])
        now = datetime.datetime.now(datetime.timezone.utc)
        yield abs((now - made).total_seconds()) < 60
        own = "%s/%d" % (LIST, data["id"])
        for step in ((own, "PUT", {"name": "New " + STRANGE}), (own,),
                     (LIST + "?sort=-name&per_page=3",), (own, "DELETE"),
                     (own,), (LIST + "/1", "PUT", {"variables": [
                         {"key": "host", "label": STRANGE, "value": ""}]}),
                     (LIST + "/1?include=variables",)):
            yield self.ask(pool, key, *step).replace(
                str(data["id"]), "OWN")

    def outcome(self):
        """All that can be seen from outside."""
        keys = self.make()
        pool = self.start_pool()
        seen = [self.ask(pool, key, path) for path in (
            LIST, LIST + "?sort=name,id&per_page=20&include=variables",
            LIST + "?page=2", LIST + "/key-1?include=variables,"
            "authenticationImplementation.system",
            LIST + "?filter[system]=1,Z%C3%BCrich&per_page=2&sort=-name",
            LIST + "?filter[canonical_key]=k9,K9,k10", LIST + "/none")
            for key in keys[:1]]
        seen += self.write(pool, keys[0])
        seen.append(self.ask(pool, keys[1], LIST + "/1"))
        listed = self.ok("key", "list").out
        self.ok("key", "revoke", re.findall(r"^(\d+)", listed, re.M)[-1])
        seen.append(self.ask(pool, keys[1], LIST + "/1"))
        seen.append(scrub(self.ok("export").out))
        self.settle()
        return seen + self.stored()

    def stored(self):
        """How the tables were made, and what of a write no answer shows."""
        return [
            self.sql("SELECT table_name, engine, table_collation FROM "
                     "information_schema.tables WHERE table_schema = "
                     "DATABASE() ORDER BY 1"),
            self.sql("SELECT table_name, column_name, collation_name FROM "
                     "information_schema.columns WHERE table_schema = "
                     "DATABASE() ORDER BY 1, 2"),
            self.sql("SELECT action, connector_name, changed FROM "
                     "audit_events ORDER BY id"),
            self.sql("SELECT company_id, version FROM data_versions "
                     "ORDER BY 1"),
            self.sql("SELECT HEX(name) FROM connectors ORDER BY id"),
            self.sql("SELECT COUNT(*) FROM api_keys WHERE revoked_at IS NULL")]

    def set_against_us(self):
        for name, value in GLOBALS.items():
            self.server.sql("SET GLOBAL %s = %s" % (name, value))

    def test_one_statement_sets_all(self):
        self.make()
        self.server.sql("SET GLOBAL log_output = 'TABLE', "
                        "GLOBAL general_log = 1")
        self.ok("key", "list")
        self.server.sql("SET GLOBAL general_log = 0")
        said = [text for text, in self.server.sql(
            "SELECT argument FROM mysql.general_log WHERE user_host LIKE "
            "'%s[%%' AND argument LIKE 'SET %%'" % ACCOUNT)]
        self.assertEqual(len(said), 1, said)
        names = re.findall(r"(\w+) = ", said[0])
        self.assertLessEqual({name.strip() for name in GLOBALS} - LEFT_ALONE,
                             set(names))
        columns = ", ".join("@@" + name for name in names)
        self.set_against_us()
        (got,) = self.server.sql("%s; SELECT %s" % (said[0], columns))
        for name, text in zip(names, got):
            (value,) = re.findall(r"\b" + name + r" = ('.*?'|\w+)", said[0])
            if name != "max_statement_time": # is shown with decimals
                self.assertEqual(set(text.split(",")),
                                 set(value.strip("'").split(",")), name)

    def test_connections_that_are_made_again(self):
        keys, pool = self.make(), self.start_pool()
        usual = self.ask(pool, keys[0], LIST)
        self.set_against_us()
        ours = "SET @@sql_select_limit = 100, @@sql_big_selects = 1, " \
            "@@max_%s_time = 0; " % ("execution" if IS_MYSQL else "statement")
        for id, in self.server.sql(
                ours + "SELECT id FROM information_schema.processlist "
                "WHERE user = '%s'" % ACCOUNT):
            self.server.sql(ours + "KILL " + id)
        self.assertEqual(self.ask(pool, keys[0], LIST), usual)

    def check(self, statement):
        if Session.usual is None:
            Session.usual = self.outcome()
            self.doCleanups()
            self.setUp()
        self.server.sql(statement)
        self.maxDiff = 2000
        for seen, usual in zip(self.outcome(), Session.usual):
            self.assertEqual(seen, usual)


def add_tests():
    for number, statement in enumerate(INIT_CONNECT):
        def test(self, statement=statement):
            self.check('SET GLOBAL init_connect = "%s"' % statement)
        name = re.sub(r"\W+", "_", statement.lower()).strip("_")
        setattr(Session, "test_init_connect_%s" % name, test)
    for number, (name, value) in enumerate(GLOBALS.items()):
        def test(self, name=name, value=value):
            self.check("SET GLOBAL %s = %s" % (name, value))
        setattr(Session, "test_default_of_%s%s" % (
            name.strip(), "_again" if name.endswith(" ") else ""), test)


add_tests()

if __name__ == "__main__":
    unittest.main()
