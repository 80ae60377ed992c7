/*
 * `database init`: makes the database and its account, as an administrator of
 * the database server. Must not make tables (`migrate` does) nor remove
 * anything.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"

/* The administrator connects to it, since the database to be made is not there
 * yet: every account may use it. */
#define ANY_DATABASE "information_schema"

/* The server itself quotes names and passwords, so they cannot end their place
 * in the statement. */
#define MAKE_DATABASE                                         \
	"SET @connectors = CONCAT('CREATE DATABASE IF NOT "   \
	"EXISTS `', REPLACE(?, '`', '``'), '` CHARACTER SET " \
	"utf8mb4 COLLATE utf8mb4_unicode_520_ci')"
#define MAKE_ACCOUNT                                             \
	"SET @connectors = CONCAT('CREATE USER IF NOT EXISTS '," \
	" QUOTE(?), '@', QUOTE(?))"
#define SET_PASSWORD                                             \
	"SET @connectors = CONCAT('ALTER USER ', QUOTE(?), '@'," \
	" QUOTE(?), ' IDENTIFIED BY ', QUOTE(?))"
/* In the name of a GRANT `_` and `%` are wildcards. */
#define GRANT_ALL                                               \
	"SET @connectors = CONCAT('GRANT ALL ON `', "           \
	"REPLACE(REPLACE(REPLACE(?, '`', '``'), '_', '\\\\_')," \
	" '%', '\\\\%'), '`.* TO ', QUOTE(?), '@', QUOTE(?))"

/* Reads a password file as the configuration does. */
static enum error
read_password(
    struct ctl *ctl, const char *path, const char **ret, struct problem *reterr)
{
	const char *override =
	    arena_printf(ctl->arena, "database.password_file=%s", path).ptr;
	struct config config;

	TRY(config_load("", &override, 1, &config, reterr));
	*ret = arena_copy(ctl->arena, str_of(config.database.password)).ptr;
	config_free(&config);
	return OK;
}

/* Settings with the administrator's account in place of the service's. */
static enum error
use_admin(struct ctl *ctl, struct db_settings *ret, struct problem *reterr)
{
	const char *name = ctl_option(ctl, "admin");
	const char *path = ctl_option(ctl, "admin-password-file");

	*ret = ctl->config.database;
	ret->user = name == NULL ? "root" : name;
	ret->database = ANY_DATABASE;
	ret->request_limit_ms = 0;
	ret->password = "";
	if (path == NULL)
		return OK;
	return read_password(ctl, path, &ret->password, reterr);
}

/* Has the server make the text of a statement, then runs that. */
static enum error
run_made(struct ctl *ctl, struct db *db, const struct statement *making,
    struct problem *reterr)
{
	TRY(db_run(db, ctl->arena, making, NULL, reterr));
	TRY(db_execute(db, STR("PREPARE made FROM @connectors"), reterr));
	TRY(db_execute(db, STR("EXECUTE made"), reterr));
	return db_execute(db, STR("DEALLOCATE PREPARE made"), reterr);
}

/* The names of what is made, and what of it is there. */
struct making {
	struct ctl *ctl;
	struct db *db; /* the administrator's connection */
	struct value name, user, password, host;
	bool has_database, has_account;
	bool has_password; /* the account can use the database with it */
	int64_t rights;    /* how many it has there */
};

static enum error
count(struct making *m, const struct statement *statement, int64_t *ret,
    struct problem *reterr)
{
	struct rows rows = { 0 };

	TRY(db_run(m->db, m->ctl->arena, statement, &rows, reterr));
	*ret = rows_cell(&rows, 0, 0)->integer;
	return OK;
}

#define OF_ACCOUNT "WHERE grantee = CONCAT(QUOTE(?), '@', QUOTE(?))"

static enum error
count_rights(struct making *m, int64_t *ret, struct problem *reterr)
{
	return count(m,
	    STATEMENT("SELECT COUNT(*) FROM "
		      "information_schema.schema_privileges " OF_ACCOUNT
		      " AND REPLACE(table_schema, '\\\\', '') = ?",
		m->user, m->host, m->name),
	    ret, reterr);
}

/* Whether the service could work with what is there. */
static bool
can_log_in(struct making *m)
{
	struct problem ignored = { .arena = m->ctl->arena };
	struct db_settings settings = m->ctl->config.database;
	struct db *db = db_new(&settings);
	bool ret = db_execute(db, STR("DO 1"), &ignored) == OK;

	db_free(db);
	return ret;
}

static enum error
look(struct making *m, struct problem *reterr)
{
	int64_t databases, accounts;

	TRY(count(m,
	    STATEMENT("SELECT COUNT(*) FROM information_schema.schemata "
		      "WHERE schema_name = ?",
		m->name),
	    &databases, reterr));
	TRY(count(m,
	    STATEMENT("SELECT COUNT(*) FROM information_schema."
		      "user_privileges " OF_ACCOUNT,
		m->user, m->host),
	    &accounts, reterr));
	m->has_database = databases > 0;
	m->has_account = accounts > 0;
	m->has_password = m->has_database && m->has_account && can_log_in(m);
	return count_rights(m, &m->rights, reterr);
}

static enum error
make(struct making *m, struct problem *reterr)
{
	struct ctl *ctl = m->ctl;

	TRY(run_made(ctl, m->db, STATEMENT(MAKE_DATABASE, m->name), reterr));
	TRY(run_made(
	    ctl, m->db, STATEMENT(MAKE_ACCOUNT, m->user, m->host), reterr));
	TRY(run_made(ctl, m->db,
	    STATEMENT(SET_PASSWORD, m->user, m->host, m->password), reterr));
	return run_made(ctl, m->db,
	    STATEMENT(GRANT_ALL, m->name, m->user, m->host), reterr);
}

static enum error
tell(struct making *m, struct problem *reterr)
{
	const struct db_settings *s = &m->ctl->config.database;
	int64_t rights;
	bool same;

	TRY(count_rights(m, &rights, reterr));
	same = m->has_password && rights == m->rights;
	if (same)
		ctl_print("nothing changed: ");
	ctl_print("database %s: %s; account %s@%.*s: %s%s\n", s->database,
	    m->has_database ? "was there" : "made", s->user,
	    STR_FMT(m->host.text), m->has_account ? "was there" : "made",
	    same || !m->has_account ? ""
				    : ", its password and its rights are set");
	return OK;
}

static enum error
make_all(struct ctl *ctl, struct db *db, struct problem *reterr)
{
	const struct db_settings *s = &ctl->config.database;
	struct making m = { .ctl = ctl,
		.db = db,
		.name = value_text(str_of(s->database)),
		.user = value_text(str_of(s->user)),
		.password = value_text(str_of(s->password)),
		.host = value_text(
		    s->hosts[0] == '\0' ? STR("localhost") : STR("%")) };

	TRY(look(&m, reterr));
	TRY(make(&m, reterr));
	return tell(&m, reterr);
}

enum error
database_init_command(struct ctl *ctl, struct problem *reterr)
{
	struct db_settings admin;
	struct db *db;
	enum error error;

	TRY(ctl_config(ctl, reterr));
	if (ctl->config.database.password[0] == '\0')
		return problem_log(reterr, ERROR_INTERNAL,
		    "the account needs a password: put one into a file and "
		    "name that as database.password_file");
	TRY(use_admin(ctl, &admin, reterr));
	db = db_new(&admin);
	error = make_all(ctl, db, reterr);
	db_free(db);
	return error;
}
