/*
 * How the workers of a lane pass connections to each other: one pair of
 * sockets that they all share, a queue of descriptors. Whoever is idle takes
 * the next. Knows nothing of what a connection carries.
 */
#ifndef HTTP_HANDOFF_H
#define HTTP_HANDOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* What goes along with a connection. */
struct handoff {
	uint64_t since; /* when it, or its request, came; monotonic us */
	bool kept;      /* a request of it was answered before */
	bool idle;      /* nothing of the next one is here */
};

/* Makes the pair, once a lane and before the workers are forked: [0] is
 * received from, [1] sent to. Neither ever blocks. */
enum error handoff_open(int ret[2], struct problem *reterr);

/* Sends fd, which stays the caller's; false: the queue is full. Safe in a
 * signal handler. */
bool handoff_send(int to, int fd, const struct handoff *);

/* The next connection, the caller's from here on; false: none is waiting.
 * *ret_fd is -1 when there was no descriptor left for it. */
bool handoff_receive(int from, struct handoff *ret, int *ret_fd);

#endif
