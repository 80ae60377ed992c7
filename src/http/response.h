/*
 * A response as plain data: status, header fields, body. Decides nothing.
 */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#define RESPONSE_MAX_HEADERS 12

struct response {
	int status;
	struct {
		const char *name;
		struct str value;
	} headers[RESPONSE_MAX_HEADERS];
	size_t n_headers;
	struct buf *body; /* the worker's buffer, empty at the start */
	bool no_body;     /* HEAD, 204, 304: headers only */
	/* For the log line and the measures. */
	bool tested;             /* it answers a test that ran */
	const char *test_reason; /* why that failed; NULL: it passed */
	unsigned reruns;         /* of the transaction */
	uint64_t remote_wait;    /* microseconds a test waited for its target */
	uint64_t encoding;       /* microseconds spent writing the body */
	const char *route;       /* "connectors.index"; NULL before routing */
	int64_t company_id;      /* 0: not known */
	int64_t key_id;          /* 0: not known */
	struct str log;          /* why it failed; empty otherwise */
	struct str warning;      /* about data that is wrong; empty: none */
};

/* Adds a header field; value must outlive the response. CR and LF in value are
 * a programming error. */
void response_header(struct response *, const char *name, struct str value);

/*
 * Makes an error the whole answer: status, body, and the header fields that go
 * with it (WWW-Authenticate, Allow, Retry-After); what was in the response
 * before is dropped. retry_after: seconds, where the problem names none.
 */
void response_error(struct response *, enum error, const struct problem *,
    unsigned retry_after);

/* The value of a header field that was added; empty if there is none. */
struct str response_header_value(const struct response *, const char *name);

#endif
