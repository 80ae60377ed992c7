/*
 * Texts with {{key}} in them (base/reference.h has the grammar).
 *
 * Values are put in once: a value that looks like a reference is not expanded.
 * No control character of a value (below 0x20, 0x7f) is put anywhere as it is.
 * Pure.
 */
#ifndef PROBE_TEMPLATE_H
#define PROBE_TEMPLATE_H

#include "probe/probe.h"

/* Bytes that a rendered text may have. */
#define TEMPLATE_MAX ((size_t)1024 * 1024)

/* How a value is written where it stands. */
enum template_place {
	TEMPLATE_RAW,   /* as it is: the caller encodes the result */
	TEMPLATE_URL,   /* by position: host or start as it is, else %XX */
	TEMPLATE_FORM,  /* application/x-www-form-urlencoded */
	TEMPLATE_JSON,  /* inside the quotes of a JSON string */
	TEMPLATE_XML,   /* in text or in an attribute */
	TEMPLATE_PLAIN, /* as it is: a header field, a body of no format */
	TEMPLATE__MAX
};

enum template_fault {
	TEMPLATE_OK,
	TEMPLATE_UNKNOWN_KEY,
	TEMPLATE_NO_VALUE,
	TEMPLATE_CONTROL,    /* a control character where none may stand */
	TEMPLATE_DOTS,       /* the segment of a path becomes "." or ".." */
	TEMPLATE_NOT_A_HOST, /* in the host of a URL: more than a host */
	TEMPLATE_TOO_LARGE
};

struct template_source {
	const struct probe_variable *variables;
	size_t n_variables;
	bool mask; /* put SECRET_MASK in place of secrets */
};

/* Puts the values in. On a fault ret_key is the key at fault (it points into
 * text; empty for TEMPLATE_TOO_LARGE) and ret is not written. */
enum template_fault template_render(struct arena *,
    const struct template_source *, struct str text, enum template_place,
    struct str *ret, struct str *ret_key);

/* Whether a value has a control character: a byte below 0x20, or 0x7f. */
bool template_has_control(struct str value);

/* Whether text refers to any key / to this key. */
bool template_has_reference(struct str text);
bool template_refers_to(struct str text, struct str key);

/* Where an opening {{ stands that begins no reference; text.len if none does.
 * A render leaves it as it is. */
size_t template_find_fault(struct str text);

/* Cuts a reference that begins the text off it; false if none does. */
bool template_cut_reference(struct str *text);

/* Moves text behind its next reference, whose key *ret is; false if none is
 * left. */
bool template_next_key(struct str *text, struct str *ret);

/* The text with values in place of its references that can stand anywhere in a
 * URL: a digit, which is a name, a host and a port, or in brackets ::1. */
struct str template_sample(struct arena *, struct str text);

/* The variable with this key, or NULL. */
const struct probe_variable *template_find(
    const struct template_source *, struct str key);

#endif
