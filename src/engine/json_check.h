/*
 * Whether bytes are one JSON object that we take: RFC 8259 to the letter,
 * UTF-8, no NUL, bounded depth. Pure.
 *
 * json-c builds the tree afterwards, without any of its flags; it forgives more
 * than the contract does (control characters, deep nesting, out-of-range
 * numbers) and names no byte, so what is wrong is found here. What its flags
 * refuse changes from one version to the next: JSON_TOKENER_STRICT refuses
 * every character beyond ASCII in 0.18, and numbers beyond 64 bits from there
 * on; JSON_TOKENER_VALIDATE_UTF8 takes surrogates.
 */
#ifndef ENGINE_JSON_CHECK_H
#define ENGINE_JSON_CHECK_H

#include <stdbool.h>

#include "base/str.h"

#define JSON_DEPTH_MAX 32
/* Values in one body; a tree of them costs hundreds of bytes each. The largest
 * body that means anything has less than 3,000. */
#define JSON_VALUES_MAX 20000

struct json_fault {
	const char *what; /* a sentence without its end */
	size_t offset;    /* of the byte, from 0 */
};

/* Whether text is one JSON value and nothing else; ret says what is wrong. */
bool json_check(struct str text, struct json_fault *ret);

/*
 * The same for what others wrote: a string may hold any escape ("\u0000", half
 * a pair of surrogates) and any control character but a bare NUL, as those of
 * systems in use do.
 */
bool json_check_foreign(struct str text, struct json_fault *ret);

/* As json_check(); and the value is an object of at most JSON_VALUES_MAX
 * values. */
bool json_check_object(struct str text, struct json_fault *ret);

#endif
