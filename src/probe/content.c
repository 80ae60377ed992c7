/*
 * Content-Encoding, media type and charset of an answer, one after another.
 */
#include <config.h>

#include "probe/content.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "probe/charset.h"
#include "probe/inflate.h"
#include "probe/media.h"
#include "probe/multipart.h"

#define DECLARATION_MAX 512 /* bytes of an XML declaration that is read */

typedef enum inflate_result (*undo)(struct str packed, struct buf *ret);

/* "identity" stands for nothing, and should not be sent. */
static const struct {
	const char *name;
	undo undo; /* NULL: there is nothing to undo */
} codings[] = {
	{ "gzip", inflate_gzip },
	{ "x-gzip", inflate_gzip },
	{ "deflate", inflate_deflate },
	{ "identity", NULL },
	{ "", NULL },
};

static const enum content_fault faults[] = {
	[INFLATE_DONE] = CONTENT_OK,
	[INFLATE_FULL] = CONTENT_TOO_LARGE,
	[INFLATE_CUT] = CONTENT_CUT,
	[INFLATE_BROKEN] = CONTENT_BROKEN,
};

/* The steps that a list names, in its order; false if one is not known. */
static bool
read_codings(struct str list, undo steps[CONTENT_MAX_CODINGS], size_t *ret_n)
{
	struct str name;

	*ret_n = 0;
	while (str_next_part(&list, ',', &name)) {
		size_t i = 0;

		name = text_trim(name);
		while (i < N_ELEMENTS(codings) &&
		       !str_equal_nocase(name, str_of(codings[i].name)))
			i++;
		if (i == N_ELEMENTS(codings))
			return false;
		if (codings[i].undo == NULL)
			continue;
		if (*ret_n == CONTENT_MAX_CODINGS)
			return false;
		steps[(*ret_n)++] = codings[i].undo;
	}
	return true;
}

enum content_fault
content_unpack(struct arena *a, struct str bytes, struct str list, size_t max,
    struct str *ret)
{
	undo steps[CONTENT_MAX_CODINGS];
	enum content_fault fault = CONTENT_OK;
	size_t n;

	*ret = bytes;
	if (!read_codings(list, steps, &n))
		return CONTENT_CODING_UNKNOWN;
	/* What was done last is undone first. */
	while (n-- > 0) {
		enum content_fault now;
		struct buf b;

		buf_init(&b, max);
		now = faults[steps[n](*ret, &b)];
		*ret = arena_copy(a, buf_str(&b));
		buf_done(&b);
		fault = fault == CONTENT_OK ? now : fault;
	}
	return fault;
}

/* The encoding that an XML declaration in ASCII names (XML 1.0, 4.3.3); the
 * empty str if it names none. */
static struct str
declared_encoding(struct str xml)
{
	static const char word[] = "encoding";
	const char *end, *at;
	struct str rest;
	char quote;

	if (!str_starts_with(xml, STR("<?xml")))
		return STR("");
	xml.len = xml.len < DECLARATION_MAX ? xml.len : DECLARATION_MAX;
	end = memmem(xml.ptr, xml.len, "?>", 2);
	if (end == NULL)
		return STR("");
	xml.len = (size_t)(end - xml.ptr);
	at = memmem(xml.ptr, xml.len, word, sizeof(word) - 1);
	if (at == NULL)
		return STR("");
	rest = str_from(xml, (size_t)(at - xml.ptr) + sizeof(word) - 1);
	rest = str_trim_start(rest, STR_WHITE "=");
	quote = rest.len > 0 ? rest.ptr[0] : 0;
	if (quote != '"' && quote != '\'')
		return STR("");
	rest = str_from(rest, 1);
	return (struct str){ rest.ptr, str_find(rest, quote) };
}

static struct str
charset_of_xml(struct str bytes, struct str named)
{
	const char *seen = charset_of_zeros(bytes);

	if (named.len > 0)
		return named;
	return seen != NULL ? str_of(seen) : declared_encoding(bytes);
}

static struct str
charset_of_json(struct str bytes, struct str named)
{
	const char *seen = charset_of_zeros(bytes);

	if (seen != NULL)
		return str_of(seen);
	return str_is_utf8(bytes) ? STR("UTF-8") : named;
}

static enum content_fault
decode(struct arena *a, enum content_kind kind, struct str bytes,
    struct str named, struct str *ret)
{
	const char *marked = charset_of_mark(bytes, &bytes);
	struct str charset = str_of(marked);

	if (marked == NULL)
		charset = kind == CONTENT_XML ? charset_of_xml(bytes, named)
					      : charset_of_json(bytes, named);
	if (charset.len == 0)
		charset = STR("UTF-8");
	switch (charset_decode(a, bytes, charset, ret)) {
	case CHARSET_UNKNOWN:
		return CONTENT_CHARSET_UNKNOWN;
	case CHARSET_WRONG:
		return CONTENT_NOT_TEXT;
	case CHARSET_OK:
	default:
		return CONTENT_OK;
	}
}

enum content_fault
content_text(struct arena *a, enum content_kind kind, struct str bytes,
    struct str type, struct str *ret)
{
	struct part root = { type, bytes };

	if (media_is(type, "multipart/related") &&
	    !multipart_root(a, bytes, media_parameter(a, type, "boundary"),
		media_parameter(a, type, "start"), &root)) {
		*ret = STR("");
		return text_trim(bytes).len == 0 ? CONTENT_OK
						 : CONTENT_NOT_TEXT;
	}
	return decode(a, kind, root.bytes,
	    media_parameter(a, root.content_type, "charset"), ret);
}
