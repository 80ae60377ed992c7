/*
 * What the fuzz targets share.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"

/* Called by libFuzzer for each input. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A property that holds for every input. */
#define require(fact) ((fact) ? (void)0 : abort())

/*
 * The input as a text of exactly its length in the arena, so that a sanitizer
 * sees a read past its end.
 */
static inline struct str
fuzz_text(struct arena *arena, const uint8_t *bytes, size_t len)
{
	char *p = arena_alloc(arena, len);

	for (size_t i = 0; i < len; i++)
		p[i] = (char)bytes[i];
	return (struct str){ p, len };
}

#endif
