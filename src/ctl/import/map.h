/*
 * A hash table from one 64-bit number to another, for the ids of an import:
 * 16 bytes an entry and half of them empty, so a million ids cost 32 MiB.
 */
#ifndef CTL_IMPORT_MAP_H
#define CTL_IMPORT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct import_map_entry {
	int64_t key;
	int64_t value;
};

struct import_map {
	struct import_map_entry *entries; /* owned; capacity of them */
	unsigned char *is_used;           /* owned; one an entry */
	size_t capacity;                  /* a power of two, or 0 */
	size_t count;
};

/* Frees the entries; a zeroed map is an empty one. */
void import_map_done(struct import_map *);

/* Adds a key; false (and nothing changed) if it is there already. */
bool import_map_add(struct import_map *, int64_t key, int64_t value);

/* The value of a key; NULL if there is none. Valid until the next add. */
int64_t *import_map_find(const struct import_map *, int64_t key);

#endif
