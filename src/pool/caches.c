/*
 * Making the caches of the lanes, and giving up what is another lane's.
 */
#include <config.h>

#include "pool/caches.h"

#include "base/log.h"

static struct answer_cache *
new_cache(size_t max)
{
	struct answer_cache *cache = answer_cache_new(max);

	if (max > 0 && !answer_cache_is_on(cache))
		log_line(LEVEL_WARNING,
		    "a cache of %zu bytes cannot be made: nothing is kept",
		    max);
	return cache;
}

static void
free_lane(struct caches *caches)
{
	answer_cache_free(caches->answers);
	answer_cache_free(caches->fragments);
	key_hints_free(caches->hints);
	*caches = (struct caches){ NULL, NULL, NULL };
}

void
caches_renew(struct caches lanes[LANE__MAX], const struct config *config)
{
	size_t fragments = config_shared_catalogue(config);

	for (unsigned i = 0; i < LANE__MAX; i++) {
		bool has = i != LANE_ADMIN && lane_is_on(config, (enum lane)i);

		free_lane(&lanes[i]);
		lanes[i].answers = new_cache(has ? config->cache_answers : 0);
		lanes[i].fragments = new_cache(has ? fragments : 0);
		lanes[i].hints = has ? key_hints_new() : NULL;
	}
}

void
caches_keep(struct caches lanes[LANE__MAX], enum lane own)
{
	for (unsigned i = 0; i < LANE__MAX; i++) {
		if (i != (unsigned)own && own != LANE_ADMIN)
			free_lane(&lanes[i]);
		answer_cache_keep_from_children(lanes[i].answers);
		answer_cache_keep_from_children(lanes[i].fragments);
	}
}

void
caches_free(struct caches lanes[LANE__MAX])
{
	for (unsigned i = 0; i < LANE__MAX; i++)
		free_lane(&lanes[i]);
}

struct caches_held
caches_held(const struct caches lanes[LANE__MAX])
{
	struct caches_held held = { 0 };

	for (unsigned i = 0; i < LANE__MAX; i++) {
		held.answers += answer_cache_counters(lanes[i].answers).bytes;
		held.fragments +=
		    answer_cache_counters(lanes[i].fragments).bytes;
	}
	return held;
}
