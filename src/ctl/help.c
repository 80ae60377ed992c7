/*
 * The help. Knows no command by name.
 */
#include <config.h>

#include "ctl/help.h"

#include <stdio.h>
#include <string.h>

#define COMMAND_COLUMNS 24 /* of a command's name and its words */
#define OPTION_COLUMNS  26 /* of an option and its value */

static void
print_common(void)
{
	ctl_print("\nOptions of all commands:\n");
	for (size_t i = 0; i < n_ctl_common; i++) {
		const struct ctl_common *o = &ctl_common[i];
		char letter[] = { '-', o->letter, '\0' };
		char text[64];

		snprintf(text, sizeof(text), "%s%s%s%s%s%s",
		    o->letter == 0 ? "" : letter,
		    o->letter != 0 && o->name != NULL ? ", " : "",
		    o->name == NULL ? "" : "--", o->name == NULL ? "" : o->name,
		    o->value == NULL ? "" : " ",
		    o->value == NULL ? "" : o->value);
		ctl_print("  %-*s  %s\n", OPTION_COLUMNS, text, o->doc);
	}
}

static void
print_line(const struct ctl_command *command)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s%s", command->name,
	    command->args[0] == '\0' ? "" : " ", command->args);
	ctl_print("  %-*s%s\n", COMMAND_COLUMNS, text, command->doc);
}

void
help_print(void)
{
	ctl_print("usage: connectorsctl [OPTIONS] COMMAND [ARGUMENTS]\n\n"
		  "Commands:\n");
	for (size_t i = 0; i < n_ctl_commands; i++)
		print_line(&ctl_commands[i]);
	print_common();
}

void
help_print_group(struct str group)
{
	ctl_print("usage: connectorsctl %.*s COMMAND [ARGUMENTS]\n\n"
		  "Commands:\n",
	    STR_FMT(group));
	for (size_t i = 0; i < n_ctl_commands; i++)
		if (str_equal(command_first(&ctl_commands[i]), group))
			print_line(&ctl_commands[i]);
	print_common();
}

void
help_print_command(const struct ctl_command *command)
{
	ctl_print("usage: connectorsctl %s [OPTIONS]%s%s\n\n%s\n",
	    command->name, command->args[0] == '\0' ? "" : " ", command->args,
	    command->doc);
	for (size_t i = 0; i < CTL_MAX_OPTIONS; i++) {
		const struct ctl_option *o = &command->options[i];

		if (o->name == NULL)
			break;
		ctl_print("%s  --%s %-*s  %s\n", i == 0 ? "\n" : "", o->name,
		    OPTION_COLUMNS - 3 - (int)strlen(o->name),
		    o->value == NULL ? "" : o->value, o->doc);
	}
	print_common();
}
