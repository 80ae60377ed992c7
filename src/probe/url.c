/*
 * URLs: libcurl's parser behind plain data, and parameters of a query.
 */
#include <config.h>

#include "probe/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/percent.h"
#include "probe/guard.h"

static const struct {
	const char *scheme;
	unsigned port;
} default_ports[] = {
	{ "http", 80 },
	{ "https", 443 },
};

static void
free_handle(CURLU **handle)
{
	curl_url_cleanup(*handle);
}

/* One part of the URL; empty if it has none. */
static struct str
part(struct arena *a, CURLU *handle, CURLUPart what, unsigned flags)
{
	struct str copy = STR("");
	char *text = NULL;

	if (curl_url_get(handle, what, &text, flags) == CURLUE_OK)
		copy = arena_copy(a, str_of(text));
	curl_free(text);
	return copy;
}

static bool
has_part(CURLU *handle, CURLUPart what)
{
	char *text = NULL;
	bool found = curl_url_get(handle, what, &text, 0) == CURLUE_OK;

	curl_free(text);
	return found;
}

/* The bytes that URLs are made of (RFC 3986, section 2). */
static bool
is_url_byte(unsigned char c)
{
	return c > 0x20 && c < 0x7f && strchr("\"<>\\^`{|}", c) == NULL;
}

