/*
 * What --help prints, from the table of commands.
 */
#ifndef CTL_HELP_H
#define CTL_HELP_H

#include "ctl/commands.h"

/* All commands. */
void help_print(void);

/* Those of a group, by its word. */
void help_print_group(struct str group);

/* One, with its options. */
void help_print_command(const struct ctl_command *);

#endif
