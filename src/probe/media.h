/*
 * Header fields that are a value with parameters, such as Content-Type. Pure.
 */
#ifndef PROBE_MEDIA_H
#define PROBE_MEDIA_H

#include "base/arena.h"
#include "base/str.h"

/* Whether the field's value is this one, in any letter case: "text/xml". */
bool media_is(struct str field, const char *type);

/*
 * The value of a parameter, without quotes and escapes, in the arena or in the
 * field; the empty str if there is none (RFC 9110, 5.6.6; RFC 2045, 5.1). The
 * first of a name counts.
 */
struct str media_parameter(struct arena *, struct str field, const char *name);

#endif
