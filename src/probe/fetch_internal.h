/*
 * A request under way, shared by fetch.c and fetch_setup.c alone.
 */
#ifndef PROBE_FETCH_INTERNAL_H
#define PROBE_FETCH_INTERNAL_H

#include <curl/curl.h>

#include "base/buf.h"
#include "probe/fetch.h"

/* One request under way. */
struct transfer {
	struct arena *arena;
	const struct probe_settings *settings;
	const struct fetch_request *request;
	struct fetch_answer *answer;
	struct buf body;
	size_t header_bytes;
	bool is_secure;  /* TLS has begun ... */
	bool has_spoken; /* ... and the remote side sent something in it */
	uint64_t started_us;
	CURL *easy;
	CURLM *multi;
	struct curl_slist *headers;
	struct curl_slist *resolve;
	int key_fd;     /* the SSH key in a file that has no name; -1: none */
	CURLcode setup; /* first option that could not be set */
};

/* Sets all options but the callbacks; left_ms is the time until the deadline.
 * The first that cannot be set is in t->setup. */
void fetch_set_up(struct transfer *, long left_ms);

/* Whether an answer has asked for credentials of the kind that the request
 * has. */
bool fetch_is_asked(const struct transfer *);

#endif
