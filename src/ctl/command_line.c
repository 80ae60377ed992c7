/*
 * Options and words of the command line, by the table of commands. Must not do
 * any work of a command.
 */
#include <config.h>

#include "ctl/command_line.h"

#include <getopt.h>
#include <string.h>

#include "ctl/commands.h"
#include "ctl/suggest.h"

#define COMMON_MAX 8 /* at least as many as there are */

enum {
	OPTION_VERSION = 'V',
	OPTION_OF_COMMAND = 256 /* and the index of the option */
};

#define OPTIONS_MAX (COMMON_MAX + CTL_MAX_OPTIONS + 1)

/* "; did you mean "key create"?", or that there is help. */
static const char *
hint(struct arena *arena, const struct suggestion *s, const char *before)
{
	if (s->word.len == 0)
		return " (try --help)";
	return arena_printf(
	    arena, "; did you mean \"%s%.*s\"?", before, STR_FMT(s->word))
	    .ptr;
}

/* The words a command's name takes of argv; 0 if they are not its name. */
static int
match_command(const struct ctl_command *command, int argc, char **argv)
{
	struct str second = command_second(command);

	if (argc < 1 || !str_equal_text(command_first(command), argv[0]))
		return 0;
	if (second.len == 0)
		return 1;
	return argc >= 2 && str_equal_text(second, argv[1]) ? 2 : 0;
}

static bool
is_group(const char *word)
{
	for (size_t i = 0; i < n_ctl_commands; i++)
		if (command_second(&ctl_commands[i]).len > 0 &&
		    str_equal_text(command_first(&ctl_commands[i]), word))
			return true;
	return false;
}

/* "key" alone, or with a word that it has not. */
static enum error
refuse_in_group(struct ctl *ctl, int argc, char **argv, struct problem *reterr)
{
	struct suggestion s = { .typed = str_of(argc > 1 ? argv[1] : NULL) };
	struct str names = { "", 0 };

	for (size_t i = 0; i < n_ctl_commands; i++) {
		struct str second = command_second(&ctl_commands[i]);

		if (!str_equal_text(command_first(&ctl_commands[i]), argv[0]))
			continue;
		suggest(&s, second);
		names = arena_printf(ctl->arena, "%.*s%s%.*s", STR_FMT(names),
		    names.len == 0 ? "" : ", ", STR_FMT(second));
	}
	if (argc < 2 || argv[1][0] == '-')
		return ctl_usage(reterr,
		    "which command of %s: %.*s? (try: connectorsctl %s "
		    "--help)",
		    argv[0], STR_FMT(names), argv[0]);
	return ctl_usage(reterr, "%s has no command \"%s\"%s", argv[0], argv[1],
	    hint(ctl->arena, &s, arena_printf(ctl->arena, "%s ", argv[0]).ptr));
}

/* The first word begins no command. With a second one, both together may be
 * near to one; "makekey" and "key-create" are near to nothing. */
static enum error
refuse_word(struct ctl *ctl, int argc, char **argv, struct problem *reterr)
{
	struct suggestion first = { .typed = str_of(argv[0]) };
	struct suggestion both = { .typed = str_of(argv[0]) };

	if (argc > 1)
		both.typed =
		    arena_printf(ctl->arena, "%s %s", argv[0], argv[1]);
	for (size_t i = 0; i < n_ctl_commands; i++) {
		suggest(&first, command_first(&ctl_commands[i]));
		suggest(&both, str_of(ctl_commands[i].name));
	}
	return ctl_usage(reterr, "there is no command \"%s\"%s", argv[0],
	    hint(ctl->arena, both.word.len > 0 ? &both : &first, ""));
}

static enum error
find_command(
    int argc, char **argv, struct ctl *ctl, int *ret, struct problem *reterr)
{
	for (size_t i = 0; i < n_ctl_commands; i++) {
		*ret = match_command(&ctl_commands[i], argc, argv);
		if (*ret > 0) {
			ctl->command = &ctl_commands[i];
			return OK;
		}
	}
	if (argc == 0)
		return ctl_usage(reterr, "which command? (try --help)");
	return is_group(argv[0]) ? refuse_in_group(ctl, argc, argv, reterr)
				 : refuse_word(ctl, argc, argv, reterr);
}

