/*
 * The settings of tests, from the configuration. Reads nothing itself.
 */
#include <config.h>

#include "config/probe.h"

static struct str
join(struct arena *arena, const struct config_list *list)
{
	struct str text = { "", 0 };

	for (size_t i = 0; i < list->n; i++)
		text = arena_printf(
		    arena, "%.*s %s", STR_FMT(text), list->items[i]);
	return text;
}

enum error
config_probe(const struct config *config, struct probe_settings *ret,
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
