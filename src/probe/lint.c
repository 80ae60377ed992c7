/*
 * Judging settings without values, with the test's own readers.
 */
#include <config.h>

#include "probe/lint.h"

#include "base/buf.h"
#include "probe/auth.h"
#include "probe/http_status.h"
#include "probe/json_reader.h"
#include "probe/template.h"
#include "probe/url.h"
#include "probe/web.h"

const char *
lint_template(struct arena *a, struct str text)
{
	size_t at = template_find_fault(text);

	if (at == text.len)
		return NULL;
	return arena_printf(a,
	    "has a {{ (byte %zu) that begins no reference such as {{host}}: a "
	    "key is letters, digits, \"_\", \".\" and \"-\"; a {{ that is to "
	    "be "
	    "sent can be the value of a variable",
	    at)
	    .ptr;
}

/* A URL that the template could give. A reference at its start is the scheme,
 * or everything up to the host. */
static struct str
sample_url(struct arena *a, struct str text)
{
	struct str rest = text;

	if (!template_cut_reference(&rest))
		return template_sample(a, text);
	rest = template_sample(a, rest);
	return arena_printf(a, "%s%.*s",
	    str_starts_with(rest, STR("://")) ? "https" : "https://1",
	    STR_FMT(rest));
}

const char *
lint_url(struct arena *a, struct str text)
{
	const char *wrong = lint_template(a, text);
	struct url url;

	if (wrong != NULL)
		return wrong;
	if (url_parse(a, sample_url(a, text), STR(""), &url))
		return NULL;
	return "must be an http or https URL, whose parts may be references "
	       "such as {{host}}";
}

/* "member 7: ..." Names are not repeated: they may be of any length. */
static const char *
member_wrong(struct arena *a, size_t i, const char *what)
{
	return arena_printf(a, "member %zu %s", i + 1, what).ptr;
}

static const char *
lint_members(struct arena *a, struct str text, struct json_reader_member **ret,
    size_t *ret_n)
{
	if (!json_reader_members(a, text, ret, ret_n))
		return arena_printf(a, "must be an object of at most %d texts",
		    JSON_READER_MAX_MEMBERS)
		    .ptr;
	for (size_t i = 0; i < *ret_n; i++) {
		const char *wrong = lint_template(a, (*ret)[i].value);

		if (wrong != NULL)
			return member_wrong(a, i, wrong);
	}
	return NULL;
}

const char *
lint_query(struct arena *a, struct str text)
{
	struct json_reader_member *members;
	size_t n;

	return lint_members(a, text, &members, &n);
}

/* Some catalogues have header names beyond ASCII. A test of such a connector
 * fails and says why; an import of the catalogue is not refused for it. */
static bool
is_header_name(struct arena *a, struct str name)
{
	struct str copy = arena_copy(a, name);
	char *bytes = (char *)(uintptr_t)copy.ptr;

	for (size_t i = 0; i < copy.len; i++)
		if ((unsigned char)bytes[i] >= 0x80)
			bytes[i] = 'x';
	return web_is_header_name(copy);
}

const char *
lint_headers(struct arena *a, struct str text)
{
	struct json_reader_member *members;
	size_t n;
	const char *wrong = lint_members(a, text, &members, &n);

	for (size_t i = 0; wrong == NULL && i < n; i++) {
		if (!is_header_name(a, members[i].name))
			wrong = member_wrong(a, i,
			    "has a name that a test cannot send as a header");
		else if (!web_is_header_value(members[i].value))
			wrong = member_wrong(
			    a, i, "has a control character in its text");
	}
	return wrong;
}

const char *
lint_statuses(struct arena *a, struct str text)
{
	(void)a;
	return http_status_is_spec(text)
		   ? NULL
		   : "must be statuses such as 204 or 200-299,304";
}

const char *
lint_member_path(struct arena *a, struct str text)
{
	struct str name;

	(void)a;
	while (str_next_part(&text, '.', &name))
		if (name.len == 0)
			return "must be names with a \".\" between them, such "
			       "as data.token";
	return NULL;
}

const char *
lint_authentication_type(struct arena *a, struct str text)
{
	struct str list = STR("must be one of");
	const struct auth_type *type;

	if (auth_find(text) != NULL)
		return NULL;
	for (size_t i = 0; (type = auth_row(i)) != NULL; i++)
		list = arena_printf(a, "%.*s%s %s", STR_FMT(list),
		    i == 0 ? "" : ",", type->key);
	return list.ptr;
}
