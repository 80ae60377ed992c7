/*
 * One row a parameter that is of interest; all others are passed over.
 */
#include <config.h>

#include "conn/cgi.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "conn/fcgi_scan.h"

#define ID_MAX      64 /* characters of a request id that is accepted */
#define ID_BYTES    16 /* of a fresh one */
#define HOST_MAX    255
#define SENT_DIGITS 3 /* of CONNECTORS_SENT behind the point */

enum param {
	PARAM_METHOD,
	PARAM_URI,
	PARAM_PATH,
	PARAM_QUERY,
	PARAM_AUTHORIZATION,
	PARAM_CONTENT_TYPE,
	PARAM_CONTENT_LENGTH,
	PARAM_IF_MATCH,
	PARAM_IF_NONE_MATCH,
	PARAM_IDEMPOTENCY_KEY,
	PARAM_PREFER,
	PARAM_REMOTE_ADDR,
	PARAM_CLIENT_ID,
	PARAM_SERVER_ID,
	PARAM_BASE_URL,
	PARAM_SCHEME,
	PARAM_HOST,
	PARAM_SERVER_NAME,
	PARAM_SENT,
	PARAM_LAST,
	PARAM_END,
	PARAM__MAX
};

/* STR() is no constant. */
#define NAME(literal)                           \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}
static const struct str param_names[] = {
	[PARAM_METHOD] = NAME("REQUEST_METHOD"),
	[PARAM_URI] = NAME("REQUEST_URI"),
	[PARAM_PATH] = NAME("DOCUMENT_URI"),
	[PARAM_QUERY] = NAME("QUERY_STRING"),
	[PARAM_AUTHORIZATION] = NAME("HTTP_AUTHORIZATION"),
	[PARAM_CONTENT_TYPE] = NAME("CONTENT_TYPE"),
	[PARAM_CONTENT_LENGTH] = NAME("CONTENT_LENGTH"),
	[PARAM_IF_MATCH] = NAME("HTTP_IF_MATCH"),
	[PARAM_IF_NONE_MATCH] = NAME("HTTP_IF_NONE_MATCH"),
	[PARAM_IDEMPOTENCY_KEY] = NAME("HTTP_IDEMPOTENCY_KEY"),
	[PARAM_PREFER] = NAME("HTTP_PREFER"),
	[PARAM_REMOTE_ADDR] = NAME("REMOTE_ADDR"),
	[PARAM_CLIENT_ID] = NAME("HTTP_X_REQUEST_ID"),
	[PARAM_SERVER_ID] = NAME("REQUEST_ID"),
	[PARAM_BASE_URL] = NAME("CONNECTORS_BASE_URL"),
	[PARAM_SCHEME] = NAME("REQUEST_SCHEME"),
	[PARAM_HOST] = NAME("HTTP_HOST"),
	[PARAM_SERVER_NAME] = NAME("SERVER_NAME"),
	[PARAM_SENT] = NAME("CONNECTORS_SENT"),
	[PARAM_LAST] = NAME("CONNECTORS_LAST"),
	[PARAM_END] = NAME("CONNECTORS_END"),
};
_Static_assert(N_ELEMENTS(param_names) == PARAM__MAX, "one name a parameter");

bool
params_is_id(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!isalnum((unsigned char)c) && c != '.' && c != '_' &&
		    c != '-')
			return false;
	}
	return text.len > 0 && text.len <= ID_MAX;
}

/* The values by number; of two with one name the last. */
static void
keep_value(struct str name, struct str value, struct str values[PARAM__MAX])
{
	for (size_t i = 0; i < PARAM__MAX; i++)
		if (str_equal(name, param_names[i]))
			values[i] = value;
}

static void
find_values(const char *const *list, struct str values[PARAM__MAX])
{
	for (; *list != NULL; list++) {
		struct str text = str_of(*list);
		size_t equals = str_find(text, '=');

		keep_value((struct str){ text.ptr, equals },
		    str_from(text, equals + 1), values);
	}
}

