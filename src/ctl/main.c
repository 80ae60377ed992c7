/*
 * connectorsctl: the table of commands, options, exit status.
 *
 * The only file of the program that ends the process. Must not do any work of
 * a command.
 */
#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/process.h"
#include "ctl/ctl.h"

#define ARENA_CHUNK   (64 * 1024)
#define VALUE_COLUMNS 24 /* of an option and its value, in the help */

enum exit_status {
	EXIT_FINE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

/* clang-format off */
static const struct ctl_command commands[] = {
	{ "migrate", "", 0, migrate_command,
	    "bring the database to this version",
	    { { "status", NULL, "only print what is applied and pending" } } },
	{ "database init", "", 0, database_init_command,
	    "make the database and its account, as its administrator",
	    { { "admin", "NAME", "account to do it with (default: root)" },
	      { "admin-password-file", "FILE", "with its password" } } },
	{ "import", "FILE|-", 1, import_command,
	    "load a catalogue, all or nothing",
	    { { "dry-run", NULL, "check everything and import nothing" } } },
	{ "export", "", 0, export_command,
	    "write all data in the format of import, secrets masked",
	    { { NULL, NULL, NULL } } },
	{ "key create", "", 0, key_create_command,
	    "make an API key and print it",
	    { { "company", "ID", "whose key it is (required)" },
	      { "user", "ID", "the person it acts for" },
	      { "name", "NAME", "what people call it" },
	      { "abilities", "LIST", "of read, write, test (default: all)" },
	      { "expires", "DATE", "2024-01-31 or RFC 3339; else never" } } },
	{ "key list", "", 0, key_list_command, "list API keys",
	    { { "company", "ID", "only those of this company" } } },
	{ "key revoke", "ID", 1, key_revoke_command,
	    "make an API key invalid at once", { { NULL, NULL, NULL } } },
	{ "secrets init", "", 0, secrets_init_command,
	    "make the key ring file", { { NULL, NULL, NULL } } },
	{ "secrets add-key", "", 0, secrets_add_key_command,
	    "put a fresh key in front of the key ring",
	    { { NULL, NULL, NULL } } },
	{ "secrets status", "", 0, secrets_status_command,
	    "count sealed values by key", { { NULL, NULL, NULL } } },
	{ "secrets rotate", "", 0, secrets_rotate_command,
	    "seal anew, with the first key, what other keys sealed",
	    { { NULL, NULL, NULL } } },
	{ "audit", "", 0, audit_command, "print who did what",
	    { { "connector", "ID", "only of this connector" },
	      { "company", "ID", "only of this company" },
	      { "since", "DATE", "2024-01-31 or RFC 3339" } } },
	{ "check", "", 0, check_command,
	    "check configuration, service, database, keys, sockets",
	    { { "admin", "PLACE",
		"where the service is asked (default: admin.listen)" } } },
	{ "openapi", "", 0, openapi_command,
	    "print the OpenAPI document of the API",
	    { { "format", "FORMAT", "json (default) or markdown, to read" } } },
	{ "catalogue", "", 0, catalogue_command,
	    "print the tables of a catalogue, for connectors-catalogue(5)",
	    { { NULL, NULL, NULL } } },
	{ "version", "", 0, version_command, "print the version",
	    { { NULL, NULL, NULL } } },
};
/* clang-format on */

enum {
	OPTION_CONFIG = 'c',
	OPTION_SET = 'o',
	OPTION_HELP = 'h',
	OPTION_VERSION = 'V',
	OPTION_OF_COMMAND = 256 /* and the index of the option */
};

static const struct option common_options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
};
#define N_COMMON N_ELEMENTS(common_options)

enum error
version_command(struct ctl *ctl, struct problem *reterr)
{
	(void)ctl;
	(void)reterr;
	ctl_print("connectorsctl %s\n", PACKAGE_VERSION);
	return OK;
}

static void
print_common_help(void)
{
	ctl_print("\nOptions of all commands:\n"
		  "  -c, --config FILE     configuration (default: %s)\n"
		  "  -o SECTION.NAME=VALUE override a setting\n"
		  "  -h, --help            print this, or help on a command\n"
		  "  --version             print the version\n",
	    CONFIG_DEFAULT_PATH);
}

