/*
 * src/config/settings.c, settings_table.c, settings_value.c
 */
#include <config.h>

#include "config/settings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/settings_table.h"

static struct arena *arena;
static char folder[] = "/tmp/test_settings_XXXXXX";

static void
set_up(void)
{
	arena = arena_new(4096);
	unsetenv("CREDENTIALS_DIRECTORY");
	unsetenv("CONNECTORS_DATABASE_PASSWORD");
	cr_assert_not_null(mkdtemp(folder));
}

static void
remove_file(const char *name)
{
	unlink(arena_printf(arena, "%s/%s", folder, name).ptr);
}

static void
tear_down(void)
{
	remove_file("c");
	remove_file("keyring");
	remove_file("database-password");
	rmdir(folder);
	arena_free(arena);
}

TestSuite(settings, .init = set_up, .fini = tear_down);

static const char *
write_file(const char *name, const char *text)
{
	const char *path = arena_printf(arena, "%s/%s", folder, name).ptr;
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	fputs(text, file);
	fclose(file);
	return path;
}

static enum error
load(const char *text, const char *override, struct config *ret,
    struct problem *problem)
{
	*problem = (struct problem){ .arena = arena };
	return config_load(text == NULL ? "" : write_file("c", text), &override,
	    override == NULL ? 0 : 1, ret, problem);
}

Test(settings, has_sound_rows)
{
	for (size_t i = 0; i < n_settings; i++) {
		const struct setting *s = &settings[i];

		cr_expect_eq(setting_find(str_of(s->section), str_of(s->name)),
		    s, "%s.%s stands twice", s->section, s->name);
		cr_expect_leq(s->min, s->max, "%s", s->name);
		cr_expect_eq(s->type == SETTING_CHOICE, s->one_of != NULL, "%s",
		    s->name);
		cr_expect_eq(s->doc[strlen(s->doc) - 1], '.', "%s", s->name);
	}
}

Test(settings, gives_defaults_without_a_file)
{
	struct problem problem;
	struct config c;

	cr_assert_eq(load(NULL, NULL, &c, &problem), OK);
	cr_expect_str_eq(c.database.socket, "/run/mysqld/mysqld.sock");
	cr_expect_str_eq(c.database.password, "");
	cr_expect_eq(c.database.connect_timeout_ms, 2000);
	cr_expect_eq(c.lanes[LANE_API].workers, 4);
	cr_expect_eq(c.lanes[LANE_TEST].workers, 8);
	cr_expect_eq(c.lanes[LANE_API].mode, 0660);
	cr_expect_eq(c.fcgi.body_max, 8u << 20);
	cr_expect_eq(c.serve.body_max, c.fcgi.body_max);
	cr_expect_eq(c.fcgi.params_max, 64u << 10);
	cr_expect(c.fcgi.end_parameter);
	cr_expect_eq(c.slow_request, 1000);
	cr_expect_eq(c.test.allow_networks.n, 0);
	config_free(&c);
}

Test(settings, reads_a_file)
{
	struct problem problem;
	struct config c;

	cr_assert_eq(
	    load("# comment\n; comment\n[api]\nworkers = 7\n"
		 "listen=unix:/x/y.sock\nmode = 0600\n\n[limits]\n"
		 "body_max = 1M\nread_timeout = 500ms\nend_parameter = no\n"
		 "[pool]\nlog_level = debug\n[test]\n"
		 "allow_networks = 10.0.0.0/8, 127.0.0.0/8\n"
		 "  192.168.0.0/16\n",
		NULL, &c, &problem),
	    OK, "%.*s", STR_FMT(problem.log));
	cr_expect_eq(c.lanes[LANE_API].workers, 7);
	cr_expect_str_eq(c.lanes[LANE_API].listen, "unix:/x/y.sock");
	cr_expect_eq(c.lanes[LANE_API].mode, 0600);
	cr_expect_eq(c.fcgi.body_max, 1u << 20);
	cr_expect_eq(c.fcgi.read_timeout, 500);
	cr_expect_not(c.fcgi.end_parameter);
	cr_expect_str_eq(c.pool.log_level, "debug");
	cr_assert_eq(c.test.allow_networks.n, 3);
	cr_expect_str_eq(c.test.allow_networks.items[0], "10.0.0.0/8");
	cr_expect_str_eq(c.test.allow_networks.items[2], "192.168.0.0/16");
	config_free(&c);
}

