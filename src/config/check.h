/*
 * Checks of a well-formed configuration: what it names is there, and its
 * settings agree. What passes starts, apart from what only the start can find
 * out (a port that another process holds, a database without rights).
 *
 * Must not change anything on the machine.
 */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "config/settings.h"

/* Which process asks: not every one has the rights to check everything. */
enum config_use {
	CONFIG_LOOK,  /* a tool beside the service: checks only what every
		       * account can see */
	CONFIG_START, /* the start of the service, with the rights for that */
	CONFIG_RELOAD /* the running service, which may have given these up */
};

/*
 * config_load(), and then all that can be told of the values. Errors
 * (ERROR_INTERNAL): reterr->log has a line for each fault, with file, line and
 * setting. secret_start() has been called.
 */
enum error config_load_for(enum config_use, const char *path,
    const char *const *overrides, size_t n_overrides, struct config *ret,
    struct problem *reterr);

#endif
