/*
 * The table of forms.
 */
#include <config.h>

#include "engine/form.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "schema/timezones.h"

static int
compare_names(const void *key, const void *item)
{
	const struct str *name = key;
	const char *known = *(const char *const *)item;
	int order = strncmp(name->ptr, known, name->len);

	return order != 0 || known[name->len] == '\0' ? order : -1;
}

static bool
is_timezone(struct str s)
{
	return bsearch(&s, list_timezones, n_timezones,
		   sizeof(list_timezones[0]), compare_names) != NULL;
}

static bool
is_key_start(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_key(struct str s)
{
	if (s.len == 0 || !is_key_start(s.ptr[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_key_start(s.ptr[i]) && !is_digit(s.ptr[i]) &&
		    s.ptr[i] != '.' && s.ptr[i] != '-')
			return false;
	return true;
}

/* Whether none of the bytes is a control character or one of those given. */
static bool
has_none_of(struct str s, const char *bytes)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c < 0x20 || c == 0x7f || strchr(bytes, c) != NULL)
			return false;
	}
	return true;
}

/* Something, the last @, something (RFC 5321 lets a quoted name have more of
 * them); only a mail server knows more. */
static bool
is_email(struct str s)
{
	size_t at = s.len;

	while (at > 0 && s.ptr[at - 1] != '@')
		at--;
	return at > 1 && at < s.len && has_none_of(s, " ");
}

static struct str
after(struct str s, struct str prefix)
{
	struct str start = { s.ptr, prefix.len };

	if (s.len < prefix.len || !str_equal_nocase(start, prefix))
		return (struct str){ NULL, 0 };
	return str_from(s, prefix.len);
}

/* A page, not a script or a file: what shows it makes a link of it. */
static bool
is_link(struct str s)
{
	struct str rest = after(s, STR("https://"));

	if (rest.ptr == NULL)
		rest = after(s, STR("http://"));
	return rest.len > 0 && strchr("/?#:@.", rest.ptr[0]) == NULL &&
	       has_none_of(s, " \"<>\\`");
}

/* RFC 6838, 4.2, and parameters as they come. */
static bool
is_media_type(struct str s)
{
	size_t slash;

	s.len = str_find(s, ';');
	slash = str_find(s, '/');
	return slash > 0 && slash + 1 < s.len &&
	       has_none_of((struct str){ s.ptr, slash }, " ,") &&
	       has_none_of(str_from(s, slash + 1), " ,/");
}

static bool
is_sha256(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (str_hex_digit(s.ptr[i]) < 0)
			return false;
	return s.len == 64;
}

/* What a body names is trimmed before it is looked for. */
static bool
is_trimmed(struct str s)
{
	return text_trim(s).len == s.len;
}

/* In a filter a comma is OR. */
static bool
is_identifier(struct str s)
{
	return is_trimmed(s) && has_none_of(s, ",");
}

/* Digits alone are an id, and a path is cut at its slashes; "." and ".." are
 * taken out of it on the way (RFC 3986, 5.2.4). */
static bool
is_canonical_key(struct str s)
{
	return is_identifier(s) && has_none_of(s, "/") && !str_is_digits(s) &&
	       !str_equal(s, STR(".")) && !str_equal(s, STR(".."));
}

#define INVALID "field format is invalid."

static const struct form forms[FORM__MAX] = {
	[FORM_TIMEZONE] = { is_timezone,
	    "must be a time zone such as UTC or Europe/Berlin",
	    "field must be a valid timezone." },
	[FORM_KEY] = { is_key,
	    "must be letters, digits, \"_\", \".\" and \"-\", and begin with "
	    "a letter or \"_\"",
	    INVALID },
	[FORM_EMAIL] = { is_email, "must be an e-mail address", INVALID },
	[FORM_LINK] = { is_link, "must be an http or https address", INVALID },
	[FORM_MEDIA_TYPE] = { is_media_type,
	    "must be a media type such as image/png", INVALID },
	[FORM_SHA256] = { is_sha256, "must be 64 hexadecimal digits", INVALID },
	[FORM_TRIMMED] = { is_trimmed, "must not begin or end with a blank",
	    INVALID },
	[FORM_IDENTIFIER] = { is_identifier,
	    "must have no comma, no control character, and no blank at its "
	    "ends",
	    INVALID },
	[FORM_CANONICAL_KEY] = { is_canonical_key,
	    "must be what a path can name: not digits alone, no \"/\", no "
	    "comma, no control character, no blank at its ends",
	    INVALID },
};

const struct form *
form_find(enum column_form form)
{
	return forms[form].is == NULL ? NULL : &forms[form];
}