static const struct {
	const char *text, *place, *words;
} bad_files[] = {
	{ "[api]\nworker = 1\n", ":2: ", "it has listen, workers" },
	{ "\n\n[apo]\nworkers = 1\n", ":4: ", "there are [database]" },
	{ "workers = 1\n", ":1: ", "no section []" },
	{ "[api]\nworkers = many\n", ":2: ", "a number from 0 to 256" },
	{ "[api]\nworkers = 257\n", ":2: ", "a number from 0 to 256" },
	{ "[api]\nworkers = -1\n", ":2: ", "a number" },
	{ "[api]\nworkers =\n", ":2: ", "a number" },
	{ "[api]\nmode = 0888\n", ":2: ", "an octal mode from 0 to 777" },
	{ "[api]\nmode = 1777\n", ":2: ", "an octal mode" },
	{ "[api]\nrequest_timeout = 30\n", ":2: ", "100ms to 1h" },
	{ "[api]\nrequest_timeout = 30 s\n", ":2: ", "a time in ms" },
	{ "[api]\nrequest_timeout = 5h\n", ":2: ", "a time in ms" },
	{ "[api]\nrequest_timeout = 99999999999999999999s\n", ":2: ", "time" },
	{ "[limits]\nbody_max = 1G\n", ":2: ", "1K to 64M" },
	{ "[limits]\nend_parameter = maybe\n", ":2: ", "yes or no" },
	{ "[pool]\nlog_level = loud\n",
	    ":2: ", "one of debug, info, warning, error" },
	{ "[api]\nworkers = 1\nworkers = 2\n", ":3: ", "a second time" },
	{ "[api]\nnonsense\n", ":2: ", "neither" },
	{ "[api\nworkers = 1\n", ":1: ", "neither" },
	{ "[database]\nhosts = a b\n", ":2: ", "ports from 1 to 65535" },
	{ "[database]\nhosts = a:99999\n", ":2: ", "ports from 1 to 65535" },
	{ "[database]\nname =\n", ":2: ", "a text of 1 to 64 bytes" },
	{ "[test]\nlisten = /x.sock\n", ":2: ", "unix:/path" },
};

Test(settings, says_where_and_what)
{
	for (size_t i = 0; i < N_ELEMENTS(bad_files); i++) {
		struct problem problem;
		struct config c;
		const char *log;

		cr_assert_eq(load(bad_files[i].text, NULL, &c, &problem),
		    ERROR_INTERNAL, "%s", bad_files[i].text);
		log = problem.log.ptr;
		cr_expect(strstr(log, bad_files[i].place) != NULL &&
			      strstr(log, bad_files[i].words) != NULL,
		    "%s gave %s", bad_files[i].text, log);
	}
}

Test(settings, tells_every_fault)
{
	struct problem problem;
	struct config c;
	struct str rest, line;
	static const char *const places[] = { "/c:1: ", "/c:3: ", "/c:4: ",
		"/c:6: ", "/c:7: ", "/c:9: ", "option \"x=1\": " };
	size_t n = 0;

	cr_assert_eq(load("workers = 1\n[api]\nworkers = x\nnonsense\n"
			  "backlog = 5\nlisten = /x\nworker = 1\n"
			  "# comment\n[pool\nmode = 0600\n",
			 "x=1", &c, &problem),
	    ERROR_INTERNAL);
	rest = problem.log;
	while (str_next_part(&rest, '\n', &line)) {
		cr_assert_lt(n, N_ELEMENTS(places), "%.*s", STR_FMT(line));
		cr_expect_not_null(strstr(line.ptr, places[n]), "%s in %.*s",
		    places[n], STR_FMT(problem.log));
		n++;
	}
	cr_expect_eq(n, N_ELEMENTS(places), "%.*s", STR_FMT(problem.log));
}

Test(settings, remembers_where_values_came_from)
{
	struct problem problem;
	struct config c;

	cr_assert_eq(load("[api]\nworkers = 1\nbacklog = 5\n[test]\n"
			  "allow_networks = ::1\n  ::2 ::3\n",
			 "api.workers=2", &c, &problem),
	    OK);
	cr_expect_eq(config_origin(&c, "api.backlog")->line, 3);
	cr_expect_null(config_origin(&c, "api.backlog")->option);
	cr_expect_str_eq(
	    config_origin(&c, "api.workers")->option, "api.workers=2");
	cr_expect_eq(config_origin(&c, "api.mode")->line, 0);
	cr_expect_eq(c.test.allow_networks.lines[0], 5);
	cr_expect_eq(c.test.allow_networks.lines[1], 6);
	cr_expect_eq(c.test.allow_networks.lines[2], 6);
	config_free(&c);
}

Test(settings, refuses_a_line_that_is_too_long)
{
	char text[5000] = "[database]\nsocket = ";
	struct problem problem;
	struct config c;

	memset(text + strlen(text), 'x', 4900);
	cr_expect_eq(load(text, NULL, &c, &problem), ERROR_INTERNAL);
	cr_expect_not_null(strstr(problem.log.ptr, ":2: longer than"));
}

