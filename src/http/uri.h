/*
 * The request target: percent-encoding, the segments of a path, the query
 * string as a tree of parameters, and the tree written back for page links.
 * Pure; knows no route and no name of a parameter.
 */
#ifndef HTTP_URI_H
#define HTTP_URI_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* Parameters that are read; the rest of the query string is dropped. */
#define URI_MAX_PARAMS 1000

/* Names in brackets behind a name; a parameter that has more is dropped. */
#define URI_MAX_DEPTH 8

/*
 * One parameter. Every parameter of one list has another name. The order is
 * that of the first time a name came.
 */
struct param {
	struct param *next;     /* in the same list */
	struct param *children; /* of a list, in order */
	struct str name;        /* decoded; an index of a list is decimal */
	struct str value;       /* decoded, trimmed; ptr NULL if empty */
	bool is_list;           /* name[...]=; then it has no value */
};

/* The path without its slashes at the end. */
struct str uri_without_end_slashes(struct str path);

/*
 * Splits a path that begins with "/" at its slashes and decodes the parts;
 * slashes at the end do not count; "/" has no part. Returns false when no
 * route can have such a path: an empty part, an encoded slash in a part, more
 * than max parts, no "/" at the beginning.
 */
bool uri_segments(struct arena *, struct str path, size_t max,
    struct str *ret_segments, size_t *ret_n);

/*
 * Reads a query string (without its "?"): name=value between "&"; name[key]=
 * and name[]= (numbered) make a list. Of two equal names the last counts, be
 * it a value or a list. Values are trimmed (text_trim). A bracket that is not
 * closed is part of the name, what follows a "]" other than "[" is ignored, a
 * name ends at a NUL, blanks before it are dropped, and so is a parameter
 * without a name. Returns the first parameter or NULL.
 */
struct param *uri_query(struct arena *, struct str query);

/* The parameter of that name in a list; NULL if there is none. */
const struct param *uri_param(const struct param *list, const char *name);

/*
 * Appends the parameters but the one named without, each as name=value with
 * an "&" behind it, so that the caller's own can follow. Empty ones vanish.
 */
void uri_add_query(struct buf *, const struct param *, const char *without);

#endif
