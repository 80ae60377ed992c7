/*
 * A hash table of copies in one arena, which is thrown away as a whole.
 */
#include <config.h>

#include "api/implementation_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define BUCKETS     256 /* a power of two */
#define ARENA_CHUNK (64 << 10)
/* An implementation beyond this share of the cache is not kept: it would leave
 * no room for others. */
#define LARGEST_SHARE 8

struct entry {
	struct entry *next; /* in the bucket */
	int64_t owner_id;   /* 0: all companies */
	struct implementation implementation;
};

struct implementation_cache {
	struct arena *arena; /* of the entries and all they hold */
	struct entry *buckets[BUCKETS];
	int64_t version; /* of all entries */
	size_t max;
	bool full; /* or in doubt: nothing is put in any more */
	struct implementation_cache_counters counters;
};

struct implementation_cache *
implementation_cache_new(size_t max)
{
	struct implementation_cache *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	c->max = max;
	c->arena = arena_new(max < ARENA_CHUNK ? max : ARENA_CHUNK);
	return c;
}

void
implementation_cache_free(struct implementation_cache *c)
{
	if (c == NULL)
		return;
	arena_free(c->arena);
	free(c);
}

void
implementation_cache_begin(struct implementation_cache *c, int64_t version)
{
	if (c->version == version && !c->full)
		return;
	memset(c->buckets, 0, sizeof(c->buckets));
	arena_reset(c->arena);
	c->version = version;
	c->full = false;
}

void
implementation_cache_doubt(struct implementation_cache *c)
{
	c->full = true;
}

static size_t
bucket_of(int64_t id)
{
	return (uint64_t)id & (BUCKETS - 1);
}

/* The rule of SCOPE_SHARED, which the statements of the rows themselves have
 * from the table of systems. */
static bool
may_see(int64_t company_id, int64_t owner_id)
{
	return owner_id == 0 || owner_id == company_id;
}

static const struct entry *
find(const struct implementation_cache *c, int64_t company_id, int64_t id)
{
	const struct entry *e = c->buckets[bucket_of(id)];

	while (e != NULL && e->implementation.id != id)
		e = e->next;
	return e != NULL && may_see(company_id, e->owner_id) ? e : NULL;
}

const struct implementation *
implementation_cache_find(
    struct implementation_cache *c, int64_t company_id, int64_t id)
{
	const struct entry *e = find(c, company_id, id);

	if (e == NULL) {
		c->counters.misses++;
		return NULL;
	}
	c->counters.hits++;
	return &e->implementation;
}

bool
implementation_cache_has(
    const struct implementation_cache *c, int64_t company_id, int64_t id)
{
	return find(c, company_id, id) != NULL;
}

static size_t
size_of(const struct implementation *i)
{
	return sizeof(struct entry) + i->url.len + i->test_url.len +
	       i->protocol.len + variables_size(&i->variables);
}

void
implementation_cache_put(struct implementation_cache *c, int64_t owner_id,
    const struct implementation *from)
{
	size_t size = size_of(from);
	struct entry **bucket = &c->buckets[bucket_of(from->id)];
	struct entry *e;

	if (size > c->max / LARGEST_SHARE ||
	    find(c, owner_id, from->id) != NULL)
		return;
	c->full |= arena_used(c->arena) + size > c->max;
	if (c->full)
		return;
	e = ARENA_NEW(c->arena, struct entry, 1);
	*e = (struct entry){ .next = *bucket,
		.owner_id = owner_id,
		.implementation = { .id = from->id,
		    .url = arena_copy_if(c->arena, from->url),
		    .test_url = arena_copy_if(c->arena, from->test_url),
		    .protocol = arena_copy_if(c->arena, from->protocol) } };
	variables_copy(
	    c->arena, &from->variables, &e->implementation.variables);
	*bucket = e;
}

struct implementation_cache_counters
implementation_cache_counters(const struct implementation_cache *c)
{
	return c->counters;
}
