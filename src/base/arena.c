/*
 * Bump allocation in a chain of blocks. Unused bytes are always zero: blocks
 * come zeroed and reset wipes what was used, so allocation need not clear.
 *
 * Must not free single objects.
 */
#include <config.h>

#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n)   ((void)0)
#define UNPOISON(p, n) ((void)0)
#endif

/* A gap behind each object under AddressSanitizer, so overruns are seen. */
#ifdef HAVE_ASAN
#define RED_ZONE 16
#else
#define RED_ZONE 0
#endif

#define ALIGNMENT _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t size; /* of data */
	size_t used;
	max_align_t data[];
};

struct arena {
	struct block *blocks; /* newest first */
	size_t chunk;
	size_t used;
};

static _Noreturn void
die_out_of_memory(void)
{
	static const char text[] = "{\"level\":\"fatal\","
				   "\"message\":\"out of memory\"}\n";

	fwrite(text, 1, sizeof(text) - 1, stderr);
	abort();
}

static void
push_block(struct arena *a, size_t size)
{
	struct block *b;

	if (size < a->chunk)
		size = a->chunk;
	if (size > SIZE_MAX - sizeof(*b))
		die_out_of_memory();
	b = calloc(1, sizeof(*b) + size);
	if (b == NULL)
		die_out_of_memory();
	b->size = size;
	b->next = a->blocks;
	a->blocks = b;
	POISON(b->data, b->size);
}

static void
wipe_block(struct block *b)
{
	UNPOISON(b->data, b->size);
	explicit_bzero(b->data, b->used);
	b->used = 0;
}

struct arena *
arena_new(size_t chunk)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		die_out_of_memory();
	a->chunk = chunk;
	push_block(a, chunk);
	return a;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	while (a->blocks != NULL) {
		struct block *b = a->blocks;

		a->blocks = b->next;
		wipe_block(b);
		free(b);
	}
	free(a);
}

void
arena_reset(struct arena *a)
{
	while (a->blocks->next != NULL) {
		struct block *b = a->blocks;

		a->blocks = b->next;
		wipe_block(b);
		free(b);
	}
	wipe_block(a->blocks);
	POISON(a->blocks->data, a->blocks->size);
	a->used = 0;
}

/* What an object takes of its block. */
static size_t
taken(size_t size)
{
	return (size + RED_ZONE + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct block *b = a->blocks;
	size_t want;
	void *p;

	if (size > SIZE_MAX / 2)
		die_out_of_memory();
	want = taken(size);
	if (want > b->size - b->used) {
		push_block(a, want);
		b = a->blocks;
	}
	p = (char *)b->data + b->used;
	b->used += want;
	a->used += size;
	UNPOISON(p, size);
	return p;
}

void *
arena_alloc_array(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		die_out_of_memory();
	return arena_alloc(a, n * size);
}

struct str
arena_copy(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.len + 1);

	if (s.len > 0)
		memcpy(p, s.ptr, s.len);
	return (struct str){ p, s.len };
}

/*
 * Formats into what is left of the block, where the object will stand if it
 * fits; wiped again if it does not. The length, negative for a failure.
 */
__attribute__((format(printf, 2, 0))) static int
try_printf(struct arena *a, const char *format, va_list args)
{
	struct block *b = a->blocks;
	char *p = (char *)b->data + b->used;
	size_t room = b->size - b->used;
	int len;

	UNPOISON(p, room);
	len = vsnprintf(p, room, format, args);
	if (len < 0 || taken((size_t)len + 1) > room)
		explicit_bzero(p, room);
	POISON(p, room);
	return len;
}

struct str
arena_lower(struct arena *arena, struct str text)
{
	char *copy = arena_alloc(arena, text.len + 1);

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		copy[i] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
	}
	return (struct str){ copy, text.len };
}

struct str
arena_copy_if(struct arena *a, struct str s)
{
	return s.ptr == NULL ? s : arena_copy(a, s);
}

struct str
arena_printf(struct arena *a, const char *format, ...)
{
	va_list args, again;
	char *p;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = try_printf(a, format, args);
	va_end(args);
	if (len < 0)
		die_out_of_memory();
	p = arena_alloc(a, (size_t)len + 1);
	/* Wiped or of a new block: it did not fit. */
	if (p[0] == '\0')
		vsnprintf(p, (size_t)len + 1, format, again);
	va_end(again);
	return (struct str){ p, (size_t)len };
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
