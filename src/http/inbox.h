/*
 * Where requests of one worker come from: a listener that the lane's workers
 * share, and connections whose request is not all there yet.
 *
 * A connection is taken, looked at without reading, and given out only once
 * its request lies complete in the kernel's buffer: no peer that is silent,
 * slow or talks nonsense ever holds a worker. Whoever begins to serve one
 * connection hands all his others to his idle neighbours. Knows no FastCGI
 * beyond scan.h and reads nothing.
 */
#ifndef HTTP_INBOX_H
#define HTTP_INBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct inbox;

struct inbox_settings {
	int listener;          /* non-blocking */
	int handoff[2];        /* the lane's, from inbox_handoff() */
	int watch;             /* one more descriptor to wake for */
	unsigned read_timeout; /* ms for the parameters */
	unsigned body_timeout; /* ms for the rest */
	size_t params_max;     /* bytes */
	/* Goes up with each connection that is given up because its request
	 * does not become whole; NULL: nobody counts. */
	atomic_uint_fast64_t *dropped;
};

/* A connection with a request. */
struct inbox_connection {
	int fd;            /* blocking; the receiver closes it */
	uint64_t accepted; /* monotonic microseconds */
	bool too_long;     /* more parameters than params_max */
};

enum inbox_event {
	INBOX_REQUEST, /* a connection was given out */
	INBOX_WATCHED, /* the watched descriptor can be read */
	INBOX_DONE     /* after leaving or stopping: nothing is left */
};

/* Makes the pair by which the workers of a lane hand over connections; once a
 * lane, before the workers are forked. */
enum error inbox_handoff(int ret[2], struct problem *reterr);

enum error inbox_new(
    const struct inbox_settings *, struct inbox **ret, struct problem *reterr);

/* Closes what is still pending, but not the settings' descriptors. */
void inbox_free(struct inbox *);

/* Waits for the next event; ret is set with INBOX_REQUEST. */
enum inbox_event inbox_next(struct inbox *, struct inbox_connection *ret);

/* Another worker takes over: accept no more, hand everything pending on. */
void inbox_leave(struct inbox *);

/*
 * The lane stops: what was taken, and what other workers hand on, is still
 * given out; with backlog also what waits in the listener at this moment.
 */
void inbox_stop(struct inbox *, bool backlog);

#endif
