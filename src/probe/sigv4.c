/*
 * AWS's signature of version 4: canonical request, string to sign, header.
 *
 * Must not change what is sent: it signs the request it is given.
 */
#include <config.h>

#include "probe/sigv4.h"

#include <time.h>

#include "base/buf.h"
#include "base/percent.h"
#include "secret/hmac.h"
#include "secret/secret.h"

#define ALGORITHM   "AWS4-HMAC-SHA256"
#define TERMINATOR  "aws4_request"
#define DAY_LEN     8 /* of a date: "20150830" */
#define HASH_HEADER "x-amz-content-sha256"

/* Services that differ from the others. S3's take the path for the name of an
 * object; the others normalise it and encode it once more. */
static const struct {
	const char *name;
	bool encodes_once;
	bool wants_hash;
} services[] = {
	{ "s3", true, true },
	{ "s3-object-lambda", true, true },
	{ "s3-outposts", true, true },
	{ "s3express", true, true },
	{ "aoss", false, true },
};

/* Headers that a proxy may change on the way. */
static const char *const unsigned_headers[] = { "user-agent",
	"x-amzn-trace-id" };

struct str
sigv4_date(struct arena *a, int64_t time)
{
	time_t seconds = (time_t)time;
	struct tm utc;

	gmtime_r(&seconds, &utc);
	return arena_printf(a, "%04d%02d%02dT%02d%02d%02dZ", utc.tm_year + 1900,
	    utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

bool
sigv4_wants_hash(struct str service)
{
	for (size_t i = 0; i < N_ELEMENTS(services); i++)
		if (str_equal_text(service, services[i].name))
			return services[i].wants_hash;
	return false;
}

static bool
encodes_once(struct str service)
{
	for (size_t i = 0; i < N_ELEMENTS(services); i++)
		if (str_equal_text(service, services[i].name))
			return services[i].encodes_once;
	return false;
}

/* The name of an object, in which a slash is a slash however it was sent. */
static struct str
object_path(struct arena *a, struct str path)
{
	struct str rest = percent_decode(a, path, false), part, encoded;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (bool is_first = true; str_next_part(&rest, '/', &part);
	     is_first = false) {
		if (!is_first)
			buf_add_char(&b, '/');
		percent_encode(&b, part);
	}
	encoded = arena_copy(a, buf_str(&b));
	buf_done(&b);
	return encoded;
}

/* Encoded once more, without empty parts (a URL has no dot segments). */
static struct str
service_path(struct arena *a, struct str path)
{
	struct str rest = str_from(path, 1), part, encoded;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	buf_add_char(&b, '/');
	while (str_next_part(&rest, '/', &part)) {
		percent_encode(&b, part);
		if (part.len > 0 && rest.ptr != NULL)
			buf_add_char(&b, '/');
	}
	encoded = arena_copy(a, buf_str(&b));
	buf_done(&b);
	return encoded;
}

static struct str
canonical_query(struct arena *a, struct str query)
{
	size_t n;
	struct url_param *params = url_split_query(a, query, &n);

	url_encode_params(a, params, n);
	url_sort_params(params, n);
	return url_join_params(a, params, n);
}

/* Without blanks around it, and one for each run of them inside. */
static struct str
canonical_value(struct arena *a, struct str value)
{
	char *p = arena_alloc(a, value.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < value.len; i++) {
		if (!str_is_one_of(value.ptr[i], STR_BLANKS))
			p[n++] = value.ptr[i];
		else if (n > 0 && p[n - 1] != ' ')
			p[n++] = ' ';
	}
	while (n > 0 && p[n - 1] == ' ')
		n--;
	return (struct str){ p, n };
}

static bool
is_signed(struct str name)
{
	for (size_t i = 0; i < N_ELEMENTS(unsigned_headers); i++)
		if (str_equal_text(name, unsigned_headers[i]))
			return false;
	return true;
}

/* The headers that are signed, by name; an array of at least n_headers. */
static size_t
canonical_headers(
    struct arena *a, const struct sigv4_request *request, struct url_param *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < request->n_headers; i++) {
		struct str line = request->headers[i], name = line;

		name.len = str_find(line, ':');
		if (name.len == line.len) /* "Name;" */
			name.len = str_find(line, ';');
		ret[n].name = arena_lower(a, name);
		ret[n].value = canonical_value(a, str_from(line, name.len + 1));
		if (is_signed(ret[n].name))
			n++;
	}
	url_sort_params(ret, n);
	return n;
}

static struct str
join_names(struct arena *a, const struct url_param *headers, size_t n)
{
	struct str joined;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_char(&b, ';');
		buf_add_str(&b, headers[i].name);
	}
	joined = arena_copy(a, buf_str(&b));
	buf_done(&b);
	return joined;
}