Test(settings, takes_overrides_last)
{
	struct problem problem;
	struct config c;

	cr_assert_eq(
	    load("[api]\nworkers = 1\n", "api.workers=2", &c, &problem), OK);
	cr_expect_eq(c.lanes[LANE_API].workers, 2);
	config_free(&c);
	cr_assert_eq(load("[test]\nallow_networks = a\n",
			 "test.allow_networks=b,c", &c, &problem),
	    OK);
	cr_expect_eq(c.test.allow_networks.n, 2);
	config_free(&c);
	cr_assert_eq(load(NULL, "database.socket=a=b.c", &c, &problem), OK);
	cr_expect_str_eq(c.database.socket, "a=b.c");
	config_free(&c);
}

/* Nobody's tests take all workers, unless there is but one or it is asked. */
Test(settings, leaves_some_workers_to_other_companies)
{
	static const struct {
		const char *override;
		unsigned most;
	} rows[] = { { "test.workers=8", 4 }, { "test.workers=5", 2 },
		{ "test.workers=2", 1 }, { "test.workers=1", 1 },
		{ "test.workers=0", 1 }, { "test.per_company=0", 4 },
		{ "test.per_company=7", 7 } };
	struct problem problem;
	struct config c;

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		cr_assert_eq(load(NULL, rows[i].override, &c, &problem), OK);
		cr_expect_eq(c.serve.tests_per_company, rows[i].most, "%s",
		    rows[i].override);
		config_free(&c);
	}
}

Test(settings, refuses_bad_overrides)
{
	static const char *const bad[] = { "", "x", "api", "api.workers",
		"workers=1", "api.workers=x", "api.none=1", "none.x=1",
		".=", "=.", "a=b.c" };

	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		struct problem problem;
		struct config c;

		cr_expect_eq(load(NULL, bad[i], &c, &problem), ERROR_INTERNAL,
		    "%s", bad[i]);
	}
}

Test(settings, needs_a_file_that_is_named)
{
	struct problem problem = { .arena = arena };
	struct config c;

	cr_expect_eq(config_load("/nonexistent/x", NULL, 0, &c, &problem),
	    ERROR_INTERNAL);
	cr_expect_not_null(strstr(problem.log.ptr, "/nonexistent/x"));
}

Test(settings, takes_the_password_out_of_the_environment)
{
	struct problem problem;
	struct config c;

	setenv("CONNECTORS_DATABASE_PASSWORD", "secret", 1);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(load(NULL, NULL, &c, &problem), OK);
		cr_expect_str_eq(c.database.password, "secret");
		cr_expect_null(getenv("CONNECTORS_DATABASE_PASSWORD"));
		config_free(&c);
	}
}

Test(settings, takes_secrets_from_credentials)
{
	struct problem problem;
	struct config c;

	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	setenv("CONNECTORS_DATABASE_PASSWORD", "other", 1);
	write_file("database-password", "pass word\nmore\n");
	cr_assert_eq(load(NULL, NULL, &c, &problem), OK);
	cr_expect_str_eq(c.database.password, "pass word");
	cr_expect_str_eq(c.keyring_file, "");
	config_free(&c);
	write_file("keyring", "x");
	cr_assert_eq(load(NULL, NULL, &c, &problem), OK);
	cr_expect(str_ends_with(str_of(c.keyring_file), STR("/keyring")));
	config_free(&c);
	cr_assert_eq(load(NULL, "secrets.keyring_file=/k", &c, &problem), OK);
	cr_expect_str_eq(c.keyring_file, "/k");
	config_free(&c);
}

Test(settings, fails_without_its_password_file)
{
	struct problem problem;
	struct config c;

	cr_expect_eq(
	    load(NULL, "database.password_file=/nonexistent/p", &c, &problem),
	    ERROR_INTERNAL);
	cr_expect_not_null(strstr(problem.log.ptr, "/nonexistent/p"));
}

Test(settings, knows_what_needs_a_restart)
{
	struct problem problem;
	struct config a, b;

	cr_assert_eq(load(NULL, NULL, &a, &problem), OK);
	cr_assert_eq(load(NULL, "api.workers=9", &b, &problem), OK);
	cr_expect_null(config_needs_restart(&a, &b));
	config_free(&b);
	cr_assert_eq(load(NULL, "test.backlog=9", &b, &problem), OK);
	cr_expect_str_eq(config_needs_restart(&a, &b), "test.backlog");
	config_free(&b);
	cr_assert_eq(load("[api]\nmode = 0600\n[admin]\nbacklog = 9\n",
			 "pool.user=x", &b, &problem),
	    OK);
	cr_expect_str_eq(
	    config_needs_restart(&a, &b), "pool.user, api.mode, admin.backlog");
	config_free(&b);
	config_free(&a);
}
