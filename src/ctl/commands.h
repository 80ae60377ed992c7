/*
 * The commands of connectorsctl: the only list of them. Help, completion, the
 * command line and the test of the manual page come from it.
 */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include "ctl/ctl.h"

/* Commands of one group ("key create", "key list") follow each other. */
extern const struct ctl_command ctl_commands[];
extern const size_t n_ctl_commands;

/* The options of all commands; a short one has a letter. */
struct ctl_common {
	char letter;      /* 0: none */
	const char *name; /* NULL: only the letter */
	const char *value;
	const char *doc;
};

extern const struct ctl_common ctl_common[];
extern const size_t n_ctl_common;

/* The first word of a command's name: its group, if it has two. */
struct str command_first(const struct ctl_command *);

/* The second word; empty: it has none. */
struct str command_second(const struct ctl_command *);

#endif