static void
print_help(void)
{
	ctl_print("usage: connectorsctl [OPTIONS] COMMAND [ARGUMENTS]\n\n"
		  "Commands:\n");
	for (size_t i = 0; i < N_ELEMENTS(commands); i++)
		ctl_print("  %-16s%-8s%s\n", commands[i].name, commands[i].args,
		    commands[i].doc);
	print_common_help();
}

static void
print_command_help(const struct ctl_command *command)
{
	ctl_print("usage: connectorsctl %s [OPTIONS]%s%s\n\n%s\n",
	    command->name, command->args[0] == '\0' ? "" : " ", command->args,
	    command->doc);
	for (size_t i = 0; i < CTL_MAX_OPTIONS; i++) {
		const struct ctl_option *o = &command->options[i];

		if (o->name == NULL)
			break;
		ctl_print("%s  --%s %-*s  %s\n", i == 0 ? "\n" : "", o->name,
		    VALUE_COLUMNS - (int)strlen(o->name),
		    o->value == NULL ? "" : o->value, o->doc);
	}
	print_common_help();
}

/* The words a command's name takes of argv; 0 if they are not its name. */
static int
match_command(const char *name, int argc, char **argv)
{
	const char *space = strchr(name, ' ');
	size_t len = space == NULL ? strlen(name) : (size_t)(space - name);

	if (argc < 1 || strlen(argv[0]) != len ||
	    strncmp(argv[0], name, len) != 0)
		return 0;
	if (space == NULL)
		return 1;
	return argc >= 2 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

static enum error
find_command(
    int argc, char **argv, struct ctl *ctl, int *ret, struct problem *reterr)
{
	for (size_t i = 0; i < N_ELEMENTS(commands); i++) {
		*ret = match_command(commands[i].name, argc, argv);
		if (*ret > 0) {
			ctl->command = &commands[i];
			return OK;
		}
	}
	if (argc == 0)
		return ctl_usage(reterr, "which command? (try --help)");
	for (size_t i = 0; i < N_ELEMENTS(commands); i++)
		if (str_starts_with(str_of(commands[i].name),
			arena_printf(ctl->arena, "%s ", argv[0])))
			return ctl_usage(reterr,
			    "which command of %s? (try --help)", argv[0]);
	return ctl_usage(
	    reterr, "there is no command \"%s\" (try --help)", argv[0]);
}

/* The common options and those of the command, if there is one yet. */
static void
fill_options(const struct ctl_command *command,
    struct option out[N_COMMON + CTL_MAX_OPTIONS + 1])
{
	size_t n = N_COMMON;

	memcpy(out, common_options, sizeof(common_options));
	for (int i = 0; command != NULL && i < CTL_MAX_OPTIONS; i++) {
		const struct ctl_option *o = &command->options[i];

		if (o->name == NULL)
			break;
		out[n++] = (struct option){ o->name,
			o->value == NULL ? no_argument : required_argument,
			NULL, OPTION_OF_COMMAND + i };
	}
	out[n] = (struct option){ NULL, 0, NULL, 0 };
}

/* What an option has the program do at once. */
enum wish {
	WISH_RUN,
	WISH_HELP,
	WISH_VERSION
};

static enum error
take_option(struct ctl *ctl, int option, char **argv, enum wish *wish,
    struct problem *reterr)
{
	if (option >= OPTION_OF_COMMAND) {
		ctl->values[option - OPTION_OF_COMMAND] =
		    optarg == NULL ? "" : optarg;
		return OK;
	}
	switch (option) {
	case OPTION_CONFIG:
		ctl->config_path = optarg;
		return OK;
	case OPTION_HELP:
		*wish = WISH_HELP;
		return OK;
	case OPTION_VERSION:
		*wish = WISH_VERSION;
		return OK;
	case OPTION_SET:
		if (ctl->n_overrides == CTL_MAX_OVERRIDES)
			return ctl_usage(reterr, "too many -o");
		ctl->overrides[ctl->n_overrides++] = optarg;
		return OK;
	case ':':
		return ctl_usage(reterr, "%s needs a value", argv[optind - 1]);
	default:
		return ctl_usage(reterr, "%s: no such option (try --help)",
		    argv[optind - 1]);
	}
}

/* Reads options; the '+' mode stops at the first word that is none. */
static enum error
read_options(struct ctl *ctl, const char *mode, int argc, char **argv,
    enum wish *wish, struct problem *reterr)
{
	struct option options[N_COMMON + CTL_MAX_OPTIONS + 1];
	int option;

	fill_options(ctl->command, options);
	opterr = 0;
	optind = 0; /* glibc: begin anew */
	for (;;) {
		option = getopt_long(argc, argv, mode, options, NULL);
		if (option == -1)
			return OK;
		TRY(take_option(ctl, option, argv, wish, reterr));
	}
}

static enum error
read_command_line(int argc, char **argv, struct ctl *ctl, enum wish *wish,
    struct problem *reterr)
{
	int words = 0;

	TRY(read_options(ctl, "+:c:o:h", argc, argv, wish, reterr));
	argc -= optind;
	argv += optind;
	if (argc == 0 && *wish != WISH_RUN)
		return OK;
	TRY(find_command(argc, argv, ctl, &words, reterr));
	/* The last word of the command stands where a program's name does. */
	argc -= words - 1;
	argv += words - 1;
	TRY(read_options(ctl, ":c:o:h", argc, argv, wish, reterr));
	if (*wish == WISH_RUN &&
	    (size_t)(argc - optind) != ctl->command->n_args)
		return ctl_usage(reterr, "usage: connectorsctl %s %s",
		    ctl->command->name, ctl->command->args);
	ctl->args = argv + optind;
	return OK;
}

static enum error
run(int argc, char **argv, struct ctl *ctl, struct problem *reterr)
{
	enum wish wish = WISH_RUN;

	TRY(secret_start(reterr));
	TRY(read_command_line(argc, argv, ctl, &wish, reterr));
	if (wish == WISH_VERSION)
		return version_command(ctl, reterr);
	if (wish == WISH_RUN)
		return ctl->command->run(ctl, reterr);
	if (ctl->command == NULL)
		print_help();
	else
		print_command_help(ctl->command);
	return OK;
}

/* Prints a text so that it stays on one line. */
static void
put_text(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		const char c = text.ptr[i];

		fputc((unsigned char)c < ' ' || c == 0x7F ? ' ' : c, stderr);
	}
}

