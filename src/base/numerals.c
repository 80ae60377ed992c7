/*
 * A pass over JSON text that knows strings, numbers and words only.
 */
#include <config.h>

#include "base/numerals.h"

static const char *const words[] = { "true", "false", "null" };

static bool
is_digit(struct str s, size_t at)
{
	return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

static bool
is_one_of(struct str s, size_t at, char a, char b)
{
	return at < s.len && (s.ptr[at] == a || s.ptr[at] == b);
}

/* Steps over digits; false if there is none. */
static bool
skip_digits(struct str s, size_t *at)
{
	if (!is_digit(s, *at))
		return false;
	while (is_digit(s, *at))
		++*at;
	return true;
}

/* Whether s is a number: RFC 8259, section 6. */
static bool
is_number(struct str s)
{
	size_t at = is_one_of(s, 0, '-', '-') ? 1 : 0;

	if (is_one_of(s, at, '0', '0'))
		at++;
	else if (!skip_digits(s, &at))
		return false;
	if (is_one_of(s, at, '.', '.')) {
		at++;
		if (!skip_digits(s, &at))
			return false;
	}
	if (is_one_of(s, at, 'e', 'E')) {
		at++;
		if (is_one_of(s, at, '+', '-'))
			at++;
		if (!skip_digits(s, &at))
			return false;
	}
	return at == s.len;
}

static bool
is_word(struct str s)
{
	for (size_t i = 0; i < N_ELEMENTS(words); i++)
		if (str_equal_text(s, words[i]))
			return true;
	return false;
}

/* What numbers and words are made of, and would be if they were wrong. */
static bool
is_part(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.';
}

static size_t
part_length(struct str s)
{
	size_t n = 0;

	while (n < s.len && is_part(s.ptr[n]))
		n++;
	return n;
}

static bool
is_name(struct str behind)
{
	size_t at = 0;

	while (is_one_of(behind, at, ' ', '\t') ||
	       is_one_of(behind, at, '\r', '\n'))
		at++;
	return is_one_of(behind, at, ':', ':');
}

/* A number or a word, and what stands behind it. */
static bool
add_part(struct buf *ret, struct str part, struct str behind)
{
	bool is_quoted = !is_word(part);

	if (is_quoted && (!is_number(part) || is_name(behind)))
		return false;
	if (is_quoted)
		buf_add_char(ret, '"');
	buf_add_str(ret, part);
	if (is_quoted)
		buf_add_char(ret, '"');
	return true;
}

/* Whether a value begins behind it, if all is well. */
static bool
begins_value(char c)
{
	return c == '{' || c == '[' || c == ',';
}

bool
numerals_quote(struct buf *ret, struct str json, size_t max_values)
{
	size_t values = 0;

	while (json.len > 0) {
		size_t n = part_length(json);

		if (begins_value(json.ptr[0]) && ++values > max_values)
			return false;
		if (n > 0) {
			if (!add_part(ret, (struct str){ json.ptr, n },
				str_from(json, n)))
				return false;
		} else {
			n = json.ptr[0] == '"' ? str_quoted_length(json) : 1;
			buf_add(ret, json.ptr, n);
		}
		json = str_from(json, n);
	}
	return true;
}
