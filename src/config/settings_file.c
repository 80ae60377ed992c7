/*
 * Reads the file of the configuration, line by line, to its end: every fault is
 * reported. Knows no setting by name.
 */
#include <config.h>

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/settings_table.h"

/* The file while it is read. */
struct reading {
	FILE *file;
	struct config *config;
	struct problem *faults;
	unsigned line; /* that the parser was given last */
	bool wanting;  /* the line must give a value */
};

static struct str
place_of(const struct reading *r)
{
	return arena_printf(
	    r->config->arena, "%s:%u", r->config->path, r->line);
}

/* The lines that the items of a list stand in, from the first new one on. */
static void
note_lines(const struct config_list *list, size_t first, unsigned line)
{
	for (size_t i = first; i < list->n; i++)
		list->lines[i] = line;
}

static void
apply_value(
    const struct reading *r, const struct setting *setting, struct str value)
{
	struct config_origin *origin = setting_origin(setting, r->config);
	const struct config_list *list = setting_list(setting, r->config);
	bool is_list = setting->type == SETTING_LIST;
	size_t before = is_list ? list->n : 0;

	if (origin->line == 0)
		origin->line = r->line;
	if (!setting_set(setting, r->config, value))
		fault_value(r->config, r->faults, place_of(r), setting, value);
	else if (is_list)
		note_lines(list, before, r->line);
}

/* A list may stand in several lines; any other setting stands once. */
static void
apply_line(const struct reading *r, struct str section, struct str name,
    struct str value)
{
	const struct setting *setting = setting_find(section, name);

	if (setting == NULL)
		fault_unknown(r->config, r->faults, place_of(r), section, name);
	else if (setting_origin(setting, r->config)->line != 0 &&
		 setting->type != SETTING_LIST)
		fault_line(r->config, r->faults,
		    "%.*s: %s.%s stands here a second time",
		    STR_FMT(place_of(r)), setting->section, setting->name);
	else
		apply_value(r, setting, value);
}

/* Called by the parser for each line with a value. */
static int
take_line(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;

	r->wanting = false;
	apply_line(r, str_of(section), str_of(name), str_of(value));
	return 1;
}

/* Whether the line must give a value. The parser reports only the first line
 * that it does not understand, so this is noted for each of them. */
static bool
is_value_or_broken(struct str line)
{
	line = text_trim(line);
	if (line.len == 0 || line.ptr[0] == ';' || line.ptr[0] == '#')
		return false;
	return line.ptr[0] != '[' || str_find(line, ']') == line.len;
}

static void
settle_line(struct reading *r)
{
	if (r->wanting)
		fault_line(r->config, r->faults,
		    "%.*s: neither \"[section]\" nor \"name = value\" nor a "
		    "comment",
		    STR_FMT(place_of(r)));
	r->wanting = false;
}

/* Skips the rest of a long line, which the parser would silently take for
 * another one. */
static void
skip_long_line(struct reading *r, int size)
{
	int c;

	do
		c = fgetc(r->file);
	while (c != EOF && c != '\n');
	fault_line(r->config, r->faults, "%.*s: longer than %d characters",
	    STR_FMT(place_of(r)), size - 2);
}

/* Gives the parser a line; of one that is too long an empty one. */
static char *
give_line(char *line, int size, void *user)
{
	struct reading *r = user;
	size_t len;

	settle_line(r);
	if (fgets(line, size, r->file) == NULL)
		return NULL;
	r->line++;
	len = strlen(line);
	if (len + 1 == (size_t)size && line[len - 1] != '\n') {
		skip_long_line(r, size);
		line[0] = '\0';
		return line;
	}
	r->wanting = is_value_or_broken(str_of(line));
	return line;
}

static void
parse(struct reading *r)
{
	size_t before = r->config->n_faults;
	int line = ini_parse_stream(give_line, r, take_line, r);

	if (ferror(r->file))
		fault_line(r->config, r->faults, "cannot read %s: %s",
		    r->config->path, strerror(errno));
	else if (line < 0)
		fault_line(
		    r->config, r->faults, "%s: out of memory", r->config->path);
	else if (line > 0 && r->config->n_faults == before)
		fault_line(r->config, r->faults, "%s:%d: not understood",
		    r->config->path, line);
}

void
settings_read_file(
    const char *path, struct config *config, struct problem *faults)
{
	const char *name = path == NULL ? CONFIG_DEFAULT_PATH : path;
	struct reading r = { .config = config, .faults = faults };

	if (name[0] == '\0')
		return;
	r.file = fopen(name, "re");
	if (r.file == NULL && path == NULL && errno == ENOENT)
		return;
	if (r.file == NULL) {
		fault_line(config, faults, "cannot open %s: %s", name,
		    strerror(errno));
		return;
	}
	config->path = arena_copy(config->arena, str_of(name)).ptr;
	parse(&r);
	fclose(r.file);
}
