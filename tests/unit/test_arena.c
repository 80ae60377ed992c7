/*
 * src/base/arena.c
 */
#include <config.h>

#include "base/arena.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#define CHUNK 256

static bool
is_zero(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < len; i++)
		if (p[i] != 0)
			return false;
	return true;
}

Test(arena, gives_zeros_aligned_for_any_type)
{
	struct arena *a = arena_new(CHUNK);

	for (size_t size = 1; size < 3 * CHUNK; size += 7) {
		void *p = arena_alloc(a, size);

		cr_assert_not_null(p);
		cr_expect_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		cr_expect(is_zero(p, size), "%zu", size);
		memset(p, 0xA5, size);
	}
	arena_free(a);
}

Test(arena, objects_do_not_overlap)
{
	struct arena *a = arena_new(CHUNK);
	char *objects[100];

	for (size_t i = 0; i < N_ELEMENTS(objects); i++) {
		objects[i] = arena_alloc(a, 33);
		memset(objects[i], (int)i, 33);
	}
	for (size_t i = 0; i < N_ELEMENTS(objects); i++)
		for (size_t j = 0; j < 33; j++)
			cr_assert_eq(objects[i][j], (char)i);
	arena_free(a);
}

Test(arena, gives_zeros_again_after_reset)
{
	struct arena *a = arena_new(CHUNK);

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 20; i++) {
			char *p = arena_alloc(a, 100);

			cr_expect(is_zero(p, 100));
			memset(p, 'x', 100);
		}
		arena_reset(a);
	}
	arena_free(a);
}

Test(arena, counts_the_bytes_handed_out)
{
	struct arena *a = arena_new(CHUNK);

	cr_expect_eq(arena_used(a), 0);
	arena_alloc(a, 10);
	arena_alloc(a, 1000);
	cr_expect_eq(arena_used(a), 1010);
	arena_reset(a);
	cr_expect_eq(arena_used(a), 0);
	arena_free(a);
}

Test(arena, nothing_may_be_allocated)
{
	struct arena *a = arena_new(CHUNK);

	cr_expect_not_null(arena_alloc(a, 0));
	cr_expect_not_null(ARENA_NEW(a, int, 0));
	arena_free(a);
	arena_free(NULL);
}

Test(arena, copies_end_in_a_nul)
{
	struct arena *a = arena_new(CHUNK);
	struct str copy = arena_copy(a, STR("a\0b"));

	cr_expect_eq(copy.len, 3);
	cr_expect_eq(memcmp(copy.ptr, "a\0b", 4), 0);
	copy = arena_lower(a, STR("Ab\xc3\x84[Z"));
	cr_expect_str_eq(copy.ptr, "ab\xc3\x84[z");
	copy = arena_copy(a, (struct str){ NULL, 0 });
	cr_expect_eq(copy.len, 0);
	cr_expect_str_eq(copy.ptr, "");
	arena_free(a);
}

Test(arena, prints_texts_longer_than_a_chunk)
{
	struct arena *a = arena_new(CHUNK);
	struct str text = arena_printf(a, "%s-%d", "abc", 42);

	cr_expect_str_eq(text.ptr, "abc-42");
	cr_expect_eq(text.len, 6);
	text = arena_printf(a, "%01000d", 7);
	cr_expect_eq(text.len, 1000);
	cr_expect_eq(strlen(text.ptr), 1000);
	arena_free(a);
}

/* Whatever is left of the block: the text is whole, and what follows is zero.
 */
Test(arena, prints_at_the_end_of_a_block)
{
	for (size_t before = 0; before <= CHUNK; before++) {
		struct arena *a = arena_new(CHUNK);
		struct str text;
		const char *next;

		arena_alloc(a, before);
		text = arena_printf(a, "%s%030d", "x", 7);
		cr_expect_str_eq(text.ptr, "x000000000000000000000000000007");
		cr_expect_eq(text.len, 31);
		next = arena_alloc(a, CHUNK);
		for (size_t i = 0; i < CHUNK; i++)
			cr_assert_eq(next[i], 0, "%zu before", before);
		cr_expect_eq(arena_used(a), before + 32 + CHUNK);
		arena_reset(a);
		next = arena_alloc(a, CHUNK);
		for (size_t i = 0; i < CHUNK; i++)
			cr_assert_eq(next[i], 0, "%zu before", before);
		arena_free(a);
	}
}

Test(arena, dies_of_an_overflowing_array, .signal = SIGABRT)
{
	struct arena *a = arena_new(CHUNK);

	arena_alloc_array(a, SIZE_MAX / 8, 16);
}

Test(arena, dies_of_a_size_out_of_this_world, .signal = SIGABRT)
{
	struct arena *a = arena_new(CHUNK);

	arena_alloc(a, SIZE_MAX - 1);
}
