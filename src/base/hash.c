#include <config.h>

#include "base/hash.h"

#include <xxhash.h>

uint64_t
hash_64(struct str bytes)
{
	return XXH3_64bits(bytes.ptr, bytes.len);
}

/* An ETag of a long list was 28 % of a worker's time with SipHash. */
struct str
hash_tag_hex(struct arena *arena, struct str bytes)
{
	XXH128_hash_t hash = XXH3_128bits(bytes.ptr, bytes.len);

	return arena_printf(arena, "%016llx%016llx",
	    (unsigned long long)hash.high64, (unsigned long long)hash.low64);
}
