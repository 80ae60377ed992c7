/*
 *     | ends | buckets |  ... newest | free | oldest ...      | too short |
 *     0                first         head   tail              wrap        end
 *
 * The oldest makes room for the newest. One that was asked for meanwhile is
 * written anew instead, right behind the newest: what it leaves free is what it
 * takes, so a place is always found and nothing is ever scattered.
 *
 * Positions are bytes from the start of the memory; 0 is none, since the ends
 * are there. Whatever is read is copied first and the copy is checked: so a
 * process that writes beside its own memory cannot change it after the check.
 */
#include <config.h>

#include "api/answer_ring.h"

#include <string.h>

/* Answers beyond this share of the ring are not kept: one would empty it. */
#define LARGEST_SHARE 8
#define BUCKET_BYTES  512 /* one bucket for so many bytes */
/* Most answers in a bucket: bounds each look. Whoever makes up names that meet
 * in one bucket loses answers of his own company. */
#define CHAIN_MAX 64
/* What is copied to make room for an answer, as a multiple of its size. */
#define MOST_MOVED 2
#define ALIGNMENT  _Alignof(max_align_t)

#define FLAG_LIVE UINT64_C(1) /* in the hash table */
#define FLAG_USED UINT64_C(2) /* since it was written here */

struct ring_shared {
	struct ring_ends ends;
	atomic_uint_fast64_t held; /* for people; nothing rests on it */
	size_t buckets[];
};

