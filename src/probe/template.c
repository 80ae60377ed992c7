/*
 * Puts values in place of {{key}}, written as their place demands.
 *
 * Must not know what a text is for, and must not look at a value twice.
 */
#include <config.h>

#include "probe/template.h"

#include <string.h>

#include "base/json.h"
#include "base/percent.h"

/* Where in a URL the next byte stands. */
enum position {
	AT_START,
	IN_SCHEME, /* or in a path that has no scheme before it */
	IN_HOST,
	IN_PATH /* and in the query: the same rule */
};

/* One piece of a text: what stands for itself, then perhaps a reference. */
struct piece {
	struct str plain;
	struct str key; /* ptr NULL: no reference, the text ends here */
};

static bool
is_key_start(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_key_byte(unsigned char c)
{
	return is_key_start(c) || is_digit(c) || c == '.' || c == '-';
}

static size_t
skip_blanks(struct str s, size_t at)
{
	while (at < s.len && s.ptr[at] == ' ')
		at++;
	return at;
}

/* Whether a reference begins at the start of s; its length and key. */
static bool
match_reference(struct str s, size_t *ret_len, struct str *ret_key)
{
	size_t from, at;

	if (s.len < 5 || s.ptr[0] != '{' || s.ptr[1] != '{')
		return false;
	from = at = skip_blanks(s, 2);
	if (at == s.len || !is_key_start((unsigned char)s.ptr[at]))
		return false;
	while (at < s.len && is_key_byte((unsigned char)s.ptr[at]))
		at++;
	*ret_key = (struct str){ s.ptr + from, at - from };
	at = skip_blanks(s, at);
	if (s.len - at < 2 || s.ptr[at] != '}' || s.ptr[at + 1] != '}')
		return false;
	*ret_len = at + 2;
	return true;
}

/* Cuts the next piece off *rest; false at the end. */
static bool
next_piece(struct str *rest, struct piece *ret)
{
	size_t len = 0;

	if (rest->len == 0)
		return false;
	for (size_t i = 0; i + 1 < rest->len; i++) {
		if (rest->ptr[i] != '{')
			continue;
		if (!match_reference(str_from(*rest, i), &len, &ret->key))
			continue;
		ret->plain = (struct str){ rest->ptr, i };
		*rest = str_from(*rest, i + len);
		return true;
	}
	ret->plain = *rest;
	ret->key = (struct str){ NULL, 0 };
	*rest = str_from(*rest, rest->len);
	return true;
}

static enum template_fault
add_raw(struct buf *b, struct str value)
{
	buf_add_str(b, value);
	return TEMPLATE_OK;
}

static enum template_fault
add_percent(struct buf *b, struct str value)
{
	percent_encode(b, value);
	return TEMPLATE_OK;
}

static enum template_fault
add_form(struct buf *b, struct str value)
{
	while (value.len > 0) {
		size_t run = str_find(value, ' ');

		percent_encode(b, (struct str){ value.ptr, run });
		if (run < value.len)
			buf_add_char(b, '+');
		value = str_from(value, run + 1);
	}
	return TEMPLATE_OK;
}

/* As a JSON string without its quotes. */
static enum template_fault
add_json(struct buf *b, struct str value)
{
	struct buf quoted;

	buf_init(&quoted, TEMPLATE_MAX);
	json_string(&quoted, value);
	if (quoted.overflow)
		b->overflow = true;
	else
		buf_add(b, quoted.ptr + 1, quoted.len - 2);
	buf_done(&quoted);
	return TEMPLATE_OK;
}

static enum template_fault
add_xml(struct buf *b, struct str value)
{
	static const char special[] = "&<>\"'";
	static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;",
		"&apos;" };

	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];
		const char *found = c == 0 ? NULL : strchr(special, c);

		if (found == NULL)
			buf_add_char(b, c);
		else
			buf_add_text(b, names[found - special]);
	}
	return TEMPLATE_OK;
}

static enum template_fault
add_header(struct buf *b, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return TEMPLATE_NOT_A_HEADER;
	}
	buf_add_str(b, value);
	return TEMPLATE_OK;
}

/* Only what can be a host or a port: a value must not bring a path, a query,
 * or a user name that turns the host before it into one. */
