/*
 * Bytes in a named charset as UTF-8. Pure.
 *
 * Only charsets of a table here: the C library knows many more, but a name that
 * a remote system sends must not choose among all of its converters.
 */
#ifndef PROBE_CHARSET_H
#define PROBE_CHARSET_H

#include "base/arena.h"
#include "base/str.h"

enum charset_result {
	CHARSET_OK,
	CHARSET_UNKNOWN, /* and the bytes are not UTF-8 */
	CHARSET_WRONG    /* the bytes are not of this charset */
};

/*
 * Reads bytes as the charset that name spells, in whatever case and with
 * whatever punctuation ("ISO_8859-1", "latin1"); UTF-16 and UTF-32 that say no
 * order have that of their first character. What is in UTF-8 already is not
 * checked, and is the bytes themselves; so are bytes that are well-formed
 * UTF-8 under a name that is not known. At most three times as many bytes.
 */
enum charset_result charset_decode(
    struct arena *, struct str bytes, struct str name, struct str *ret);

/* The charset that a byte order mark at the beginning tells, and the bytes
 * behind the mark; NULL if there is none. */
const char *charset_of_mark(struct str bytes, struct str *ret_rest);

/* The charset of a text whose first character is ASCII, if its zeros show that
 * it is UTF-16 or UTF-32 (RFC 4627, 3); else NULL. */
const char *charset_of_zeros(struct str bytes);

#endif
