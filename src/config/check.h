/*
 * Whether a configuration is more than well-formed: what it names is there, and
 * its settings agree. What passes here starts, but for what only the start can
 * know (a port that another process holds, a database without rights).
 *
 * Must not change anything on the machine.
 */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "config/settings.h"

/* Who asks, for not everybody can tell everything. */
enum config_use {
	CONFIG_LOOK,  /* a tool beside the service: only what all can see */
	CONFIG_START, /* who starts the service, with the rights for that */
	CONFIG_RELOAD /* the running service, which may have given them up */
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
