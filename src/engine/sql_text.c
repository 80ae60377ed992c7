/*
 * Names and lists of statements, and the sizes of lists.
 */
#include <config.h>

#include "engine/sql_text.h"

void
sql_add_name(struct buf *b, const char *name)
{
	buf_add_char(b, '`');
	buf_add_text(b, name);
	buf_add_char(b, '`');
}

void
sql_add_list(struct buf *b, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_char(b, ',');
		buf_add_text(b, text);
	}
}

size_t
sql_padded(size_t n)
{
	size_t power = 1;

	while (power < n)
		power *= 2;
	return power;
}

size_t
sql_chunk(size_t n, size_t few, size_t most)
{
	size_t power = 1;

	if (n <= few)
		return n;
	while (power * 2 <= n && power < most)
		power *= 2;
	return power;
}
