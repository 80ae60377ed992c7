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
 * Whether a field value is `*`, or a list with a strong tag whose text begins
 * with version and a dash or is the version alone: `"7-..."` or `"7"`.
 */
bool etag_has_version(struct str field, int64_t version);

#endif
