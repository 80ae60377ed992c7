/*
 * Building a request from the implementation's templates.
 */
#include <config.h>

#include "probe/web.h"

#include <string.h>

#include "base/buf.h"
#include "base/percent.h"
#include "probe/json_reader.h"

/* How each body_format is rendered, and its Content-Type. */
static const struct body_format {
	const char *name;
	enum template_place place;
	const char *content_type; /* NULL: none */
} formats[] = {
	{ "json", TEMPLATE_JSON, "application/json" },
	{ "form", TEMPLATE_FORM, "application/x-www-form-urlencoded" },
	{ "xml", TEMPLATE_XML, "application/xml" },
	{ "raw", TEMPLATE_PLAIN, NULL },
};

/* Headers that libcurl sets, and those about the connection. */
static const char *const forbidden_headers[] = { "Connection", "Content-Length",
	"Expect", "Host", "Keep-Alive", "Proxy-Authorization",
	"Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade" };

/* The implementation's query, encoded. */
static enum error
render_query(struct attempt *attempt, struct str *ret)
{
	struct json_reader_member *members;
	struct buf b;
	size_t n;

	if (!json_reader_members(
		attempt->arena, attempt->target->query, &members, &n))
		return attempt_fail(attempt, REASON_QUERY_INVALID);
	buf_init(&b, URL_MAX);
	for (size_t i = 0; i < n; i++) {
		struct str value;
		enum error error = attempt_render(
		    attempt, "query", members[i].value, TEMPLATE_RAW, &value);

		if (error != OK) {
			buf_done(&b);
			return error;
		}
		if (i > 0)
			buf_add_char(&b, '&');
		percent_encode(&b, members[i].name);
		buf_add_char(&b, '=');
		percent_encode(&b, value);
	}
	*ret = arena_copy(attempt->arena, buf_str(&b));
	n = b.overflow;
	buf_done(&b);
	return n == 0 ? OK : attempt_fail(attempt, REASON_REQUEST_TOO_LARGE);
}

/* Shows the URL with secrets masked; nothing of it if a secret decides its
 * parts. */
static void
show_target(struct attempt *attempt, struct str template)
{
	struct url masked = { 0 };
	struct str text =
	    attempt_render_masked(attempt, template, TEMPLATE_URL);

	if (!url_parse(attempt->arena, text, STR(""), &masked))
		masked = (struct url){ 0 };
	attempt_set_target(attempt, &masked);
}

enum error
web_set_url(struct attempt *attempt, struct web *web, const char *what,
    struct str template, bool with_query)
{
	struct str text, query = STR("");

	show_target(attempt, template);
	TRY(attempt_render(attempt, what, template, TEMPLATE_URL, &text));
	if (with_query)
		TRY(render_query(attempt, &query));
	if (!url_parse(attempt->arena, text, query, &web->url))
		return attempt_fail_with(attempt, REASON_URL_INVALID,
		    "The %s is not a valid http or https URL once the "
		    "variables are put in.",
		    what);
	return OK;
}

static bool
is_token_byte(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') ||
	       str_is_one_of((char)c, "!#$%&'*+-.^_`|~");
}

bool
web_is_header_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!is_token_byte((unsigned char)name.ptr[i]))
			return false;
	for (size_t i = 0; i < N_ELEMENTS(forbidden_headers); i++)
		if (str_equal_nocase(name, str_of(forbidden_headers[i])))
			return false;
	return name.len > 0;
}

bool
web_is_header_value(struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* Where the header of this name stands; n_headers if there is none. */
static size_t
find_header(const struct web *web, const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < web->n_headers; i++) {
		struct str line = web->headers[i];

		if (line.len > len && strchr(":;", line.ptr[len]) != NULL &&
		    str_equal_nocase(
			(struct str){ line.ptr, len }, str_of(name)))
			break;
	}
	return i;
}

bool
web_has_header(const struct web *web, const char *name)
{
	return find_header(web, name) < web->n_headers;
}

struct str
web_header(const struct web *web, const char *name)
{
	size_t i = find_header(web, name);

	if (i == web->n_headers)
		return STR("");
	return str_trim(
	    str_from(web->headers[i], strlen(name) + 1), STR_BLANKS);
}

void
web_drop_header(struct web *web, const char *name)
{
	size_t i = find_header(web, name);

	if (i < web->n_headers)
		web->headers[i] = web->headers[--web->n_headers];
}

enum error
web_add_header(struct attempt *attempt, struct web *web, const char *name,
    struct str value)
{
	if (web_has_header(web, name))
		return OK;
	if (web->n_headers == WEB_MAX_HEADERS || !web_is_header_value(value))
		return attempt_fail_with(attempt, REASON_HEADERS_INVALID,
		    "The header %s has a value that cannot be sent.", name);
	/* libcurl takes "Name:" without a value for "do not send it". */
	value = str_trim(value, STR_BLANKS);
	web->headers[web->n_headers++] =
	    value.len == 0 ? arena_printf(attempt->arena, "%s;", name)
			   : arena_printf(attempt->arena, "%s: %.*s", name,
				 STR_FMT(value));
	return OK;
}

enum error
web_add_headers(struct attempt *attempt, struct web *web, struct str without)
{
	struct json_reader_member *members;
	size_t n;

	if (!json_reader_members(
		attempt->arena, attempt->target->headers, &members, &n))
		return attempt_fail(attempt, REASON_HEADERS_INVALID);
	for (size_t i = 0; i < n; i++) {
		struct str name = members[i].name, value;

		if (!web_is_header_name(name))
			return attempt_fail_with(attempt,
			    REASON_HEADERS_INVALID,
			    "A header must not be called %.*s.",
			    (int)(name.len < 64 ? name.len : 64), name.ptr);
		if (without.len > 0 &&
		    template_refers_to(members[i].value, without))
			continue;
		TRY(attempt_render(attempt, "headers", members[i].value,
		    TEMPLATE_PLAIN, &value));
		TRY(web_add_header(attempt, web, name.ptr, value));
	}
	return OK;
}

static const struct body_format *
find_format(struct str name)
{
	for (size_t i = 0; i < N_ELEMENTS(formats); i++)
		if (str_equal_text(name, formats[i].name))
			return &formats[i];
	return NULL;
}

enum error
web_set_body(struct attempt *attempt, struct web *web)
{
	const struct body_format *format =
	    find_format(attempt->target->body_format);

	if (format == NULL || attempt->target->body.len == 0)
		return OK;
	TRY(attempt_render(
	    attempt, "body", attempt->target->body, format->place, &web->body));
	if (format->place == TEMPLATE_JSON && !json_reader_accepts(web->body))
		return attempt_fail_with(attempt, REASON_BODY_INVALID,
		    "The body is not well-formed JSON once the variables are "
		    "put in.");
	web->has_body = true;
	/* Without one libcurl would send the type of a form. */
	if (format->content_type == NULL)
		return web_add_header(attempt, web, "Content-Type",
		    STR("application/octet-stream"));
	return web_add_header(
	    attempt, web, "Content-Type", str_of(format->content_type));
}
