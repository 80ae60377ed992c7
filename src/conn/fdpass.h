/*
 * How the workers of a lane pass connections to each other: pairs of sockets,
 * each a queue of descriptors. Whoever is idle takes the next. Knows nothing of
 * what a connection carries.
 */
#ifndef CONN_FDPASS_H
#define CONN_FDPASS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "conn/claims.h"

/* What goes along with a connection. */
struct handoff {
	uint64_t since; /* when it came; monotonic us; of a fresh one */
	bool kept;      /* a request of it was answered before */
	struct claim_name claim; /* of a kept one */
};

/* The queues of a lane. Of each pair [0] is received from, [1] sent to; neither
 * ever blocks. */
struct handoffs {
	int all[2];              /* for whoever has nothing to do */
	int seats[SEATS_MAX][2]; /* for one of those that sit there */
	unsigned n_seats;
};

/* Before the workers are forked, whose number may change later. Closes what it
 * made when it fails. */
enum error handoffs_open(
    unsigned workers, struct handoffs *ret, struct problem *reterr);
void handoffs_close(const struct handoffs *);

/* Sends fd, which stays the caller's; -1: none, only to wake somebody. False:
 * the queue is full. Safe in a signal handler. */
bool handoff_send(int to, int fd, const struct handoff *);

/* The next connection, the caller's from here on; false: none is waiting.
 * *ret_fd is -1 when none was sent or there was no descriptor left for it. */
bool handoff_receive(int from, struct handoff *ret, int *ret_fd);

#endif
