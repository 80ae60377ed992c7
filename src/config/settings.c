/*
 * Reads the configuration: defaults, file, overrides, secrets. Knows no
 * setting by name but those that stand for a secret.
 */
#include <config.h>

#include "config/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/settings_table.h"

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

void
settings_apply_defaults(struct config *config)
{
	for (size_t i = 0; i < n_settings; i++)
		if (!setting_set(
			&settings[i], config, str_of(settings[i].fallback)))
			abort();
}

/* "section.name=value"; unlike a line it replaces a list. */
static void
apply_override(const char *text, struct config *config, struct problem *faults)
{
	struct str where = arena_printf(config->arena, "option \"%s\"", text);
	struct str rest = str_of(text);
	size_t dot = str_find(rest, '.');
	size_t equals = str_find(rest, '=');
	struct str section = { text, dot };
	const struct setting *setting;
	struct str name;

	if (equals == rest.len || dot > equals) {
		fault_line(config, faults,
		    "%.*s: not of the form section.name=value", STR_FMT(where));
		return;
	}
	name = (struct str){ text + dot + 1, equals - dot - 1 };
	setting = setting_find(section, name);
	if (setting == NULL) {
		fault_unknown(config, faults, where, section, name);
		return;
	}
	if (setting->type == SETTING_LIST)
		memset((char *)config + setting->offset, 0,
		    sizeof(struct config_list));
	*setting_origin(setting, config) =
	    (struct config_origin){ .option = text };
	rest = str_from(rest, equals + 1);
	if (!setting_set(setting, config, rest))
		fault_value(config, faults, where, setting, rest);
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
static const char *
read_secret(const char *path, struct config *config, struct problem *faults)
{
	static const char setting[] = "database.password_file";
	char *secret = arena_alloc(config->arena, PASSWORD_SIZE);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0) {
		config_fault(config, setting, 0, faults, "cannot open %s: %s",
		    path, strerror(errno));
		return "";
	}
	len = read(fd, secret, PASSWORD_SIZE);
	close(fd);
	if (len < 0 || len == PASSWORD_SIZE) {
		config_fault(config, setting, 0, faults,
		    "cannot read a password of at most %d bytes from %s",
		    PASSWORD_SIZE - 1, path);
		return "";
	}
	secret[strcspn(secret, "\r\n")] = '\0';
	return secret;
}

/*
 * The password of the environment: taken out of it at the first call, so that
 * neither a child nor /proc shows it, and kept for the next call. NULL: it is
 * too long.
 */
static const char *
password_of_environment(void)
{
	static char kept[PASSWORD_SIZE];
	static bool is_too_long;
	char *value = getenv("CONNECTORS_DATABASE_PASSWORD");
	size_t len;

	if (value == NULL)
		return is_too_long ? NULL : kept;
	len = strlen(value);
	is_too_long = len >= sizeof(kept);
	if (!is_too_long)
		memcpy(kept, value, len + 1);
	explicit_bzero(value, len);
	unsetenv("CONNECTORS_DATABASE_PASSWORD");
	return is_too_long ? NULL : kept;
}

static const char *
take_password(struct config *config, struct problem *faults)
{
	const char *inherited = password_of_environment();
	const char *path = config->password_file;
	const char *from = "file";

	if (path[0] == '\0') {
		from = "credential";
		path = credential(config->arena, "database-password");
	}
	if (path[0] != '\0') {
		config->password_origin =
		    arena_printf(config->arena, "%s %s", from, path).ptr;
		return read_secret(path, config, faults);
	}
	config->password_origin =
	    inherited != NULL && inherited[0] != '\0'
		? "environment CONNECTORS_DATABASE_PASSWORD"
		: "nowhere: none is set";
	if (inherited != NULL)
		return arena_copy(config->arena, str_of(inherited)).ptr;
	fault_line(config, faults,
	    "CONNECTORS_DATABASE_PASSWORD: longer than %d bytes",
	    PASSWORD_SIZE - 1);
	return "";
}

/* What follows from other settings. */
static void
derive(struct config *config)
{
	unsigned workers = config->lanes[LANE_TEST].workers;

	config->serve.body_max = config->fcgi.body_max;
	if (config->serve.tests_per_company == 0)
		config->serve.tests_per_company = workers < 2 ? 1 : workers / 2;
}

void
config_read(const char *path, const char *const *overrides, size_t n_overrides,
    struct config *ret, struct problem *faults)
{
	struct arena *arena = arena_new(8192);

	*ret = (struct config){ .arena = arena,
		.origins = ARENA_NEW(arena, struct config_origin, n_settings) };
	settings_apply_defaults(ret);
	settings_read_file(path, ret, faults);
	for (size_t i = 0; i < n_overrides; i++)
		apply_override(overrides[i], ret, faults);
	derive(ret);
	if (ret->keyring_file[0] == '\0')
		ret->keyring_file = credential(arena, "keyring");
	ret->database.password = take_password(ret, faults);
}

enum error
config_load(const char *path, const char *const *overrides, size_t n_overrides,
    struct config *ret, struct problem *reterr)
{
	struct config config;

	config_read(path, overrides, n_overrides, &config, reterr);
	if (config_verdict(&config, reterr) != OK) {
		config_free(&config);
		return ERROR_INTERNAL;
	}
	*ret = config;
	return OK;
}

size_t
config_own_catalogue(const struct config *config)
{
	return config->cache_catalogue / 16;
}

size_t
config_shared_catalogue(const struct config *config)
{
	return config->cache_catalogue / 16 * 15;
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
	struct str names = { "", 0 };

	for (size_t i = 0; i < n_settings; i++) {
		const struct setting *s = &settings[i];

		if (s->fixed && !setting_equal(s, running, fresh))
			names = arena_printf(fresh->arena, "%.*s%s%s.%s",
			    STR_FMT(names), names.len > 0 ? ", " : "",
			    s->section, s->name);
	}
	return names.len > 0 ? names.ptr : NULL;
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
