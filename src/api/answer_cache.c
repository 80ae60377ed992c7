/*
 * The lock of the answers, their compression, and the sum that tells whether
 * what lies there is what was written. Where they lie: api/answer_ring.h. The
 * only file that knows lz4.
 *
 * The lock is held while bytes are found and copied, and never while they are
 * compressed, unpacked or summed up: those work on copies of the process.
 *
 * Must not look into an answer.
 */
#include <config.h>

#include "api/answer_cache.h"

#include <lz4.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "api/answer_ring.h"
#include "base/hash.h"
#include "base/shared_lock.h"

/* Shorter bodies are kept as they are: little is saved, each time it costs. */
#define COMPRESSED_FROM 4096

/* At the start of the mapping; the ring is behind it. */
struct shared {
	_Alignas(64) pthread_mutex_t mutex;
};

struct answer_cache {
	char *map; /* NULL: it holds nothing */
	size_t max;
	struct shared_lock lock;
	struct answer_ring ring;
	struct answer_cache_counters counters;
	/* Where bodies are compressed: too much to clear for each request, and
	 * mostly not written to. */
	char *packed;
	size_t packed_size;
	max_align_t compressor[];
};

/* The pages are of no use in a core file, and a huge one would be taken as a
 * whole at its first byte. Advice: it does not matter if it is not taken. */
static char *
new_map(size_t size)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		return NULL;
	madvise(map, size, MADV_DONTDUMP);
	madvise(map, size, MADV_NOHUGEPAGE);
	return map;
}

/* False: it is of no use. */
static bool
open_map(struct answer_cache *cache)
{
	struct shared *shared = (struct shared *)(void *)cache->map;

	cache->lock.mutex = &shared->mutex;
	return answer_ring_open(
		   &cache->ring, shared + 1, cache->max - sizeof(*shared)) &&
	       shared_lock_make(&shared->mutex);
}

struct answer_cache *
answer_cache_new(size_t max)
{
	struct answer_cache *cache =
	    calloc(1, sizeof(*cache) + (size_t)LZ4_sizeofState());

	if (cache == NULL)
		abort();
	if (max <= sizeof(struct shared))
		return cache;
	cache->max = max;
	cache->map = new_map(max);
	if (cache->map == NULL || open_map(cache))
		return cache;
	munmap(cache->map, max);
	cache->map = NULL;
	return cache;
}

void
answer_cache_free(struct answer_cache *cache)
{
	if (answer_cache_is_on(cache))
		munmap(cache->map, cache->max);
	if (cache != NULL)
		free(cache->packed);
	free(cache);
}

void
answer_cache_keep_from_children(const struct answer_cache *cache)
{
	if (answer_cache_is_on(cache))
		madvise(cache->map, cache->max, MADV_DONTFORK);
}

bool
answer_cache_is_on(const struct answer_cache *cache)
{
	return cache != NULL && cache->map != NULL;
}

/* False: it is to be done without. */
static bool
begin(struct answer_cache *cache)
{
	enum lock_outcome outcome;

	if (cache->map == NULL)
		return false;
	outcome = shared_lock_take(&cache->lock);
	if (outcome == LOCK_TAKEN_FROM_DEAD) {
		answer_ring_clear(&cache->ring);
		cache->counters.abandoned++;
	}
	return outcome != LOCK_NOT_TAKEN;
}

static void
end(struct answer_cache *cache)
{
	if (cache->ring.damaged) {
		answer_ring_clear(&cache->ring);
		cache->counters.damaged++;
	}
	shared_lock_release(&cache->lock);
}

static struct str
bytes_of(const void *object, size_t size)
{
	return (struct str){ object, size };
}

/* A name that was chosen to collide meets only names of its own company, which
 * is part of the hash. */
static uint64_t
hash_of(int64_t company_id, struct str name)
{
	uint64_t parts[] = { (uint64_t)company_id, hash_64(name) };

	return hash_64(bytes_of(parts, sizeof(parts)));
}

/* Of all that an answer is, and of what it answers. */
static uint64_t
sum_of(const struct ring_answer *a, struct str etag, struct str stored)
{
	uint64_t parts[] = { a->hash, (uint64_t)a->version.company_id,
		(uint64_t)a->version.company, (uint64_t)a->version.common,
		a->name_len, a->etag_len, a->stored_len, a->body_len,
		hash_64(etag), hash_64(stored) };

	return hash_64(bytes_of(parts, sizeof(parts)));
}

static bool
same_version(const struct data_version *a, const struct data_version *b)
{
	return a->company == b->company && a->common == b->common;
}

/* Whether another process was told of a later change than this one. */
static bool
is_newer(const struct data_version *it, const struct data_version *than)
{
	return !same_version(it, than) && it->company >= than->company &&
	       it->common >= than->common;
}

/* Finds an answer of that version; its bytes are copied into the arena. */
static bool
copy_out(struct answer_cache *cache, struct arena *arena,
    const struct data_version *version, struct str name, uint64_t hash,
    struct ring_answer *ret, struct str *ret_bytes)
{
	struct answer_ring *ring = &cache->ring;
	struct ring_found found;

