/*
 * The connector test by itself, for tests: reads a target as a JSON object on
 * standard input, prints the result as JSON. --list prints what there is.
 *
 * Members are those of struct probe_target; variables is an array of {"key",
 * "value", "secret", "default"}. Not installed.
 */
#include <config.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "probe/auth.h"
#include "probe/probe.h"
#include "secret/secret.h"

#define INPUT_MAX   ((size_t)4 * 1024 * 1024)
#define RESOLVE_MAX 64

struct options {
	struct probe_settings settings;
	const char *resolve[RESOLVE_MAX];
	size_t n_resolve;
	bool show_rotated;
	bool list;
	unsigned times; /* the same test, one after the other */
};

static const struct option long_options[] = {
	{ "allow", required_argument, NULL, 'a' },
	{ "unverified", required_argument, NULL, 'u' },
	{ "ca", required_argument, NULL, 'c' },
	{ "connect-ms", required_argument, NULL, 'C' },
	{ "total-ms", required_argument, NULL, 'T' },
	{ "answer-max", required_argument, NULL, 'm' },
	{ "redirects", required_argument, NULL, 'r' },
	{ "resolve", required_argument, NULL, 'R' },
	{ "show-rotated", no_argument, NULL, 's' },
	{ "list", no_argument, NULL, 'l' },
	{ "times", required_argument, NULL, 'n' },
	{ NULL, 0, NULL, 0 },
};

static int
fail(const char *what, struct str detail)
{
	fprintf(stderr, "probe_cli: %s: %.*s\n", what, STR_FMT(detail));
	return 2;
}

/* The setting that an option sets to a number; NULL if it is none of these. */
static unsigned *
number_of(struct probe_settings *settings, int option)
{
	switch (option) {
	case 'C':
		return &settings->connect_timeout_ms;
	case 'T':
		return &settings->total_timeout_ms;
	case 'r':
		return &settings->redirects_max;
	default:
		return NULL;
	}
}

static bool
take_option(struct arena *a, struct options *options, int option,
    struct problem *reterr)
{
	struct probe_settings *settings = &options->settings;
	unsigned number =
	    optarg == NULL ? 0 : (unsigned)strtoul(optarg, NULL, 10);
	unsigned *setting = number_of(settings, option);

	if (setting != NULL) {
		*setting = number;
		return true;
	}
	switch (option) {
	case 'a':
		return probe_settings_parse(
			   a, str_of(optarg), settings, reterr) == OK;
	case 'u':
		return probe_settings_parse_unverified(
			   a, str_of(optarg), settings, reterr) == OK;
	case 'c':
		settings->ca_file = optarg;
		return true;
	case 'm':
		settings->answer_max = number;
		return true;
	case 'R':
		if (options->n_resolve == RESOLVE_MAX)
			return false;
		options->resolve[options->n_resolve++] = optarg;
		return true;
	case 's':
		options->show_rotated = true;
		return true;
	case 'l':
		options->list = true;
		return true;
	case 'n':
		options->times = number;
		return true;
	default:
		return false;
	}
}

static struct str
read_input(struct arena *a)
{
	char *text = arena_alloc(a, INPUT_MAX);
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < INPUT_MAX) {
		n = read(STDIN_FILENO, text + len, INPUT_MAX - len);
		len += n > 0 ? (size_t)n : 0;
	}
	return (struct str){ text, len };
}

/* The text of a member; JSON text of one that is an object. */
static struct str
member(struct arena *a, json_object *object, const char *name)
{
	json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value) || value == NULL)
		return (struct str){ NULL, 0 };
	if (!json_object_is_type(value, json_type_string))
		return arena_copy(a, str_of(json_object_to_json_string_ext(
					 value, JSON_C_TO_STRING_PLAIN)));
	return arena_copy(a, (struct str){ json_object_get_string(value),
				 (size_t)json_object_get_string_len(value) });
}

