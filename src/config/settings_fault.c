/*
 * What is wrong with a configuration: a line for each fault, with the place
 * where it stands. Must not decide what is wrong.
 */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/settings_table.h"

#define ALLOWED_MAX 4096 /* bytes of a text about what is allowed */
#define FAULT_MAX   6000 /* bytes of one line */

static bool
is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7F;
}

/* Adds a line; line breaks in what it quotes are replaced. */
static void
add_line(struct problem *faults, char *line)
{
	for (char *c = line; *c != '\0'; c++)
		if (is_control(*c))
			*c = ' ';
	problem_log(faults, ERROR_INTERNAL, "%.*s%s%s", STR_FMT(faults->log),
	    faults->log.len > 0 ? "\n" : "", line);
}

__attribute__((format(printf, 3, 0))) static void
count_line(struct config *config, struct problem *faults, const char *format,
    va_list args)
{
	char line[FAULT_MAX];

	config->n_faults++;
	if (config->n_faults > CONFIG_FAULTS_MAX)
		return;
	vsnprintf(line, sizeof(line), format, args);
	add_line(faults, line);
}

void
fault_line(
    struct config *config, struct problem *faults, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	count_line(config, faults, format, args);
	va_end(args);
}

static void
list_known(struct buf *b, struct str section)
{
	bool first = true;

	for (size_t i = 0; i < n_settings; i++) {
		if (!str_equal_text(section, settings[i].section))
			continue;
		buf_printf(b, "%s%s", first ? "" : ", ", settings[i].name);
		first = false;
	}
}

static void
list_sections(struct buf *b)
{
	for (size_t i = 0; i < n_settings; i++) {
		const char *section = settings[i].section;

		if (i > 0 && strcmp(section, settings[i - 1].section) == 0)
			continue;
		buf_printf(b, "%s[%s]", i == 0 ? "" : ", ", section);
	}
}

void
fault_unknown(struct config *config, struct problem *faults, struct str where,
    struct str section, struct str name)
{
	struct buf known;

	buf_init(&known, ALLOWED_MAX);
	list_known(&known, section);
	if (known.len > 0) {
		fault_line(config, faults,
		    "%.*s: %.*s.%.*s: there is no setting \"%.*s\" in [%.*s]; "
		    "it has %.*s",
		    STR_FMT(where), STR_FMT(section), STR_FMT(name),
		    STR_FMT(name), STR_FMT(section), STR_FMT(buf_str(&known)));
	} else {
		list_sections(&known);
		fault_line(config, faults,
		    "%.*s: there is no section [%.*s]; there are %.*s",
		    STR_FMT(where), STR_FMT(section), STR_FMT(buf_str(&known)));
	}
	buf_done(&known);
}

void
fault_value(struct config *config, struct problem *faults, struct str where,
    const struct setting *setting, struct str value)
{
	struct buf allowed;

	buf_init(&allowed, ALLOWED_MAX);
	setting_allowed(setting, &allowed);
	fault_line(config, faults,
	    "%.*s: %s.%s cannot be \"%.*s\"; allowed is %.*s", STR_FMT(where),
	    setting->section, setting->name, STR_FMT(value),
	    STR_FMT(buf_str(&allowed)));
	buf_done(&allowed);
	setting_origin(setting, config)->refused = true;
}

struct config_origin *
setting_origin(const struct setting *setting, const struct config *config)
{
	return &config->origins[setting - settings];
}

const struct config_origin *
config_origin(const struct config *config, const char *setting)
{
	return setting_origin(setting_named(setting), config);
}

/* "FILE:LINE", "option ..." or the default. */
static struct str
place_of(struct config *config, const char *setting, unsigned line)
{
	const struct config_origin *origin = config_origin(config, setting);

	if (origin->option != NULL)
		return arena_printf(
		    config->arena, "option \"%s\"", origin->option);
	if (line == 0)
		line = origin->line;
	if (line == 0)
		return STR("default");
	return arena_printf(config->arena, "%s:%u", config->path, line);
}

void
config_fault(struct config *config, const char *setting, unsigned line,
    struct problem *faults, const char *format, ...)
{
	char text[FAULT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fault_line(config, faults, "%.*s: %s: %s",
	    STR_FMT(place_of(config, setting, line)), setting, text);
}

enum error
config_verdict(const struct config *config, struct problem *faults)
{
	if (config->n_faults == 0)
		return OK;
	if (config->n_faults > CONFIG_FAULTS_MAX)
		problem_log(faults, ERROR_INTERNAL, "%.*s\nand %zu more",
		    STR_FMT(faults->log), config->n_faults - CONFIG_FAULTS_MAX);
	return ERROR_INTERNAL;
}
