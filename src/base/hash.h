/*
 * Hashes that tell texts apart, where nothing depends on no two texts having
 * the same: whoever wants two with one hash can make them. For those that an
 * attacker must not make there is secret/secret.h. The only file that knows
 * xxHash. Both are the same on every machine.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* XXH3 of 64 bits: for sums of what lies in memory, and tables. */
uint64_t hash_64(struct str bytes);

/* XXH3 of 128 bits as 32 lower-case hex digits: for ETags. A client can make
 * two texts with one hash, but only of its own data. */
struct str hash_tag_hex(struct arena *, struct str bytes);

#endif
