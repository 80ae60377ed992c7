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
	const char *word;   /* of our table, never the endpoint's own text;
			       NULL: the endpoint has one of its own */
	enum reason reason; /* what the word means */
	const char *means;  /* the same as a sentence, without its end */
};

/* Whether text is JSON, or a form that its media type says it is. If not, ret
 * is an answer in which there is nothing. An empty path: access_token. */
bool grant_read(struct str text, struct str content_type, struct str path,
    struct grant *ret);

/* Each is the empty str if it is not there. */
struct str grant_token(struct arena *, const struct grant *);
struct str grant_refresh_token(struct arena *, const struct grant *);

/* Whether it tells of an error: at "error", or where some endpoints put it. */
bool grant_error(struct arena *, const struct grant *, struct grant_error *ret);

#endif
