/*
 * One worker: waits for a request, has it served, sends the answer, logs one
 * line, and wipes all memory of the request.
 */
#ifndef POOL_WORKER_H
#define POOL_WORKER_H

#include <sys/types.h>

#include "api/serve.h"
#include "config/settings.h"
#include "stats/scoreboard.h"

struct caches;
struct copies;
struct keyring;
struct probe_settings;

/* What a worker inherits. All of it is the parent's and outlives the fork. */
struct worker_setup {
	const struct config *config;
	enum lane lane;
	bool listener_is_ours;         /* nobody else listens on it after us */
	struct copies *copies;         /* of the lane's connections */
	int mailbox;                   /* where the parent sends copies to */
	unsigned number;               /* no other worker's, from 1 */
	const struct keyring *keyring; /* NULL: none */
	const struct probe_settings *probe;
	const struct document *openapi;
	struct caches *caches; /* one a lane, see caches_keep() */
	struct scoreboard *scoreboard;
	struct slot *slot;
	pid_t parent;
	/* Since when all workers of the lane are busy, monotonic microseconds:
	 * this worker serves nothing, it refuses what has waited for longer
	 * than queue_timeout. 0: it serves. */
	uint64_t full_since;
};

/* Runs in the forked child until the worker leaves; returns the status to exit
 * with. */
int worker_run(const struct worker_setup *);

#endif
