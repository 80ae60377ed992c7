/*
 * A checker of JSON text: recursive descent, bounded, building nothing.
 */
#include <config.h>

#include "engine/json_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Longest number that is looked at. */
#define NUMBER_BYTES 400

struct checker {
	const char *begin;
	const char *at;
	const char *end;
	unsigned depth;
	size_t values; /* so far */
	size_t max_values;
	bool is_foreign; /* a string may hold what only others write */
	const char *fault;
};

static bool check_value(struct checker *);

static bool
fail(struct checker *c, const char *what)
{
	c->fault = what;
	return false;
}

static int
peek(const struct checker *c)
{
	return c->at < c->end ? (unsigned char)*c->at : -1;
}

static void
skip_blanks(struct checker *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' ||
				     *c->at == '\n' || *c->at == '\r'))
		c->at++;
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* The four digits behind "\u". */
static bool
read_unit(struct checker *c, unsigned *ret)
{
	unsigned unit = 0;

	for (int i = 0; i < 4; i++, c->at++) {
		int digit = c->at < c->end ? str_hex_digit(*c->at) : -1;

		if (digit < 0)
			return fail(c, "a \\u escape needs four hex digits");
		unit = unit * 16 + (unsigned)digit;
	}
	*ret = unit;
	return true;
}

/* Behind a high surrogate: the low one, as an escape of its own. */
static bool
check_low_surrogate(struct checker *c)
{
	unsigned low;

	if (c->end - c->at < 2 || c->at[0] != '\\' || c->at[1] != 'u')
		return fail(c, "a high surrogate stands alone");
	c->at += 2;
	if (!read_unit(c, &low))
		return false;
	if (low < 0xDC00 || low > 0xDFFF)
		return fail(c, "a high surrogate stands alone");
	return true;
}

/* At the "u": one unit, or a pair of surrogates. */
static bool
check_unicode_escape(struct checker *c)
{
	unsigned unit;

	c->at++;
	if (!read_unit(c, &unit))
		return false;
	if (c->is_foreign)
		return true;
	if (unit == 0)
		return fail(c, "a string must not hold a NUL");
	if (unit >= 0xDC00 && unit <= 0xDFFF)
		return fail(c, "a low surrogate stands alone");
	if (unit >= 0xD800 && unit <= 0xDBFF)
		return check_low_surrogate(c);
	return true;
}

static bool
check_escape(struct checker *c)
{
	c->at++;
	if (peek(c) == 'u')
		return check_unicode_escape(c);
	if (peek(c) <= 0 || strchr("\"\\/bfnrt", *c->at) == NULL)
		return fail(c, "an escape is unknown");
	c->at++;
	return true;
}

static bool
check_string(struct checker *c)
{
	c->at++;
	for (;;) {
		int byte = peek(c);

		if (byte < 0)
			return fail(c, "a string does not end");
		if (byte < (c->is_foreign ? 1 : 0x20))
			return fail(c, "a control character must be escaped");
		if (byte == '"') {
			c->at++;
			return true;
		}
		if (byte == '\\') {
			if (!check_escape(c))
				return false;
		} else {
			c->at++;
		}
	}
}

static bool
skip_digits(struct checker *c)
{
	if (!is_digit(peek(c)))
		return fail(c, "a digit is expected");
	while (is_digit(peek(c)))
		c->at++;
	return true;
}

/* No setting needs a number that is too large for a finite double. */
static bool
check_range(struct checker *c, const char *from)
{
	size_t len = (size_t)(c->at - from);
	char copy[NUMBER_BYTES + 1];

	if (len <= NUMBER_BYTES) {
		memcpy(copy, from, len);
		copy[len] = '\0';
		if (isfinite(strtod(copy, NULL)))
			return true;
	}
	c->at = from;
	return fail(c, "a number is out of range");
}

static bool
check_number(struct checker *c)
{
	const char *from = c->at;

	if (peek(c) == '-')
		c->at++;
	if (peek(c) == '0') {
		c->at++;
		if (is_digit(peek(c)))
			return fail(c, "a number has a leading zero");
	} else if (!skip_digits(c)) {
		return false;
	}
	if (peek(c) == '.') {
		c->at++;
		if (!skip_digits(c))
			return false;
	}
	if (peek(c) == 'e' || peek(c) == 'E') {
		c->at++;
		if (peek(c) == '+' || peek(c) == '-')
			c->at++;
		if (!skip_digits(c))
			return false;
	}
	return check_range(c, from);
}

static bool
check_word(struct checker *c, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len) != 0)
		return fail(c, "a value is expected");
	c->at += len;
	return true;
}

static bool
check_member(struct checker *c)
{
	skip_blanks(c);
	if (peek(c) != '"')
		return fail(c, "a name in double quotes is expected");
	if (!check_string(c))
		return false;
	skip_blanks(c);
	if (peek(c) != ':')
		return fail(c, "a colon is expected");
	c->at++;
	return check_value(c);
}

/* An object or array, at its opening bracket. */
static bool
check_container(struct checker *c, char close, bool (*item)(struct checker *))
{
	if (++c->depth > JSON_DEPTH_MAX)
		return fail(c, "it is nested too deeply");
	c->at++;
	skip_blanks(c);
	if (peek(c) == close) {
		c->at++;
		c->depth--;
		return true;
	}
	for (;;) {
		if (!item(c))
			return false;
		skip_blanks(c);
		if (peek(c) == close)
			break;
		if (peek(c) != ',')
			return fail(c, "a comma or a closing bracket is "
				       "expected");
		c->at++;
	}
	c->at++;
	c->depth--;
	return true;
}

static bool
check_value(struct checker *c)
{
	skip_blanks(c);
	if (c->values++ == c->max_values)
		return fail(c, "it holds too many values");
	switch (peek(c)) {
	case '{':
		return check_container(c, '}', check_member);
	case '[':
		return check_container(c, ']', check_value);
	case '"':
		return check_string(c);
	case 't':
		return check_word(c, "true");
	case 'f':
		return check_word(c, "false");
	case 'n':
		return check_word(c, "null");
	default:
		if (peek(c) == '-' || is_digit(peek(c)))
			return check_number(c);
		return fail(c, "a value is expected");
	}
}

static bool
check_text(struct checker *c, struct str text)
{
	size_t good = str_utf8_prefix(text);

	if (good < text.len) {
		c->at = text.ptr + good;
		return fail(c, "it is not valid UTF-8");
	}
	if (!check_value(c))
		return false;
	skip_blanks(c);
	if (c->at < c->end)
		return fail(c, "there is text behind the value");
	return true;
}

static bool
run(struct checker c, struct str text, struct json_fault *ret)
{
	c.begin = c.at = text.ptr == NULL ? "" : text.ptr;
	c.end = c.begin + text.len;
	if (check_text(&c, text))
		return true;
	*ret = (struct json_fault){ c.fault, (size_t)(c.at - c.begin) };
	return false;
}

bool
json_check(struct str text, struct json_fault *ret)
{
	return run((struct checker){ .max_values = SIZE_MAX }, text, ret);
}

bool
json_check_foreign(struct str text, struct json_fault *ret)
{
	return run(
	    (struct checker){ .max_values = SIZE_MAX, .is_foreign = true },
	    text, ret);
}

bool
json_check_object(struct str text, struct json_fault *ret)
{
	struct str inside;

	if (!run((struct checker){ .max_values = JSON_VALUES_MAX }, text, ret))
		return false;
	inside = str_trim_start(text, STR_WHITE);
	if (str_starts_with(inside, STR("{")))
		return true;
	*ret = (struct json_fault){ "an object is expected",
		text.len - inside.len };
	return false;
}
