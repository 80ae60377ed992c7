/*
 * `check`: whether the service runs and has all it needs. Prints a line for
 * each part, "ok" or what is wrong and what to do, and warnings of secret
 * defaults that no test can send and of tests that the libraries of this
 * machine cannot do. Must not change anything.
 */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/check.h"
#include "ctl/advice.h"
#include "ctl/check.h"
#include "ctl/progress.h"
#include "ctl/sealed.h"
#include "probe/probe.h"

#define TEXT_MAX 6000 /* bytes of a line */

struct part {
	const char *name;
	enum error (*run)(struct check *, struct problem *);
	bool is_needed; /* if it fails, the following parts are skipped */
};

void
check_add(struct check *c, struct str *text, const char *format, ...)
{
	char line[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	*text = arena_printf(c->ctl->arena, "%.*s%s%s", STR_FMT(*text),
	    text->len > 0 ? "\n" : "", line);
}

static void
advise(struct check *c, const char *advice)
{
	c->advice = str_of(advice);
}

static enum error
check_config(struct check *c, struct problem *reterr)
{
	struct ctl *ctl = c->ctl;

	advise(
	    c, ctl->config_path != NULL && access(ctl->config_path, R_OK) != 0
		   ? "name the right file with --config, or mend its rights"
		   : "mend what the lines name; connectors.conf(5) has all "
		     "settings");
	TRY(config_load_for(CONFIG_LOOK, ctl->config_path, ctl->overrides,
	    ctl->n_overrides, &ctl->config, reterr));
	ctl->has_config = true;
	if (ctl->config.path != NULL)
		c->text = str_of(ctl->config.path);
	else if (ctl->config_path != NULL)
		c->text = STR("no file, defaults");
	else
		c->text = STR(
		    "no file, defaults (" CONFIG_DEFAULT_PATH " is not there)");
	return OK;
}

struct str
check_database_name(struct check *c, struct str name, struct str hosts,
    struct str socket, struct str user)
{
	struct str place = hosts.len > 0 ? hosts : socket;

	return arena_printf(c->ctl->arena, "%.*s at %.*s, account %.*s",
	    STR_FMT(name), STR_FMT(place), STR_FMT(user));
}

static void
advise_on_database(struct check *c)
{
	const char *advice = advice_on_database(c->ctl);

	advise(
	    c, advice == NULL ? "see the database server's own log" : advice);
}

static enum error
check_database(struct check *c, struct problem *reterr)
{
	const struct db_settings *s = &c->ctl->config.database;
	struct rows rows = { 0 };
	enum error error = ctl_database(c->ctl, reterr);

	if (error == OK)
		error = db_run(c->ctl->db, c->ctl->arena,
		    &(struct statement){
			.text = STR("SELECT VERSION(), DATABASE()") },
		    &rows, reterr);
	advise_on_database(c);
	TRY(error);
	c->text = check_database_name(c, rows_cell(&rows, 0, 1)->text,
	    str_of(s->hosts), str_of(s->socket), str_of(s->user));
	check_add(c, &c->text, "%.*s", STR_FMT(rows_cell(&rows, 0, 0)->text));
	return OK;
}

static enum error
check_migrations(struct check *c, struct problem *reterr)
{
	size_t pending = 0;

	c->advice = arena_printf(c->ctl->arena,
	    "database.migrations (%s) must name the SQL files of the version "
	    "that made the tables, and of none before it",
	    c->ctl->config.migrations);
	TRY(migrate_count_pending(c->ctl, &pending, reterr));
	c->is_pending = pending > 0;
	advise(c, "run: connectorsctl migrate");
	if (pending > 0)
		return problem_log(
		    reterr, ERROR_INTERNAL, "%zu pending", pending);
	c->text = STR("none is pending");
	return OK;
}

static enum error
check_tables(struct check *c, struct problem *reterr)
{
	size_t count = 0;

	advise(c, c->is_pending ? "run: connectorsctl migrate"
				: "somebody changed a table; restore it as the "
				  "migrations made it, or from a backup");
	TRY(check_schema(c->ctl, &count, reterr));
	c->text = arena_printf(c->ctl->arena, "%zu columns", count);
	return OK;
}

/* Of companies, which changes by SQL from outside make wrong. */
static enum error
check_numbers(struct check *c, struct problem *reterr)
{
	struct rows rows = { 0 };

	advise(c, c->is_pending ? "run: connectorsctl migrate"
				: "run: connectorsctl database recount");
	TRY(recount_compare(c->ctl, &rows, reterr));
	if (rows.count > 0)
		return problem_log(reterr, ERROR_INTERNAL,
		    "%zu companies have another number of connectors than "
		    "lists tell (the first: %lld)",
		    rows.count, (long long)rows_cell(&rows, 0, 0)->integer);
	c->text = STR("as lists tell them");
	return OK;
}

/* Every key that sealed a value must be in the ring. */
static enum error
check_keys_in_use(struct ctl *ctl, size_t *values, struct problem *reterr)
{
	for (size_t i = 0; i < n_sealed_columns; i++) {
		struct rows rows = { 0 };

		TRY(sealed_count(ctl, &sealed_columns[i], &rows, reterr));
		for (size_t row = 0; row < rows.count; row++) {
			const struct value *id = rows_cell(&rows, row, 0);
			const long long n = rows_cell(&rows, row, 1)->integer;

			*values += (size_t)n;
			if (ctl->keyring != NULL && id->type != VALUE_NULL &&
			    keyring_has(ctl->keyring, id->text))
				continue;
			return problem_log(reterr, ERROR_CONFLICT,
			    "%lld values of %s.%s are sealed with the key "
			    "\"%.*s\", which is not in the ring",
			    n, sealed_columns[i].table, sealed_columns[i].name,
			    STR_FMT(id->text));
		}
	}
	return OK;
}

static const char restore[] =
    "bring the key ring back from a backup or from a machine that works; a "
    "new one opens nothing";

/* Advice about a ring that cannot be read. */
static void
advise_on_ring(struct check *c, const char *path)
{
	struct problem problem = { .arena = c->ctl->arena };
	size_t values = 0;
	struct stat st;

	advise(c, restore);
	if (stat(path, &st) != 0) {
		if (check_keys_in_use(c->ctl, &values, &problem) !=
		    ERROR_CONFLICT)
			advise(c, "run: connectorsctl secrets init");
	} else if (access(path, R_OK) != 0) {
		advise(c, "run this as root, or as who may read the file");
	} else if ((st.st_mode & 0177) != 0) {
		c->advice =
		    arena_printf(c->ctl->arena, "run: chmod 0600 %s", path);
	}
}

static enum error
check_ring(struct check *c, struct problem *reterr)
{
	const char *path = c->ctl->config.keyring_file;
	size_t values = 0;
	enum error error = OK;

	if (path[0] != '\0')
		error = ctl_ring(c->ctl, reterr);
	if (error != OK) {
		advise_on_ring(c, path);
		return error;
	}
	error = check_keys_in_use(c->ctl, &values, reterr);
	advise(c,
	    error == ERROR_CONFLICT ? restore : "run: connectorsctl migrate");
	TRY(error);
	if (path[0] != '\0')
		c->text = arena_printf(c->ctl->arena,
		    "%s: %s seals, %zu values can be opened", path,
		    keyring_sealing_id(c->ctl->keyring), values);
	else
		c->text = STR("none is configured, and none is in use: secrets "
			      "cannot be stored (secrets.keyring_file, then "
			      "connectorsctl secrets init)");
	return OK;
}

/* The service comes early: it may run although this program cannot reach the
 * database. */
static const struct part parts[] = {
	{ "configuration", check_config, true },
	{ "service", check_service, false },
	{ "database", check_database, true },
	{ "migrations", check_migrations, false },
	{ "schema", check_tables, false },
	{ "numbers", check_numbers, false },
	{ "key ring", check_ring, false },
	{ "sockets", check_sockets, false },
};

/* How a part ended. */
struct state {
	const char *word; /* for people */
	const char *name; /* in JSON */
};

static const struct state state_ok = { "ok", "ok" };
static const struct state state_failed = { "FAIL", "failed" };
static const struct state state_skipped = { "-", "skipped" };
static const struct state state_warning = { "warn", "warning" };

static const struct list_column columns[] = {
	{ "part", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "state", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "text", NULL, LIST_TEXT, LIST_ALWAYS },
	{ "advice", NULL, LIST_TEXT, LIST_ALWAYS },
};

/* The first line behind the name, others below it. */
static void
print_lines(const char *word, const char *name, struct str text)
{
	struct str line;
	bool first = true;

	while (str_next_part(&text, '\n', &line)) {
		ctl_print("%-5s %-14s %.*s\n", first ? word : "",
		    first ? name : "", STR_FMT(line));
		first = false;
	}
}

/* advice: what to do; empty: nothing. */
static void
report(struct check *c, const struct state *state, const char *name,
    struct str text, struct str advice)
{
	const struct value cells[] = {
		value_text(str_of(name)),
		value_text(str_of(state->name)),
		value_text(text),
		advice.len == 0 ? value_null() : value_text(advice),
	};

	progress_end();
	if (c->list.is_json) {
		list_add(&c->list, cells);
		return;
	}
	print_lines(state->word, name, text);
	if (advice.len > 0)
		ctl_print("      -> %.*s\n", STR_FMT(advice));
}

/* The service runs with such defaults, so this only warns. Without tables to
 * read it says nothing: the parts above have reported that. */
static void
warn_of_defaults(struct check *c)
{
	struct ctl *ctl = c->ctl;
	struct problem ignored = { .arena = ctl->arena };
	struct str ids;
	size_t n;

	if (ctl->db == NULL ||
	    defaults_find_unsent(ctl, &ids, &n, &ignored) != OK || n == 0)
		return;
	report(c, &state_warning, "secret defaults",
	    arena_printf(ctl->arena,
		"of %zu authentication implementations, never sent: %.*s", n,
		STR_FMT(ids)),
	    STR("let the catalogue alone fix scheme, port and domain of their "
		"URLs, or let connectors give the values"));
}

/* The service runs with such libraries, so this only warns. */
static void
warn_of_limits(struct check *c)
{
	const struct probe_limit *limit;

	for (size_t i = 0; (limit = probe_limit(i)) != NULL; i++)
		report(c, &state_warning, "tests", str_of(limit->text),
		    str_of(limit->advice));
}

/* False: it failed. */
static bool
run_part(struct check *c, const struct part *part)
{
	struct problem problem = { .arena = c->ctl->arena };
	enum error error;

	c->text = c->advice = STR("");
	c->is_skipped = false;
	progress_step("looks at: %s", part->name);
	error = part->run(c, &problem);
	if (error == OK) {
		report(c, c->is_skipped ? &state_skipped : &state_ok,
		    part->name, c->text, STR(""));
		return true;
	}
	c->ctl->has_failed = true;
	report(c, &state_failed, part->name, problem.log, c->advice);
	return false;
}

enum error
check_command(struct ctl *ctl, struct problem *reterr)
{
	struct check c = { .ctl = ctl, .service = ctl_option(ctl, "admin") };
	struct listen_place place;

	if (c.service != NULL &&
	    (!listen_parse(c.service, &place) ||
		(place.kind != LISTEN_UNIX && place.kind != LISTEN_TCP)))
		return ctl_usage(
		    reterr, "--admin: \"%s\" is no place", c.service);
	list_open(&c.list, ctl, columns, N_ELEMENTS(columns));
	/* People read lines of another form: a text has several of them. */
	c.list.is_headless = true;
	c.list.has_rows = !c.list.is_json;
	for (size_t i = 0; i < N_ELEMENTS(parts); i++)
		if (!run_part(&c, &parts[i]) && parts[i].is_needed)
			break;
	warn_of_defaults(&c);
	warn_of_limits(&c);
	list_close(&c.list, OK);
	return OK;
}