static void
put_line(struct str before, const char *between, struct str text)
{
	fputs("connectorsctl: ", stderr);
	put_text(before);
	fputs(between, stderr);
	put_text(text);
	fputc('\n', stderr);
}

/* A line for each thing that is wrong. */
static void
complain(const struct problem *problem, enum error error)
{
	const struct problem_field *field = problem->fields;
	struct str text = problem->message;

	for (; field != NULL; field = field->next)
		for (const struct problem_text *item = field->texts;
		     item != NULL; item = item->next)
			put_line(field->name, ": ", item->text);
	if (text.len == 0 && problem->fields != NULL)
		return;
	if (text.len == 0)
		text = problem->log;
	if (text.len == 0)
		text = str_of(error_message(error));
	put_line(STR(""), "", text);
}

int
main(int argc, char **argv)
{
	struct ctl ctl = { .arena = arena_new(ARENA_CHUNK) };
	struct problem problem = { .arena = ctl.arena };
	enum exit_status status = EXIT_FINE;
	enum error error;

	process_hide();
	error = run(argc, argv, &ctl, &problem);
	if (error != OK)
		complain(&problem, error);
	if (error != OK || ctl.has_failed)
		status = EXIT_FAILED;
	if (error == ERROR_BAD_REQUEST)
		status = EXIT_USAGE;
	ctl_done(&ctl);
	arena_free(ctl.arena);
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		fputs("connectorsctl: cannot write the output\n", stderr);
		status = EXIT_FAILED;
	}
	process_show_to_sanitizer();
	return (int)status;
}
