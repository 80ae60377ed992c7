/*
 * Reading the text of an answer, however it is compressed and encoded. Only for
 * files of this folder.
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
 * unpacked, or is cut, as with an answer that is not compressed. Any other
 * fault counts only if the status does not say more: see answer_fail().
 */
enum error answer_read(struct attempt *, const struct fetch_answer *,
    enum content_kind, struct answer *ret);

/* Ends the test: with the fault of the content, or with `otherwise` if it could
 * be read. */
enum error answer_fail(
    struct attempt *, const struct answer *, enum reason otherwise);

/* The first bytes of the body, at most max, unpacked as far as possible. */
struct str answer_peek(
    struct attempt *, const struct fetch_answer *, size_t max);

#endif
