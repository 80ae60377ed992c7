/*
 * A table with one place for each remainder of the hash: no search, no
 * eviction.
 */
#include <config.h>

#include "api/key_hint.h"

#include <sys/mman.h>

#define COMPANY_BITS 48
#define COMPANY_MASK ((UINT64_C(1) << COMPANY_BITS) - 1)

struct key_hints *
key_hints_new(void)
{
	void *map = mmap(NULL, sizeof(struct key_hints), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? NULL : map;
}

void
key_hints_free(struct key_hints *hints)
{
	if (hints != NULL)
		munmap(hints, sizeof(*hints));
}

static uint64_t
short_hash(struct str hash)
{
	uint64_t number = 0;

	for (size_t i = 0; i < 16 && i < hash.len; i++)
		number =
		    number << 4 | (unsigned)(str_hex_digit(hash.ptr[i]) & 15);
	return number;
}

/* What of the hash stands in its place, in the upper bits. */
static uint64_t
mark_of(uint64_t key)
{
	return key / KEY_HINT_PLACES << COMPANY_BITS;
}

int64_t
key_hint_company(const struct key_hints *hints, struct str key_hash)
{
	uint64_t key = short_hash(key_hash), hint;

	if (hints == NULL)
		return 0;
	hint = atomic_load(&hints->places[key % KEY_HINT_PLACES]);
	return (hint & ~COMPANY_MASK) == mark_of(key)
		   ? (int64_t)(hint & COMPANY_MASK)
		   : 0;
}

void
key_hint_keep(struct key_hints *hints, struct str key_hash, int64_t company_id)
{
	uint64_t key = short_hash(key_hash), company = (uint64_t)company_id;

	if (hints != NULL && company <= COMPANY_MASK)
		atomic_store(&hints->places[key % KEY_HINT_PLACES],
		    mark_of(key) | company);
}
