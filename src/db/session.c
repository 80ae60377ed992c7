/*
 * What a session relies on, set when its connection is made, so that neither
 * the server's defaults nor its init_connect decide about it.
 *
 * The time limit of a read stands in its text: MariaDB's variable for it would
 * also end writes and statements that wait for a lock.
 *
 * Not set: what changes speed only, and what an account without special rights
 * may not change. Must not hold SQL for data.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/internal.h"

#define SET_MAX 4096 /* bytes of the one statement */

/* The servers that know a variable. */
enum {
	MARIADB = 1,
	MYSQL_ITSELF = 2,
	BOTH = MARIADB | MYSQL_ITSELF,
	/* At most the time of a request, in whole seconds. */
	LIMITED = 4
};

static const struct {
	unsigned servers;
	const char *name;
	const char *value; /* as SQL has it */
} variables[] = {
	/* Text is UTF-8 both ways. Columns have collations of their own;
	 * literals have the one that MariaDB gives to bound parameters, with
	 * which they stand together in a few expressions. */
	{ BOTH, "character_set_client", "utf8mb4" },
	{ BOTH, "character_set_results", "utf8mb4" },
	{ BOTH, "collation_connection", "utf8mb4_general_ci" },
	/* A statement outside a transaction is committed by itself, and COMMIT
	 * does nothing but commit. */
	{ BOTH, "autocommit", "1" },
	{ BOTH, "completion_type", "'NO_CHAIN'" },
	{ MARIADB, "tx_isolation", "'READ-COMMITTED'" },
	{ MARIADB, "tx_read_only", "0" },
	{ MYSQL_ITSELF, "transaction_isolation", "'READ-COMMITTED'" },
	{ MYSQL_ITSELF, "transaction_read_only", "0" },
	/* A lock is waited for, and a transaction that pauses (export, migrate)
	 * is not ended by the server. But what a request began must not stay
	 * behind after the request, waiting and holding locks. */
	{ BOTH | LIMITED, "innodb_lock_wait_timeout", "50" },
	{ BOTH | LIMITED, "lock_wait_timeout", "86400" },
	{ MARIADB | LIMITED, "idle_transaction_timeout", "0" },
	{ MARIADB, "idle_readonly_transaction_timeout", "0" },
	{ MARIADB, "idle_write_transaction_timeout", "0" },
	/* A value that does not fit is an error; it is never cut. */
	{ BOTH, "sql_mode",
	    "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
	    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'" },
	{ BOTH, "foreign_key_checks", "1" },
	{ BOTH, "unique_checks", "1" },
	{ MARIADB, "check_constraint_checks", "1" },
	{ BOTH, "time_zone", "'+00:00'" },
	/* A SELECT gives all rows, in the order that it names. */
	{ BOTH, "sql_select_limit", "18446744073709551615" },
	{ BOTH, "sql_big_selects", "1" },
	{ BOTH, "max_sort_length", "1024" },
	{ BOTH, "sql_auto_is_null", "0" },
	{ BOTH, "sql_safe_updates", "0" },
	/* Reads have a limit of their own, see session_limited(). */
	{ MARIADB, "max_statement_time", "0" },
	{ MYSQL_ITSELF, "max_execution_time", "0" },
};

/* SET a = 1, b = 2; false: SET_MAX is too small for it. */
static bool
put_set(struct buf *text, unsigned server, unsigned limit_ms)
{
	unsigned seconds = limit_ms < 1000 ? 1 : limit_ms / 1000;
	const char *before = "SET ";

	for (size_t i = 0; i < N_ELEMENTS(variables); i++) {
		if ((variables[i].servers & server) == 0)
			continue;
		buf_printf(text, "%s%s = ", before, variables[i].name);
		if ((variables[i].servers & LIMITED) != 0 && limit_ms > 0)
			buf_printf(text, "%u", seconds);
		else
			buf_printf(text, "%s", variables[i].value);
		before = ", ";
	}
	return !text->overflow;
}

static bool
send_query(const struct session *session, struct str text)
{
	return mysql_real_query(
		   session->mysql, text.ptr, (unsigned long)text.len) == 0;
}

/* NULL: there is none. */
static MYSQL_RES *
ask(const struct session *session, struct str text)
{
	return send_query(session, text) ? mysql_store_result(session->mysql)
					 : NULL;
}

static bool
set_variables(const struct db *db, const struct session *session)
{
	struct buf text;
	bool done;

	buf_init(&text, SET_MAX);
	done = put_set(&text, session->is_mariadb ? MARIADB : MYSQL_ITSELF,
		   db->settings->request_limit_ms) &&
	       send_query(session, buf_str(&text));
	buf_done(&text);
	return done;
}

bool
session_knows_returning(const char *version)
{
	char *end;
	unsigned long major = strtoul(version, &end, 10);
	unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

	return strstr(version, "MariaDB") != NULL &&
	       (major > 10 || (major == 10 && minor >= 5));
}

/* Asks the server itself what it is: the greeting may be a proxy's. LIMIT
 * stands there since sql_select_limit may be 0. */
bool
session_judge(struct session *session)
{
	MYSQL_RES *result =
	    ask(session, STR("SELECT VERSION(), @@auto_increment_increment, "
			     "@@read_only LIMIT 1"));
	MYSQL_ROW row = result == NULL ? NULL : mysql_fetch_row(result);
	uint64_t step = 0;

	if (row != NULL) {
		session->is_mariadb = strstr(row[0], "MariaDB") != NULL;
		session->returns = session_knows_returning(row[0]);
		str_to_u64(str_of(row[1]), &step);
		session->writable = strcmp(row[2], "0") == 0;
	}
	mysql_free_result(result);
	session->insert_step = (int64_t)step;
	return step > 0;
}

/* The value of a variable or of a status; "" if the server has none such. */
static bool
ask_for(const struct session *session, const char *what, const char *name,
    char *ret, size_t size)
{
	char text[128];
	MYSQL_RES *result;
	MYSQL_ROW row;

	snprintf(text, sizeof(text), "SHOW %s LIKE '%s'", what, name);
	result = ask(session, str_of(text));
	if (result == NULL)
		return false;
	row = mysql_fetch_row(result);
	snprintf(ret, size, "%s", row == NULL ? "" : row[1]);
	mysql_free_result(result);
	return true;
}

/* A node outside the primary component answers some statements and refuses
 * those that read or write data (1047). */
static bool
join_galera(struct session *session)
{
	char value[16];

	if (!ask_for(session, "VARIABLES", "wsrep_on", value, sizeof(value)))
		return false;
	if (strcmp(value, "ON") != 0)
		return true;
	session->cluster = CLUSTER_GALERA;
	return ask_for(
		   session, "STATUS", "wsrep_ready", value, sizeof(value)) &&
	       strcmp(value, "ON") == 0;
}

/* Groups with one primary have this by default from 8.4 on: a new primary
 * serves nothing before it has all that the old one had. */
static bool
join_group(struct session *session)
{
	char value[16];

	if (!ask_for(session, "VARIABLES",
		"group_replication_single_primary_mode", value, sizeof(value)))
		return false;
	if (strcmp(value, "ON") == 0)
		return send_query(
		    session, STR("SET group_replication_consistency = "
				 "'BEFORE_ON_PRIMARY_FAILOVER'"));
	if (value[0] != '\0')
		session->cluster = CLUSTER_GROUP;
	return true;
}

/* First undoes what init_connect may have done: a transaction that it began, a
 * clock that it stopped; MySQL undoes with it in what characters we write, so
 * that the database, instead of which another may be in use, is named last. */
bool
session_set_up(const struct db *db, struct session *session)
{
	return mysql_reset_connection(session->mysql) == 0 &&
	       session_judge(session) && set_variables(db, session) &&
	       mysql_select_db(session->mysql, db->settings->database) == 0 &&
	       (session->is_mariadb ? join_galera(session)
				    : join_group(session));
}

/* Whether the text is a SELECT that takes no lock (so it never waits for one).
 */
static bool
only_reads(struct str text)
{
	static const struct str lock = STR_CONST(" FOR UPDATE");

	return str_starts_with(text, STR("SELECT ")) &&
	       memmem(text.ptr, text.len, lock.ptr, lock.len) == NULL;
}

struct str
session_limited(const struct db *db, struct buf *buf, struct str text)
{
	unsigned ms = db->settings->read_limit_ms;

	if (ms == 0 || !only_reads(text))
		return text;
	if (db->session.is_mariadb)
		buf_printf(buf,
		    "SET STATEMENT max_statement_time = %u.%03u FOR %.*s",
		    ms / 1000, ms % 1000, STR_FMT(text));
	else
		buf_printf(buf, "SELECT /*+ MAX_EXECUTION_TIME(%u) */ %.*s", ms,
		    STR_FMT(str_from(text, sizeof("SELECT ") - 1)));
	return buf_str(buf);
}
