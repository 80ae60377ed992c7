/*
 * Memory of one request: bump allocation, everything given back at once.
 *
 * Limits are errors, exhaustion is death: a caller that allocates by a size
 * that a client controls has checked it against a named limit before; an
 * allocation that fails behind those limits ends the process (the pool starts
 * another). So no call here needs a check. Reset wipes what was used, so no
 * secret of a request outlives it.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct arena;

/* A new arena; chunk is the size in bytes of the blocks it grows by. */
struct arena *arena_new(size_t chunk);

/* Wipes and frees everything; NULL is accepted. */
void arena_free(struct arena *);

/* Wipes what was allocated and makes it free again; keeps one block. */
void arena_reset(struct arena *);

/* size bytes of zeros, aligned for any type; valid until reset or free. */
void *arena_alloc(struct arena *, size_t size);

/* n zeroed objects of a type. Dies if n * sizeof(type) overflows. */
#define ARENA_NEW(arena, type, n) \
	((type *)arena_alloc_array(arena, n, sizeof(type)))
void *arena_alloc_array(struct arena *, size_t n, size_t size);

/* A copy of a text, with a NUL behind it that its length does not count. */
struct str arena_copy(struct arena *, struct str);

/* The same with ASCII letters in lower case. */
struct str arena_lower(struct arena *, struct str);

/* The same as arena_copy(), where a NULL ptr means something: it stays NULL. */
struct str arena_copy_if(struct arena *, struct str);

/* As printf, into the arena; NUL-terminated. */
struct str arena_printf(struct arena *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *);

#endif
