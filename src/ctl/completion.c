/*
 * `completion`: what bash and zsh complete, written from the table of commands.
 *
 * Both scripts do the same: they take the options out of the words before the
 * cursor; what is left is the command. The arrays "list" and "docs" get what
 * may come next; "files" says that a file may.
 */
#include <config.h>

#include <string.h>

#include "ctl/commands.h"

static const char bash_begin[] =
    "# bash completion of connectorsctl, made by: connectorsctl completion\n"
    "_connectorsctl()\n"
    "{\n"
    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "\tlocal before=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")\n"
    /* Bash takes the = of --option=value for a word. */
    "\t[ \"$prev\" != = ] || prev=${COMP_WORDS[COMP_CWORD-2]}\n"
    "\t[ \"$cur\" != = ] || cur=\n";

static const char bash_end[] =
    "\tlocal IFS=$'\\n'\n"
    "\tCOMPREPLY=($(compgen -W \"${list[*]}\" -- \"$cur\"))\n"
    "\t[ -z \"$files\" ] || COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
    "\t[ -z \"$files\" ] || compopt -o filenames 2>/dev/null || :\n"
    "}\n"
    "complete -F _connectorsctl connectorsctl\n";

static const char zsh_begin[] =
    "#compdef connectorsctl\n"
    "# Made by: connectorsctl completion\n"
    "_connectorsctl()\n"
    "{\n"
    "\tlocal cur=${words[CURRENT]} prev=${words[CURRENT-1]}\n"
    "\tlocal -a before=(\"${(@)words[2,CURRENT-1]}\")\n";

static const char zsh_end[] =
    "\t[ -z \"$files\" ] || _files\n"
    "\t(( ! ${#list} )) || compadd -d docs -l -a list\n"
    "}\n"
    "if [ \"${funcstack[1]}\" = _connectorsctl ]; then\n"
    "\t_connectorsctl \"$@\"\n"
    "else\n"
    "\tcompdef _connectorsctl connectorsctl\n"
    "fi\n";

/* Finds the command in the words before the cursor. */
static const char find_command[] = "\tlocal name= word skip= files=\n"
				   "\tlocal -a list docs\n"
				   "\tfor word in \"${before[@]}\"; do\n"
				   "\t\tif [ -n \"$skip\" ]; then\n"
				   "\t\t\t[ \"$word\" = = ] || skip=\n"
				   "\t\t\tcontinue\n"
				   "\t\tfi\n"
				   "\t\tcase $word in\n"
				   "\t\t%s) skip=1 ;;\n"
				   "\t\t-*) ;;\n"
				   "\t\t*) name=\"$name${name:+ }$word\" ;;\n"
				   "\t\tesac\n"
				   "\tdone\n";

/* Whether no command before has an option of that name. */
static bool
is_first(size_t command, const char *name)
{
	for (size_t i = 0; i < command; i++)
		for (size_t k = 0; k < CTL_MAX_OPTIONS; k++) {
			const char *other = ctl_commands[i].options[k].name;

			if (other != NULL && strcmp(other, name) == 0)
				return false;
		}
	return true;
}

/* Options that take a value, all or those that take a file: patterns. */
static struct str
valued(struct arena *arena, bool only_files)
{
	struct str ret =
	    only_files ? STR("-c|--config") : STR("-c|--config|-o");

	for (size_t i = 0; i < n_ctl_commands; i++)
		for (size_t k = 0; k < CTL_MAX_OPTIONS; k++) {
			const struct ctl_option *o =
			    &ctl_commands[i].options[k];

			if (o->value == NULL || !is_first(i, o->name) ||
			    (only_files && strcmp(o->value, "FILE") != 0))
				continue;
			ret = arena_printf(
			    arena, "%.*s|--%s", STR_FMT(ret), o->name);
		}
	return ret;
}

/* A word that may come next, and a sentence about it. */
static void
offer(struct str before, struct str word, const char *doc)
{
	ctl_print("\t\tlist+=('%.*s%.*s') docs+=('%.*s%.*s  -- ",
	    STR_FMT(before), STR_FMT(word), STR_FMT(before), STR_FMT(word));
	for (; *doc != '\0'; doc++)
		ctl_print(*doc == '\'' ? "'\\''" : "%c", *doc);
	ctl_print("')\n");
}

