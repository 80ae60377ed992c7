/*
 * Puts values in place of {{key}}, encoded for the place where they stand.
 *
 * Must not know what a text is for, and must not expand a value.
 */
#include <config.h>

#include "probe/template.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "base/mask.h"
#include "base/percent.h"
#include "base/reference.h"

/* Where in a URL the next byte stands. */
enum position {
	AT_START,
	IN_SCHEME, /* or in a path that has no scheme before it */
	IN_HOST,
	IN_PATH /* and in the query: the same rule */
};

static bool
is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
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

/* As a JSON string without its quotes. DEL need not be escaped in one, but no
 * control character is to be sent as it is. */
static enum template_fault
add_json(struct buf *b, struct str value)
{
	struct buf quoted;

	buf_init(&quoted, TEMPLATE_MAX);
	json_string(&quoted, value);
	if (quoted.overflow)
		b->overflow = true;
	for (size_t i = 1; !quoted.overflow && i + 1 < quoted.len; i++)
		if (quoted.ptr[i] == 0x7f)
			buf_add_text(b, "\\u007f");
		else
			buf_add_char(b, quoted.ptr[i]);
	buf_done(&quoted);
	return TEMPLATE_OK;
}

/* XML 1.0 has no way to write the other control characters. */
static const struct {
	char byte;
	const char *text;
} xml_escapes[] = {
	{ '&', "&amp;" },
	{ '<', "&lt;" },
	{ '>', "&gt;" },
	{ '"', "&quot;" },
	{ '\'', "&apos;" },
	{ '\t', "&#9;" },
	{ '\n', "&#10;" },
	{ '\r', "&#13;" },
	{ 0x7f, "&#127;" },
};

static const char *
xml_escape(char c)
{
	for (size_t i = 0; i < N_ELEMENTS(xml_escapes); i++)
		if (xml_escapes[i].byte == c)
			return xml_escapes[i].text;
	return NULL;
}

static enum template_fault
add_xml(struct buf *b, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		const char *escape = xml_escape(value.ptr[i]);

		if (escape != NULL)
			buf_add_text(b, escape);
		else if (is_control((unsigned char)value.ptr[i]))
			return TEMPLATE_CONTROL;
		else
			buf_add_char(b, value.ptr[i]);
	}
	return TEMPLATE_OK;
}

static enum template_fault
add_plain(struct buf *b, struct str value)
{
	if (template_has_control(value))
		return TEMPLATE_CONTROL;
	buf_add_str(b, value);
	return TEMPLATE_OK;
}

/* Adds only what can be a host or a port: a value must not begin a path or a
 * query, nor turn the text before it into a user name. */
static enum template_fault
add_host(struct buf *b, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		if (is_control(c))
			return TEMPLATE_CONTROL;
		if (c < 0x80 && !isalnum(c) && strchr("_.-:[]", c) == NULL)
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
	[TEMPLATE_PLAIN] = add_plain,
};
_Static_assert(N_ELEMENTS(add_value) == TEMPLATE__MAX, "one row a place");

/* The position in the URL behind a piece of the template's own text. */
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

/*
 * Whether a value at the end of b made a segment of the path "." or "..", which
 * would lead out of the template's folder. rest is what follows the value; if
 * that is a reference, the check is made there.
 */
static bool
made_dots(const struct buf *b, struct str rest)
{
	size_t behind = 0, before = 0;

	if (memchr(b->ptr, '?', b->len) != NULL ||
	    memchr(b->ptr, '#', b->len) != NULL)
		return false;
	while (behind < rest.len && rest.ptr[behind] == '.')
		behind++;
	if (behind < rest.len && strchr("/?#", rest.ptr[behind]) == NULL)
		return false;
	while (before < b->len && b->ptr[b->len - 1 - before] == '.')
		before++;
	if (before == b->len || b->ptr[b->len - 1 - before] != '/')
		return false;
	return before + behind == 1 || before + behind == 2;
}

static enum template_fault
add_in_path(struct buf *b, struct str rest, struct str value)
{
	percent_encode(b, value);
	return b->len > 0 && made_dots(b, rest) ? TEMPLATE_DOTS : TEMPLATE_OK;
}

/* A value at the very start may be the scheme alone ("{{scheme}}://") or a
 * whole URL, which the following text shows. */
static enum template_fault
add_at_position(
    struct buf *b, enum position *position, struct str rest, struct str value)
{
	if (*position == AT_START) {
		*position =
		    str_starts_with(rest, STR("://")) ? IN_SCHEME : IN_PATH;
		return add_plain(b, value);
	}
	if (*position == IN_HOST)
		return add_host(b, value);
	return add_in_path(b, rest, value);
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
		value = STR(SECRET_MASK);
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
	struct str plain, key;

	while (reference_next(&text, &plain, &key)) {
		enum template_fault fault;

		buf_add_str(b, plain);
		if (key.ptr == NULL)
			break;
		*ret_key = key;
		position = position_after(position, plain);
		fault = add_reference(b, source, key, place, &position, text);
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
template_has_control(struct str value)
{
	for (size_t i = 0; i < value.len; i++)
		if (is_control((unsigned char)value.ptr[i]))
			return true;
	return false;
}

bool
template_has_reference(struct str text)
{
	struct str key;

	return reference_next_key(&text, &key);
}

bool
template_refers_to(struct str text, struct str key)
{
	struct str found;

	while (reference_next_key(&text, &found))
		if (str_equal(found, key))
			return true;
	return false;
}

size_t
template_find_fault(struct str text)
{
	struct str rest = text, plain, key;

	while (reference_next(&rest, &plain, &key))
		for (size_t i = 0; i + 1 < plain.len; i++)
			if (plain.ptr[i] == '{' && plain.ptr[i + 1] == '{')
				return (size_t)(plain.ptr - text.ptr) + i;
	return text.len;
}

bool
template_cut_reference(struct str *text)
{
	struct str rest = *text, plain, key;

	if (!reference_next(&rest, &plain, &key) || key.ptr == NULL ||
	    plain.len > 0)
		return false;
	*text = rest;
	return true;
}

bool
template_next_key(struct str *text, struct str *ret)
{
	struct str plain;

	while (reference_next(text, &plain, ret))
		if (ret->ptr != NULL)
			return true;
	return false;
}

struct str
template_sample(struct arena *a, struct str text)
{
	struct str plain, key, sample;
	struct buf b;

	buf_init(&b, TEMPLATE_MAX);
	while (reference_next(&text, &plain, &key)) {
		buf_add_str(&b, plain);
		if (key.ptr != NULL)
			buf_add_text(
			    &b, str_ends_with(plain, STR("[")) ? "::1" : "1");
	}
	sample = arena_copy(a, buf_str(&b));
	buf_done(&b);
	return sample;
}
