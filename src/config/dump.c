/*
 * The configuration as it is, and where each value comes from. Must not tell a
 * secret: the settings have none, and the password is not looked at.
 */
#include <config.h>

#include "config/settings_table.h"

#define VALUE_MAX (1u << 20) /* bytes of a value; a list may be long */

/* The lines that a list stands in, each once. */
static struct str
lines_of(const struct config *config, const struct setting *s, unsigned first)
{
	struct str ret = arena_printf(config->arena, "%u", first);
	unsigned last = first;

	if (s->type != SETTING_LIST)
		return ret;
	for (size_t i = 0; i < setting_list(s, config)->n; i++) {
		const unsigned line = setting_list(s, config)->lines[i];

		if (line == last || line == 0)
			continue;
		ret =
		    arena_printf(config->arena, "%.*s, %u", STR_FMT(ret), line);
		last = line;
	}
	return ret;
}

static struct str
origin_of(const struct config *config, const struct config *defaults,
    const struct setting *s)
{
	const struct config_origin *origin = setting_origin(s, config);

	if (origin->option != NULL)
		return STR("command line");
	if (origin->line != 0)
		return arena_printf(config->arena, "%s:%.*s", config->path,
		    STR_FMT(lines_of(config, s, origin->line)));
	if (setting_equal(s, config, defaults))
		return STR("default");
	return s->names == NAMES_KEYRING ? STR("credential of systemd")
					 : STR("default, by other settings");
}

void
config_tell(const struct config *config,
    void (*tell)(
	void *context, struct str name, struct str value, struct str origin),
    void *context)
{
	struct arena *arena = config->arena;
	struct config defaults = { .arena = arena };
	struct buf value;

	settings_apply_defaults(&defaults);
	buf_init(&value, VALUE_MAX);
	for (size_t i = 0; i < n_settings; i++) {
		const struct setting *s = &settings[i];

		buf_reset(&value);
		setting_show(s, config, &value);
		tell(context, arena_printf(arena, "%s.%s", s->section, s->name),
		    arena_copy(arena, buf_str(&value)),
		    origin_of(config, &defaults, s));
	}
	buf_done(&value);
	tell(context, STR("database.password"), STR("(never shown)"),
	    str_of(config->password_origin));
}

static void
print_line(void *context, struct str name, struct str value, struct str origin)
{
	fprintf(context, "%.*s = %.*s\t# %.*s\n", STR_FMT(name), STR_FMT(value),
	    STR_FMT(origin));
}

void
config_dump(const struct config *config, FILE *out)
{
	config_tell(config, print_line, out);
}
