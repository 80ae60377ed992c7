/*
 * A ring of answers, written one behind the other, and a hash table of where
 * they are. The only file that knows lz4.
 *
 *     | buckets |  ... newest | free | oldest ...      | too short |
 *     0         first         head   tail              wrap        end
 *
 * The oldest makes room for the newest. One that was asked for meanwhile is
 * written anew instead, right behind the newest: what it leaves free is what it
 * takes, so a place is always found and nothing is ever scattered.
 *
 * Positions are bytes from the start of the mapping; 0 is none, since the
 * buckets are there.
 *
 * Must not allocate for an answer, must not look into one.
 */
#include <config.h>

#include "api/answer_cache.h"

#include <lz4.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Answers beyond this share of the cache are not kept: one would empty it. */
#define LARGEST_SHARE 8
#define BUCKET_BYTES  512 /* one bucket for so many bytes of cache */
/* Shorter bodies are kept as they are: little is saved, each time it costs. */
#define COMPRESSED_FROM 4096
/* What is copied to make room for an answer, as a multiple of its size. */
#define MOST_MOVED 2
#define ALIGNMENT  _Alignof(max_align_t)

struct entry {
	size_t next; /* in the bucket */
	uint64_t hash;
	struct data_version version;
	size_t name_len, etag_len, stored_len, body_len;
	bool live;    /* in the hash table */
	bool used;    /* since it was written here */
	char bytes[]; /* name, etag, body as it is stored */
};

struct answer_cache {
	char *map; /* NULL: it holds nothing */
	size_t max;
	size_t n_buckets; /* a power of two */
	size_t first, end;
	size_t largest; /* entry */
	size_t head, tail;
	size_t wrap; /* 0: the newest is behind the oldest */
	struct answer_cache_counters counters;
	max_align_t compressor[];
};

/* Up, to where the next entry may begin. */
static size_t
align(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The pages are of no use in a core file, and a huge one would be taken as a
 * whole at its first byte. Advice: it does not matter if it is not taken. */
static char *
new_map(size_t size)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		abort();
	madvise(map, size, MADV_DONTDUMP);
	madvise(map, size, MADV_NOHUGEPAGE);
	return map;
}

struct answer_cache *
answer_cache_new(size_t max)
{
	struct answer_cache *cache =
	    calloc(1, sizeof(*cache) + (size_t)LZ4_sizeofState());

	if (cache == NULL)
		abort();
	cache->n_buckets = 1;
	while (cache->n_buckets < max / BUCKET_BYTES)
		cache->n_buckets *= 2;
	cache->max = max;
	cache->first = align(cache->n_buckets * sizeof(size_t));
	if (max <= cache->first)
		return cache;
	cache->map = new_map(max);
	cache->end = max;
	cache->largest =
	    (max - cache->first) / LARGEST_SHARE / ALIGNMENT * ALIGNMENT;
	cache->head = cache->tail = cache->first;
	return cache;
}

void
answer_cache_free(struct answer_cache *cache)
{
	if (cache != NULL && cache->map != NULL)
		munmap(cache->map, cache->max);
	free(cache);
}

