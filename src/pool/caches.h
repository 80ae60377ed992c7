/*
 * The caches that the workers of a lane share. For files of this folder.
 */
#ifndef POOL_CACHES_H
#define POOL_CACHES_H

#include "api/answer_cache.h"
#include "api/key_hint.h"
#include "config/settings.h"

struct caches {
	struct answer_cache *answers;
	struct answer_cache *fragments; /* parts of answers */
	struct key_hints *hints;        /* whose keys were */
};

/*
 * In the parent: makes empty caches as the configuration says, for the workers
 * that are started from now on. The caches there were are the older workers'
 * then, who go on with them until they leave. To be called at the start and
 * after each reload, since answers depend on the configuration, too. Where
 * there is no memory for one, a warning is logged and nothing is kept.
 */
void caches_renew(struct caches lanes[LANE__MAX], const struct config *);

/* In a worker: gives up those of other lanes, and has no process that the
 * worker forks get its own. The lane of the administrators has none, and sees
 * those of all. */
void caches_keep(struct caches lanes[LANE__MAX], enum lane own);

void caches_free(struct caches lanes[LANE__MAX]);

/* Bytes that all lanes hold now: answers, and parts of answers. */
struct caches_held {
	uint64_t answers, fragments;
} caches_held(const struct caches lanes[LANE__MAX]);

#endif
