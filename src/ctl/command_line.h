/*
 * Reading the command line.
 */
#ifndef CTL_COMMAND_LINE_H
#define CTL_COMMAND_LINE_H

#include "ctl/ctl.h"

/* What it has the program do. */
enum wish {
	WISH_RUN, /* ctl->command */
	WISH_HELP,
	WISH_VERSION
};

struct command_line {
	enum wish wish;
	struct str group; /* whose help is wanted; empty: another */
};

/* Fills the ctl. ERROR_BAD_REQUEST: the message says what is wrong, and which
 * word may have been meant. */
enum error command_line_read(int argc, char **argv, struct ctl *,
    struct command_line *ret, struct problem *reterr);

#endif
