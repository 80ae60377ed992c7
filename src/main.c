/*
 * connectors-fcgi: options, configuration, start. Only wires.
 */
#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/settings.h"
#include "pool/pool.h"

#define EXIT_USAGE    2
#define MAX_OVERRIDES 256

enum action {
	ACTION_RUN,
	ACTION_CHECK,
	ACTION_DUMP,
	ACTION_SETTINGS,
	ACTION_NAMES,
	ACTION_VERSION,
	ACTION_HELP,
	ACTION_WRONG
};

struct options {
	enum action action;
	const char *path; /* NULL: the default */
	const char *overrides[MAX_OVERRIDES];
	size_t n_overrides;
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "check-config", no_argument, NULL, 'C' },
	{ "dump-config", no_argument, NULL, 'D' },
	{ "show-settings", no_argument, NULL, 'S' },
	{ "list-settings", no_argument, NULL, 'L' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
    "usage: connectors-fcgi [-c FILE] [-o section.name=value]...\n"
    "\n"
    "  -c, --config FILE         read FILE instead of\n"
    "                            " CONFIG_DEFAULT_PATH "\n"
    "  -o section.name=value     set one setting; may be repeated\n"
    "      --check-config        check the configuration and leave\n"
    "      --dump-config         print each setting and where it comes from\n"
    "      --show-settings       list all settings with their defaults\n"
    "      --list-settings       the same as names and defaults only\n"
    "      --version\n"
    "      --help\n";

static bool
add_override(struct options *options, const char *text)
{
	if (options->n_overrides == MAX_OVERRIDES)
		return false;
	options->overrides[options->n_overrides] = text;
	options->n_overrides++;
	return true;
}

static void
take_option(struct options *options, int option)
{
	switch (option) {
	case 'c':
		options->path = optarg;
		break;
	case 'o':
		if (!add_override(options, optarg))
			options->action = ACTION_WRONG;
		break;
	case 'C':
		options->action = ACTION_CHECK;
		break;
	case 'D':
		options->action = ACTION_DUMP;
		break;
	case 'S':
		options->action = ACTION_SETTINGS;
		break;
	case 'L':
		options->action = ACTION_NAMES;
		break;
	case 'V':
		options->action = ACTION_VERSION;
		break;
	case 'h':
		options->action = ACTION_HELP;
		break;
	default:
		options->action = ACTION_WRONG;
	}
}

static struct options
read_options(int argc, char *argv[])
{
	struct options options = { .action = ACTION_RUN };
	int option = 0;

	while (option != -1 && options.action != ACTION_WRONG) {
		option = getopt_long(argc, argv, "c:o:h", long_options, NULL);
		if (option != -1)
			take_option(&options, option);
	}
	if (optind < argc)
		options.action = ACTION_WRONG;
	return options;
}

/* What is refused has its default in the list; the faults come behind it. */
static enum error
dump(const struct options *options, struct problem *problem)
{
	struct config config;
	enum error error;

	config_read(options->path, options->overrides, options->n_overrides,
	    &config, problem);
	config_dump(&config, stdout);
	error = config_verdict(&config, problem);
	config_free(&config);
	return error;
}

/* A file that is not where it is looked for makes a good configuration, too. */
static void
say_good(const char *path)
{
	const char *name = path == NULL ? CONFIG_DEFAULT_PATH : path;
	const bool is_read =
	    path == NULL ? access(name, F_OK) == 0 : path[0] != '\0';

	if (is_read)
		printf("The configuration is good: %s.\n", name);
	else if (path == NULL)
		printf("The configuration is good: defaults, for %s is not "
		       "there.\n",
		    name);
	else
		puts("The configuration is good: no file, defaults.");
}

static enum error
run(const struct options *options, struct problem *problem)
{
	struct pool_source source = { options->path, options->overrides,
		options->n_overrides };

	if (options->action == ACTION_RUN)
		return pool_run(&source, problem);
	if (options->action == ACTION_DUMP)
		return dump(options, problem);
	TRY(pool_check(&source, problem));
	say_good(options->path);
	return OK;
}

/* A line for each fault. */
static void
complain(struct str log)
{
	struct str fault;

	while (str_next_part(&log, '\n', &fault))
		fprintf(stderr, "connectors-fcgi: %.*s\n", STR_FMT(fault));
}

static int
start(const struct options *options)
{
	struct problem problem = { .arena = arena_new(4096) };
	enum error error = run(options, &problem);

	if (error != OK)
		complain(problem.log);
	arena_free(problem.arena);
	return error == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char *argv[])
{
	struct options options = read_options(argc, argv);

	switch (options.action) {
	case ACTION_SETTINGS:
		config_describe(stdout);
		return EXIT_SUCCESS;
	case ACTION_NAMES:
		config_list_names(stdout);
		return EXIT_SUCCESS;
	case ACTION_VERSION:
		puts(PACKAGE_STRING);
		return EXIT_SUCCESS;
	case ACTION_HELP:
		fputs(usage, stdout);
		return EXIT_SUCCESS;
	case ACTION_WRONG:
		fputs(usage, stderr);
		return EXIT_USAGE;
	case ACTION_RUN:
	case ACTION_CHECK:
	case ACTION_DUMP:
		break;
	}
	return start(&options);
}
