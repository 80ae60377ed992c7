/*
 * Finished answers of one worker, each valid only for the data versions it was
 * made from.
 *
 * The versions are read together with the API key, before anything else of the
 * request; they are raised in the transaction of every change. So an answer
 * from here is as fresh as one from the database, on every worker and host.
 * Bounded in bytes; the least recently used go first. Knows no HTTP and no SQL.
 */
#ifndef CACHE_H
#define CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct cache;

/* What an answer depends on beside the request. */
struct data_version {
	int64_t company_id;
	int64_t company; /* version of its data */
	int64_t common;  /* version of what all companies share */
};

struct cache_counters {
	uint64_t hits;
	uint64_t misses;
	uint64_t bytes; /* held now */
};

/* A cache of at most max bytes, counting all it needs; 0: it holds nothing. */
struct cache *cache_new(size_t max);
void cache_free(struct cache *); /* NULL is accepted */

/*
 * The answer to a request at a version: name is everything of the request that
 * the answer depends on. The texts are valid until the next cache_put().
 */
bool cache_get(struct cache *, const struct data_version *, struct str name,
    struct str *ret_body, struct str *ret_etag);

/* Keeps an answer; an older one of that name goes. */
void cache_put(struct cache *, const struct data_version *, struct str name,
    struct str body, struct str etag);

struct cache_counters cache_counters(const struct cache *);

#endif
