/*
 * Text by pointer and length: compare, split, measure. Allocates nothing.
 */
#include <config.h>

#include "base/str.h"

#include <string.h>
#include <strings.h>

struct str
str_of(const char *text)
{
	if (text == NULL)
		return (struct str){ NULL, 0 };
	return (struct str){ text, strlen(text) };
}

bool
str_equal(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	return a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0;
}

bool
str_equal_text(struct str a, const char *text)
{
	/* Most pairs that are compared differ in the first byte. */
	if (a.len > 0 && (text == NULL || a.ptr[0] != text[0]))
		return false;
	return str_equal(a, str_of(text));
}

bool
str_equal_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	return a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

bool
str_starts_with(struct str s, struct str prefix)
{
	if (s.len < prefix.len)
		return false;
	return str_equal((struct str){ s.ptr, prefix.len }, prefix);
}

bool
str_ends_with(struct str s, struct str suffix)
{
	if (s.len < suffix.len)
		return false;
	return str_equal(str_from(s, s.len - suffix.len), suffix);
}

bool
str_is_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	return s.len > 0;
}

size_t
str_find(struct str s, char c)
{
	const char *found;

	if (s.len == 0)
		return 0;
	found = memchr(s.ptr, c, s.len);
	return found == NULL ? s.len : (size_t)(found - s.ptr);
}

struct str
str_from(struct str s, size_t from)
{
	if (from >= s.len)
		return (struct str){ s.ptr == NULL ? "" : s.ptr + s.len, 0 };
	return (struct str){ s.ptr + from, s.len - from };
}

bool
str_is_one_of(char c, const char *bytes)
{
	return c != '\0' && strchr(bytes, c) != NULL;
}

struct str
str_trim_start(struct str s, const char *bytes)
{
	while (s.len > 0 && str_is_one_of(s.ptr[0], bytes))
		s = str_from(s, 1);
	return s;
}

struct str
str_trim_end(struct str s, const char *bytes)
{
	while (s.len > 0 && str_is_one_of(s.ptr[s.len - 1], bytes))
		s.len--;
	return s;
}

struct str
str_trim(struct str s, const char *bytes)
{
	return str_trim_end(str_trim_start(s, bytes), bytes);
}

size_t
str_quoted_length(struct str s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.ptr[i] == '"')
			return i + 1;
		if (s.ptr[i] == '\\')
			i++;
	}
	return s.len;
}

bool
str_next_part(struct str *rest, char separator, struct str *ret)
{
	size_t end;

	if (rest->ptr == NULL)
		return false;
	end = str_find(*rest, separator);
	*ret = (struct str){ rest->ptr, end };
	if (end == rest->len)
		*rest = (struct str){ NULL, 0 };
	else
		*rest = str_from(*rest, end + 1);
	return true;
}

bool
str_to_u64(struct str s, uint64_t *ret)
{
	uint64_t value = 0;

	if (!str_is_digits(s))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(s.ptr[i] - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*ret = value;
	return true;
}

bool
str_to_id(struct str s, int64_t *ret)
{
	uint64_t value;

	if (s.len == 0 || s.ptr[0] == '0' || !str_to_u64(s, &value))
		return false;
	if (value > INT64_MAX)
		return false;
	*ret = (int64_t)value;
	return true;
}

/* The well-formed sequences of RFC 3629, section 4, by their first byte. */
static const struct {
	unsigned char first, last; /* of the first byte */
	unsigned char len;
	unsigned char low, high; /* of the second byte */
} utf8_rows[] = {
	{ 0xC2, 0xDF, 2, 0x80, 0xBF },
	{ 0xE0, 0xE0, 3, 0xA0, 0xBF },
	{ 0xE1, 0xEC, 3, 0x80, 0xBF },
	{ 0xED, 0xED, 3, 0x80, 0x9F },
	{ 0xEE, 0xEF, 3, 0x80, 0xBF },
	{ 0xF0, 0xF0, 4, 0x90, 0xBF },
	{ 0xF1, 0xF3, 4, 0x80, 0xBF },
	{ 0xF4, 0xF4, 4, 0x80, 0x8F },
};

/* Whether the sequence of row i begins at p and ends before end. */
static bool
is_sequence(size_t i, const unsigned char *p, const unsigned char *end)
{
	if ((size_t)(end - p) < utf8_rows[i].len)
		return false;
	if (p[1] < utf8_rows[i].low || p[1] > utf8_rows[i].high)
		return false;
	for (size_t at = 2; at < utf8_rows[i].len; at++)
		if ((p[at] & 0xC0) != 0x80)
			return false;
	return true;
}

/* Length of the well-formed sequence at p (end exclusive), 0 for none. */
static size_t
utf8_sequence(const unsigned char *p, const unsigned char *end)
{
	if (p[0] < 0x80)
		return 1;
	for (size_t i = 0; i < N_ELEMENTS(utf8_rows); i++)
		if (p[0] >= utf8_rows[i].first && p[0] <= utf8_rows[i].last)
			return is_sequence(i, p, end) ? utf8_rows[i].len : 0;
	return 0;
}

size_t
str_utf8_prefix(struct str s)
{
	const unsigned char *begin = (const unsigned char *)s.ptr;
	const unsigned char *p = begin;
	const unsigned char *end;

	if (s.len == 0)
		return 0;
	end = begin + s.len;
	while (p < end) {
		size_t len = utf8_sequence(p, end);

		if (len == 0)
			break;
		p += len;
	}
	return (size_t)(p - begin);
}

bool
str_is_utf8(struct str s)
{
	return str_utf8_prefix(s) == s.len;
}

size_t
str_utf8_length(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.ptr[i] & 0xC0) != 0x80)
			n++;
	return n;
}

int
str_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}
