/*
 * Trimming by a table of code points.
 */
#include <config.h>

#include "base/text.h"

/* Ascending. Both ends count. */
static const struct {
	uint32_t first, last;
} blanks[] = {
	{ 0x0000, 0x0000 },
	{ 0x0009, 0x000D },
	{ 0x0020, 0x0020 },
	{ 0x00A0, 0x00A0 },
	{ 0x00AD, 0x00AD },
	{ 0x034F, 0x034F },
	{ 0x061C, 0x061C },
	{ 0x115F, 0x1160 },
	{ 0x17B4, 0x17B5 },
	{ 0x180E, 0x180E },
	{ 0x2000, 0x200F },
	{ 0x202F, 0x202F },
	{ 0x205F, 0x2065 },
	{ 0x206A, 0x206F },
	{ 0x2800, 0x2800 },
	{ 0x3000, 0x3000 },
	{ 0x3164, 0x3164 },
	{ 0xFEFF, 0xFEFF },
	{ 0xFFA0, 0xFFA0 },
	{ 0x1D159, 0x1D159 },
	{ 0x1D173, 0x1D17A },
	{ 0xE0020, 0xE0020 },
};

static bool
is_blank(uint32_t code)
{
	for (size_t i = 0; i < N_ELEMENTS(blanks); i++)
		if (code <= blanks[i].last)
			return code >= blanks[i].first;
	return false;
}

/* What is blank in a text that is not UTF-8; a form feed is not. */
static bool
is_ascii_blank(char c)
{
	return c == ' ' || c == '\0' || (c >= '\t' && c <= '\r' && c != '\f');
}

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* The code point that begins s (well-formed, not empty), and its length. */
static uint32_t
first_code(struct str s, size_t *ret_len)
{
	unsigned char lead = (unsigned char)s.ptr[0];
	uint32_t code = lead;
	size_t len = 1;

	if (lead >= 0xC0)
		code = lead & (lead < 0xE0 ? 0x1Fu : lead < 0xF0 ? 0x0Fu : 7u);
	for (; len < s.len && is_continuation(s.ptr[len]); len++)
		code = code << 6 | ((unsigned char)s.ptr[len] & 0x3Fu);
	*ret_len = len;
	return code;
}

/* The same for the one that ends s. */
static uint32_t
last_code(struct str s, size_t *ret_len)
{
	size_t at = s.len - 1;

	while (at > 0 && is_continuation(s.ptr[at]))
		at--;
	return first_code(str_from(s, at), ret_len);
}

static struct str
trim_ascii(struct str s)
{
	while (s.len > 0 && is_ascii_blank(s.ptr[0]))
		s = str_from(s, 1);
	while (s.len > 0 && is_ascii_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

static struct str
trim_utf8(struct str s)
{
	size_t len;

	while (s.len > 0 && is_blank(first_code(s, &len)))
		s = str_from(s, len);
	while (s.len > 0 && is_blank(last_code(s, &len)))
		s.len -= len;
	return s;
}

struct str
text_trim(struct str s)
{
	s = str_is_utf8(s) ? trim_utf8(s) : trim_ascii(s);
	return s.len > 0 ? s : (struct str){ NULL, 0 };
}
