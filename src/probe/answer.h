/*
 * Reading what an answer says, whatever it is packed in. Only for files of this
 * folder.
 */
#ifndef PROBE_ANSWER_H
#define PROBE_ANSWER_H

#include "probe/attempt.h"
#include "probe/content.h"
#include "probe/fetch.h"

struct answer {
	struct str text;          /* in UTF-8; of use if fault is CONTENT_OK */
	enum content_fault fault; /* why there is none */
};

/*
 * Reads the body. Ends the test if it is larger than answer_max once it is
 * unpacked, or is cut, as an answer that is not compressed does. All else that
 * can be amiss counts only if the status does not say more: see answer_fail().
 */
enum error answer_read(struct attempt *, const struct fetch_answer *,
    enum content_kind, struct answer *ret);

/* Ends the test because of what could not be read; because of otherwise if all
 * could. */
enum error answer_fail(
    struct attempt *, const struct answer *, enum reason otherwise);

/* The first bytes of the body, unpacked as far as they can be: at most max. */
struct str answer_peek(
    struct attempt *, const struct fetch_answer *, size_t max);

#endif