/* "case $prev": the value of an option. */
static void
print_values(struct arena *arena)
{
	ctl_print("\tcase $prev in\n");
	for (size_t i = 0; i < n_ctl_commands; i++)
		for (size_t k = 0; k < CTL_MAX_OPTIONS; k++) {
			const struct ctl_option *o =
			    &ctl_commands[i].options[k];

			if (o->choices != NULL)
				ctl_print("\t--%s) list=(%s) docs=(%s) ;;\n",
				    o->name, o->choices, o->choices);
		}
	ctl_print("\t%.*s) files=1 ;;\n", STR_FMT(valued(arena, true)));
	ctl_print("\t%.*s) ;;\n", STR_FMT(valued(arena, false)));
	ctl_print("\t*) case $name in\n");
}

/* The case of a word that begins commands, for what comes behind it; "" for
 * the first words of all. */
static void
print_group(struct str group)
{
	struct str last = { "", 0 };

	ctl_print("\t'%.*s')\n", STR_FMT(group));
	for (size_t i = 0; i < n_ctl_commands; i++) {
		const struct ctl_command *c = &ctl_commands[i];
		struct str first = command_first(c);
		struct str second = command_second(c);

		if (group.len > 0 && str_equal(first, group))
			offer(STR(""), second, c->doc);
		if (group.len == 0 && !str_equal(first, last))
			offer(STR(""), first,
			    second.len == 0 ? c->doc : "a group of commands");
		last = first;
	}
	ctl_print("\t\t;;\n");
}

static void
print_groups(void)
{
	struct str last = { "", 0 };

	print_group(STR(""));
	for (size_t i = 0; i < n_ctl_commands; i++) {
		struct str first = command_first(&ctl_commands[i]);

		if (command_second(&ctl_commands[i]).len > 0 &&
		    !str_equal(first, last))
			print_group(first);
		last = first;
	}
}

/* What the word of a command may be: "FILE|-", "bash|zsh", "ID". */
static void
print_word(struct str args)
{
	struct str part;

	while (str_next_part(&args, '|', &part)) {
		if (str_equal_text(part, "FILE"))
			ctl_print("\t\tfiles=1\n");
		else if (part.len > 1 && part.ptr[0] >= 'a')
			offer(STR(""), part, "");
	}
}

/* The case of a command: its options, and files where it reads one. */
static void
print_command(const struct ctl_command *command)
{
	ctl_print("\t'%s'|'%s '*)\n", command->name, command->name);
	for (size_t i = 0; i < CTL_MAX_OPTIONS; i++)
		if (command->options[i].name != NULL)
			offer(STR("--"), str_of(command->options[i].name),
			    command->options[i].doc);
	print_word(str_of(command->args));
	ctl_print("\t\t;;\n");
}

static void
print_common(void)
{
	for (size_t i = 0; i < n_ctl_common; i++) {
		const char letter[] = { ctl_common[i].letter, '\0' };

		if (ctl_common[i].name != NULL)
			offer(STR("--"), str_of(ctl_common[i].name),
			    ctl_common[i].doc);
		else
			offer(STR("-"), str_of(letter), ctl_common[i].doc);
	}
}

static void
print_script(struct arena *arena, const char *begin, const char *end)
{
	ctl_print("%s", begin);
	ctl_print(find_command, valued(arena, false).ptr);
	print_values(arena);
	print_groups();
	for (size_t i = 0; i < n_ctl_commands; i++)
		print_command(&ctl_commands[i]);
	ctl_print("\tesac\n\tcase $cur in\n\t-*)\n");
	print_common();
	ctl_print("\tesac\n\tesac\n%s", end);
}

enum error
completion_command(struct ctl *ctl, struct problem *reterr)
{
	const char *shell = ctl->args[0];

	if (strcmp(shell, "bash") == 0)
		print_script(ctl->arena, bash_begin, bash_end);
	else if (strcmp(shell, "zsh") == 0)
		print_script(ctl->arena, zsh_begin, zsh_end);
	else
		return ctl_usage(
		    reterr, "\"%s\" is neither bash nor zsh", shell);
	return OK;
}
