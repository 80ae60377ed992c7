/*
 * Reads configuration and key ring, works the settings of the tests out.
 */
#include <config.h>

#include "pool_load.h"

#include "base/log.h"
#include "db/db.h"
#include "sealing_keys.h"
#include "secret/secret.h"

static enum error
load_keyring(
    const struct config *config, struct keyring **ret, struct problem *reterr)
{
	*ret = NULL;
	if (config->keyring_file[0] == '\0')
		return OK;
	return keyring_load(config->keyring_file, ret, reterr);
}

static struct str
join(struct arena *arena, const struct config_list *list)
{
	struct str text = { "", 0 };

	for (size_t i = 0; i < list->n; i++)
		text = arena_printf(
		    arena, "%.*s %s", STR_FMT(text), list->items[i]);
	return text;
}

static enum error
load_probe(const struct config *config, struct probe_settings *ret,
    struct problem *reterr)
{
	const struct test_settings *test = &config->test;
	struct probe_settings probe = {
		.connect_timeout_ms = test->connect_timeout,
		.total_timeout_ms = test->total_timeout,
		.answer_max = test->answer_max,
		.redirects_max = test->redirects_max,
		.ca_file = test->ca_file[0] == '\0' ? NULL : test->ca_file,
	};
	struct str allowed = join(config->arena, &test->allow_networks);
	struct str unverified = join(config->arena, &test->unverified_networks);

	if (probe_settings_parse(config->arena, allowed, &probe, reterr) != OK)
		return problem_log(reterr, ERROR_INTERNAL,
		    "test.allow_networks: %.*s", STR_FMT(reterr->message));
	if (probe_settings_parse_unverified(
		config->arena, unverified, &probe, reterr) != OK)
		return problem_log(reterr, ERROR_INTERNAL,
		    "test.unverified_networks: %.*s", STR_FMT(reterr->message));
	*ret = probe;
	return OK;
}

/* A ring that lacks a key in use is refused; a database that cannot be asked
 * now is no reason not to start. */
static enum error
check_keys(const struct loaded *loaded, struct problem *reterr)
{
	struct problem problem = { .arena = loaded->config.arena };
	struct db *db;
	enum error error;

	if (loaded->keyring == NULL)
		return OK;
	db = db_new(&loaded->config.database);
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

enum error
load_all(const struct pool_source *source, struct loaded *ret,
    struct problem *reterr)
{
	struct loaded loaded = { 0 };
	enum error error;

	TRY(config_load(source->path, source->overrides, source->n_overrides,
	    &loaded.config, reterr));
	error = load_probe(&loaded.config, &loaded.probe, reterr);
	if (error == OK)
		error = load_keyring(&loaded.config, &loaded.keyring, reterr);
	if (error == OK)
		error = check_keys(&loaded, reterr);
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
