/*
 * A cache and answers for it, for the tests of api/answer_cache.c.
 */
#ifndef TESTS_CACHING_H
#define TESTS_CACHING_H

#include "api/answer_cache.h"

#define BODY_MAX (64 << 10)

/* One cache, and what it gave last. */
struct caching {
	struct answer_cache *cache;
	struct arena *arena;         /* of what is put or asked for last */
	struct data_version version; /* of what is put and asked for */
	struct cached_answer kept;
	struct buf body;
	char name[64];
};

void caching_begin(struct caching *, size_t max);
void caching_end(struct caching *);

uint64_t caching_bytes(const struct caching *);

/* Whether it is there; then kept and body are what it gave. */
bool caching_get(struct caching *, struct str name);

void caching_put(struct caching *, struct str name, struct str body);

/* Names by number, for tests with many of them; valid until the next. */
struct str caching_name(struct caching *, unsigned);

/* xorshift64: the same numbers in each run. */
uint64_t caching_random(uint64_t *state);

/* A body of bytes that lz4 can do nothing about, a share of them: the rest are
 * 'a'. Makes it in len bytes at to. */
struct str caching_body(
    char *to, size_t len, unsigned percent_random, uint64_t seed);

#endif