/* The common options and those of the command, if there is one yet. */
static void
fill_options(const struct ctl_command *command, struct option out[OPTIONS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < n_ctl_common; i++) {
		const struct ctl_common *o = &ctl_common[i];

		if (o->name != NULL)
			out[n++] = (struct option){ o->name,
				o->value == NULL ? no_argument
						 : required_argument,
				NULL,
				o->letter == 0 ? OPTION_VERSION : o->letter };
	}
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

/* Whether a command has it; then it stands in the wrong place. */
static bool
is_of_a_command(struct str name)
{
	for (size_t i = 0; i < n_ctl_commands; i++)
		for (size_t k = 0; k < CTL_MAX_OPTIONS; k++)
			if (ctl_commands[i].options[k].name != NULL &&
			    str_equal_text(
				name, ctl_commands[i].options[k].name))
				return true;
	return false;
}

/* getopt_long() took a word that is no option, or one with a value that it
 * must not have (then optopt is set). */
static enum error
refuse_option(struct ctl *ctl, const struct option *options, const char *word,
    struct problem *reterr)
{
	struct suggestion s = { 0 };
	struct str typed = str_of(word);

	if (!str_starts_with(typed, STR("--")))
		return ctl_usage(reterr, "-%c: no such option (try --help)",
		    optopt == 0 ? '?' : optopt);
	typed.len = str_find(typed, '=');
	s.typed = str_from(typed, 2);
	if (optopt != 0)
		return ctl_usage(reterr, "%.*s takes no value", STR_FMT(typed));
	if (ctl->command == NULL && is_of_a_command(s.typed))
		return ctl_usage(reterr,
		    "%.*s stands behind the command it is for (try --help)",
		    STR_FMT(typed));
	for (; options->name != NULL; options++)
		suggest(&s, str_of(options->name));
	return ctl_usage(reterr, "%.*s: no such option%s", STR_FMT(typed),
	    hint(ctl->arena, &s, "--"));
}

static enum error
take_option(
    struct ctl *ctl, int option, enum wish *wish, struct problem *reterr)
{
	if (option >= OPTION_OF_COMMAND) {
		ctl->values[option - OPTION_OF_COMMAND] =
		    optarg == NULL ? "" : optarg;
		return OK;
	}
	switch (option) {
	case 'c':
		ctl->config_path = optarg;
		return OK;
	case 'h':
		*wish = WISH_HELP;
		return OK;
	case OPTION_VERSION:
		*wish = WISH_VERSION;
		return OK;
	default: /* 'o' */
		if (ctl->n_overrides == CTL_MAX_OVERRIDES)
			return ctl_usage(reterr, "too many -o");
		ctl->overrides[ctl->n_overrides++] = optarg;
		return OK;
	}
}

/* Reads options; the '+' mode stops at the first word that is none. */
static enum error
read_options(struct ctl *ctl, const char *mode, int argc, char **argv,
    enum wish *wish, struct problem *reterr)
{
	struct option options[OPTIONS_MAX];
	int option;

	fill_options(ctl->command, options);
	opterr = 0;
	optind = 0; /* glibc: begin anew */
	for (;;) {
		optopt = 0;
		option = getopt_long(argc, argv, mode, options, NULL);
		if (option == -1)
			return OK;
		if (option == ':')
			return ctl_usage(
			    reterr, "%s needs a value", argv[optind - 1]);
		if (option == '?')
			return refuse_option(
			    ctl, options, argv[optind - 1], reterr);
		TRY(take_option(ctl, option, wish, reterr));
	}
}

static enum error
take_words(struct ctl *ctl, int n, char **words, struct problem *reterr)
{
	const struct ctl_command *command = ctl->command;
	const char *space = command->args[0] == '\0' ? "" : " ";

	ctl->args = words;
	if ((size_t)n < command->n_args)
		return ctl_usage(reterr,
		    "a word is missing (usage: connectorsctl %s [OPTIONS]%s%s)",
		    command->name, space, command->args);
	if ((size_t)n > command->n_args)
		return ctl_usage(reterr,
		    "\"%s\" is one word too many (usage: connectorsctl %s "
		    "[OPTIONS]%s%s)",
		    words[command->n_args], command->name, space,
		    command->args);
	return OK;
}

/* "key --help": there is no such command, and none is needed. */
static bool
wants_group(int argc, char **argv)
{
	return argc == 2 && is_group(argv[0]) &&
	       (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
}

enum error
command_line_read(int argc, char **argv, struct ctl *ctl,
    struct command_line *ret, struct problem *reterr)
{
	int words = 0;

	TRY(read_options(ctl, "+:c:o:h", argc, argv, &ret->wish, reterr));
	argc -= optind;
	argv += optind;
	if (argc == 0 && ret->wish != WISH_RUN)
		return OK;
	if (wants_group(argc, argv) ||
	    (argc == 1 && ret->wish == WISH_HELP && is_group(argv[0]))) {
		ret->wish = WISH_HELP;
		ret->group = str_of(argv[0]);
		return OK;
	}
	TRY(find_command(argc, argv, ctl, &words, reterr));
	/* The last word of the command stands where a program's name does. */
	argc -= words - 1;
	argv += words - 1;
	TRY(read_options(ctl, ":c:o:h", argc, argv, &ret->wish, reterr));
	if (ret->wish != WISH_RUN)
		return OK;
	return take_words(ctl, argc - optind, argv + optind, reterr);
}