/* The value of the header if there is one, which need not be a hash; else the
 * hash. */
static struct str
payload_hash(struct arena *a, const struct sigv4_request *request,
    const struct url_param *headers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_equal_text(headers[i].name, HASH_HEADER))
			return headers[i].value;
	return secret_sha256_hex(a, request->body);
}

/* The canonical request, and the names of the headers in it. */
static struct str
canonical(struct arena *a, struct str service,
    const struct sigv4_request *request, struct str *ret_names)
{
	struct url_param *headers =
	    ARENA_NEW(a, struct url_param, request->n_headers);
	size_t n = canonical_headers(a, request, headers);
	struct str path = request->url->path, text;
	struct buf b;

	*ret_names = join_names(a, headers, n);
	path = encodes_once(service) ? object_path(a, path)
				     : service_path(a, path);
	buf_init(&b, SIZE_MAX / 2);
	buf_printf(&b, "%s\n%.*s\n%.*s\n", request->method, STR_FMT(path),
	    STR_FMT(canonical_query(a, request->url->query)));
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%.*s:%.*s\n", STR_FMT(headers[i].name),
		    STR_FMT(headers[i].value));
	buf_printf(&b, "\n%.*s\n%.*s", STR_FMT(*ret_names),
	    STR_FMT(payload_hash(a, request, headers, n)));
	text = arena_copy(a, buf_str(&b));
	buf_done(&b);
	return text;
}

struct str
sigv4_canonical(
    struct arena *a, struct str service, const struct sigv4_request *request)
{
	struct str names;

	return canonical(a, service, request, &names);
}

/* The signing key of one day, region and service. */
static struct str
signing_key(struct arena *a, const struct sigv4 *sigv4, struct str day)
{
	const struct str parts[] = { day, sigv4->region, sigv4->service,
		STR(TERMINATOR) };
	struct str key =
	    arena_printf(a, "AWS4%.*s", STR_FMT(sigv4->secret_access_key));

	for (size_t i = 0; i < N_ELEMENTS(parts); i++)
		key = hmac_sign(a, HMAC_SHA256_BYTES, key, parts[i]);
	return key;
}

struct str
sigv4_header(struct arena *a, const struct sigv4 *sigv4,
    const struct sigv4_request *request)
{
	struct str day = { sigv4->date.ptr, DAY_LEN }, names, scope, text;

	text = canonical(a, sigv4->service, request, &names);
	scope = arena_printf(a, "%.*s/%.*s/%.*s/" TERMINATOR, STR_FMT(day),
	    STR_FMT(sigv4->region), STR_FMT(sigv4->service));
	text = arena_printf(a, ALGORITHM "\n%.*s\n%.*s\n%.*s",
	    STR_FMT(sigv4->date), STR_FMT(scope),
	    STR_FMT(secret_sha256_hex(a, text)));
	return arena_printf(a,
	    ALGORITHM " Credential=%.*s/%.*s, SignedHeaders=%.*s, "
		      "Signature=%.*s",
	    STR_FMT(sigv4->access_key_id), STR_FMT(scope), STR_FMT(names),
	    STR_FMT(hmac_sign(
		a, HMAC_SHA256_HEX, signing_key(a, sigv4, day), text)));
}
