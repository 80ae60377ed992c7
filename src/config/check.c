/*
 * Goes through the settings and has the file that each names checked.
 */
#include <config.h>

#include "config/check.h"

#include "base/account.h"
#include "config/internal.h"
#include "config/settings_table.h"
#include "probe/guard.h"
#include "probe/probe.h"

static struct str
check_user(const struct look *look, const char *name)
{
	uid_t uid;

	return account_find_user(name, &uid) ? NO_FAULT
					     : arena_printf(look->config->arena,
						   "there is no user %s", name);
}

static struct str
check_group(const struct look *look, const char *name)
{
	gid_t gid;

	return account_find_group(name, &gid)
		   ? NO_FAULT
		   : arena_printf(
			 look->config->arena, "there is no group %s", name);
}

/* Listeners and networks are checked together, not one by one. */
static struct str (*const checks[])(const struct look *, const char *) = {
	[NAMES_NOTHING] = NULL,
	[NAMES_USER] = check_user,
	[NAMES_GROUP] = check_group,
	[NAMES_LISTENER] = NULL,
	[NAMES_FILE] = NULL,
	[NAMES_NETWORKS] = NULL,
	[NAMES_KEYRING] = files_keyring,
	[NAMES_CERTIFICATES] = files_certificates,
	[NAMES_LOG] = files_log,
	[NAMES_PID_FILE] = files_pid,
	[NAMES_FOLDER] = files_folder,
};
_Static_assert(N_ELEMENTS(checks) == NAMES__MAX, "all that a text can name");

static const char *
name_of(const struct look *look, const struct setting *s)
{
	return arena_printf(look->config->arena, "%s.%s", s->section, s->name)
	    .ptr;
}

static bool
is_given(const struct config_origin *origin)
{
	return origin->line != 0 || origin->option != NULL;
}

static void
check_setting(const struct look *look, const struct setting *s)
{
	const struct config_origin *origin = setting_origin(s, look->config);
	const char *value;
	struct str fault;

	if (checks[s->names] == NULL || origin->refused ||
	    (s->names == NAMES_FOLDER && !is_given(origin)))
		return;
	value = setting_text(s, look->config);
	if (value[0] == '\0')
		return;
	fault = checks[s->names](look, value);
	if (fault.len > 0)
		config_fault(look->config, name_of(look, s), 0, look->faults,
		    "%.*s", STR_FMT(fault));
}

static void
check_networks(const struct look *look, const struct setting *s)
{
	const struct config_list *list = setting_list(s, look->config);
	struct network network;

	for (size_t i = 0; i < list->n; i++)
		if (!network_parse(str_of(list->items[i]), &network))
			config_fault(look->config, name_of(look, s),
			    list->lines[i], look->faults,
			    "%s is not a network such as 10.0.0.0/8",
			    list->items[i]);
	if (list->n > PROBE_NETWORKS_MAX)
		config_fault(look->config, name_of(look, s), 0, look->faults,
		    "more than %d networks", PROBE_NETWORKS_MAX);
}

enum error
config_load_for(enum config_use use, const char *path,
    const char *const *overrides, size_t n_overrides, struct config *ret,
    struct problem *reterr)
{
	struct config config;
	struct look look = { &config, use, reterr };
	enum error error;

	config_read(path, overrides, n_overrides, &config, reterr);
	for (size_t i = 0; i < n_settings; i++)
		if (settings[i].names == NAMES_NETWORKS)
			check_networks(&look, &settings[i]);
		else
			check_setting(&look, &settings[i]);
	lanes_check(&look);
	pairs_check(&look);
	error = config_verdict(&config, reterr);
	if (error == OK)
		*ret = config;
	else
		config_free(&config);
	return error;
}
