/*
 * Percent-encoding: RFC 3986, section 2.1, and the plus of forms.
 */
#include <config.h>

#include "base/percent.h"

/* The byte of an escape that begins s; -1 if none does. */
static int
escaped_byte(struct str s)
{
	int high, low;

	if (s.len < 3 || s.ptr[0] != '%')
		return -1;
	high = str_hex_digit(s.ptr[1]);
	low = str_hex_digit(s.ptr[2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

struct str
percent_decode(struct arena *arena, struct str text, bool plus_is_space)
{
	char *p;
	size_t n = 0;

	if (str_find(text, '%') == text.len &&
	    (!plus_is_space || str_find(text, '+') == text.len))
		return text;
	p = arena_alloc(arena, text.len);
	while (text.len > 0) {
		int byte = escaped_byte(text);

		if (byte >= 0)
			p[n++] = (char)byte;
		else if (plus_is_space && text.ptr[0] == '+')
			p[n++] = ' ';
		else
			p[n++] = text.ptr[0];
		text = str_from(text, byte >= 0 ? 3 : 1);
	}
	return (struct str){ p, n };
}

static bool
is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
	       c == '~';
}

void
percent_encode(struct buf *b, struct str text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		char escape[3] = { '%', digits[c >> 4], digits[c & 15] };

		if (is_unreserved(text.ptr[i]))
			buf_add_char(b, text.ptr[i]);
		else
			buf_add(b, escape, sizeof(escape));
	}
}

struct str
percent_encoded(struct arena *arena, struct str text)
{
	struct str encoded;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	percent_encode(&b, text);
	encoded = arena_copy(arena, buf_str(&b));
	buf_done(&b);
	return encoded;
}
