/*
 * What the parent does for the connections of a lane: it has a copy of each,
 * gives copies to workers that ask, closes what takes too long, and puts right
 * what a worker that died has left behind.
 */
#ifndef CONN_KEEPER_H
#define CONN_KEEPER_H

#include "conn/copies.h"

struct keeper_limits {
	unsigned read_timeout; /* ms for the parameters */
	unsigned body_timeout; /* ms for the rest */
	unsigned keep_timeout; /* ms for the next request */
	uint64_t idle_end; /* when all idle ones end; monotonic microseconds */
};

/* Takes copies of new connections, and answers workers that lack one: worker i
 * at mailboxes[i], of which there are n. */
void keeper_receive(struct copies *, const int *mailboxes, unsigned n);

/* That worker is dead. What it was serving ends, what it only looked at is
 * given back; as it may have been told of any other connection, all of them are
 * looked at again, by workers that the caller wakes. */
void keeper_reap(struct copies *, unsigned owner);

/* Closes what took too long, and counts those of them whose request was not
 * whole. Returns when it is to be called again, next at the latest (monotonic
 * microseconds). */
uint64_t keeper_expire(struct copies *, const struct keeper_limits *,
    uint64_t next, atomic_uint_fast64_t *dropped);

/* Workers that sleep wake, and look at their signals, for as long as it is on.
 */
void keeper_call(struct copies *, bool on);

#endif