/* Up, to where the next answer may begin. */
static size_t
align(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

bool
answer_ring_open(struct answer_ring *ring, void *memory, size_t size)
{
	*ring = (struct answer_ring){ .shared = memory,
		.n_buckets = 1,
		.end = size / ALIGNMENT * ALIGNMENT };
	while (ring->n_buckets < size / BUCKET_BYTES)
		ring->n_buckets *= 2;
	ring->first =
	    align(sizeof(*ring->shared) + ring->n_buckets * sizeof(size_t));
	if (ring->end <= ring->first)
		return false;
	ring->largest =
	    (ring->end - ring->first) / LARGEST_SHARE / ALIGNMENT * ALIGNMENT;
	ring->shared->ends =
	    (struct ring_ends){ .head = ring->first, .tail = ring->first };
	return true;
}

void
answer_ring_clear(struct answer_ring *ring)
{
	memset(ring->shared, 0, ring->first);
	ring->shared->ends =
	    (struct ring_ends){ .head = ring->first, .tail = ring->first };
	ring->damaged = false;
}

uint64_t
answer_ring_held(const struct answer_ring *ring)
{
	return atomic_load_explicit(&ring->shared->held, memory_order_relaxed);
}

static void *
memory_at(const struct answer_ring *ring, size_t at)
{
	return (char *)(void *)ring->shared + at;
}

/* A copy that stays as it is: the compiler must not read the memory again. */
static void
copy_out(void *to, const void *shared, size_t size)
{
	memcpy(to, shared, size);
	atomic_signal_fence(memory_order_seq_cst);
}

static size_t
size_of(const struct ring_answer *answer)
{
	return align(sizeof(*answer) + answer->name_len + answer->etag_len +
		     answer->stored_len);
}

static bool
is_within(size_t *room, size_t len)
{
	if (len > *room)
		return false;
	*room -= len;
	return true;
}

/* Whether an answer of such lengths may stand there. */
static bool
fits(const struct answer_ring *ring, size_t at, const struct ring_answer *a)
{
	size_t room = ring->end - at;

	if (room > ring->largest)
		room = ring->largest;
	return is_within(&room, sizeof(*a)) && is_within(&room, a->name_len) &&
	       is_within(&room, a->etag_len) && is_within(&room, a->stored_len);
}

/* Copies what is before the bytes of the answer at a position. */
static bool
read_answer(struct answer_ring *ring, size_t at, struct ring_found *ret)
{
	ret->at = at;
	if (at % ALIGNMENT == 0 && at >= ring->first && at <= ring->end &&
	    ring->end - at >= sizeof(ret->answer)) {
		copy_out(
		    &ret->answer, memory_at(ring, at), sizeof(ret->answer));
		if (fits(ring, at, &ret->answer))
			return true;
	}
	ring->damaged = true;
	return false;
}

static struct ring_answer *
answer_at(const struct answer_ring *ring, size_t at)
{
	return memory_at(ring, at);
}

static char *
bytes_at(const struct answer_ring *ring, size_t at)
{
	return (char *)memory_at(ring, at) + sizeof(struct ring_answer);
}

static size_t *
bucket_of(const struct answer_ring *ring, uint64_t hash)
{
	return &ring->shared->buckets[hash & (ring->n_buckets - 1)];
}

/* A walk along the answers of a bucket. */
struct walk {
	size_t *link; /* to the answer; of this one to the next, after a step */
	unsigned steps;
	uint64_t hash;
};

static struct walk
walk_begin(const struct answer_ring *ring, uint64_t hash)
{
	return (struct walk){ .link = bucket_of(ring, hash), .hash = hash };
}

/* The next answer; false: there is none, or something is damaged. */
static bool
walk_on(struct answer_ring *ring, struct walk *walk, struct ring_found *ret)
{
	size_t at;

	copy_out(&at, walk->link, sizeof(at));
	if (at == 0 || !read_answer(ring, at, ret))
		return false;
	if (walk->steps++ < CHAIN_MAX && (ret->answer.flags & FLAG_LIVE) != 0 &&
	    bucket_of(ring, ret->answer.hash) == bucket_of(ring, walk->hash)) {
		walk->link = &answer_at(ring, at)->next;
		return true;
	}
	ring->damaged = true;
	return false;
}

bool
answer_ring_find(struct answer_ring *ring, uint64_t hash, int64_t company_id,
    struct str name, struct ring_found *ret)
{
	struct walk walk = walk_begin(ring, hash);

	while (walk_on(ring, &walk, ret)) {
		struct str its = { bytes_at(ring, ret->at),
			ret->answer.name_len };

		if (ret->answer.hash == hash &&
		    ret->answer.version.company_id == company_id &&
		    str_equal(its, name))
			return true;
	}
	return false;
}

struct str
answer_ring_bytes(
    const struct answer_ring *ring, const struct ring_found *found)
{
	const struct ring_answer *a = &found->answer;

	return (struct str){ bytes_at(ring, found->at) + a->name_len,
		a->etag_len + a->stored_len };
}

void
answer_ring_use(struct answer_ring *ring, const struct ring_found *found)
{
	answer_at(ring, found->at)->flags = found->answer.flags | FLAG_USED;
}

/* Where the position of an answer stands; NULL: nowhere. */
static size_t *
link_to(struct answer_ring *ring, const struct ring_found *found)
{
	struct walk walk = walk_begin(ring, found->answer.hash);
	size_t *link = walk.link;
	struct ring_found other;

	while (walk_on(ring, &walk, &other)) {
		if (other.at == found->at)
			return link;
		link = walk.link;
	}
	ring->damaged = true;
	return NULL;
}

/* Its bytes stay as they are until they are the oldest. */
void
answer_ring_forget(struct answer_ring *ring, const struct ring_found *found)
{
	size_t *link = link_to(ring, found);

	if (link == NULL)
		return;
	*link = found->answer.next;
	answer_at(ring, found->at)->flags = 0;
	atomic_fetch_sub(&ring->shared->held, size_of(&found->answer));
}

/*
 * Whether so many bytes are free in one piece; then they begin at head. Since
 * no answer is larger than an eighth of the ring, some are always left when
 * there is room for one more: head and tail meet only where all is taken, and
 * where nothing was ever written.
 */
static bool
find_place(const struct answer_ring *ring, struct ring_ends *ends, size_t size)
{
	if (ends->wrap != 0)
		return ends->tail - ends->head >= size;
	if (ring->end - ends->head >= size)
		return true;
	if (ends->tail - ring->first < size)
		return false;
	ends->wrap = ends->head;
	ends->head = ring->first;
	return true;
}

static bool
is_sound(const struct answer_ring *ring, const struct ring_ends *e)
{
	if ((e->head | e->tail | e->wrap) % ALIGNMENT != 0)
		return false;
	if (e->wrap == 0)
		return ring->first <= e->tail && e->tail <= e->head &&
		       e->head <= ring->end;
	return ring->first <= e->head && e->head <= e->tail &&
	       e->tail < e->wrap && e->wrap <= ring->end;
}

/* The oldest answer, which is intact until the next one is written. */
static bool
take_oldest(struct answer_ring *ring, struct ring_found *ret)
{
	struct ring_ends *ends = &ring->ends;
	size_t limit = ends->wrap != 0 ? ends->wrap : ends->head;

	if (!read_answer(ring, ends->tail, ret))
		return false;
	if (size_of(&ret->answer) > limit - ends->tail) {
		ring->damaged = true;
		return false;
	}
	ends->tail += size_of(&ret->answer);
	if (ends->tail == ends->wrap) {
		ends->tail = ring->first;
		ends->wrap = 0;
	}
	return true;
}

/* Not for the version of another company: it is not known here. */
static bool
is_stale(const struct data_version *then, const struct data_version *now)
{
	return then->common != now->common ||
	       (then->company_id == now->company_id &&
		   then->company != now->company);
}

/* Writes the answer just taken behind the newest, which has room for it. */
static void
move(struct answer_ring *ring, const struct ring_found *found)
{
	struct ring_ends *ends = &ring->ends;
	size_t size = size_of(&found->answer);
	size_t *link = link_to(ring, found);

	if (link == NULL)
		return;
	if (!find_place(ring, ends, size)) {
		ring->damaged = true;
		return;
	}
	*link = ends->head;
	memmove(memory_at(ring, ends->head), memory_at(ring, found->at), size);
	answer_at(ring, ends->head)->flags = FLAG_LIVE;
	ends->head += size;
}

/* Frees size bytes at head; they are at most the largest share. */
static void
make_room(
    struct answer_ring *ring, size_t size, const struct data_version *version)
{
	size_t moved = 0;
	struct ring_found oldest;

	while (!ring->damaged && !find_place(ring, &ring->ends, size)) {
		if (!take_oldest(ring, &oldest))
			return;
		if ((oldest.answer.flags & FLAG_LIVE) == 0)
			continue;
		if ((oldest.answer.flags & FLAG_USED) != 0 &&
		    !is_stale(&oldest.answer.version, version) &&
		    moved < MOST_MOVED * size) {
			moved += size_of(&oldest.answer);
			move(ring, &oldest);
		} else {
			answer_ring_forget(ring, &oldest);
		}
	}
}

/* Makes that one more is not too many in its bucket: the last one goes, which
 * came first. */
static void
shorten_chain(struct answer_ring *ring, uint64_t hash)
{
	struct walk walk = walk_begin(ring, hash);
	struct ring_found last;

	while (walk_on(ring, &walk, &last))
		if (walk.steps == CHAIN_MAX) {
			answer_ring_forget(ring, &last);
			return;
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

/* Writes the answer at head, where there is room for it. */
static void
write_answer(struct answer_ring *ring, const struct ring_answer *answer,
    struct str name, struct str etag, struct str stored)
{
	size_t *bucket = bucket_of(ring, answer->hash);
	size_t at = ring->ends.head;
	struct ring_answer whole = *answer;

	whole.flags = FLAG_LIVE;
	whole.next = *bucket;
	memcpy(memory_at(ring, at), &whole, sizeof(whole));
	append(append(append(bytes_at(ring, at), name), etag), stored);
	*bucket = at;
	ring->ends.head += size_of(&whole);
	atomic_fetch_add(&ring->shared->held, size_of(&whole));
}

size_t
answer_ring_room(
    const struct answer_ring *ring, struct str name, struct str etag)
{
	size_t room = ring->largest;

	return is_within(&room, sizeof(struct ring_answer)) &&
		       is_within(&room, name.len) && is_within(&room, etag.len)
		   ? room
		   : 0;
}

void
answer_ring_put(struct answer_ring *ring, const struct ring_answer *answer,
    struct str name, struct str etag, struct str stored)
{
	if (sizeof(*answer) + name.len + etag.len + stored.len > ring->largest)
		return;
	copy_out(&ring->ends, &ring->shared->ends, sizeof(ring->ends));
	if (!is_sound(ring, &ring->ends)) {
		ring->damaged = true;
		return;
	}
	shorten_chain(ring, answer->hash);
	make_room(ring, size_of(answer), &answer->version);
	if (ring->damaged)
		return;
	write_answer(ring, answer, name, etag, stored);
	ring->shared->ends = ring->ends;
}
