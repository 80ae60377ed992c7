/*
 * Entity tags in If-Match and If-None-Match.
 */
#include <config.h>

#include "http/etag.h"

/* What may stand before the tag of a list (RFC 9110, 5.6.1). */
#define BEFORE_TAG STR_BLANKS ","

/* Cuts the next entity tag off, weak or strong; *ret is with quotes. False at
 * the end and at what is no tag. */
static bool
next_tag(struct str *rest, struct str *ret)
{
	struct str s = str_trim_start(*rest, BEFORE_TAG);
	size_t end;

	if (str_starts_with(s, STR("W/")))
		s = str_from(s, 2);
	if (s.len < 2 || s.ptr[0] != '"')
		return false;
	end = str_find(str_from(s, 1), '"') + 1;
	if (end >= s.len)
		return false;
	*ret = (struct str){ s.ptr, end + 1 };
	*rest = str_from(s, end + 1);
	return true;
}

bool
etag_matches(struct str field, struct str tag)
{
	struct str rest = field, one;

	if (str_equal(str_trim_start(field, BEFORE_TAG), STR("*")))
		return true;
	while (next_tag(&rest, &one))
		if (str_equal(one, tag))
			return true;
	return false;
}

/* The number that the tag's text begins with, if it does. */
static bool
read_version(struct str tag, uint64_t *ret)
{
	struct str inner = { tag.ptr + 1, tag.len - 2 };

	inner.len = str_find(inner, '-');
	return str_to_u64(inner, ret);
}

bool
etag_has_version(struct str field, int64_t version)
{
	struct str rest = field, one;
	uint64_t number;

	if (str_equal(str_trim_start(field, BEFORE_TAG), STR("*")))
		return true;
	while (next_tag(&rest, &one))
		if (read_version(one, &number) && number == (uint64_t)version)
			return true;
	return false;
}

bool
etag_is_newer(struct str field, int64_t version)
{
	struct str one;
	uint64_t number;

	while (next_tag(&field, &one))
		if (read_version(one, &number) && number > (uint64_t)version)
			return true;
	return false;
}
