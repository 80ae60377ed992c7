/*
 * What a token endpoint answered (RFC 6749, 5). Pure.
 */
#ifndef PROBE_GRANT_H
#define PROBE_GRANT_H

#include "base/arena.h"
#include "base/str.h"
#include "probe/reason.h"

struct grant {
	struct str text; /* JSON or a form */
	struct str path; /* of the token in it: "data.access_token" */
	bool is_form;
};

struct grant_error {
	const char *word;   /* from the table, never the endpoint's own text;
			     * NULL: the table does not have its word */
	enum reason reason; /* what the word means */
	const char *means;  /* the beginning of a sentence that says it */
};

/* Whether text is JSON, or a form that its media type says it is. If not, ret
 * is an empty answer. An empty path: access_token. */
bool grant_read(struct str text, struct str content_type, struct str path,
    struct grant *ret);

/* Each is the empty str if it is not there. */
struct str grant_token(struct arena *, const struct grant *);
struct str grant_refresh_token(struct arena *, const struct grant *);

/* Whether the answer reports an error: at "error", or at one of the places that
 * some endpoints use. */
bool grant_error(struct arena *, const struct grant *, struct grant_error *ret);

#endif
