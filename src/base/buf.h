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

void buf_add(struct buf *, const void *bytes, size_t len);
void buf_add_char(struct buf *, char);
void buf_add_str(struct buf *, struct str);
void buf_add_text(struct buf *, const char *text);
void buf_add_int(struct buf *, int64_t);
void buf_printf(struct buf *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes it n bytes longer and returns where they begin, for the caller to write
 * all of them at once; NULL when they do not fit. */
char *buf_extend(struct buf *, size_t n);

/* The bytes as a str; valid until the next append. */
struct str buf_str(const struct buf *);

#endif