static struct str
fresh_id(struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[ID_BYTES];
	char text[2 * ID_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		abort();
	for (size_t i = 0; i < ID_BYTES; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return arena_copy(arena, (struct str){ text, sizeof(text) });
}

static struct str
choose_id(struct arena *arena, const struct str values[PARAM__MAX])
{
	if (params_is_id(values[PARAM_CLIENT_ID]))
		return arena_copy(arena, values[PARAM_CLIENT_ID]);
	if (params_is_id(values[PARAM_SERVER_ID]))
		return arena_copy(arena, values[PARAM_SERVER_ID]);
	return fresh_id(arena);
}

/* A name or address with or without a port: it becomes part of links. */
static bool
is_host(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!isalnum((unsigned char)text.ptr[i]) &&
		    strchr("-._:[]", text.ptr[i]) == NULL)
			return false;
	return text.len > 0 && text.len <= HOST_MAX;
}

static struct str
without_default_port(struct str host, bool secure)
{
	struct str port = secure ? STR(":443") : STR(":80");

	if (str_ends_with(host, port))
		host.len -= port.len;
	return host;
}

static struct str
make_base_url(struct arena *arena, const struct str values[PARAM__MAX])
{
	struct str given = values[PARAM_BASE_URL];
	struct str host = values[PARAM_HOST];
	bool secure = str_equal_text(values[PARAM_SCHEME], "https");
	const char *scheme = secure ? "https" : "http";
	char lower[HOST_MAX];

	while (str_ends_with(given, STR("/")))
		given.len--;
	if (given.len > 0)
		return arena_copy(arena, given);
	if (!is_host(host))
		host = values[PARAM_SERVER_NAME];
	if (!is_host(host))
		host = STR("localhost");
	host = without_default_port(host, secure);
	for (size_t i = 0; i < host.len; i++)
		lower[i] = (char)tolower((unsigned char)host.ptr[i]);
	return arena_printf(arena, "%s://%.*s", scheme, (int)host.len, lower);
}

/* "1700000000.123": nginx's $msec. */
static uint64_t
parse_sent(struct str text)
{
	size_t point = str_find(text, '.');
	struct str fraction = str_from(text, point + 1);
	uint64_t seconds, milliseconds;

	if (fraction.len != SENT_DIGITS ||
	    !str_to_u64((struct str){ text.ptr, point }, &seconds) ||
	    !str_to_u64(fraction, &milliseconds) ||
	    seconds > UINT64_MAX / 1000 - 1)
		return 0;
	return seconds * 1000 + milliseconds;
}

static void
set_target(struct request *r, const struct str values[PARAM__MAX])
{
	struct str uri = values[PARAM_URI];
	size_t mark = str_find(uri, '?');

	if (uri.len == 0) {
		r->path = arena_copy(r->arena, values[PARAM_PATH]);
		r->query = arena_copy(r->arena, values[PARAM_QUERY]);
		return;
	}
	r->path = arena_copy(r->arena, (struct str){ uri.ptr, mark });
	r->query = arena_copy(r->arena, str_from(uri, mark + 1));
}

static void
set_method(struct request *r, const struct str values[PARAM__MAX])
{
	r->method_text = arena_copy(r->arena, values[PARAM_METHOD]);
	r->method = method_of(r->method_text);
	r->base_url = make_base_url(r->arena, values);
}

static void
set_headers(struct request *r, const struct str values[PARAM__MAX])
{
	struct arena *a = r->arena;

	r->authorization = arena_copy(a, values[PARAM_AUTHORIZATION]);
	r->content_type = arena_copy(a, values[PARAM_CONTENT_TYPE]);
	r->if_match = arena_copy(a, values[PARAM_IF_MATCH]);
	r->if_none_match = arena_copy(a, values[PARAM_IF_NONE_MATCH]);
	r->idempotency_key = arena_copy(a, values[PARAM_IDEMPOTENCY_KEY]);
	r->prefer = arena_copy(a, values[PARAM_PREFER]);
	r->remote_addr = arena_copy(a, values[PARAM_REMOTE_ADDR]);
}

void
params_read(
    const char *const *list, struct request *ret, struct params *ret_params)
{
	struct str values[PARAM__MAX] = { { NULL, 0 } };
	struct params p = { 0 };

	find_values(list, values);
	ret->id = choose_id(ret->arena, values);
	set_method(ret, values);
	set_target(ret, values);
	set_headers(ret, values);
	ret->last = str_equal_text(values[PARAM_LAST], "1");
	p.end = str_equal_text(values[PARAM_END], "1");
	p.has_length = values[PARAM_CONTENT_LENGTH].len > 0;
	if (!str_to_u64(values[PARAM_CONTENT_LENGTH], &p.length))
		p.length = p.has_length ? UINT64_MAX : 0;
	p.sent = parse_sent(values[PARAM_SENT]);
	*ret_params = p;
}

void
params_read_target(struct str pairs, struct request *ret)
{
	struct str values[PARAM__MAX] = { { NULL, 0 } }, name, value;

	while (scan_pair(&pairs, &name, &value))
		keep_value(name, value, values);
	set_method(ret, values);
	set_target(ret, values);
	ret->authorization =
	    arena_copy(ret->arena, values[PARAM_AUTHORIZATION]);
}
