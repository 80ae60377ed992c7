/*
 * A growing run of bytes with a maximum.
 *
 * Going past the maximum sets a sticky flag and drops what comes after, so
 * callers append without checks and ask once, at the end. A failed malloc ends
 * the process (see arena.h).
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf {
	char *ptr;       /* owned; NULL before the first append */
	size_t len;      /* bytes in use */
	size_t capacity; /* bytes owned */
	size_t max;      /* most bytes it may hold */
	bool overflow;   /* something did not fit */
};

/* An empty buffer that holds at most max bytes. */
void buf_init(struct buf *, size_t max);

/* Frees the bytes. */
void buf_done(struct buf *);

/* Empties it and clears the overflow flag; keeps the memory, wiped. */
void buf_reset(struct buf *);

/* Cuts it back to len bytes (at most the present length). */
void buf_truncate(struct buf *, size_t len);

/* Makes sure that n more bytes fit; false (and the flag) when they are past the
 * maximum. */
bool buf_reserve(struct buf *, size_t n);

/*
 * Appends n bytes that the caller writes at once: where they stand, or NULL
 * when they do not fit. Inline, as buf_add_char() is: an answer is appended in
 * pieces of a few bytes, and most of them fit.
 */
static inline char *
buf_extend(struct buf *b, size_t n)
{
	char *p;

	if ((b->overflow || n >= b->capacity - b->len) && !buf_reserve(b, n))
		return NULL;
	p = b->ptr + b->len;
	b->len += n;
	return p;
}

static inline void
buf_add_char(struct buf *b, char c)
{
	char *p = buf_extend(b, 1);

	if (p != NULL)
		*p = c;
}

void buf_add(struct buf *, const void *bytes, size_t len);
void buf_add_str(struct buf *, struct str);
void buf_add_text(struct buf *, const char *text);
void buf_add_int(struct buf *, int64_t);
void buf_printf(struct buf *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends len of its own bytes again, those from `at` on. */
void buf_repeat(struct buf *, size_t at, size_t len);

/* The bytes as a str; valid until the next append. */
struct str buf_str(const struct buf *);

#endif
