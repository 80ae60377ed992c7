/*
 * OAuth 1: base string, signature, header.
 */
#include <config.h>

#include "probe/oauth1.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/percent.h"
#include "probe/template.h"
#include "secret/hmac.h"

#define N_OWN 6 /* oauth_ parameters that are signed */

static const struct {
	const char *name;
	enum hmac hmac;
} methods[] = {
	{ "HMAC-SHA256", HMAC_SHA256_BASE64 },
	{ "HMAC-SHA1", HMAC_SHA1_BASE64 },
};

static const struct {
	const char *scheme;
	unsigned port;
} default_ports[] = {
	{ "http", 80 },
	{ "https", 443 },
};

bool
oauth1_is_method(struct str method)
{
	for (size_t i = 0; i < N_ELEMENTS(methods); i++)
		if (str_equal_text(method, methods[i].name))
			return true;
	return false;
}

static enum hmac
hmac_of(struct str method)
{
	for (size_t i = 0; i < N_ELEMENTS(methods); i++)
		if (str_equal_text(method, methods[i].name))
			return methods[i].hmac;
	return methods[0].hmac;
}

static struct str
encode(struct arena *a, struct str s)
{
	struct str encoded;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	percent_encode(&b, s);
	encoded = arena_copy(a, buf_str(&b));
	buf_done(&b);
	return encoded;
}

/* Encoded anew, so that all are encoded the one way that is signed. */
static void
add_params(struct arena *a, struct str text, bool is_form,
    struct url_param *all, size_t *n)
{
	size_t count;
	struct url_param *params = url_split_query(a, text, &count);

	for (size_t i = 0; i < count; i++) {
		all[*n].name =
		    encode(a, percent_decode(a, params[i].name, is_form));
		all[(*n)++].value =
		    encode(a, percent_decode(a, params[i].value, is_form));
	}
}

static size_t
count_params(struct arena *a, struct str text)
{
	size_t n;

	(void)url_split_query(a, text, &n);
	return n;
}

static void
own_params(
    struct arena *a, const struct oauth1 *oauth, struct url_param own[N_OWN])
{
	const struct url_param plain[N_OWN] = {
		{ STR("oauth_consumer_key"), oauth->consumer_key },
		{ STR("oauth_nonce"), oauth->nonce },
		{ STR("oauth_signature_method"), oauth->method },
		{ STR("oauth_timestamp"), oauth->timestamp },
		{ STR("oauth_token"), oauth->token },
		{ STR("oauth_version"), STR("1.0") },
	};

	for (size_t i = 0; i < N_OWN; i++) {
		own[i].name = plain[i].name;
		own[i].value = encode(a, plain[i].value);
	}
}

/* Scheme, host, path; the port only if it is not the scheme's own. */
static struct str
base_url(struct arena *a, const struct url *url)
{
	for (size_t i = 0; i < N_ELEMENTS(default_ports); i++)
		if (str_equal_text(url->scheme, default_ports[i].scheme) &&
		    default_ports[i].port == url->port)
			return arena_printf(a, "%.*s://%.*s%.*s",
			    STR_FMT(url->scheme), STR_FMT(url->host),
			    STR_FMT(url->path));
	return arena_printf(a, "%.*s://%.*s:%u%.*s", STR_FMT(url->scheme),
	    STR_FMT(url->host), url->port, STR_FMT(url->path));
}

static struct str
signature(struct arena *a, const struct oauth1 *oauth, const char *http_method,
    const struct url *url, struct str params)
{
	struct str text, key;

	text = arena_printf(a, "%s&%.*s&%.*s", http_method,
	    STR_FMT(encode(a, base_url(a, url))), STR_FMT(encode(a, params)));
	key = arena_printf(a, "%.*s&%.*s",
	    STR_FMT(encode(a, oauth->consumer_secret)),
	    STR_FMT(encode(a, oauth->token_secret)));
	return hmac_sign(a, hmac_of(oauth->method), key, text);
}

/* In quotes; what could end them is encoded as the others are. */
static void
add_member(struct buf *b, const char *name, struct str value)
{
	buf_printf(
	    b, "%s%s=\"%.*s\"", b->len > 6 ? ", " : "", name, STR_FMT(value));
}

struct str
oauth1_header(struct arena *a, const struct oauth1 *oauth,
    const char *http_method, const struct url *url, struct str form)
{
	size_t n = 0, room = N_OWN + count_params(a, url->query) +
			     count_params(a, form);
	struct url_param own[N_OWN], *all;
	struct str header, params;
	struct buf b;

	own_params(a, oauth, own);
	all = ARENA_NEW(a, struct url_param, room);
	memcpy(all, own, sizeof(own));
	n = N_OWN;
	add_params(a, url->query, false, all, &n);
	add_params(a, form, true, all, &n);
	url_sort_params(all, n);
	params = url_join_params(a, all, n);
	buf_init(&b, SIZE_MAX / 2);
	buf_add_text(&b, "OAuth ");
	if (oauth->realm.len > 0)
		add_member(&b, "realm", encode(a, oauth->realm));
	for (size_t i = 0; i < N_OWN; i++)
		add_member(&b, own[i].name.ptr, own[i].value);
	add_member(&b, "oauth_signature",
	    encode(a, signature(a, oauth, http_method, url, params)));
	header = arena_copy(a, buf_str(&b));
	buf_done(&b);
	return header;
}
