/*
 * A scanner for quotes and comments of SQL; it does not understand statements.
 */
#include <config.h>

#include "ctl/migrate_split.h"

#include <string.h>

/* Bytes of the quoted text at the start of s; 0 if it is not closed. */
static size_t
quoted_length(struct str s)
{
	const char quote = s.ptr[0];

	for (size_t i = 1; i < s.len; i++) {
		if (s.ptr[i] == '\\' && quote != '`')
			i++;
		else if (s.ptr[i] == quote && i + 1 < s.len &&
			 s.ptr[i + 1] == quote)
			i++;
		else if (s.ptr[i] == quote)
			return i + 1;
	}
	return 0;
}

static bool
starts_line_comment(struct str s)
{
	if (s.ptr[0] == '#')
		return true;
	return s.len >= 2 && memcmp(s.ptr, "--", 2) == 0 &&
	       (s.len == 2 || (unsigned char)s.ptr[2] <= ' ');
}

static bool
starts_block_comment(struct str s)
{
	return s.len >= 2 && memcmp(s.ptr, "/*", 2) == 0;
}

static size_t
block_comment_length(struct str s)
{
	const char *end = NULL;

	if (s.len >= 4)
		end = memmem(s.ptr + 2, s.len - 2, "*/", 2);
	return end == NULL ? 0 : (size_t)(end - s.ptr) + 2;
}

/* Bytes of the quoted text, comment or single byte at the start of s; 0 if it
 * is not closed. */
static size_t
piece_length(struct str s)
{
	if (str_is_one_of(s.ptr[0], "'\"`"))
		return quoted_length(s);
	if (starts_line_comment(s))
		return str_find(s, '\n');
	if (starts_block_comment(s))
		return block_comment_length(s);
	return 1;
}

/* Whether a blank, a `;` or a comment begins here; not `/ *!`, which the server
 * runs. */
static bool
is_idle(struct str s)
{
	if (str_is_one_of(s.ptr[0], STR_SPACES) || s.ptr[0] == ';' ||
	    starts_line_comment(s))
		return true;
	return starts_block_comment(s) && (s.len < 3 || s.ptr[2] != '!');
}

/* Skips blanks, comments and lone semicolons; false if one is not closed. */
static bool
skip_idle(struct str *rest)
{
	while (rest->len > 0 && is_idle(*rest)) {
		size_t len = piece_length(*rest);

		if (len == 0)
			return false;
		*rest = str_from(*rest, len);
	}
	return true;
}

enum split
migrate_split(struct str *rest, struct str *ret)
{
	struct str s;

	if (!skip_idle(rest)) {
		*ret = *rest;
		return SPLIT_UNCLOSED;
	}
	for (s = *rest; s.len > 0 && s.ptr[0] != ';';) {
		size_t len = piece_length(s);

		if (len == 0) {
			*ret = s;
			return SPLIT_UNCLOSED;
		}
		s = str_from(s, len);
	}
	if (rest->len == 0)
		return SPLIT_END;
	*ret = str_trim_end(
	    (struct str){ rest->ptr, rest->len - s.len }, STR_SPACES);
	*rest = str_from(s, 1);
	return SPLIT_STATEMENT;
}
