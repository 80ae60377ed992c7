/*
 * Reads the configuration: defaults, file, overrides, secrets. Knows no
 * setting by name but those that stand for a secret.
 */
#include <config.h>

#include "base/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/settings_table.h"

#define ALLOWED_MAX   4096 /* bytes of a text about what is allowed */
#define PASSWORD_SIZE 1024 /* bytes of a password and its terminator */

static const char *const lane_names[] = {
	[LANE_API] = "api",
	[LANE_TEST] = "test",
	[LANE_ADMIN] = "admin",
};
_Static_assert(N_ELEMENTS(lane_names) == LANE__MAX, "one name a lane");

const char *
lane_name(enum lane lane)
{
	return lane_names[lane];
}

/* The file while it is read. */
struct reading {
	FILE *file;
	const char *path;
	struct config *config;
	struct problem *problem;
	unsigned line; /* that the parser was given last */
	bool failed;   /* problem says why */
	bool *given;   /* one a setting: it stood in the file */
};

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

static bool
section_exists(struct str section)
{
	for (size_t i = 0; i < n_settings; i++)
		if (str_equal_text(section, settings[i].section))
			return true;
	return false;
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

static enum error
unknown_setting(struct problem *problem, struct str where, struct str section,
    struct str name)
{
	struct buf known;
	enum error error;

	buf_init(&known, ALLOWED_MAX);
	if (section_exists(section)) {
		list_known(&known, section);
		error = problem_log(problem, ERROR_INTERNAL,
		    "%.*s: there is no setting \"%.*s\" in [%.*s]; "
		    "it has %.*s",
		    STR_FMT(where), STR_FMT(name), STR_FMT(section),
		    STR_FMT(buf_str(&known)));
	} else {
		list_sections(&known);
		error = problem_log(problem, ERROR_INTERNAL,
		    "%.*s: there is no section [%.*s]; there are %.*s",
		    STR_FMT(where), STR_FMT(section), STR_FMT(buf_str(&known)));
	}
	buf_done(&known);
	return error;
}

static enum error
refused_value(struct problem *problem, struct str where,
    const struct setting *setting, struct str value)
{
	struct buf allowed;
	enum error error;

	buf_init(&allowed, ALLOWED_MAX);
	setting_allowed(setting, &allowed);
	error = problem_log(problem, ERROR_INTERNAL,
	    "%.*s: %s.%s cannot be \"%.*s\"; allowed is %.*s", STR_FMT(where),
	    setting->section, setting->name, STR_FMT(value),
	    STR_FMT(buf_str(&allowed)));
	buf_done(&allowed);
	return error;
}

static struct str
place_of(const struct reading *r)
{
	return arena_printf(r->problem->arena, "%s:%u", r->path, r->line);
}

/* A list may stand in several lines; any other setting stands once. */
static enum error
apply_line(
    struct reading *r, struct str section, struct str name, struct str value)
{
	const struct setting *setting = setting_find(section, name);
	size_t index;

	if (setting == NULL)
		return unknown_setting(r->problem, place_of(r), section, name);
	index = (size_t)(setting - settings);
	if (r->given[index] && setting->type != SETTING_LIST)
		return problem_log(r->problem, ERROR_INTERNAL,
		    "%.*s: %s.%s stands here a second time",
		    STR_FMT(place_of(r)), setting->section, setting->name);
	r->given[index] = true;
	if (!setting_set(setting, r->config, value))
		return refused_value(r->problem, place_of(r), setting, value);
	return OK;
}

/* Called by the parser for each line with a value; 0 is failure. */
static int
take_line(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;

	if (r->failed)
		return 0;
	if (apply_line(r, str_of(section), str_of(name), str_of(value)) != OK)
		r->failed = true;
	return r->failed ? 0 : 1;
}

/* Gives the parser a line. It would cut a long one in two without a word, so
 * that is found here. */
static char *
give_line(char *line, int size, void *user)
{
	struct reading *r = user;
	size_t len;

	if (r->failed || fgets(line, size, r->file) == NULL)
		return NULL;
	r->line++;
	len = strlen(line);
	if (len + 1 < (size_t)size || line[len - 1] == '\n')
		return line;
	problem_log(r->problem, ERROR_INTERNAL,
	    "%.*s: longer than %d characters", STR_FMT(place_of(r)), size - 2);
	r->failed = true;
	return NULL;
}

static enum error
parse_file(struct reading *r)
{
	int line = ini_parse_stream(give_line, r, take_line, r);

	/* After a line it does not understand the parser goes on. */
	if (r->failed && (line <= 0 || (unsigned)line >= r->line))
		return ERROR_INTERNAL;
	if (line < 0)
		return problem_log(
		    r->problem, ERROR_INTERNAL, "%s: out of memory", r->path);
	if (line > 0)
		return problem_log(r->problem, ERROR_INTERNAL,
		    "%s:%d: neither \"[section]\" nor \"name = value\" nor a "
		    "comment",
		    r->path, line);
	if (ferror(r->file))
		return problem_log(
		    r->problem, ERROR_INTERNAL, "cannot read %s", r->path);
	return OK;
}

static enum error
read_file(const char *path, struct config *config, struct problem *reterr)
{
	struct reading r = { .config = config, .problem = reterr };
	enum error error;

	r.path = path == NULL ? CONFIG_DEFAULT_PATH : path;
	if (r.path[0] == '\0')
		return OK;
	r.file = fopen(r.path, "re");
	if (r.file == NULL && path == NULL && errno == ENOENT)
		return OK;
	if (r.file == NULL)
		return problem_log(reterr, ERROR_INTERNAL, "cannot open %s: %s",
		    r.path, strerror(errno));
	r.given = ARENA_NEW(config->arena, bool, n_settings);
	error = parse_file(&r);
	fclose(r.file);
	return error;
}

static void
apply_defaults(struct config *config)
{
	for (size_t i = 0; i < n_settings; i++)
		if (!setting_set(
			&settings[i], config, str_of(settings[i].fallback)))
			abort();
}

/* "section.name=value"; unlike a line it replaces a list. */
static enum error
apply_override(const char *text, struct config *config, struct problem *reterr)
{
	struct str where = arena_printf(reterr->arena, "option \"%s\"", text);
	struct str rest = str_of(text);
	size_t dot = str_find(rest, '.');
	size_t equals = str_find(rest, '=');
	struct str section = { text, dot };
	const struct setting *setting;
	struct str name;

	if (equals == rest.len || dot > equals)
		return problem_log(reterr, ERROR_INTERNAL,
		    "%.*s: not of the form section.name=value", STR_FMT(where));
	name = (struct str){ text + dot + 1, equals - dot - 1 };
	setting = setting_find(section, name);
	if (setting == NULL)
		return unknown_setting(reterr, where, section, name);
	if (setting->type == SETTING_LIST)
		memset((char *)config + setting->offset, 0,
		    sizeof(struct config_list));
	rest = str_from(rest, equals + 1);
	if (!setting_set(setting, config, rest))
		return refused_value(reterr, where, setting, rest);
	return OK;
}

/* A path below $CREDENTIALS_DIRECTORY; "" unless there is such a file. */
static const char *
credential(struct arena *arena, const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	const char *path;

	if (folder == NULL)
		return "";
	path = arena_printf(arena, "%s/%s", folder, name).ptr;
	return access(path, R_OK) == 0 ? path : "";
}

/* The first line of a file. */
static enum error
read_secret(const char *path, struct arena *arena, const char **ret,
    struct problem *reterr)
{
	char *secret = arena_alloc(arena, PASSWORD_SIZE);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return problem_log(reterr, ERROR_INTERNAL, "cannot open %s: %s",
		    path, strerror(errno));
	len = read(fd, secret, PASSWORD_SIZE);
	close(fd);
	if (len < 0 || len == PASSWORD_SIZE)
		return problem_log(reterr, ERROR_INTERNAL,
		    "cannot read a password of at most %d bytes from %s",
		    PASSWORD_SIZE - 1, path);
	secret[strcspn(secret, "\r\n")] = '\0';
	*ret = secret;
	return OK;
}

/*
 * The password of the environment: taken out of it at the first call, so that
 * neither a child nor /proc shows it, and kept for the next call.
 */
static const char *
password_of_environment(void)
{
	static char kept[PASSWORD_SIZE];
	char *value = getenv("CONNECTORS_DATABASE_PASSWORD");
	size_t len;

	if (value == NULL)
		return kept;
	len = strlen(value);
	if (len < sizeof(kept))
		memcpy(kept, value, len + 1);
	explicit_bzero(value, len);
	unsetenv("CONNECTORS_DATABASE_PASSWORD");
	return kept;
}

static enum error
take_secrets(struct config *config, struct problem *reterr)
{
	struct arena *arena = config->arena;
	const char *path = config->password_file;
	const char *inherited = password_of_environment();

	if (config->keyring_file[0] == '\0')
		config->keyring_file = credential(arena, "keyring");
	if (path[0] == '\0')
		path = credential(arena, "database-password");
	if (path[0] != '\0')
		return read_secret(
		    path, arena, &config->database.password, reterr);
	config->database.password = arena_copy(arena, str_of(inherited)).ptr;
	return OK;
}

static enum error
load(const char *path, const char *const *overrides, size_t n_overrides,
    struct config *config, struct problem *reterr)
{
	apply_defaults(config);
	TRY(read_file(path, config, reterr));
	for (size_t i = 0; i < n_overrides; i++)
		TRY(apply_override(overrides[i], config, reterr));
	config->serve.body_max = config->fcgi.body_max;
	return take_secrets(config, reterr);
}

enum error
config_load(const char *path, const char *const *overrides, size_t n_overrides,
    struct config *ret, struct problem *reterr)
{
	struct config config = { .arena = arena_new(8192) };
	enum error error;

	error = load(path, overrides, n_overrides, &config, reterr);
	if (error == OK)
		*ret = config;
	else
		config_free(&config);
	return error;
}

void
config_free(struct config *config)
{
	arena_free(config->arena);
	*config = (struct config){ 0 };
}

const char *
config_needs_restart(const struct config *running, const struct config *fresh)
{
	for (size_t i = 0; i < n_settings; i++) {
		const struct setting *s = &settings[i];

		if (!s->fixed || setting_equal(s, running, fresh))
			continue;
		return arena_printf(fresh->arena, "%s.%s", s->section, s->name)
		    .ptr;
	}
	return NULL;
}

void
config_describe(FILE *out)
{
	const char *section = "";
	struct buf allowed;

	buf_init(&allowed, ALLOWED_MAX);
	for (size_t i = 0; i < n_settings; i++) {
		const struct setting *s = &settings[i];

		if (strcmp(section, s->section) != 0)
			fprintf(
			    out, "%s[%s]\n", i == 0 ? "" : "\n", s->section);
		section = s->section;
		buf_reset(&allowed);
		setting_allowed(s, &allowed);
		fprintf(out, "%s = %s\n\t%s\n\t(%.*s%s)\n", s->name,
		    s->fallback, s->doc, STR_FMT(buf_str(&allowed)),
		    s->fixed ? "; changes with a restart" : "");
	}
	buf_done(&allowed);
}

void
config_list_names(FILE *out)
{
	for (size_t i = 0; i < n_settings; i++)
		fprintf(out, "%s.%s\t%s\n", settings[i].section,
		    settings[i].name, settings[i].fallback);
}
