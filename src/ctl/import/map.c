/*
 * Open addressing with linear probing; grows at half full; never shrinks.
 */
#include <config.h>

#include "ctl/import/map.h"

#include <stdlib.h>

#define FIRST_CAPACITY 256

void
import_map_done(struct import_map *map)
{
	free(map->entries);
	free(map->is_used);
	*map = (struct import_map){ 0 };
}

/* Spreads what mostly counts up: the finalizer of MurmurHash3. */
static size_t
place(const struct import_map *map, int64_t key)
{
	uint64_t h = (uint64_t)key;

	h ^= h >> 33;
	h *= UINT64_C(0xFF51AFD7ED558CCD);
	h ^= h >> 33;
	return (size_t)h & (map->capacity - 1);
}

/* Where the key stands or would stand. */
static size_t
find_place(const struct import_map *map, int64_t key)
{
	size_t i = place(map, key);

	while (map->is_used[i] != 0 && map->entries[i].key != key)
		i = (i + 1) & (map->capacity - 1);
	return i;
}

static void
grow(struct import_map *map)
{
	struct import_map old = *map;

	map->capacity = old.capacity == 0 ? FIRST_CAPACITY : old.capacity * 2;
	map->entries = calloc(map->capacity, sizeof(*map->entries));
	map->is_used = calloc(map->capacity, 1);
	if (map->entries == NULL || map->is_used == NULL)
		abort();
	for (size_t i = 0; i < old.capacity; i++) {
		size_t to;

		if (old.is_used[i] == 0)
			continue;
		to = find_place(map, old.entries[i].key);
		map->entries[to] = old.entries[i];
		map->is_used[to] = 1;
	}
	import_map_done(&old);
}

bool
import_map_add(struct import_map *map, int64_t key, int64_t value)
{
	size_t i;

	if (map->count * 2 >= map->capacity)
		grow(map);
	i = find_place(map, key);
	if (map->is_used[i] != 0)
		return false;
	map->entries[i] = (struct import_map_entry){ key, value };
	map->is_used[i] = 1;
	map->count++;
	return true;
}

int64_t *
import_map_find(const struct import_map *map, int64_t key)
{
	size_t i;

	if (map->capacity == 0)
		return NULL;
	i = find_place(map, key);
	return map->is_used[i] == 0 ? NULL : &map->entries[i].value;
}
