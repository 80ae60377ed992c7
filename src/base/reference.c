/*
 * The grammar of {{key}}.
 */
#include <config.h>

#include "base/reference.h"

#define SCHEME_END "://"

static bool
is_key_start(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool
is_key_byte(unsigned char c)
{
	return is_key_start(c) || (c >= '0' && c <= '9') || c == '.' ||
	       c == '-';
}

static size_t
skip_blanks(struct str s, size_t at)
{
	while (at < s.len && s.ptr[at] == ' ')
		at++;
	return at;
}

/* Whether a reference begins at the start of s; its length and key. */
static bool
match(struct str s, size_t *ret_len, struct str *ret_key)
{
	size_t from, at;

	if (s.len < 5 || s.ptr[0] != '{' || s.ptr[1] != '{')
		return false;
	from = at = skip_blanks(s, 2);
	if (at == s.len || !is_key_start((unsigned char)s.ptr[at]))
		return false;
	while (at < s.len && is_key_byte((unsigned char)s.ptr[at]))
		at++;
	*ret_key = (struct str){ s.ptr + from, at - from };
	at = skip_blanks(s, at);
	if (s.len - at < 2 || s.ptr[at] != '}' || s.ptr[at + 1] != '}')
		return false;
	*ret_len = at + 2;
	return true;
}

bool
reference_next(struct str *rest, struct str *ret_plain, struct str *ret_key)
{
	size_t len = 0;

	*ret_key = (struct str){ NULL, 0 };
	*ret_plain = *rest;
	if (rest->len == 0)
		return false;
	for (size_t i = 0; i + 1 < rest->len; i++) {
		struct str key;

		if (rest->ptr[i] != '{' ||
		    !match(str_from(*rest, i), &len, &key))
			continue;
		*ret_key = key;
		ret_plain->len = i;
		*rest = str_from(*rest, i + len);
		return true;
	}
	*rest = str_from(*rest, rest->len);
	return true;
}

bool
reference_next_key(struct str *rest, struct str *ret_key)
{
	struct str plain;

	return reference_next(rest, &plain, ret_key) && ret_key->ptr != NULL;
}

struct str
reference_authority(struct str url)
{
	bool has_scheme = false;
	size_t end = 0;

	for (; end < url.len; end++) {
		if (!has_scheme &&
		    str_starts_with(str_from(url, end), STR(SCHEME_END))) {
			has_scheme = true;
			end += sizeof(SCHEME_END) - 2;
		} else if (url.ptr[end] == '/' || url.ptr[end] == '?' ||
			   url.ptr[end] == '#') {
			break;
		}
	}
	return (struct str){ url.ptr, end };
}
