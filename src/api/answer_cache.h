/*
 * Finished answers, cached for all processes that were forked since the cache
 * was made, each valid only for the data versions it was made from. Parts of
 * answers lie in a cache of their own that is of the same kind
 * (api/fragments.h).
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
 *
 * A process may die or be stopped at any instruction, and one whose memory is
 * damaged may write anything into the mapping, but for the lock at its start:
 * no other process crashes, waits for longer than shared_lock_take() does, or
 * gets an answer that is not the one that was kept. At worst the cache is
 * emptied, or an answer is not found.
 */
#ifndef API_ANSWER_CACHE_H
#define API_ANSWER_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/data_version.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

struct answer_cache;

/* A copy of an answer in the cache, in the arena of the request. */
struct cached_answer {
	struct str etag;
	/* The body, compressed if it is shorter than size; one of less than
	 * 4 KiB never is. */
	struct str stored;
	size_t size; /* bytes of the body */
};

/* What this process counted, but for the bytes. */
struct answer_cache_counters {
	uint64_t hits;
	uint64_t misses;
	/* How often it was emptied: a process had died at work in it, or
	 * something in it was not what had been written. */
	uint64_t abandoned;
	uint64_t damaged;
	/* Held now, for all processes, by answers that can be given, as stored.
	 */
	uint64_t bytes;
};

/*
 * A cache whose answers, names and index have max bytes. Beside them a process
 * has 16 KiB, and one answer as it is compressed, to compress with. 0, too
 * little for an index, or more than there is: it holds nothing. Each process
 * that is forked has a copy of the struct with counters of its own; it frees
 * it, or not, by itself.
 */
struct answer_cache *answer_cache_new(size_t max);
void answer_cache_free(struct answer_cache *); /* NULL is accepted */

/* The processes that this one forks do not get it. NULL is accepted. */
void answer_cache_keep_from_children(const struct answer_cache *);

/* Whether it can hold anything; NULL cannot. */
bool answer_cache_is_on(const struct answer_cache *);

/*
 * The answer to a request at a version: name is everything of the request that
 * the answer depends on. False: there is none; one of an older version is
 * dropped.
 */
bool answer_cache_get(struct answer_cache *, struct arena *,
    const struct data_version *, struct str name, struct cached_answer *ret);

/* Appends the body to a buffer, whose maximum holds here as always. */
void answer_cache_add_body(const struct cached_answer *, struct buf *);
/* The same of a body of size bytes that is stored so. What cannot be unpacked
 * to that size overflows the buffer. */
void answer_cache_unpack(struct str stored, size_t size, struct buf *);

/* Whether it holds an answer of that name for the company, of whatever version:
 * a hint that an answer may be had. Counts as no use of it. */
bool answer_cache_may_have(
    struct answer_cache *, int64_t company_id, struct str name);

/*
 * Keeps an answer; an older one of that name goes, one of a newer version
 * stays. One that would take more than an eighth of the cache as it is stored
 * is not kept. Others make room: it copies no more of them than twice its own
 * size and one answer.
 */
void answer_cache_put(struct answer_cache *, const struct data_version *,
    struct str name, struct str body, struct str etag);

struct answer_cache_counters answer_cache_counters(const struct answer_cache *);

#endif
