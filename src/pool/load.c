/*
 * Reads configuration and key ring and derives the settings of the tests.
 */
#include <config.h>

#include "pool/load.h"

#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "config/check.h"
#include "config/probe.h"
#include "db/db.h"
#include "openapi/openapi.h"
#include "secret/sealing_keys.h"
#include "secret/secret.h"

/* Bytes of the document of the API. */
#define OPENAPI_MAX (8u << 20)

/* The parent's longest wait for a connection, and for a statement. */
#define DATABASE_MS 5000

static enum error
load_keyring(
    const struct config *config, struct keyring **ret, struct problem *reterr)
{
	*ret = NULL;
	if (config->keyring_file[0] == '\0')
		return OK;
	return keyring_load(config->keyring_file, ret, reterr);
}

/* While the parent waits for a database it looks after no worker. */
static struct db_settings
impatient(const struct db_settings *settings)
{
	struct db_settings ret = *settings;

	if (ret.connect_timeout_ms > DATABASE_MS)
		ret.connect_timeout_ms = DATABASE_MS;
	if (ret.read_timeout_ms > DATABASE_MS)
		ret.read_timeout_ms = DATABASE_MS;
	return ret;
}

/* A ring that lacks a key in use is refused. A database that cannot be asked
 * now does not keep the pool from starting. */
static enum error
check_keys(const struct loaded *loaded, struct problem *reterr)
{
	struct problem problem = { .arena = loaded->config.arena };
	struct db_settings settings = impatient(&loaded->config.database);
	struct db *db;
	enum error error;

	if (loaded->keyring == NULL)
		return OK;
	db = db_new(&settings);
	db_limit(db, DATABASE_MS);
	error = sealing_keys_check(
	    loaded->config.arena, db, loaded->keyring, &problem);
	db_free(db);
	if (error == ERROR_CONFLICT)
		return problem_log(reterr, ERROR_INTERNAL, "%.*s (%s)",
		    STR_FMT(problem.log), loaded->config.keyring_file);
	if (error != OK)
		log_problem(LEVEL_WARNING,
		    "cannot tell whether the key ring has all keys in use",
		    &problem);
	return OK;
}

/* Whether both settings lead to the same database and account. */
static bool
is_same_database(const struct db_settings *a, const struct db_settings *b)
{
	return strcmp(a->hosts, b->hosts) == 0 &&
	       strcmp(a->socket, b->socket) == 0 &&
	       strcmp(a->user, b->user) == 0 &&
	       strcmp(a->password, b->password) == 0 &&
	       strcmp(a->database, b->database) == 0 &&
	       strcmp(a->tls_mode, b->tls_mode) == 0 &&
	       strcmp(a->tls_ca, b->tls_ca) == 0;
}

/* When a reload names another database, that has to answer: a misspelt name
 * would take down a service that works. The same database as before may be
 * away: that does not refuse a reload. */
static enum error
check_database(const struct config *running, const struct config *fresh,
    struct problem *reterr)
{
	struct db_settings settings = impatient(&fresh->database);
	struct db *db;
	enum error error;

	if (running == NULL ||
	    is_same_database(&running->database, &fresh->database))
		return OK;
	db = db_new(&settings);
	db_limit(db, DATABASE_MS);
	error = db_execute(db, STR("DO 1"), reterr);
	db_free(db);
	if (error == OK)
		return OK;
	return problem_log(reterr, ERROR_INTERNAL,
	    "the database of the new configuration cannot be reached: %.*s",
	    STR_FMT(reterr->log));
}

static struct document
make_openapi(struct arena *arena)
{
	struct document document;
	struct buf text;

	buf_init(&text, OPENAPI_MAX);
	openapi_write(arena, &text);
	document.text = arena_copy(arena, buf_str(&text));
	document.etag = arena_printf(
	    arena, "\"%.*s\"", STR_FMT(hash_tag_hex(arena, document.text)));
	buf_done(&text);
	return document;
}

enum error
load_all(const struct pool_source *source, const struct config *running,
    struct loaded *ret, struct problem *reterr)
{
	struct loaded loaded = { 0 };
	enum error error;

	TRY(config_load_for(running == NULL ? CONFIG_START : CONFIG_RELOAD,
	    source->path, source->overrides, source->n_overrides,
	    &loaded.config, reterr));
	error = config_probe(&loaded.config, &loaded.probe, reterr);
	if (error == OK)
		error = load_keyring(&loaded.config, &loaded.keyring, reterr);
	if (error == OK)
		error = check_database(running, &loaded.config, reterr);
	if (error == OK)
		error = check_keys(&loaded, reterr);
	loaded.openapi = make_openapi(loaded.config.arena);
	if (error == OK)
		*ret = loaded;
	else
		loaded_free(&loaded);
	return error;
}

void
loaded_free(struct loaded *loaded)
{
	keyring_free(loaded->keyring);
	config_free(&loaded->config);
	loaded->keyring = NULL;
}
