/*
 * Where a test goes, and whether the catalogue alone decides it.
 *
 * Reads templates only. Must not look at addresses or redirects, which are
 * judged elsewhere.
 */
#include <config.h>

#include "probe/destination.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/reference.h"

/* Stands in place of a value of the connector's own; no URL has this byte. */
#define OPEN '\001'

#define LABELS_MIN 2 /* of the fixed domain behind the last OPEN */

static const char *const schemes[] = { "http://", "https://" };

size_t
destinations_of(const struct auth_type *type, const struct probe_target *target,
    struct destination ret[2])
{
	bool test_first = type->urls == AUTH_TEST_URL_FIRST;
	const struct destination both[] = {
		{ test_first ? "test_url" : "url",
		    test_first ? target->test_url : target->url },
		{ test_first ? "url" : "test_url",
		    test_first ? target->url : target->test_url },
	};
	size_t most = type->urls == AUTH_BOTH_URLS ? 2 : 1, n = 0;

	for (size_t i = 0; i < N_ELEMENTS(both) && n < most; i++)
		if (both[i].url.len > 0)
			ret[n++] = both[i];
	return n;
}

static const struct probe_variable *
find_fixed(const struct probe_target *target, struct str key)
{
	for (size_t i = 0; i < target->n_variables; i++) {
		const struct probe_variable *variable = &target->variables[i];

		if (str_equal(variable->key, key))
			return variable->is_default &&
				       variable->value.ptr != NULL
				   ? variable
				   : NULL;
	}
	return NULL;
}

/* The template with the catalogue's own values, and OPEN for all others. */
static struct str
render_fixed(
    struct arena *a, const struct probe_target *target, struct str template)
{
	struct str plain, key, text;
	struct buf b;

	buf_init(&b, TEMPLATE_MAX);
	while (reference_next(&template, &plain, &key)) {
		const struct probe_variable *fixed = find_fixed(target, key);

		buf_add_str(&b, plain);
		if (fixed != NULL)
			buf_add_str(&b, fixed->value);
		else if (key.ptr != NULL)
			buf_add_char(&b, OPEN);
	}
	text = b.overflow ? STR("") : arena_copy(a, buf_str(&b));
	buf_done(&b);
	return text;
}

/* What is behind the last c; the whole where there is none. */
static struct str
behind_last(struct str s, char c)
{
	size_t at;

	while ((at = str_find(s, c)) < s.len)
		s = str_from(s, at + 1);
	return s;
}

/* Whether it is a domain of at least LABELS_MIN labels, the last of which
 * begins with a letter: digits would be the end of an address. */
static bool
is_domain(struct str s)
{
	struct str label = STR("");
	size_t n = 0;

	if (str_ends_with(s, STR(".")))
		s.len--;
	for (; str_next_part(&s, '.', &label); n++)
		if (label.len == 0)
			return false;
	return n >= LABELS_MIN && isalpha((unsigned char)label.ptr[0]);
}

/* Whether a host (and ":port") is fixed, or ends in a fixed domain. */
static bool
is_fixed_host(struct str host)
{
	size_t bracket = str_find(host, ']');
	size_t colon = bracket < host.len
			   ? bracket + str_find(str_from(host, bracket), ':')
			   : str_find(host, ':');
	struct str port = str_from(host, colon), tail;

	if (str_find(port, OPEN) < port.len)
		return false;
	host.len = colon;
	if (str_find(host, OPEN) == host.len)
		return host.len > 0;
	tail = behind_last(host, OPEN);
	/* What stands before the first dot may be part of the value's own
	 * label. */
	return is_domain(str_from(tail, str_find(tail, '.') + 1));
}

static bool
is_fixed_url(struct str url)
{
	struct str authority = reference_authority(url);

	for (size_t i = 0; i < N_ELEMENTS(schemes); i++) {
		struct str scheme = str_of(schemes[i]);
		struct str start = { authority.ptr, scheme.len };

		if (authority.len > scheme.len &&
		    str_equal_nocase(start, scheme))
			return is_fixed_host(
			    behind_last(str_from(authority, scheme.len), '@'));
	}
	return false;
}

static bool
is_own(const struct probe_target *target, const char *key)
{
	for (size_t i = 0; i < target->n_variables; i++)
		if (str_equal_text(target->variables[i].key, key))
			return !target->variables[i].is_default;
	return false;
}

bool
probe_sends_defaults(struct arena *a, const struct probe_target *target)
{
	const struct auth_type *type = auth_find(target->type);
	struct destination all[2];
	size_t n;

	if (type == NULL)
		return false;
	if ((auth_protocol_find(target->protocol) & AUTH_WEB) == 0)
		return !is_own(target, "host") && !is_own(target, "port");
	n = destinations_of(type, target, all);
	for (size_t i = 0; i < n; i++)
		if (!is_fixed_url(render_fixed(a, target, all[i].url)))
			return false;
	return n > 0;
}
