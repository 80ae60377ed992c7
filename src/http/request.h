/*
 * A request as plain data: what fcgi.c read, nothing interpreted beyond the
 * split into header fields. Knows no schema, no JSON.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/arena.h"
#include "base/str.h"

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_PUT,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD_OPTIONS,
	METHOD_OTHER,
	METHOD__MAX
};

struct request {
	struct arena *arena; /* of everything below */
	enum method method;
	struct str method_text; /* as sent */
	struct str path;        /* of the URI, still percent-encoded */
	struct str query;       /* behind the '?', still percent-encoded */
	struct str base_url;    /* "https://host:port", for links */
	struct str id;          /* request id, always present */
	struct str authorization;
	struct str content_type;
	struct str if_match;
	struct str if_none_match;
	struct str idempotency_key;
	struct str prefer;
	struct str remote_addr;
	uint64_t queued;     /* microseconds between the web server and here;
				0: not known */
	struct str body;     /* read in full */
	bool body_too_large; /* more than the limit; body is empty */
	bool last;           /* the web server closes the connection after it */
	uint64_t ticket; /* that no other request of the lane has; 0: none */
};

/* The method of a name (case-sensitive), METHOD_OTHER if no route has it. */
enum method method_of(struct str name);

/* The name of a method that is one of ours. */
const char *method_name(enum method);

#endif
