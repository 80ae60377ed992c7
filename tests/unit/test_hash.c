/*
 * src/base/hash.c: figures of xxhsum, the library's own program.
 */
#include <config.h>

#include "base/hash.h"

#include <criterion/criterion.h>

static const struct {
	const char *text;
	uint64_t hash;
	const char *tag;
} cases[] = {
	{ "", 0x2d06800538d394c2, "99aa06d3014798d86001c324468d497f" },
	{ "abc", 0x78af5f94892f3950, "06b05ab6733a618578af5f94892f3950" },
	{ "a list of connectors that is longer than one stripe of 64 bytes, "
	  "and so takes the way of long texts",
	    0x92d4da5060f17165, "bf07840299b0bcb5aafc34261f86853b" },
};

Test(hash, is_that_of_xxhsum)
{
	struct arena *arena = arena_new(65536);

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		const struct str text = str_of(cases[i].text);
		const struct str tag = hash_tag_hex(arena, text);

		cr_expect_eq(hash_64(text), cases[i].hash, "%s", text.ptr);
		cr_expect(str_equal_text(tag, cases[i].tag), "%s", text.ptr);
	}
	arena_free(arena);
}
