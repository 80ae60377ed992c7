/*
 * A piece of text by pointer and length, passed by value.
 *
 * A str never owns its bytes; the function that returns one says how long they
 * live (mostly: as long as the arena they lie in). Must not allocate.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	const char *ptr; /* first byte; may be NULL when len is 0 */
	size_t len;      /* bytes, without any terminator */
};

/* A str of a string literal. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

/* The same as an initialiser of a static object. */
#define STR_CONST(literal)                      \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

/* For printf's "%.*s". */
#define STR_FMT(s) (int)(s).len, (s).ptr == NULL ? "" : (s).ptr

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* The str of a NUL-terminated text; NULL gives the empty str. */
struct str str_of(const char *text);

/* Byte for byte, ASCII letter case significant / not. */
bool str_equal(struct str a, struct str b);
bool str_equal_text(struct str a, const char *text);
bool str_equal_nocase(struct str a, struct str b);
bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);

/* Whether every byte is an ASCII digit and there is at least one. */
bool str_is_digits(struct str s);

/* Position of the first byte c, or s.len. */
size_t str_find(struct str s, char c);

/* The rest of s from position from on (at most the whole). */
struct str str_from(struct str s, size_t from);

/* White space: of header fields; with line breaks, of JSON, XML and PEM; all
 * that C's isspace() takes. */
#define STR_BLANKS " \t"
#define STR_WHITE  " \t\r\n"
#define STR_SPACES " \t\n\v\f\r"

/* Whether c is one of these bytes; a NUL never is. */
bool str_is_one_of(char c, const char *bytes);

/* Without such bytes at both ends, at the beginning, at the end. (text_trim()
 * of base/text.h does it with Unicode's white space.) */
struct str str_trim(struct str s, const char *bytes);
struct str str_trim_start(struct str s, const char *bytes);
struct str str_trim_end(struct str s, const char *bytes);

/* Length of the text in double quotes that begins s, both quotes included; a
 * backslash quotes the byte behind it. s.len where it does not end. */
size_t str_quoted_length(struct str s);

/*
 * Cuts the part before the next separator off *rest. Returns false once
 * nothing is left; "a,,b" gives "a", "", "b"; "" gives one empty part.
 * Start with *rest pointing to the text; the end is marked by a NULL ptr.
 */
bool str_next_part(struct str *rest, char separator, struct str *ret);

/* A decimal number without sign, leading zeros allowed; false on overflow. */
bool str_to_u64(struct str s, uint64_t *ret);

/* A decimal id: digits, no sign, no leading zero, within 1..INT64_MAX. */
bool str_to_id(struct str s, int64_t *ret);

/* Length in bytes of the longest beginning of s that is well-formed UTF-8. */
size_t str_utf8_prefix(struct str s);

/* The value of a hexadecimal digit in either case; -1 for anything else. */
int str_hex_digit(char c);

/* Whether s is well-formed UTF-8 (RFC 3629: no surrogates, no overlongs). */
bool str_is_utf8(struct str s);

/* Number of code points of well-formed UTF-8. */
size_t str_utf8_length(struct str s);

#endif
