/*
 * Finished answers of one worker, each valid only for the data versions it was
 * made from.
 *
 * The versions are read together with the API key, never later than anything
 * else of the request; they are raised in the transaction of every change. So
 * an answer from here is as fresh as one from the database, on every worker and
 * host.
 *
 * All answers and their index lie in one mapping of a fixed size, whose pages
 * are the kernel's until they are written to. Answers that were not asked for
 * since they were written go first, the oldest before the others. Large ones
 * are kept compressed. Knows no HTTP and no SQL.
 */
#ifndef CACHE_H
#define CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct cache;

/* What an answer depends on beside the request. */
struct data_version {
	int64_t company_id;
	int64_t company; /* version of its data */
	int64_t common;  /* version of what all companies share */
};

/* An answer in the cache; valid until the next call that takes the cache. */
struct kept_answer {
	struct str etag;
	struct str stored; /* the body, compressed if it is shorter than size */
	size_t size;       /* bytes of the body */
};

struct cache_counters {
	uint64_t hits;
	uint64_t misses;
	uint64_t bytes; /* held now by answers that can be given, as stored */
};

/*
 * A cache whose answers, names and index have max bytes; what compresses them
 * has 16 KiB beside. 0, or too little for an index: it holds nothing. Ends the
 * process if there is no memory.
 */
struct cache *cache_new(size_t max);
void cache_free(struct cache *); /* NULL is accepted */

/*
 * The answer to a request at a version: name is everything of the request that
 * the answer depends on. False: it is not here; one of another version is
 * forgotten.
 */
bool cache_get(struct cache *, const struct data_version *, struct str name,
    struct kept_answer *ret);

/* Appends the body to a buffer, whose maximum holds here as always. */
void cache_add_body(const struct kept_answer *, struct buf *);

/* Whether it holds an answer of that name for the company, of whatever version:
 * a hint that an answer may be had. Counts as no use of it. */
bool cache_may_have(const struct cache *, int64_t company_id, struct str name);

/*
 * Keeps an answer, none of whose texts may lie in the cache; an older one of
 * that name goes. One that would take more than an eighth of the cache as it
 * is stored is not kept. Others make room: it copies no more of them than
 * twice its own size and one answer.
 */
void cache_put(struct cache *, const struct data_version *, struct str name,
    struct str body, struct str etag);

struct cache_counters cache_counters(const struct cache *);

#endif
