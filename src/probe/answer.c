/*
 * Faults of an answer's content as reasons.
 */
#include <config.h>

#include "probe/answer.h"

/* Details of faults that have one reason in common. */
static const struct {
	enum reason reason;
	const char *detail;
} rows[] = {
	[CONTENT_TOO_LARGE] = { REASON_RESPONSE_TOO_LARGE,
	    "The answer is larger than a test reads, once it is unpacked." },
	[CONTENT_CUT] = { REASON_RESPONSE_CUT,
	    "The answer is compressed and ended before it was complete." },
	[CONTENT_BROKEN] = { REASON_NOT_DECODABLE,
	    "The answer is not compressed in the way that its "
	    "Content-Encoding says." },
	[CONTENT_CODING_UNKNOWN] = { REASON_NOT_DECODABLE,
	    "The answer is compressed, which was not asked for, in a way that "
	    "is not known here: gzip and deflate are." },
	[CONTENT_CHARSET_UNKNOWN] = { REASON_NOT_DECODABLE,
	    "The answer is in a charset that is not known here." },
};

enum error
answer_fail(
    struct attempt *attempt, const struct answer *answer, enum reason otherwise)
{
	enum content_fault fault = answer->fault;

	if (fault >= N_ELEMENTS(rows) || rows[fault].detail == NULL)
		return attempt_fail(attempt, otherwise);
	return attempt_fail_with(
	    attempt, rows[fault].reason, "%s", rows[fault].detail);
}

enum error
answer_read(struct attempt *attempt, const struct fetch_answer *fetched,
    enum content_kind kind, struct answer *ret)
{
	struct str bytes;

	*ret = (struct answer){ 0 };
	ret->fault = content_unpack(attempt->arena, fetched->body,
	    fetched->content_encoding, attempt->settings->answer_max, &bytes);
	if (ret->fault == CONTENT_TOO_LARGE || ret->fault == CONTENT_CUT)
		return answer_fail(attempt, ret, REASON_FAILED);
	if (ret->fault == CONTENT_OK)
		ret->fault = content_text(attempt->arena, kind, bytes,
		    fetched->content_type, &ret->text);
	return OK;
}

struct str
answer_peek(
    struct attempt *attempt, const struct fetch_answer *fetched, size_t max)
{
	struct str bytes;

	(void)content_unpack(attempt->arena, fetched->body,
	    fetched->content_encoding, max, &bytes);
	bytes.len = bytes.len < max ? bytes.len : max;
	return bytes;
}
