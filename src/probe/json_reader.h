/*
 * Reading JSON: objects of texts in the settings, answers of token endpoints.
 * The only file of this folder that knows json-c.
 */
#ifndef PROBE_JSON_READER_H
#define PROBE_JSON_READER_H

#include "base/arena.h"
#include "base/str.h"

#define JSON_READER_MAX_MEMBERS 200
#define JSON_READER_MAX_VALUES                         \
	20000 /* of one text; with more it is not read \
	       */

struct json_reader_member {
	struct str name;
	struct str value;
};

/* Whether the text is one well-formed JSON value of at most
 * JSON_READER_MAX_VALUES values and JSON_DEPTH_MAX levels. */
bool json_reader_accepts(struct str text);

/*
 * The members of an object of texts (numbers, as they are written, and
 * booleans become texts, nulls are left out). An empty text and [] count as {}.
 * False if it is anything else, or has more than JSON_READER_MAX_MEMBERS.
 */
bool json_reader_members(struct arena *, struct str text,
    struct json_reader_member **ret, size_t *ret_n);

/*
 * The text or number (as it is written) at a dotted path ("data.token",
 * "tokens.0.value") of a JSON text; the empty str if there is none.
 */
struct str json_reader_at(struct arena *, struct str text, struct str path);

/* The same at n paths at once, in the order of the paths. */
void json_reader_at_each(struct arena *, struct str text,
    const struct str *paths, size_t n, struct str *ret);

#endif
