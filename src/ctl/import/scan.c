/*
 * A scanner of JSON's punctuation.
 */
#include <config.h>

#include "ctl/import/scan.h"

#include <string.h>

static void
skip_blanks(struct import_scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' ||
				    *s->p == '\t' || *s->p == '\r'))
		s->p++;
}

static bool
skip_char(struct import_scan *s, char c)
{
	skip_blanks(s);
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* From the opening quote to behind the closing one. */
static bool
skip_string(struct import_scan *s)
{
	for (s->p++; s->p < s->end; s->p++) {
		if (*s->p == '"') {
			s->p++;
			return true;
		}
		if (*s->p == '\\' && s->p + 1 < s->end)
			s->p++;
	}
	s->p = s->end;
	return false;
}

/* From an opening bracket to behind the one that closes it. */
static bool
skip_nested(struct import_scan *s)
{
	size_t depth = 0;

	while (s->p < s->end) {
		const char c = *s->p;

		if (c == '"') {
			if (!skip_string(s))
				return false;
			continue;
		}
		s->p++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return true;
	}
	return false;
}

/* A number, true, false, null: up to what cannot be of one. */
static bool
skip_scalar(struct import_scan *s)
{
	const char *start = s->p;

	while (s->p < s->end && strchr(",:]}[{\" \t\r\n", *s->p) == NULL)
		s->p++;
	return s->p > start;
}

static bool
skip_value(struct import_scan *s, struct str *ret)
{
	const char *start;
	bool is_whole;

	skip_blanks(s);
	start = s->p;
	if (s->p == s->end)
		return false;
	if (*s->p == '{' || *s->p == '[')
		is_whole = skip_nested(s);
	else if (*s->p == '"')
		is_whole = skip_string(s);
	else
		is_whole = skip_scalar(s);
	*ret = (struct str){ start, (size_t)(s->p - start) };
	return is_whole;
}

bool
import_scan_open(struct import_scan *ret, struct str text, char bracket)
{
	static const char mark[] = "\xEF\xBB\xBF";
	struct import_scan s = {
		.p = text.ptr,
		.end = text.ptr + text.len,
		.closing = bracket == '{' ? '}' : ']',
	};

	if (str_starts_with(text, STR("\xEF\xBB\xBF")))
		s.p += sizeof(mark) - 1;
	if (!skip_char(&s, bracket))
		return false;
	*ret = s;
	return true;
}

/* The closing bracket, or the comma before the next piece. */
static enum import_scan_result
next_piece(struct import_scan *s)
{
	if (skip_char(s, s->closing))
		return IMPORT_SCAN_END;
	if (s->has_begun && !skip_char(s, ','))
		return IMPORT_SCAN_WRONG;
	s->has_begun = true;
	return IMPORT_SCAN_FOUND;
}

enum import_scan_result
import_scan_item(struct import_scan *s, struct str *ret_value)
{
	enum import_scan_result result = next_piece(s);

	if (result == IMPORT_SCAN_FOUND && !skip_value(s, ret_value))
		return IMPORT_SCAN_WRONG;
	return result;
}

enum import_scan_result
import_scan_member(
    struct import_scan *s, struct str *ret_name, struct str *ret_value)
{
	enum import_scan_result result = next_piece(s);
	struct str name;

	if (result != IMPORT_SCAN_FOUND)
		return result;
	skip_blanks(s);
	if (s->p == s->end || *s->p != '"' || !skip_value(s, &name) ||
	    !skip_char(s, ':') || !skip_value(s, ret_value))
		return IMPORT_SCAN_WRONG;
	*ret_name = (struct str){ name.ptr + 1, name.len - 2 };
	return IMPORT_SCAN_FOUND;
}

bool
import_scan_is_last(struct import_scan *s)
{
	skip_blanks(s);
	return s->p == s->end;
}