	if (!answer_ring_find(ring, hash, version->company_id, name, &found))
		return false;
	if (!same_version(&found.answer.version, version)) {
		if (!is_newer(&found.answer.version, version))
			answer_ring_forget(ring, &found);
		return false;
	}
	answer_ring_use(ring, &found);
	*ret = found.answer;
	*ret_bytes = arena_copy(arena, answer_ring_bytes(ring, &found));
	return true;
}

/* What was found had been damaged; others may be, too. */
static void
distrust(struct answer_cache *cache)
{
	if (!begin(cache))
		return;
	cache->ring.damaged = true;
	end(cache);
}

/* The sum is that of what was asked for, whatever the copy says that it is: so
 * nobody gets what is another company's. */
static bool
get(struct answer_cache *cache, struct arena *arena,
    const struct data_version *version, struct str name,
    struct cached_answer *ret)
{
	uint64_t hash = hash_of(version->company_id, name);
	struct ring_answer answer;
	struct str bytes, etag, stored;
	bool copied;

	if (!begin(cache))
		return false;
	copied = copy_out(cache, arena, version, name, hash, &answer, &bytes);
	end(cache);
	if (!copied)
		return false;
	etag = (struct str){ bytes.ptr, answer.etag_len };
	stored = str_from(bytes, answer.etag_len);
	*ret = (struct cached_answer){ etag, stored, answer.body_len };
	answer.hash = hash;
	answer.version = *version;
	answer.name_len = name.len;
	if (sum_of(&answer, etag, stored) == answer.sum)
		return true;
	distrust(cache);
	return false;
}

bool
answer_cache_get(struct answer_cache *cache, struct arena *arena,
    const struct data_version *version, struct str name,
    struct cached_answer *ret)
{
	bool hit = get(cache, arena, version, name, ret);

	if (hit)
		cache->counters.hits++;
	else
		cache->counters.misses++;
	return hit;
}

bool
answer_cache_may_have(
    struct answer_cache *cache, int64_t company_id, struct str name)
{
	struct ring_found found;
	bool has;

	if (!begin(cache))
		return false;
	has = answer_ring_find(
	    &cache->ring, hash_of(company_id, name), company_id, name, &found);
	end(cache);
	return has;
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
	if (body == NULL || LZ4_decompress_safe(stored.ptr, body,
				(int)stored.len, (int)size) == (int)size)
		return;
	buf_truncate(to, to->len - size);
	to->overflow = true;
}

void
answer_cache_add_body(const struct cached_answer *answer, struct buf *to)
{
	answer_cache_unpack(answer->stored, answer->size, to);
}

static char *
packing_room(struct answer_cache *cache, size_t size)
{
	if (size <= cache->packed_size)
		return cache->packed;
	free(cache->packed);
	cache->packed = malloc(size);
	if (cache->packed == NULL)
		abort();
	cache->packed_size = size;
	return cache->packed;
}

/* The body as it is stored: compressed, until the next one is, if that saves at
 * least a quarter and makes it fit; else as it is. */
static struct str
pack(struct answer_cache *cache, struct str body, size_t room)
{
	size_t most = body.len / 4 * 3;
	char *to;
	int len;

	if (body.len < COMPRESSED_FROM || body.len > LZ4_MAX_INPUT_SIZE)
		return body;
	if (most > room)
		most = room;
	to = packing_room(cache, most);
	len = LZ4_compress_fast_extState(
	    cache->compressor, body.ptr, to, (int)body.len, (int)most, 1);
	return len > 0 ? (struct str){ to, (size_t)len } : body;
}

/* Whether the cache has an answer of that name that is to stay: what another
 * process made of the same or of newer data. Any other one goes. */
static bool
has_better(struct answer_cache *cache, const struct ring_answer *answer,
    struct str name)
{
	struct ring_found found;

	if (!answer_ring_find(&cache->ring, answer->hash,
		answer->version.company_id, name, &found))
		return false;
	if (found.answer.sum == answer->sum ||
	    is_newer(&found.answer.version, &answer->version))
		return true;
	answer_ring_forget(&cache->ring, &found);
	return false;
}

void
answer_cache_put(struct answer_cache *cache, const struct data_version *version,
    struct str name, struct str body, struct str etag)
{
	struct ring_answer answer = { .hash =
					  hash_of(version->company_id, name),
		.version = *version,
		.name_len = name.len,
		.etag_len = etag.len,
		.body_len = body.len };
	struct str stored;

	if (cache->map == NULL)
		return;
	stored = pack(cache, body, answer_ring_room(&cache->ring, name, etag));
	answer.stored_len = stored.len;
	answer.sum = sum_of(&answer, etag, stored);
	if (!begin(cache))
		return;
	if (!has_better(cache, &answer, name))
		answer_ring_put(&cache->ring, &answer, name, etag, stored);
	end(cache);
}

struct answer_cache_counters
answer_cache_counters(const struct answer_cache *cache)
{
	struct answer_cache_counters counters = cache->counters;

	if (cache->map != NULL)
		counters.bytes = answer_ring_held(&cache->ring);
	return counters;
}
