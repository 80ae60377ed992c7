/*
 * Entity tags in preconditions (RFC 9110, sections 8.8.3 and 13.1). Pure.
 */
#ifndef HTTP_ETAG_H
#define HTTP_ETAG_H

#include <stdbool.h>

#include "base/str.h"

/* Whether a field value is `*`, or a list that has the tag; tag is with its
 * quotes; `W/` is ignored (weak comparison). */
bool etag_matches(struct str field, struct str tag);

/*
 * Whether a field value is `*`, or a list with a tag whose text begins with
 * version and a dash or is the version alone: `"7-..."` or `"7"`. `W/` is
 * ignored here too, where RFC 9110 (13.1.1) wants the strong comparison: a
 * proxy that compresses makes every tag weak, and the version is all that is
 * compared.
 */
bool etag_has_version(struct str field, int64_t version);

/* Whether a field value has a tag of a version beyond this one. */
bool etag_is_newer(struct str field, int64_t version);

#endif
