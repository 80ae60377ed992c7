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

/* Parameters decoded and encoded again, so that all have the one encoding that
 * is signed. */
static void
add_params(struct arena *a, struct str text, struct url_param *all, size_t *n)
{
	size_t count;
	struct url_param *params = url_split_query(a, text, &count);

	url_encode_params(a, params, count);
	if (count > 0)
		memcpy(all + *n, params, count * sizeof(*params));
	*n += count;
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
		own[i].value = percent_encoded(a, plain[i].value);
	}
}

/* What 3.4.1.2 calls the base string URI. */
static struct str
base_url(struct arena *a, const struct url *url)
{
	return arena_printf(a, "%.*s://%.*s%.*s", STR_FMT(url->scheme),
	    STR_FMT(url_authority(a, url)), STR_FMT(url->path));
}

static struct str
signature(struct arena *a, const struct oauth1 *oauth, const char *http_method,
    const struct url *url, struct str params)
{
	struct str text, key;

	text = arena_printf(a, "%s&%.*s&%.*s", http_method,
	    STR_FMT(percent_encoded(a, base_url(a, url))),
	    STR_FMT(percent_encoded(a, params)));
	key = arena_printf(a, "%.*s&%.*s",
	    STR_FMT(percent_encoded(a, oauth->consumer_secret)),
	    STR_FMT(percent_encoded(a, oauth->token_secret)));
	return hmac_sign(a, hmac_of(oauth->method), key, text);
}

/* Adds a member of the header in quotes; the encoding leaves no quote in it. */
static void
add_member(struct buf *b, const char *name, struct str value)
{
	buf_printf(
	    b, "%s%s=\"%.*s\"", b->len > 6 ? ", " : "", name, STR_FMT(value));
}

/* Adds the realm: quoted as in RFC 2617, not encoded and not signed (3.5.1). */
static void
add_realm(struct buf *b, struct str realm)
{
	buf_add_text(b, "realm=\"");
	for (size_t i = 0; i < realm.len; i++) {
		if (realm.ptr[i] == '"' || realm.ptr[i] == '\\')
			buf_add_char(b, '\\');
		buf_add_char(b, realm.ptr[i]);
	}
	buf_add_char(b, '"');
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
	add_params(a, url->query, all, &n);
	add_params(a, form, all, &n);
	url_sort_params(all, n);
	params = url_join_params(a, all, n);
	buf_init(&b, SIZE_MAX / 2);
	buf_add_text(&b, "OAuth ");
	if (oauth->realm.len > 0)
		add_realm(&b, oauth->realm);
	for (size_t i = 0; i < N_OWN; i++)
		add_member(&b, own[i].name.ptr, own[i].value);
	add_member(&b, "oauth_signature",
	    percent_encoded(a, signature(a, oauth, http_method, url, params)));
	header = arena_copy(a, buf_str(&b));
	buf_done(&b);
	return header;
}
