/*
 * A table with one place for each remainder of the hash: no search, no
 * eviction.
 */
#include <config.h>

#include "api/key_hint.h"

static uint64_t
short_hash(struct str hash)
{
	uint64_t number = 0;

	for (size_t i = 0; i < 16 && i < hash.len; i++)
		number =
		    number << 4 | (unsigned)(str_hex_digit(hash.ptr[i]) & 15);
	return number;
}

int64_t
key_hint_company(const struct key_hints *hints, struct str key_hash)
{
	uint64_t key = short_hash(key_hash);
	size_t place = key % KEY_HINT_PLACES;

	if (hints->places[place].key != key)
		return 0;
	return hints->places[place].company_id;
}

void
key_hint_keep(struct key_hints *hints, struct str key_hash, int64_t company_id)
{
	uint64_t key = short_hash(key_hash);
	size_t place = key % KEY_HINT_PLACES;

	hints->places[place].key = key;
	hints->places[place].company_id = company_id;
}
