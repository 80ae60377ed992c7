/*
 * JSON of the floor: texts put one after the other, no tree, no checks.
 */
#ifndef FLOOR_JSON_H
#define FLOOR_JSON_H

#include <stddef.h>

#include "floor_db.h"

/* How a cell is written. */
enum kind {
	NUMBER,
	TEXT,
	BOOLEAN,
	MOMENT,
	RAW
};

/* A member: its key as it is written, and its value's kind. */
struct field {
	const char *key;
	size_t key_len;
	enum kind kind;
};

#define FIELD(name, kind)                                            \
	{                                                            \
		"\"" #name "\":", sizeof("\"" #name "\":") - 1, kind \
	}
#define END                  \
	{                    \
		NULL, 0, RAW \
	}

struct out {
	char *ptr;
	size_t len, capacity;
};

void out_bytes(struct out *, const char *, size_t);
void out_text(struct out *, const char *); /* as it is */
void out_number(struct out *, long long);
void out_string(struct out *, const char *, size_t); /* quoted */

/* Members by commas, without braces; returns the cell behind the last. */
const struct cell *out_fields(
    struct out *, const struct field *, const struct cell *);

#endif
