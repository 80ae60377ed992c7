/*
 * A JSON writer: RFC 8259 text into a buffer, separators by the byte before.
 */
#include <config.h>

#include "base/json.h"

#include <string.h>

/* A comma unless the value is the first of its container or follows a key.
 * The buffer may begin with other text (a log line): an empty one needs none.
 */
static void
separate(struct buf *b)
{
	char last;

	if (b->len == 0)
		return;
	last = b->ptr[b->len - 1];
	if (last != '{' && last != '[' && last != ':')
		buf_add_char(b, ',');
}

void
json_object_open(struct buf *b)
{
	separate(b);
	buf_add_char(b, '{');
}

void
json_object_close(struct buf *b)
{
	buf_add_char(b, '}');
}

void
json_array_open(struct buf *b)
{
	separate(b);
	buf_add_char(b, '[');
}

void
json_array_close(struct buf *b)
{
	buf_add_char(b, ']');
}

void
json_key(struct buf *b, const char *name)
{
	separate(b);
	buf_add_char(b, '"');
	buf_add_text(b, name);
	buf_add(b, "\":", 2);
}

void
json_key_str(struct buf *b, struct str name)
{
	json_string(b, name);
	buf_add_char(b, ':');
}

void
json_null(struct buf *b)
{
	separate(b);
	buf_add(b, "null", 4);
}

void
json_bool(struct buf *b, bool value)
{
	separate(b);
	buf_add_text(b, value ? "true" : "false");
}

void
json_int(struct buf *b, int64_t value)
{
	separate(b);
	buf_add_int(b, value);
}

void
json_raw(struct buf *b, struct str text)
{
	separate(b);
	buf_add_str(b, text);
}

/* The letter behind the backslash for the short escapes; 0 for the others. */
static char
short_escape(unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

static void
add_escape(struct buf *b, unsigned char c)
{
	char letter = short_escape(c);

	if (letter != 0) {
		char pair[2] = { '\\', letter };

		buf_add(b, pair, 2);
		return;
	}
	buf_printf(b, "\\u%04x", c);
}

static bool
needs_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

/* Runs without escapes are copied whole. */
static void
add_escaped(struct buf *b, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (!needs_escape(c))
			continue;
		buf_add(b, s.ptr + from, i - from);
		add_escape(b, c);
		from = i + 1;
	}
	buf_add_str(b, str_from(s, from));
}

static void
add_repaired(struct buf *b, struct str s)
{
	while (s.len > 0) {
		size_t good = str_utf8_prefix(s);

		add_escaped(b, (struct str){ s.ptr, good });
		s = str_from(s, good);
		if (s.len == 0)
			return;
		buf_add(b, "\xEF\xBF\xBD", 3);
		s = str_from(s, 1);
	}
}

void
json_string(struct buf *b, struct str s)
{
	separate(b);
	buf_add_char(b, '"');
	if (str_is_utf8(s))
		add_escaped(b, s);
	else
		add_repaired(b, s);
	buf_add_char(b, '"');
}