bool
answer_cache_is_on(const struct answer_cache *cache)
{
	return cache != NULL && cache->map != NULL;
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

static struct entry *
entry_at(const struct answer_cache *cache, size_t at)
{
	return (struct entry *)(void *)(cache->map + at);
}

static size_t
position_of(const struct answer_cache *cache, const struct entry *e)
{
	return (size_t)((const char *)e - cache->map);
}

static struct str
entry_name(const struct entry *e)
{
	return (struct str){ e->bytes, e->name_len };
}

static size_t
entry_size(const struct entry *e)
{
	return align(sizeof(*e) + e->name_len + e->etag_len + e->stored_len);
}

static size_t *
bucket_of(const struct answer_cache *cache, uint64_t hash)
{
	size_t *buckets = (size_t *)(void *)cache->map;

	return &buckets[hash & (cache->n_buckets - 1)];
}

static struct entry *
find(const struct answer_cache *cache, int64_t company_id, struct str name,
    uint64_t hash)
{
	for (size_t at = *bucket_of(cache, hash); at != 0;
	     at = entry_at(cache, at)->next) {
		struct entry *e = entry_at(cache, at);

		if (e->hash == hash && e->version.company_id == company_id &&
		    str_equal(entry_name(e), name))
			return e;
	}
	return NULL;
}

/* Where the position of a live entry stands. */
static size_t *
link_to(struct answer_cache *cache, const struct entry *e)
{
	size_t *link = bucket_of(cache, e->hash);

	while (*link != position_of(cache, e))
		link = &entry_at(cache, *link)->next;
	return link;
}

/* Its bytes stay as they are until they are the oldest. */
static void
forget(struct answer_cache *cache, struct entry *e)
{
	*link_to(cache, e) = e->next;
	e->live = false;
	cache->counters.bytes -= entry_size(e);
}

static bool
same_version(const struct data_version *a, const struct data_version *b)
{
	return a->company == b->company && a->common == b->common;
}

static struct entry *
find_fresh(struct answer_cache *cache, const struct data_version *version,
    struct str name)
{
	struct entry *e;

	if (cache->map == NULL)
		return NULL;
	e = find(cache, version->company_id, name,
	    hash_of(version->company_id, name));
	if (e == NULL || same_version(&e->version, version))
		return e;
	forget(cache, e);
	return NULL;
}

bool
answer_cache_get(struct answer_cache *cache, const struct data_version *version,
    struct str name, struct cached_answer *ret)
{
	struct entry *e = find_fresh(cache, version, name);
	const char *etag;

	if (e == NULL) {
		cache->counters.misses++;
		return false;
	}
	cache->counters.hits++;
	e->used = true;
	etag = e->bytes + e->name_len;
	*ret = (struct cached_answer){ .etag = { etag, e->etag_len },
		.stored = { etag + e->etag_len, e->stored_len },
		.size = e->body_len };
	return true;
}

bool
answer_cache_may_have(
    const struct answer_cache *cache, int64_t company_id, struct str name)
{
	return cache->map != NULL &&
	       find(cache, company_id, name, hash_of(company_id, name)) != NULL;
}

void
answer_cache_unpack(struct str stored, size_t size, struct buf *to)
{
	char *body;

	if (stored.len == size) {
		buf_add_str(to, stored);
		return;
	}
	body = buf_extend(to, size);
	if (body != NULL && LZ4_decompress_safe(stored.ptr, body,
				(int)stored.len, (int)size) != (int)size)
		abort(); /* not what was written */
}

void
answer_cache_add_body(const struct cached_answer *answer, struct buf *to)
{
	answer_cache_unpack(answer->stored, answer->size, to);
}

/*
 * Whether so many bytes are free in one piece; then they begin at head. Since
 * no entry is larger than an eighth of the ring, some are always left when
 * there is room for one more: head and tail meet only where all is taken, and
 * where nothing was ever written.
 */
static bool
find_place(struct answer_cache *cache, size_t size)
{
	if (cache->wrap != 0)
		return cache->tail - cache->head >= size;
	if (cache->end - cache->head >= size)
		return true;
	if (cache->tail - cache->first < size)
		return false;
	cache->wrap = cache->head;
	cache->head = cache->first;
	return true;
}

/* The oldest entry, which is intact until the next one is written. */
static struct entry *
take_oldest(struct answer_cache *cache)
{
	struct entry *e = entry_at(cache, cache->tail);

	cache->tail += entry_size(e);
	if (cache->tail == cache->wrap) {
		cache->tail = cache->first;
		cache->wrap = 0;
	}
	return e;
}

/* Not for the version of another company: it is not known here. */
static bool
is_stale(const struct entry *e, const struct data_version *now)
{
	return e->version.common != now->common ||
	       (e->version.company_id == now->company_id &&
		   e->version.company != now->company);
}

/* Writes the entry just taken behind the newest, which has room for it. */
static void
move(struct answer_cache *cache, struct entry *e)
{
	size_t size = entry_size(e);

	e->used = false;
	find_place(cache, size);
	*link_to(cache, e) = cache->head;
	memmove(cache->map + cache->head, e, size);
	cache->head += size;
}

/* Frees size bytes at head; they are at most the largest share. */
static void
make_room(
    struct answer_cache *cache, size_t size, const struct data_version *version)
{
	size_t moved = 0;

	while (!find_place(cache, size)) {
		struct entry *e = take_oldest(cache);

		if (!e->live)
			continue;
		if (e->used && !is_stale(e, version) &&
		    moved < MOST_MOVED * size) {
			moved += entry_size(e);
			move(cache, e);
		} else {
			forget(cache, e);
		}
	}
}

/* Returns where it ends. */
static char *
append(char *to, struct str s)
{
	if (s.len > 0)
		memcpy(to, s.ptr, s.len);
	return to + s.len;
}

/* Writes the body behind name and etag, where room bytes are free: compressed
 * if that saves at least a quarter. False: there is not enough room. */
static bool
store_body(
    struct answer_cache *cache, struct entry *e, struct str body, size_t room)
{
	char *to = e->bytes + e->name_len + e->etag_len;
	size_t most = body.len / 4 * 3;
	int len = 0;

	if (body.len >= COMPRESSED_FROM && body.len <= LZ4_MAX_INPUT_SIZE)
		len = LZ4_compress_fast_extState(cache->compressor, body.ptr,
		    to, (int)body.len, (int)(most < room ? most : room), 1);
	e->stored_len = len > 0 ? (size_t)len : body.len;
	if (e->stored_len > room)
		return false;
	if (len <= 0)
		append(to, body);
	return true;
}

static void
insert(struct answer_cache *cache, struct entry *e)
{
	size_t *bucket = bucket_of(cache, e->hash);

	e->live = true;
	e->next = *bucket;
	*bucket = position_of(cache, e);
	cache->counters.bytes += entry_size(e);
}

/* The body is compressed to where it will stand, so there is room for it as it
 * is; what of that is not needed stays free for the next. */
void
answer_cache_put(struct answer_cache *cache, const struct data_version *version,
    struct str name, struct str body, struct str etag)
{
	size_t before = sizeof(struct entry) + name.len + etag.len;
	size_t room = align(before + body.len);
	uint64_t hash = hash_of(version->company_id, name);
	struct entry *e;

	if (cache->map == NULL)
		return;
	e = find(cache, version->company_id, name, hash);
	if (e != NULL)
		forget(cache, e);
	if (before > cache->largest)
		return;
	if (room > cache->largest)
		room = cache->largest;
	make_room(cache, room, version);
	e = entry_at(cache, cache->head);
	*e = (struct entry){ .hash = hash,
		.version = *version,
		.name_len = name.len,
		.etag_len = etag.len,
		.body_len = body.len };
	append(append(e->bytes, name), etag);
	if (!store_body(cache, e, body, room - before))
		return;
	insert(cache, e);
	cache->head += entry_size(e);
}

struct answer_cache_counters
answer_cache_counters(const struct answer_cache *cache)
{
	return cache->counters;
}