static enum template_fault
add_host(struct buf *b, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		if (!is_key_byte(c) && c < 0x80 && c != ':' && c != '[' &&
		    c != ']')
			return TEMPLATE_NOT_A_HOST;
	}
	buf_add_str(b, value);
	return TEMPLATE_OK;
}

typedef enum template_fault add_function(struct buf *, struct str value);

static add_function *const add_value[] = {
	[TEMPLATE_RAW] = add_raw,
	[TEMPLATE_URL] = add_percent,
	[TEMPLATE_FORM] = add_form,
	[TEMPLATE_JSON] = add_json,
	[TEMPLATE_XML] = add_xml,
	[TEMPLATE_HEADER] = add_header,
};
_Static_assert(N_ELEMENTS(add_value) == TEMPLATE__MAX, "one row a place");

/* Where in the URL we are behind a piece of its own text. */
static enum position
position_after(enum position position, struct str plain)
{
	for (size_t i = 0; i < plain.len; i++) {
		struct str rest = str_from(plain, i);
		char c = plain.ptr[i];

		if (position == IN_PATH)
			return position;
		if (position != IN_HOST && str_starts_with(rest, STR("://"))) {
			position = IN_HOST;
			i += 2;
		} else if (c == '/' || c == '?' || c == '#') {
			position = IN_PATH;
		} else if (position == AT_START) {
			position = IN_SCHEME;
		}
	}
	return position;
}

/* A value at the very start may be the scheme alone ("{{scheme}}://") or a
 * whole URL; what follows tells. */
static enum template_fault
add_at_position(
    struct buf *b, enum position *position, struct str rest, struct str value)
{
	if (*position == AT_START) {
		*position =
		    str_starts_with(rest, STR("://")) ? IN_SCHEME : IN_PATH;
		return add_raw(b, value);
	}
	if (*position == IN_HOST)
		return add_host(b, value);
	return add_percent(b, value);
}

const struct probe_variable *
template_find(const struct template_source *source, struct str key)
{
	for (size_t i = 0; i < source->n_variables; i++)
		if (str_equal(source->variables[i].key, key))
			return &source->variables[i];
	return NULL;
}

/* Appends the value of a key; rest is what follows the reference. */
static enum template_fault
add_reference(struct buf *b, const struct template_source *source,
    struct str key, enum template_place place, enum position *position,
    struct str rest)
{
	const struct probe_variable *variable = template_find(source, key);
	struct str value;

	if (variable == NULL)
		return TEMPLATE_UNKNOWN_KEY;
	if (variable->value.ptr == NULL)
		return TEMPLATE_NO_VALUE;
	value = variable->value;
	if (source->mask && variable->secret) {
		value = STR(TEMPLATE_MASK);
		if (*position != AT_START)
			return add_raw(b, value);
	}
	if (place == TEMPLATE_URL)
		return add_at_position(b, position, rest, value);
	return add_value[place](b, value);
}

static enum template_fault
render(struct buf *b, const struct template_source *source, struct str text,
    enum template_place place, struct str *ret_key)
{
	enum position position = AT_START;
	struct piece piece;

	while (next_piece(&text, &piece)) {
		enum template_fault fault;

		buf_add_str(b, piece.plain);
		if (piece.key.ptr == NULL)
			break;
		*ret_key = piece.key;
		position = position_after(position, piece.plain);
		fault =
		    add_reference(b, source, piece.key, place, &position, text);
		if (fault != TEMPLATE_OK)
			return fault;
	}
	if (!b->overflow)
		return TEMPLATE_OK;
	*ret_key = (struct str){ NULL, 0 };
	return TEMPLATE_TOO_LARGE;
}

enum template_fault
template_render(struct arena *a, const struct template_source *source,
    struct str text, enum template_place place, struct str *ret,
    struct str *ret_key)
{
	enum template_fault fault;
	struct buf b;

	buf_init(&b, TEMPLATE_MAX);
	fault = render(&b, source, text, place, ret_key);
	if (fault == TEMPLATE_OK)
		*ret = arena_copy(a, buf_str(&b));
	buf_done(&b);
	return fault;
}

bool
template_has_reference(struct str text)
{
	struct piece piece;

	return next_piece(&text, &piece) && piece.key.ptr != NULL;
}

bool
template_refers_to(struct str text, struct str key)
{
	struct piece piece;

	while (next_piece(&text, &piece))
		if (piece.key.ptr != NULL && str_equal(piece.key, key))
			return true;
	return false;
}
