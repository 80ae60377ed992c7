/*
 * One value between the stages: a bound parameter of a statement, a cell of a
 * row. Open data; owns nothing.
 */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum value_type {
	VALUE_NULL,
	VALUE_INT,  /* integer; booleans are 0 and 1 */
	VALUE_TEXT, /* UTF-8; a time is "2024-01-31 23:59:59.000000" (UTC) */
	VALUE_BYTES /* binary: what is sealed */
};

struct value {
	enum value_type type;
	int64_t integer;
	struct str text;
};

static inline struct value
value_null(void)
{
	return (struct value){ .type = VALUE_NULL };
}

static inline struct value
value_int(int64_t integer)
{
	return (struct value){ .type = VALUE_INT, .integer = integer };
}

static inline struct value
value_text(struct str text)
{
	return (struct value){ .type = VALUE_TEXT, .text = text };
}

static inline struct value
value_bytes(struct str bytes)
{
	return (struct value){ .type = VALUE_BYTES, .text = bytes };
}

/* Whether two values are the same; of different types they never are. */
static inline bool
value_equal(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == VALUE_INT)
		return a->integer == b->integer;
	return a->type == VALUE_NULL || str_equal(a->text, b->text);
}

#endif
