/*
 * Reads configuration and key ring, works the settings of the tests out.
 */
#include <config.h>

#include "pool_load.h"

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
	struct str networks = join(config->arena, &test->allow_networks);

	if (probe_settings_parse(config->arena, networks, &probe, reterr) != OK)
		return problem_log(reterr, ERROR_INTERNAL,
		    "test.allow_networks: %.*s", STR_FMT(reterr->message));
	*ret = probe;
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
		*ret = loaded;
	else
		config_free(&loaded.config);
	return error;
}

void
loaded_free(struct loaded *loaded)
{
	keyring_free(loaded->keyring);
	config_free(&loaded->config);
	loaded->keyring = NULL;
}