static bool
is_scheme_byte(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

/* Where path or query begin, behind scheme and authority. After "scheme:"
 * libcurl takes one slash for the begin of a host, so this does. */
static size_t
authority_end(struct str text)
{
	size_t at = 0, slashes;

	while (at < text.len && is_scheme_byte((unsigned char)text.ptr[at]))
		at++;
	slashes = at = at < text.len && text.ptr[at] == ':' ? at + 1 : 0;
	while (at < text.len && text.ptr[at] == '/')
		at++;
	if (at - slashes < (slashes > 0 ? 1 : 2))
		return at;
	while (at < text.len && text.ptr[at] != '/' && text.ptr[at] != '?')
		at++;
	return at;
}

/*
 * Appends a byte of a URL, as an escape if it must be one. False if the URL
 * must not be used: one byte out of place in the authority may mean another
 * host to another reader, and so may a backslash anywhere.
 */
static bool
add_byte(struct buf *b, char byte, bool in_authority, const char *blanks)
{
	unsigned char c = (unsigned char)byte;
	/* libcurl encodes names beyond ASCII. */
	bool as_it_is = is_url_byte(c) || (in_authority && c >= 0x80);

	if (as_it_is)
		buf_add_char(b, byte);
	else if (in_authority || c == 0 || c == '\\')
		return false;
	else if ((c <= 0x20 || c == 0x7f) && strchr(blanks, c) == NULL)
		return false;
	else
		percent_encode(b, (struct str){ &byte, 1 });
	return true;
}

/* The text without fragment, as it is sent; blanks are those that may stand in
 * it. Empty if it is no URL. */
static struct str
escape(struct arena *a, struct str text, const char *blanks)
{
	struct str escaped = STR("");
	bool good = true;
	size_t end;
	struct buf b;

	text.len = str_find(text, '#');
	end = authority_end(text);
	buf_init(&b, URL_MAX);
	for (size_t i = 0; i < text.len && good; i++)
		good = add_byte(&b, text.ptr[i], i < end, blanks);
	if (good && !b.overflow)
		escaped = arena_copy(a, buf_str(&b));
	buf_done(&b);
	return escaped;
}

/* Writes the host in lower case: case means nothing there, and signatures need
 * one spelling. */
static bool
fold_host(struct arena *a, CURLU *handle)
{
	struct str host = part(a, handle, CURLUPART_HOST, 0);

	if (host.len == 0 || has_part(handle, CURLUPART_ZONEID))
		return true;
	return curl_url_set(handle, CURLUPART_HOST, arena_lower(a, host).ptr,
		   0) == CURLUE_OK;
}

static bool
take_apart(struct arena *a, CURLU *handle, struct url *ret)
{
	struct url url = {
		.scheme = part(a, handle, CURLUPART_SCHEME, 0),
		.host = part(a, handle, CURLUPART_HOST, 0),
		.path = part(a, handle, CURLUPART_PATH, 0),
		.query = part(a, handle, CURLUPART_QUERY, 0),
		.text = part(a, handle, CURLUPART_URL, 0),
		.has_user = has_part(handle, CURLUPART_USER) ||
			    has_part(handle, CURLUPART_PASSWORD),
	};
	uint64_t port;

	if (!str_equal(url.scheme, STR("http")) &&
	    !str_equal(url.scheme, STR("https")))
		return false;
	if (!str_to_u64(
		part(a, handle, CURLUPART_PORT, CURLU_DEFAULT_PORT), &port) ||
	    port == 0 || url.host.len == 0)
		return false;
	url.port = (unsigned)port;
	*ret = url;
	return true;
}

static bool
set_text(CURLU *handle, struct arena *a, struct str text, const char *blanks)
{
	struct str escaped = escape(a, text, blanks);

	return escaped.len > 0 &&
	       curl_url_set(handle, CURLUPART_URL, escaped.ptr, 0) ==
		   CURLUE_OK &&
	       fold_host(a, handle);
}

static CURLU *
new_handle(void)
{
	CURLU *handle = curl_url();

	if (handle == NULL)
		abort();
	return handle;
}

/* Joined as text: libcurl would rewrite the escapes of a query. */
static struct str
add_query(struct arena *a, struct str text, struct str query)
{
	text.len = str_find(text, '#');
	if (query.len == 0)
		return text;
	return arena_printf(a, "%.*s%c%.*s", STR_FMT(text),
	    str_find(text, '?') < text.len ? '&' : '?', STR_FMT(query));
}

/* Whether "://" and a host follow the scheme. libcurl takes "http:/h" and
 * "http:///h" for the same; code that looks at templates reads them
 * differently. */
static bool
has_plain_authority(struct str text)
{
	struct str rest = str_from(text, str_find(text, ':'));

	return str_starts_with(rest, STR("://")) &&
	       !str_starts_with(rest, STR(":///"));
}

bool
url_parse(struct arena *a, struct str text, struct str query, struct url *ret)
{
	__attribute__((cleanup(free_handle))) CURLU *handle = new_handle();

	return has_plain_authority(text) &&
	       set_text(handle, a, add_query(a, text, query), "") &&
	       take_apart(a, handle, ret);
}

bool
url_parse_relative(
    struct arena *a, const struct url *base, struct str text, struct url *ret)
{
	__attribute__((cleanup(free_handle))) CURLU *handle = new_handle();

	return set_text(handle, a, base->text, "") &&
	       curl_url_set(handle, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
	       curl_url_set(handle, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK &&
	       set_text(handle, a, text, " \t") && take_apart(a, handle, ret);
}

bool
url_same_origin(const struct url *a, const struct url *b)
{
	return a->port == b->port && str_equal(a->scheme, b->scheme) &&
	       str_equal_nocase(a->host, b->host);
}

static bool
has_default_port(const struct url *url)
{
	for (size_t i = 0; i < N_ELEMENTS(default_ports); i++)
		if (str_equal_text(url->scheme, default_ports[i].scheme))
			return default_ports[i].port == url->port;
	return false;
}

struct str
url_authority(struct arena *a, const struct url *url)
{
	if (has_default_port(url))
		return url->host;
	return arena_printf(a, "%.*s:%u", STR_FMT(url->host), url->port);
}

static struct str
encode_anew(struct arena *a, struct str text, bool plus_is_space)
{
	return percent_encoded(a, percent_decode(a, text, plus_is_space));
}

bool
url_encode_anew(struct arena *a, const struct url *url, struct url *ret)
{
	struct str before = url->text, rest = str_from(url->path, 1), segment;
	struct url_param *params;
	size_t n;
	struct buf b;
	bool good;

	before.len = url->scheme.len + sizeof("://") - 1;
	before.len += str_find(str_from(url->text, before.len), '/');
	params = url_split_query(a, url->query, &n);
	url_encode_params(a, params, n);
	buf_init(&b, URL_MAX);
	buf_add_str(&b, before);
	while (str_next_part(&rest, '/', &segment)) {
		buf_add_char(&b, '/');
		buf_add_str(&b, encode_anew(a, segment, false));
	}
	good = !b.overflow &&
	       url_parse(a, buf_str(&b), url_join_params(a, params, n), ret);
	buf_done(&b);
	return good;
}

bool
url_is_numeric(const struct url *url)
{
	struct address address;

	if (url->host.len > 0 && url->host.ptr[0] == '[')
		return true;
	return address_parse(url->host, &address);
}

struct url_param *
url_split_query(struct arena *a, struct str query, size_t *ret_n)
{
	struct url_param *params;
	struct str rest = query, pair;
	size_t n = 0, room = 1;

	for (size_t i = 0; i < query.len; i++)
		room += query.ptr[i] == '&';
	params = ARENA_NEW(a, struct url_param, room);
	while (str_next_part(&rest, '&', &pair)) {
		size_t equals = str_find(pair, '=');

		if (pair.len == 0)
			continue;
		params[n].name = (struct str){ pair.ptr, equals };
		params[n++].value = str_from(pair, equals + 1);
	}
	*ret_n = n;
	return params;
}

void
url_encode_params(struct arena *a, struct url_param *params, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		params[i].name = encode_anew(a, params[i].name, true);
		params[i].value = encode_anew(a, params[i].value, true);
	}
}

static int
compare_text(struct str a, struct str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static int
compare_params(const void *a, const void *b)
{
	const struct url_param *x = a;
	const struct url_param *y = b;
	int order = compare_text(x->name, y->name);

	return order != 0 ? order : compare_text(x->value, y->value);
}

void
url_sort_params(struct url_param *params, size_t n)
{
	if (n > 1)
		qsort(params, n, sizeof(*params), compare_params);
}

struct str
url_join_params(struct arena *a, const struct url_param *params, size_t n)
{
	struct str joined;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_char(&b, '&');
		buf_add_str(&b, params[i].name);
		buf_add_char(&b, '=');
		buf_add_str(&b, params[i].value);
	}
	joined = arena_copy(a, buf_str(&b));
	buf_done(&b);
	return joined;
}
