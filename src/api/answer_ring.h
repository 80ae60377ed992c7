/*
 * A ring of answers, written one behind the other, and a hash table of where
 * they are, in memory that processes share. For api/answer_cache.c, which has
 * the lock: every call but answer_ring_open() and answer_ring_held() is made
 * under it.
 *
 * Nothing that is read there is believed: another process may have written
 * anything. What cannot be so sets `damaged`, after which nothing is found or
 * kept until answer_ring_clear(). Whether the bytes of an answer are those that
 * were written, only the sum tells that the caller makes and compares.
 *
 * Must not allocate, must not look into an answer.
 */
#ifndef API_ANSWER_RING_H
#define API_ANSWER_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/data_version.h"
#include "base/str.h"

struct ring_shared;

/* Where the newest ends and the oldest begins, in bytes from the start of the
 * memory. */
struct ring_ends {
	size_t head, tail;
	size_t wrap; /* 0: the newest is behind the oldest */
};

/* A process's own view of a ring; must not lie in shared memory. */
struct answer_ring {
	struct ring_shared *shared;
	size_t n_buckets; /* a power of two */
	size_t first, end;
	size_t largest;        /* bytes of an answer, with all that it takes */
	struct ring_ends ends; /* while an answer is being put */
	bool damaged;
};

/* What is before the bytes of an answer. */
struct ring_answer {
	uint64_t hash; /* of company and name */
	struct data_version version;
	size_t name_len;
	size_t etag_len, stored_len; /* behind the name, one after the other */
	size_t body_len;
	uint64_t sum;
	/* The ring's own. */
	size_t next; /* in the bucket */
	uint64_t flags;
};

/* An answer that was found, valid until the lock is released: a copy of what is
 * before its bytes, and where it is. */
struct ring_found {
	size_t at;
	struct ring_answer answer;
};

/* A ring in size bytes that are zero and aligned for any type. False: they are
 * too few for an index. */
bool answer_ring_open(struct answer_ring *, void *memory, size_t size);

/* Throws all answers away, and with them what is damaged. */
void answer_ring_clear(struct answer_ring *);

/* Bytes that the answers take that can be found; without the lock, too. */
uint64_t answer_ring_held(const struct answer_ring *);

/* The answer of that name for a company; hash: of both. */
bool answer_ring_find(struct answer_ring *, uint64_t hash, int64_t company_id,
    struct str name, struct ring_found *ret);

/* ETag and body as stored, etag_len + stored_len bytes. */
struct str answer_ring_bytes(
    const struct answer_ring *, const struct ring_found *);

/* Notes that it was asked for: it stays longer. */
void answer_ring_use(struct answer_ring *, const struct ring_found *);

/* Makes that one cannot be found any more. */
void answer_ring_forget(struct answer_ring *, const struct ring_found *);

/* The most bytes of a stored body that can be kept with a name and an ETag. */
size_t answer_ring_room(
    const struct answer_ring *, struct str name, struct str etag);

/*
 * Keeps an answer, of which no byte lies in the ring and none of its name is
 * there; it is not kept if it is too large. Others make room: those that were
 * not asked for since they were written, the oldest before the others. It
 * copies no more of them than twice its own size and one answer.
 */
void answer_ring_put(struct answer_ring *, const struct ring_answer *,
    struct str name, struct str etag, struct str stored);

#endif
