/*
 * URLs taken apart and put together by libcurl's own parser, so that what was
 * looked at is what is connected to, byte for byte what is sent.
 */
#ifndef PROBE_URL_H
#define PROBE_URL_H

#include "base/arena.h"
#include "base/str.h"

#define URL_MAX ((size_t)16 * 1024) /* bytes of a URL */

struct url {
	struct str text; /* the whole, without fragment; NUL-terminated */
	struct str scheme;
	struct str host;  /* in lower case; IPv6 in brackets */
	struct str path;  /* still encoded, begins with '/', no dot segments */
	struct str query; /* still encoded, without '?'; may be empty */
	unsigned port;
	bool has_user; /* a user name or password stands in it */
};

/* One name=value of a query or a form, still encoded. */
struct url_param {
	struct str name;
	struct str value;
};

/*
 * Takes an http or https URL apart, with query (encoded, may be empty) put
 * behind the query it has. Bytes of path and query that RFC 3986 lets no URL
 * have become escapes, as in browsers; but a URL with blanks, control
 * characters or a backslash is none. False if it is no such URL.
 */
bool url_parse(
    struct arena *, struct str text, struct str query, struct url *ret);

/* The same for a Location: a reference that may be relative to a URL (whose
 * user name and password it does not take over) and have blanks and tabs, which
 * become escapes too. */
bool url_parse_relative(
    struct arena *, const struct url *base, struct str text, struct url *ret);

/* Whether scheme, host and port are the same. */
bool url_same_origin(const struct url *, const struct url *);

/* Host, colon and port, without the port if it is the scheme's own: what stands
 * in the Host header. */
struct str url_authority(struct arena *, const struct url *);

/*
 * The same URL with path and query encoded anew: of each part between slashes,
 * of each name and value, all bytes but the unreserved ones (RFC 3986, 2.3) are
 * escapes in capitals; each name of the query has its '='; a plus in the query,
 * which means a blank, is one. False if that is longer than URL_MAX.
 */
bool url_encode_anew(struct arena *, const struct url *, struct url *ret);

/* Whether the host is an address, so that no name is looked up. */
bool url_is_numeric(const struct url *);

/* Splits "a=b&c" (empty parts left out); an array in the arena. */
struct url_param *url_split_query(
    struct arena *, struct str query, size_t *ret_n);

/* Each name and value decoded (a plus is a blank) and encoded the one way that
 * signatures are made of: all but the unreserved bytes as %XX. */
void url_encode_params(struct arena *, struct url_param *, size_t n);

/* The parameters in the order of their encoded names, then values. */
void url_sort_params(struct url_param *, size_t n);

/* Puts them together again: "a=b&c=" */
struct str url_join_params(struct arena *, const struct url_param *, size_t n);

#endif
