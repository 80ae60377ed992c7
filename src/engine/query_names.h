/*
 * What the parts of the query parser share: lists of names out of a parameter,
 * and the reference's text that refuses unknown ones.
 */
#ifndef ENGINE_QUERY_NAMES_H
#define ENGINE_QUERY_NAMES_H

#include "engine/query.h"

struct param;

struct names {
	struct str *items;
	size_t n;
	size_t capacity;
};

void names_add(struct arena *, struct names *, struct str name);

/*
 * The names in a parameter: `p=a,b` split at commas, or `p[]=a&p[]=b` as they
 * are. Empty ones and "0" are skipped, as in the reference. param NULL gives
 * none. ERROR_BAD_REQUEST for nested lists and for bytes that are not UTF-8.
 */
enum error names_read(struct arena *, const struct param *param,
    const char *what, struct names *ret, struct problem *reterr);

/* "Requested include(s) `a, b` are not allowed. Allowed include(s) are `c`."
 */
enum error names_refuse(const char *what, const char *verb,
    const struct names *unknown, const struct names *allowed,
    struct problem *reterr);

/* In query_filter.c. */
enum error query_parse_filter(struct arena *, const struct param *params,
    struct query *, struct problem *reterr);
/* In query_fields.c. */
enum error query_parse_fields(struct arena *, const struct param *params,
    struct query *, struct problem *reterr);

#endif
