/*
 * Finding one part of a MIME multipart (RFC 2046, 5.1).
 */
#include <config.h>

#include "probe/multipart.h"

#include "base/text.h"
#include "probe/transfer.h"

struct delimiter {
	const char *begin; /* of the line break before it */
	const char *end;   /* of its own line break */
	bool is_last;      /* closes the body */
};

/* The line that begins s, without its line break; the rest is behind that. */
static struct str
cut_line(struct str s, struct str *ret_rest)
{
	struct str line = { s.ptr, str_find(s, '\n') };

	*ret_rest = str_from(s, line.len + 1);
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* Whether a line is "--boundary" or "--boundary--", with blanks behind it. */
static bool
is_delimiter(struct str line, struct str boundary, bool *ret_is_last)
{
	if (!str_starts_with(line, STR("--")) ||
	    !str_starts_with(str_from(line, 2), boundary))
		return false;
	line = str_from(line, boundary.len + 2);
	*ret_is_last = str_starts_with(line, STR("--"));
	return text_trim(*ret_is_last ? str_from(line, 2) : line).len == 0;
}

/* Finds the next delimiter in s, which begins at the start of a line. */
static bool
find_delimiter(struct str s, struct str boundary, struct delimiter *ret)
{
	const char *begin = s.ptr;
	struct str line, rest;

	while (s.len > 0) {
		line = cut_line(s, &rest);
		if (is_delimiter(line, boundary, &ret->is_last)) {
			/* The line break before a delimiter is a part of it. */
			ret->begin = line.ptr;
			if (ret->begin > begin)
				ret->begin--;
			if (ret->begin > begin && ret->begin[-1] == '\r')
				ret->begin--;
			ret->end = rest.ptr;
			return true;
		}
		s = rest;
	}
	return false;
}

/* Takes the lines of a part's header off *part; false if it has no end. */
static bool
cut_header(struct str *part, struct str *ret_header)
{
	struct str rest = *part, line;

	while (rest.len > 0) {
		line = cut_line(rest, &rest);
		if (line.len > 0)
			continue;
		*ret_header =
		    (struct str){ part->ptr, (size_t)(line.ptr - part->ptr) };
		*part = rest;
		return true;
	}
	return false;
}

/* The first line of header with the lines that go on with it, line breaks and
 * all: they are blanks. */
static struct str
cut_field(struct str header, struct str *ret_rest)
{
	const char *begin = header.ptr;

	do
		(void)cut_line(header, &header);
	while (header.len > 0 && str_is_one_of(header.ptr[0], STR_BLANKS));
	*ret_rest = header;
	return (struct str){ begin, (size_t)(header.ptr - begin) };
}

static struct str
header_value(struct str header, const char *name)
{
	while (header.len > 0) {
		struct str field = cut_field(header, &header);
		size_t colon = str_find(field, ':');
		struct str key = { field.ptr, colon };

		if (str_equal_nocase(text_trim(key), str_of(name)))
			return text_trim(str_from(field, colon + 1));
	}
	return STR("");
}

/* A Content-ID without its brackets, which some servers leave out. */
static struct str
bare_id(struct str id)
{
	if (id.len >= 2 && id.ptr[0] == '<' && id.ptr[id.len - 1] == '>')
		return (struct str){ id.ptr + 1, id.len - 2 };
	return id;
}

static bool
is_root(struct str header, struct str start)
{
	return start.len == 0 ||
	       str_equal(
		   bare_id(start), bare_id(header_value(header, "Content-ID")));
}

static bool
read_part(
    struct arena *a, struct str header, struct str bytes, struct part *ret)
{
	ret->content_type = header_value(header, "Content-Type");
	return transfer_decode(a, bytes,
	    header_value(header, "Content-Transfer-Encoding"), &ret->bytes);
}

bool
multipart_root(struct arena *a, struct str body, struct str boundary,
    struct str start, struct part *ret)
{
	struct delimiter here, next;
	const char *end = body.ptr + body.len;

	if (boundary.len == 0 || !find_delimiter(body, boundary, &here))
		return false;
	while (!here.is_last) {
		struct str rest = { here.end, (size_t)(end - here.end) };
		struct str header;

		next = (struct delimiter){ end, end, true };
		(void)find_delimiter(rest, boundary, &next);
		rest.len = (size_t)(next.begin - rest.ptr);
		if (cut_header(&rest, &header) && is_root(header, start))
			return read_part(a, header, rest, ret);
		here = next;
	}
	return false;
}
