/*
 * What the checks of a write need of the catalogue, kept by one worker: the
 * implementations that connectors were lately written with.
 *
 * All of it is of one version of what companies share, the one that came with
 * the API key of a request (struct data_version); under another version
 * nothing is kept. So a check from here sees nothing older than the key check
 * of its request did. Bounded in bytes. Knows no SQL and no HTTP.
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

/* A catalogue of at most max bytes; 0: it keeps nothing. */
struct implementation_cache *implementation_cache_new(size_t max);
void implementation_cache_free(
    struct implementation_cache *); /* NULL is accepted */

/*
 * Before the first look of a request: what is of another version than the
 * request's goes, and all goes when there was no more room. Nothing else takes
 * away what implementation_cache_find() gave.
 */
void implementation_cache_begin(struct implementation_cache *, int64_t version);

/* The next implementation_cache_begin() takes all away: something of it is not
 * as it is kept, though the version is the same. */
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
