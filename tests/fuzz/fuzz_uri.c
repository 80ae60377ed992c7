/*
 * Request targets: paths, query strings, and that a tree which was written
 * reads back as itself.
 */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "fuzz.h"
#include "http/uri.h"

#define MAX_SEGMENTS 8

static void
check_path(struct arena *arena, struct str path)
{
	struct str segments[MAX_SEGMENTS];
	size_t n = 0;

	if (!uri_segments(arena, path, MAX_SEGMENTS, segments, &n))
		return;
	require(n <= MAX_SEGMENTS);
	for (size_t i = 0; i < n; i++) {
		require(segments[i].len > 0);
		require(str_find(segments[i], '/') == segments[i].len);
	}
}

static void
check_tree(const struct param *list, size_t depth)
{
	require(list == NULL || depth <= 1 + URI_MAX_DEPTH);
	for (const struct param *p = list; p != NULL; p = p->next) {
		require(p->name.len > 0);
		require(p->value.ptr != NULL || p->value.len == 0);
		require(p->value.ptr == NULL || p->value.len > 0);
		require(p->is_list == (p->children != NULL));
		require(!p->is_list || p->value.ptr == NULL);
		require(str_equal(text_trim(p->value), p->value));
		check_tree(p->children, depth + 1);
	}
}

/* What was written, without the "&" behind the last one. */
static struct str
written(struct arena *arena, struct buf *b, const struct param *list)
{
	buf_reset(b);
	uri_add_query(b, list, "page");
	require(!b->overflow);
	if (b->len > 0)
		buf_truncate(b, b->len - 1);
	return arena_copy(arena, buf_str(b));
}

static void
check_query(struct arena *arena, struct buf *b, struct str query)
{
	struct param *list = uri_query(arena, query);
	struct str once, twice;

	check_tree(list, 1);
	once = written(arena, b, list);
	twice = written(arena, b, uri_query(arena, once));
	require(str_equal(once, twice));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_new(4096);
	struct str text = fuzz_text(arena, bytes, len);
	struct buf b;

	/* A name is written again for each of its values. */
	buf_init(&b, 3 * 1000 * (len + 10));
	check_path(arena, text);
	check_query(arena, &b, text);
	buf_done(&b);
	arena_free(arena);
	return 0;
}
