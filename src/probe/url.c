/*
 * URLs: libcurl's parser behind plain data, and parameters of a query.
 */
#include <config.h>

#include "probe/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "probe/guard.h"

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

/* Bytes that no URL has; libcurl lets some of them pass. */
static bool
is_clean(struct str text)
{
	if (text.len == 0 || text.len > URL_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c <= 0x20 || c == 0x7f || c == '\\')
			return false;
	}
	return true;
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
set_text(CURLU *handle, struct arena *a, struct str text)
{
	text.len = str_find(text, '#');
	return is_clean(text) && curl_url_set(handle, CURLUPART_URL,
				     arena_copy(a, text).ptr, 0) == CURLUE_OK;
}

static CURLU *
new_handle(void)
{
	CURLU *handle = curl_url();

	if (handle == NULL)
		abort();
	return handle;
}

/* Joined as text: libcurl would write the escapes of a query anew. */
static struct str
add_query(struct arena *a, struct str text, struct str query)
{
	text.len = str_find(text, '#');
	if (query.len == 0)
		return text;
	return arena_printf(a, "%.*s%c%.*s", STR_FMT(text),
	    str_find(text, '?') < text.len ? '&' : '?', STR_FMT(query));
}

bool
url_parse(struct arena *a, struct str text, struct str query, struct url *ret)
{
	__attribute__((cleanup(free_handle))) CURLU *handle = new_handle();

	return set_text(handle, a, add_query(a, text, query)) &&
	       take_apart(a, handle, ret);
}

bool
url_parse_relative(
    struct arena *a, const struct url *base, struct str text, struct url *ret)
{
	__attribute__((cleanup(free_handle))) CURLU *handle = new_handle();

	return set_text(handle, a, base->text) &&
	       curl_url_set(handle, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
	       curl_url_set(handle, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK &&
	       set_text(handle, a, text) && take_apart(a, handle, ret);
}

bool
url_same_origin(const struct url *a, const struct url *b)
{
	return a->port == b->port && str_equal(a->scheme, b->scheme) &&
	       str_equal_nocase(a->host, b->host);
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
