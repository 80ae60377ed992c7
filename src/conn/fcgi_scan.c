/*
 * Walks FastCGI records: one BEGIN_REQUEST of a responder, PARAMS up to an
 * empty one, STDIN up to an empty one, all of one request.
 *
 *	version type id(2) content length(2) padding length, reserved
 */
#include <config.h>

#include "conn/fcgi_scan.h"

#include <fastcgi.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BEGIN_LEN sizeof(FCGI_BeginRequestBody)

struct record {
	unsigned type;
	unsigned id;
	size_t len;  /* of the content */
	size_t size; /* header, content and padding */
	const unsigned char *content;
};

static unsigned
number16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static size_t
number31(const unsigned char *p)
{
	return (size_t)(p[0] & 0x7f) << 24 | (size_t)p[1] << 16 |
	       (size_t)p[2] << 8 | p[3];
}

/* False: not a record of ours. Of its content nothing need be there. */
static bool
read_header(const unsigned char *p, struct record *ret)
{
	*ret = (struct record){ .type = p[1],
		.id = number16(p + 2),
		.len = number16(p + 4),
		.content = p + FCGI_HEADER_LEN };
	ret->size = FCGI_HEADER_LEN + ret->len + p[6];
	return p[0] == FCGI_VERSION_1 && ret->id != 0;
}

/* The library takes the padding of a first record, and of an empty one of the
 * parameters, for the next record: what it would see must be what we see. */
static bool
is_padded(const struct record *r)
{
	return r->size != FCGI_HEADER_LEN + r->len;
}

static bool
is_begin(const struct record *r)
{
	return r->type == FCGI_BEGIN_REQUEST && r->len == BEGIN_LEN &&
	       !is_padded(r);
}

/* One length of a pair: one byte, or four with the high bit set. */
static bool
read_length(struct str *rest, size_t *ret)
{
	const unsigned char *p = (const unsigned char *)rest->ptr;

	if (rest->len == 0)
		return false;
	if ((*p & 0x80) == 0) {
		*ret = *p;
		*rest = str_from(*rest, 1);
		return true;
	}
	if (rest->len < 4)
		return false;
	*ret = number31(p);
	*rest = str_from(*rest, 4);
	return true;
}

bool
scan_pair(struct str *rest, struct str *ret_name, struct str *ret_value)
{
	size_t name, value;

	if (!read_length(rest, &name) || !read_length(rest, &value) ||
	    name == 0 || name > rest->len || value > rest->len - name)
		return false;
	*ret_name = (struct str){ rest->ptr, name };
	*ret_value = (struct str){ rest->ptr + name, value };
	*rest = str_from(*rest, name + value);
	return true;
}

/* Whether the pairs fill their bytes exactly; a NUL would cut a text short. */
static bool
pairs_are_sound(const unsigned char *p, size_t len)
{
	struct str rest = { (const char *)p, len }, name, value;

	while (rest.len > 0) {
		if (!scan_pair(&rest, &name, &value) ||
		    memchr(name.ptr, '\0', name.len + value.len) != NULL)
			return false;
	}
	return true;
}

static struct scan
found(enum scan_state state, size_t need, size_t params)
{
	return (struct scan){ state, need, params, false };
}

/* Behind the parameters: records of the body up to the empty one. */
static struct scan
scan_body(const unsigned char *bytes, size_t len, size_t at, unsigned id,
    size_t params)
{
	struct record r;

	while (len >= at + FCGI_HEADER_LEN) {
		if (!read_header(bytes + at, &r) || r.id != id ||
		    r.type != FCGI_STDIN)
			return found(SCAN_JUNK, 0, params);
		if (r.len == 0)
			return (struct scan){ SCAN_WHOLE, 0, params,
				len == at + FCGI_HEADER_LEN && !is_padded(&r) };
		at += r.size;
	}
	return found(SCAN_HEAD, at + FCGI_HEADER_LEN, params);
}

static struct scan
scan_params(const unsigned char *bytes, size_t len, size_t at, unsigned id,
    unsigned char *scratch)
{
	size_t params = 0;
	struct record r;

	while (len >= at + FCGI_HEADER_LEN) {
		if (!read_header(bytes + at, &r) || r.id != id ||
		    r.type != FCGI_PARAMS)
			return found(SCAN_JUNK, 0, params);
		if (r.len == 0 &&
		    (is_padded(&r) || !pairs_are_sound(scratch, params)))
			return found(SCAN_JUNK, 0, params);
		if (r.len == 0)
			return scan_body(bytes, len, at + r.size, id, params);
		if (len < at + FCGI_HEADER_LEN + r.len)
			return found(SCAN_MORE, at + r.size, params);
		memcpy(scratch + params, r.content, r.len);
		params += r.len;
		at += r.size;
	}
	return found(SCAN_MORE, at + FCGI_HEADER_LEN, params);
}

struct scan
scan_request(const unsigned char *bytes, size_t len, unsigned char *scratch)
{
	struct record r;
	struct scan scan;

	if (len == 0)
		return found(SCAN_MORE, 1, 0);
	if (bytes[0] != FCGI_VERSION_1)
		return found(SCAN_JUNK, 0, 0);
	if (len < FCGI_HEADER_LEN)
		return found(SCAN_MORE, FCGI_HEADER_LEN, 0);
	if (!read_header(bytes, &r) || !is_begin(&r))
		return found(SCAN_JUNK, 0, 0);
	if (len < r.size)
		return found(SCAN_MORE, r.size, 0);
	if (number16(r.content) != FCGI_RESPONDER)
		return found(SCAN_JUNK, 0, 0);
	scan = scan_params(bytes, len, r.size, r.id, scratch);
	scan.keep &= (r.content[2] & FCGI_KEEP_CONN) != 0;
	return scan;
}
