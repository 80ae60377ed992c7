/*
 * What a session relies on, set when its connection is made: nothing of it is
 * left to the server's own defaults, nor to its init_connect.
 *
 * The limit of reads stands in their texts: MariaDB's variable for it would end
 * writes, and what only waits for a lock, as well.
 *
 * Not set is what only costs time, and what a session without special rights
 * may not change. Must not hold SQL for data.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "db/internal.h"

#define SET_MAX 4096 /* bytes of the one statement */

/* The servers that know a variable. */
enum {
	MARIADB = 1,
	MYSQL_ITSELF = 2,
	BOTH = MARIADB | MYSQL_ITSELF,
	/* Not longer than a request has, in whole seconds. */
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
	/* What a statement outside a transaction changes is kept, and COMMIT
	 * only commits. */
	{ BOTH, "autocommit", "1" },
	{ BOTH, "completion_type", "'NO_CHAIN'" },
	{ MARIADB, "tx_isolation", "'READ-COMMITTED'" },
	{ MARIADB, "tx_read_only", "0" },
	{ MYSQL_ITSELF, "transaction_isolation", "'READ-COMMITTED'" },
	{ MYSQL_ITSELF, "transaction_read_only", "0" },
	/* Who holds a lock is waited for, and nobody is thrown out of a
	 * transaction in which he thinks (export, migrate). But what a request
	 * began that nobody waits for any more must not stay behind, wait in
	 * its turn and hold locks. */
	{ BOTH | LIMITED, "innodb_lock_wait_timeout", "50" },
	{ BOTH | LIMITED, "lock_wait_timeout", "86400" },
	{ MARIADB | LIMITED, "idle_transaction_timeout", "0" },
	{ MARIADB, "idle_readonly_transaction_timeout", "0" },
	{ MARIADB, "idle_write_transaction_timeout", "0" },
	/* What does not fit is an error and never cut. */
	{ BOTH, "sql_mode",
	    "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
	    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'" },
	{ BOTH, "foreign_key_checks", "1" },
	{ BOTH, "unique_checks", "1" },
	{ MARIADB, "check_constraint_checks", "1" },
	{ BOTH, "time_zone", "'+00:00'" },
	/* All rows come, and in their order. */
	{ BOTH, "sql_select_limit", "18446744073709551615" },
	{ BOTH, "sql_big_selects", "1" },
	{ BOTH, "max_sort_length", "1024" },
	{ BOTH, "sql_auto_is_null", "0" },
	{ BOTH, "sql_safe_updates", "0" },
	/* Reads have a limit of their own, see session_limited(). */
	{ MARIADB, "max_statement_time", "0" },
	{ MYSQL_ITSELF, "max_execution_time", "0" },
};

/* SET a = 1, b = 2; false: the statement has no room (a fault of ours). */
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
set_variables(struct db *db, MYSQL *mysql)
{
	struct buf text;
	bool done;

	buf_init(&text, SET_MAX);
	done = put_set(&text, db->is_mariadb ? MARIADB : MYSQL_ITSELF,
		   db->settings->request_limit_ms) &&
	       mysql_real_query(mysql, text.ptr, (unsigned long)text.len) == 0;
	buf_done(&text);
	return done;
}

/* The server itself says what it is: a proxy may greet as another. LIMIT, for
 * the default may be that no row comes. */
static bool
ask_server(struct db *db, MYSQL *mysql)
{
	static const char text[] =
	    "SELECT VERSION(), @@auto_increment_increment LIMIT 1";
	MYSQL_RES *result;
	MYSQL_ROW row;
	uint64_t step = 0;

	if (mysql_real_query(mysql, text, sizeof(text) - 1) != 0)
		return false;
	result = mysql_store_result(mysql);
	if (result == NULL)
		return false;
	row = mysql_fetch_row(result);
	if (row != NULL) {
		db->is_mariadb = strstr(row[0], "MariaDB") != NULL;
		str_to_u64(str_of(row[1]), &step);
	}
	mysql_free_result(result);
	db->insert_step = (int64_t)step;
	return step > 0;
}

/* What init_connect did is undone first: a transaction that it began, a clock
 * that it stopped; MySQL undoes with it in what characters we write, so that
 * the database, instead of which another may be in use, is named last. */
bool
session_set_up(struct db *db, MYSQL *mysql)
{
	return mysql_reset_connection(mysql) == 0 && ask_server(db, mysql) &&
	       set_variables(db, mysql) &&
	       mysql_select_db(mysql, db->settings->database) == 0;
}

/* A SELECT that takes no lock, which it might have to wait for. */
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
	if (db->is_mariadb)
		buf_printf(buf,
		    "SET STATEMENT max_statement_time = %u.%03u FOR %.*s",
		    ms / 1000, ms % 1000, STR_FMT(text));
	else
		buf_printf(buf, "SELECT /*+ MAX_EXECUTION_TIME(%u) */ %.*s", ms,
		    STR_FMT(str_from(text, sizeof("SELECT ") - 1)));
	return buf_str(buf);
}
