/*
 * What the authentication type of an implementation asks a connector for: the
 * same table that a test reads (probe/auth.h), for people who fill in a form.
 */
#ifndef PROBE_NEEDS_H
#define PROBE_NEEDS_H

#include "probe/probe.h"

#define NEEDS_MAX 8 /* of one type */

struct need {
	const char *key;
	const char *label;
	const char *fallback; /* what a test takes without a value, or NULL */
	bool secret;
	bool required; /* a value must be there; a password may be empty */
	bool advanced; /* few need to set it */
};

/*
 * In the order of the type's table; returns how many. Of the target the type
 * and the templates are read. An unknown type needs nothing. What a test finds
 * by itself is left out, and so is the token where the templates say what is
 * sent in its place.
 */
size_t needs_of(
    struct arena *, const struct probe_target *, struct need ret[NEEDS_MAX]);

#endif
