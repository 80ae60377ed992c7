/*
 * Everything that a pool runs with and that a reload replaces: the
 * configuration and what is made from it. Either all of it can be used, or
 * nothing of it is.
 */
#ifndef POOL_LOAD_H
#define POOL_LOAD_H

#include <stddef.h>

#include "api/serve.h"
#include "config/settings.h"
#include "probe/probe.h"

struct keyring;

/* Where the configuration came from, to read it again. */
struct pool_source {
	const char *path; /* as for config_load() */
	const char *const *overrides;
	size_t n_overrides;
};

struct loaded {
	struct config config;
	struct keyring *keyring;     /* NULL: none is configured */
	struct probe_settings probe; /* its texts are the configuration's */
	struct document openapi;     /* the same */
};

/*
 * Reads all of it; secret_start() has been called. running: the configuration
 * that a reload would replace; NULL: nothing runs yet. Errors (ERROR_INTERNAL):
 * reterr->log has a line for each fault.
 */
enum error load_all(const struct pool_source *, const struct config *running,
    struct loaded *ret, struct problem *reterr);

void loaded_free(struct loaded *);

#endif
