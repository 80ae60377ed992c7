/*
 * A growing run of bytes with a maximum and a sticky overflow flag.
 */
#include <config.h>

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 4096

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_done(struct buf *b)
{
	if (b->ptr != NULL)
		explicit_bzero(b->ptr, b->len);
	free(b->ptr);
	*b = (struct buf){ .max = b->max };
}

void
buf_reset(struct buf *b)
{
	buf_truncate(b, 0);
	b->overflow = false;
}

void
buf_truncate(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	explicit_bzero(b->ptr + len, b->len - len);
	b->len = len;
}

/*
 * Not realloc: the old bytes may hold a secret and are wiped. One byte beyond
 * the maximum may be owned: vsnprintf ends its text with a NUL.
 */
static void
grow(struct buf *b, size_t need)
{
	size_t capacity =
	    b->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : b->capacity * 2;
	char *p;

	while (capacity < need)
		capacity *= 2;
	if (capacity - 1 > b->max)
		capacity = b->max + 1;
	p = malloc(capacity);
	if (p == NULL)
		abort();
	if (b->len > 0)
		memcpy(p, b->ptr, b->len);
	if (b->ptr != NULL)
		explicit_bzero(b->ptr, b->len);
	free(b->ptr);
	b->ptr = p;
	b->capacity = capacity;
}

/* Room for a NUL behind them is kept too: see grow(). */
bool
buf_reserve(struct buf *b, size_t n)
{
	if (b->overflow || n > b->max - b->len) {
		b->overflow = true;
		return false;
	}
	if (n >= b->capacity - b->len)
		grow(b, b->len + n + 1);
	return true;
}

void
buf_add(struct buf *b, const void *bytes, size_t len)
{
	char *p;

	if (len == 0)
		return;
	p = buf_extend(b, len);
	if (p != NULL)
		memcpy(p, bytes, len);
}

void
buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.ptr, s.len);
}

void
buf_add_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void
buf_add_int(struct buf *b, int64_t value)
{
	char digits[24];
	char *p = digits + sizeof(digits);
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(digits + sizeof(digits) - p));
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list args, again;
	char *p;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	p = len < 0 ? NULL : buf_extend(b, (size_t)len);
	if (p != NULL)
		vsnprintf(p, (size_t)len + 1, format, again);
	va_end(again);
}

void
buf_repeat(struct buf *b, size_t at, size_t len)
{
	char *p = buf_extend(b, len);

	if (p != NULL && len > 0)
		memcpy(p, b->ptr + at, len);
}

struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->ptr == NULL ? "" : b->ptr, b->len };
}
