/*
 * A cache and answers for it. Must not expect anything.
 */
#include <config.h>

#include "caching.h"

#include <stdio.h>
#include <string.h>

void
caching_begin(struct caching *f, size_t max)
{
	*f = (struct caching){ .cache = answer_cache_new(max),
		.arena = arena_new(BODY_MAX),
		.version = { .company_id = 1, .company = 1, .common = 1 } };
	buf_init(&f->body, BODY_MAX);
}

void
caching_end(struct caching *f)
{
	buf_done(&f->body);
	arena_free(f->arena);
	answer_cache_free(f->cache);
}

uint64_t
caching_bytes(const struct caching *f)
{
	return answer_cache_counters(f->cache).bytes;
}

bool
caching_get(struct caching *f, struct str name)
{
	buf_reset(&f->body);
	arena_reset(f->arena);
	if (!answer_cache_get(f->cache, f->arena, &f->version, name, &f->kept))
		return false;
	answer_cache_add_body(&f->kept, &f->body);
	return true;
}

void
caching_put(struct caching *f, struct str name, struct str body)
{
	arena_reset(f->arena);
	answer_cache_put(f->cache, &f->version, name, body, STR("\"tag\""));
}

struct str
caching_name(struct caching *f, unsigned i)
{
	int len = snprintf(f->name, sizeof(f->name), "/connectors/%u", i);

	return (struct str){ f->name, (size_t)len };
}

uint64_t
caching_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

struct str
caching_body(char *to, size_t len, unsigned percent_random, uint64_t seed)
{
	uint64_t state = seed * 2654435761u + 88172645463325252u;

	memset(to, 'a', len);
	for (size_t i = 0; i < len * percent_random / 100; i++)
		to[i] = (char)(caching_random(&state) >> 32);
	return (struct str){ to, len };
}
