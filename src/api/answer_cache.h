/*
 * Finished answers, cached by one worker, each valid only for the data versions
 * it was made from. Parts of answers lie in a cache of their own that is of the
 * same kind (api/fragments.h).
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
#ifndef API_ANSWER_CACHE_H
#define API_ANSWER_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct answer_cache;

/* What an answer depends on beside the request. */
struct data_version {
	int64_t company_id;
	int64_t company; /* version of its data */
	int64_t common;  /* version of what all companies share */
};

/* An answer in the cache; valid until the next answer_cache_put(). */
struct cached_answer {
	struct str etag;
	struct str stored; /* the body, compressed if it is shorter than size */
	size_t size;       /* bytes of the body */
};

struct answer_cache_counters {
	uint64_t hits;
	uint64_t misses;
	uint64_t bytes; /* held now by answers that can be given, as stored */
};

/*
 * A cache whose answers, names and index have max bytes; what compresses them
 * has 16 KiB beside. 0, or too little for an index: it holds nothing. Ends the
 * process if there is no memory.
 */
struct answer_cache *answer_cache_new(size_t max);
void answer_cache_free(struct answer_cache *); /* NULL is accepted */

/* Whether it can hold anything; NULL cannot. */
bool answer_cache_is_on(const struct answer_cache *);

/*
 * The answer to a request at a version: name is everything of the request that
 * the answer depends on. False: there is none; one of another version is
 * dropped.
 */
bool answer_cache_get(struct answer_cache *, const struct data_version *,
    struct str name, struct cached_answer *ret);

/* Appends the body to a buffer, whose maximum holds here as always. */
void answer_cache_add_body(const struct cached_answer *, struct buf *);
/* The same of a body of size bytes that is stored so. */
void answer_cache_unpack(struct str stored, size_t size, struct buf *);

/* Whether it holds an answer of that name for the company, of whatever version:
 * a hint that an answer may be had. Counts as no use of it. */
bool answer_cache_may_have(
    const struct answer_cache *, int64_t company_id, struct str name);

/*
 * Keeps an answer, none of whose texts may lie in the cache; an older one of
 * that name goes. One that would take more than an eighth of the cache as it
 * is stored is not kept. Others make room: it copies no more of them than
 * twice its own size and one answer.
 */
void answer_cache_put(struct answer_cache *, const struct data_version *,
    struct str name, struct str body, struct str etag);

struct answer_cache_counters answer_cache_counters(const struct answer_cache *);

#endif
