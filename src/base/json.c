/*
 * A JSON writer: RFC 8259 text into a buffer, separators by the byte before.
 */
#include <config.h>

#include "base/json.h"

#include <string.h>

/* A comma unless the value is the first of its container or follows a key.
 * The buffer may begin with other text (a log line): an empty one needs none.
 */
static bool
needs_comma(const struct buf *b)
{
	char last;

	if (b->len == 0)
		return false;
	last = b->ptr[b->len - 1];
	return last != '{' && last != '[' && last != ':';
}

static void
separate(struct buf *b)
{
	if (needs_comma(b))
		buf_add_char(b, ',');
}

/* A separator, the text in quotes and what follows, in one piece. */
static void
add_quoted(struct buf *b, struct str text, struct str end)
{
	bool comma = needs_comma(b);
	char *p = buf_extend(b, comma + 2 + text.len + end.len);

	if (p == NULL)
		return;
	if (comma)
		*p++ = ',';
	*p++ = '"';
	if (text.len > 0)
		memcpy(p, text.ptr, text.len);
	p += text.len;
	*p++ = '"';
	if (end.len > 0)
		memcpy(p, end.ptr, end.len);
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
	add_quoted(b, str_of(name), STR(":"));
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

void
json_repeat(struct buf *b, size_t at, size_t len)
{
	separate(b);
	buf_repeat(b, at, len);
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

#define EACH_BYTE(byte) (UINT64_MAX / 255 * (byte))

/*
 * Whether eight bytes are ASCII without any that needs an escape: the highest
 * bit of a byte is set by one of the four otherwise. A borrow goes from such a
 * byte only, so it finds none where there is none.
 */
static bool
is_plain_word(uint64_t word)
{
	uint64_t quote = word ^ EACH_BYTE('"');
	uint64_t backslash = word ^ EACH_BYTE('\\');

	return ((word | (word - EACH_BYTE(0x20)) | (quote - EACH_BYTE(1)) |
		    (backslash - EACH_BYTE(1))) &
		   EACH_BYTE(0x80)) == 0;
}

/* Nearly every string: it is copied as it is. */
static bool
is_plain(struct str s)
{
	uint64_t word;
	size_t i = 0;

	for (; s.len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, s.ptr + i, sizeof(word));
		if (!is_plain_word(word))
			return false;
	}
	for (; i < s.len; i++)
		if (needs_escape((unsigned char)s.ptr[i]) ||
		    (unsigned char)s.ptr[i] >= 0x80)
			return false;
	return true;
}

void
json_string(struct buf *b, struct str s)
{
	if (is_plain(s)) {
		add_quoted(b, s, (struct str){ NULL, 0 });
		return;
	}
	separate(b);
	buf_add_char(b, '"');
	if (str_is_utf8(s))
		add_escaped(b, s);
	else
		add_repaired(b, s);
	buf_add_char(b, '"');
}

void
json_member_text(struct buf *b, const char *name, const char *text)
{
	json_key(b, name);
	json_string(b, str_of(text));
}

void
json_member_int(struct buf *b, const char *name, uint64_t value)
{
	json_key(b, name);
	json_int(b, (int64_t)value);
}