static void
read_variables(struct arena *a, json_object *input, struct probe_target *target)
{
	json_object *list = NULL;
	struct probe_variable *variables;
	size_t n;

	if (!json_object_object_get_ex(input, "variables", &list))
		return;
	n = json_object_array_length(list);
	variables = ARENA_NEW(a, struct probe_variable, n);
	for (size_t i = 0; i < n; i++) {
		json_object *item = json_object_array_get_idx(list, i);
		json_object *secret = NULL, *is_default = NULL;

		variables[i].key = member(a, item, "key");
		variables[i].value = member(a, item, "value");
		json_object_object_get_ex(item, "secret", &secret);
		variables[i].secret = json_object_get_boolean(secret);
		json_object_object_get_ex(item, "default", &is_default);
		variables[i].is_default = json_object_get_boolean(is_default);
	}
	target->variables = variables;
	target->n_variables = n;
}

static struct probe_target
read_target(struct arena *a, json_object *input)
{
	struct probe_target target = { 0 };
	const struct {
		const char *name;
		struct str *text;
	} members[] = {
		{ "type", &target.type },
		{ "protocol", &target.protocol },
		{ "url", &target.url },
		{ "http_method", &target.http_method },
		{ "headers", &target.headers },
		{ "query", &target.query },
		{ "body", &target.body },
		{ "body_format", &target.body_format },
		{ "test_url", &target.test_url },
		{ "expected_status", &target.expected_status },
		{ "token_path", &target.token_path },
		{ "certificate", &target.certificate },
		{ "private_key", &target.private_key },
		{ "passphrase", &target.passphrase },
	};

	for (size_t i = 0; i < N_ELEMENTS(members); i++)
		*members[i].text = member(a, input, members[i].name);
	read_variables(a, input, &target);
	return target;
}

static void
print(const struct probe_result *result, bool show_rotated)
{
	struct buf b;

	buf_init(&b, INPUT_MAX);
	probe_result_json(&b, result);
	printf("%.*s\n", STR_FMT(buf_str(&b)));
	if (show_rotated)
		printf("%.*s\n", STR_FMT(result->rotated_refresh_token));
	buf_done(&b);
}

/* The authentication types with their variables, and the reasons, a line
 * each: what tests and documents must not forget. */
static int
list(void)
{
	const struct auth_type *type;

	for (size_t i = 0; (type = auth_row(i)) != NULL; i++) {
		printf("type %s\n", type->key);
		for (const struct auth_variable *v = type->variables;
		     v->key != NULL; v++)
			if ((v->uses & AUTH_FOUND) == 0)
				printf("variable %s %s\n", v->key,
				    (v->uses & AUTH_NEEDED) != 0 ? "needed"
								 : "optional");
	}
	for (size_t i = 0; probe_reason_name(i) != NULL; i++)
		printf("reason %s\n", probe_reason_name(i));
	return 0;
}

static int
run(struct arena *a, struct options *options)
{
	struct problem problem = { .arena = a };
	struct str text = read_input(a);
	json_object *input = json_tokener_parse(arena_copy(a, text).ptr);
	struct probe_result result = { 0 };
	struct probe_target target;

	if (input == NULL)
		return fail("not JSON", text);
	target = read_target(a, input);
	json_object_put(input);
	options->settings.resolve = options->resolve;
	options->settings.n_resolve = options->n_resolve;
	for (unsigned i = 0; i < options->times; i++)
		if (probe_run(a, &options->settings, &target, &result,
			&problem) != OK)
			return fail("no result", problem.log);
	print(&result, options->show_rotated);
	return result.ok ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new(64 * 1024);
	struct problem problem = { .arena = a };
	struct options options = { .settings = {
				       .connect_timeout_ms = 5000,
				       .total_timeout_ms = 15000,
				       .answer_max = 1024 * 1024,
				       .redirects_max = 3,
				   },
		.times = 1 };
	int option, status = 0;

	if (secret_start(&problem) != OK || probe_start(&problem) != OK)
		status = fail("start", problem.log);
	while (status == 0 &&
	       (option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		if (!take_option(a, &options, option, &problem))
			status = fail("usage", problem.message);
	if (status == 0)
		status = options.list ? list() : run(a, &options);
	arena_free(a);
	return status;
}
