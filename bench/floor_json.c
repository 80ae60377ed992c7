/*
 * One growing buffer.
 */
#include <config.h>

#include "floor_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
out_bytes(struct out *o, const char *bytes, size_t len)
{
	if (o->len + len > o->capacity) {
		o->capacity = (o->len + len) * 2;
		o->ptr = realloc(o->ptr, o->capacity);
		if (o->ptr == NULL)
			abort();
	}
	memcpy(o->ptr + o->len, bytes, len);
	o->len += len;
}

void
out_text(struct out *o, const char *text)
{
	out_bytes(o, text, strlen(text));
}

void
out_number(struct out *o, long long number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%lld", number);

	out_bytes(o, digits, (size_t)len);
}

void
out_string(struct out *o, const char *s, size_t len)
{
	size_t begin = 0;
	char escape[8];

	out_bytes(o, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		out_bytes(o, s + begin, i - begin);
		if (c < 0x20)
			snprintf(escape, sizeof(escape), "\\u%04x", c);
		else
			snprintf(escape, sizeof(escape), "\\%c", c);
		out_text(o, escape);
		begin = i + 1;
	}
	out_bytes(o, s + begin, len - begin);
	out_bytes(o, "\"", 1);
}

/* "2026-01-02 03:04:05.000000" */
static void
out_moment(struct out *o, const struct cell *cell)
{
	out_bytes(o, "\"", 1);
	out_bytes(o, cell->ptr, 10);
	out_bytes(o, "T", 1);
	out_bytes(o, cell->ptr + 11, cell->len - 11);
	out_bytes(o, "Z\"", 2);
}

const struct cell *
out_fields(struct out *o, const struct field *f, const struct cell *cell)
{
	for (const struct field *first = f; f->key != NULL; f++, cell++) {
		if (f != first)
			out_bytes(o, ",", 1);
		out_bytes(o, f->key, f->key_len);
		if (cell->ptr == NULL)
			out_bytes(o, "null", 4);
		else if (f->kind == TEXT)
			out_string(o, cell->ptr, cell->len);
		else if (f->kind == BOOLEAN)
			out_text(o, cell->ptr[0] == '0' ? "false" : "true");
		else if (f->kind == MOMENT)
			out_moment(o, cell);
		else
			out_bytes(o, cell->ptr, cell->len);
	}
	return cell;
}
