/*
 * A hash table of answers with a list of use, newest first.
 */
#include <config.h>

#include "cache.h"

#include <stdlib.h>
#include <string.h>

/* Answers beyond this share of the cache are not kept: one would empty it. */
#define LARGEST_SHARE 8
#define BUCKET_BYTES  4096 /* one bucket for so many bytes of cache */

struct entry {
	struct entry *next; /* in the bucket */
	struct entry *newer, *older;
	uint64_t hash;
	struct data_version version;
	size_t name_len, etag_len, body_len;
	char bytes[]; /* name, etag, body */
};

struct cache {
	struct entry **buckets;
	size_t n_buckets; /* a power of two, or 0 */
	struct entry *newest, *oldest;
	size_t max;
	struct cache_counters counters;
};

struct cache *
cache_new(size_t max)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (cache == NULL)
		abort();
	cache->max = max;
	if (max == 0)
		return cache;
	cache->n_buckets = 16;
	while (cache->n_buckets < max / BUCKET_BYTES)
		cache->n_buckets *= 2;
	cache->buckets = calloc(cache->n_buckets, sizeof(*cache->buckets));
	if (cache->buckets == NULL)
		abort();
	return cache;
}

/* FNV-1a; a name that was chosen to collide costs only its own company's
 * requests a longer look, since the company is part of the hash. */
static uint64_t
hash_of(int64_t company_id, struct str name)
{
	uint64_t hash = 14695981039346656037u ^ (uint64_t)company_id;

	for (size_t i = 0; i < name.len; i++) {
		hash ^= (unsigned char)name.ptr[i];
		hash *= 1099511628211u;
	}
	return hash ^ hash >> 32;
}

static struct str
entry_name(const struct entry *e)
{
	return (struct str){ e->bytes, e->name_len };
}

static size_t
entry_size(const struct entry *e)
{
	return sizeof(*e) + e->name_len + e->etag_len + e->body_len;
}

static struct entry **
bucket_of(struct cache *cache, uint64_t hash)
{
	return &cache->buckets[hash & (cache->n_buckets - 1)];
}

static void
unlink_use(struct cache *cache, struct entry *e)
{
	if (e->newer != NULL)
		e->newer->older = e->older;
	else
		cache->newest = e->older;
	if (e->older != NULL)
		e->older->newer = e->newer;
	else
		cache->oldest = e->newer;
}

static void
link_newest(struct cache *cache, struct entry *e)
{
	e->newer = NULL;
	e->older = cache->newest;
	if (cache->newest != NULL)
		cache->newest->newer = e;
	else
		cache->oldest = e;
	cache->newest = e;
}

static void
drop(struct cache *cache, struct entry *e)
{
	struct entry **at = bucket_of(cache, e->hash);

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	unlink_use(cache, e);
	cache->counters.bytes -= entry_size(e);
	free(e);
}

void
cache_free(struct cache *cache)
{
	if (cache == NULL)
		return;
	while (cache->newest != NULL)
		drop(cache, cache->newest);
	free(cache->buckets);
	free(cache);
}

static struct entry *
find(struct cache *cache, int64_t company_id, struct str name, uint64_t hash)
{
	struct entry *e = *bucket_of(cache, hash);

	while (e != NULL &&
	       (e->hash != hash || e->version.company_id != company_id ||
		   !str_equal(entry_name(e), name)))
		e = e->next;
	return e;
}

static bool
same_version(const struct data_version *a, const struct data_version *b)
{
	return a->company == b->company && a->common == b->common;
}

bool
cache_get(struct cache *cache, const struct data_version *version,
    struct str name, struct str *ret_body, struct str *ret_etag)
{
	struct entry *e = NULL;

	if (cache->n_buckets > 0)
		e = find(cache, version->company_id, name,
		    hash_of(version->company_id, name));
	if (e == NULL || !same_version(&e->version, version)) {
		cache->counters.misses++;
		return false;
	}
	cache->counters.hits++;
	unlink_use(cache, e);
	link_newest(cache, e);
	*ret_etag = (struct str){ e->bytes + e->name_len, e->etag_len };
	*ret_body =
	    (struct str){ e->bytes + e->name_len + e->etag_len, e->body_len };
	return true;
}

static struct entry *
new_entry(const struct data_version *version, uint64_t hash, struct str name,
    struct str body, struct str etag)
{
	struct entry *e = malloc(sizeof(*e) + name.len + etag.len + body.len);

	if (e == NULL)
		abort();
	*e = (struct entry){ .hash = hash,
		.version = *version,
		.name_len = name.len,
		.etag_len = etag.len,
		.body_len = body.len };
	memcpy(e->bytes, name.ptr, name.len);
	memcpy(e->bytes + name.len, etag.ptr, etag.len);
	memcpy(e->bytes + name.len + etag.len, body.ptr, body.len);
	return e;
}

void
cache_put(struct cache *cache, const struct data_version *version,
    struct str name, struct str body, struct str etag)
{
	size_t size = sizeof(struct entry) + name.len + etag.len + body.len;
	uint64_t hash;
	struct entry *e;

	if (size > cache->max / LARGEST_SHARE)
		return;
	hash = hash_of(version->company_id, name);
	e = find(cache, version->company_id, name, hash);
	if (e != NULL)
		drop(cache, e);
	while (cache->counters.bytes + size > cache->max)
		drop(cache, cache->oldest);
	e = new_entry(version, hash, name, body, etag);
	e->next = *bucket_of(cache, hash);
	*bucket_of(cache, hash) = e;
	link_newest(cache, e);
	cache->counters.bytes += size;
}

struct cache_counters
cache_counters(const struct cache *cache)
{
	return cache->counters;
}
