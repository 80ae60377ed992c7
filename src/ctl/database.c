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

static enum error
make_all(struct ctl *ctl, struct db *db, struct problem *reterr)
{
	const struct db_settings *s = &ctl->config.database;
	const struct value name = value_text(str_of(s->database));
	const struct value user = value_text(str_of(s->user));
	const struct value password = value_text(str_of(s->password));
	const struct value host =
	    value_text(s->hosts[0] == '\0' ? STR("localhost") : STR("%"));

	TRY(run_made(ctl, db, STATEMENT(MAKE_DATABASE, name), reterr));
	TRY(run_made(ctl, db, STATEMENT(MAKE_ACCOUNT, user, host), reterr));
	TRY(run_made(
	    ctl, db, STATEMENT(SET_PASSWORD, user, host, password), reterr));
	TRY(run_made(ctl, db, STATEMENT(GRANT_ALL, name, user, host), reterr));
	ctl_print("database %s, account %s@%.*s: made\n", s->database, s->user,
	    STR_FMT(host.text));
	return OK;
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
