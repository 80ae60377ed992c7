/*
 * What the checks of a write need of the catalogue, cached by one worker: the
 * implementations that connectors were lately written with.
 *
 * All entries are of one version of the data that companies share, the version
 * that came with the API key of a request (struct data_version); under another
 * version the cache is empty. So a check that uses it sees nothing older than
 * the key check of its request did. Bounded in bytes. Knows no SQL and no HTTP.
 */
#ifndef API_IMPLEMENTATION_CACHE_H
#define API_IMPLEMENTATION_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "variables/target.h"

struct implementation_cache;

struct implementation_cache_counters {
	uint64_t hits;
	uint64_t misses;
};

/* A cache of at most max bytes; 0: it keeps nothing. */
struct implementation_cache *implementation_cache_new(size_t max);
void implementation_cache_free(
    struct implementation_cache *); /* NULL is accepted */

/*
 * To be called before the first look-up of a request: it empties a cache that
 * is of another version than the request's, that was full, or that is in doubt.
 * Nothing else takes away what implementation_cache_find() gave.
 */
void implementation_cache_begin(struct implementation_cache *, int64_t version);

/* The next implementation_cache_begin() empties the cache: the database has
 * shown that an entry is not true, though the version is the same. */
void implementation_cache_doubt(struct implementation_cache *);

/*
 * An implementation that a company may see, by id; NULL if it is not kept.
 * Valid until the next implementation_cache_begin(). implementation_cache_has()
 * counts neither as a hit nor as a miss.
 */
const struct implementation *implementation_cache_find(
    struct implementation_cache *, int64_t company_id, int64_t id);
bool implementation_cache_has(
    const struct implementation_cache *, int64_t company_id, int64_t id);

/* Keeps a copy of an implementation, once and if there is room. owner_id is the
 * company whose system it is of; 0: all may see it. */
void implementation_cache_put(struct implementation_cache *, int64_t owner_id,
    const struct implementation *);

struct implementation_cache_counters implementation_cache_counters(
    const struct implementation_cache *);

#endif
