/*
 * The body of an answer: undoing its compression, and its text as UTF-8. Pure.
 */
#ifndef PROBE_CONTENT_H
#define PROBE_CONTENT_H

#include "base/arena.h"
#include "base/str.h"

#define CONTENT_MAX_CODINGS 4 /* of one answer, one within the other */

enum content_kind {
	CONTENT_JSON, /* or a form */
	CONTENT_XML
};

enum content_fault {
	CONTENT_OK,
	CONTENT_TOO_LARGE,
	CONTENT_CUT,            /* compressed bytes end too early */
	CONTENT_BROKEN,         /* not what Content-Encoding says */
	CONTENT_CODING_UNKNOWN, /* or there are too many */
	CONTENT_CHARSET_UNKNOWN,
	CONTENT_NOT_TEXT, /* not what the charset says; no root part */
	CONTENT_FAULT__MAX
};

/*
 * Undoes what the list codings (Content-Encoding: RFC 9110, 8.4) says, up to
 * max bytes a step. ret has what could be undone, whatever the result: the
 * bytes themselves if there is nothing to undo. The result is never a fault of
 * text.
 */
enum content_fault content_unpack(struct arena *, struct str bytes,
    struct str codings, size_t max, struct str *ret);

/*
 * The text of unpacked bytes of a media type (as Content-Type says it, with
 * its parameters; may be empty). Of several parts the text is the root's.
 *
 * A byte order mark counts first. XML: then the charset of the media type, then
 * the XML declaration (RFC 7303, 3). JSON: the bytes themselves if they are a
 * Unicode encoding (RFC 8259, 8.1), else the charset.
 */
enum content_fault content_text(struct arena *, enum content_kind,
    struct str bytes, struct str content_type, struct str *ret);

#endif
