/*
 * What a process holds of a lane: one epoll, and copies of the descriptors of
 * connections. A connection's copy has the same number in every process, so
 * each of them can tell the epoll about it. The parent makes all of it before
 * it forks and has a copy of each connection; a worker inherits those that
 * there are, and asks for later ones (queue.c, keeper.c).
 */
#ifndef CONN_COPIES_H
#define CONN_COPIES_H

#include "base/error.h"
#include "conn/conn.h"

/* What an event is about, beside the number of a connection. */
enum {
	EVENT_LISTENER = CONNS_MAX,
	EVENT_CALL,
	EVENT_NUDGE
};

struct copies {
	struct conns *conns; /* the lane's */
	unsigned owner;      /* who has these; set by a worker, as is */
	int mailbox;         /* where it receives messages of the parent */
	int epoll;
	int listener;  /* the caller's */
	int call;      /* readable: every worker is to look at its signals */
	int nudge;     /* for each write one worker that sleeps wakes */
	int parent[2]; /* messages to the parent are sent to [1] */
	int base;      /* the copy of connection i is base + i */
	unsigned n;    /* connections that have such a number */
	uint64_t next_look;             /* of the parent at all of them */
	uint32_t generation[CONNS_MAX]; /* of each copy; 0: there is none */
};

/* Makes them in the parent for n connections at most: for fewer where a process
 * may not have as many descriptors. Closes what it made when it fails. */
enum error copies_open(int listener, unsigned n, struct conns *,
    struct copies *ret, struct problem *reterr);
void copies_close(const struct copies *);

/* Whether there is a copy of that generation. */
bool copies_have(const struct copies *, unsigned number, uint32_t generation);

/* Makes one of fd, which stays the caller's. */
bool copies_add(struct copies *, unsigned number, uint32_t generation, int fd);

/* In a worker: gives the parent a copy of a connection that is new and this
 * owner's, and makes one here. False: the parent does not take it. */
bool copies_share(struct copies *, const struct conn *, int fd);

/* Takes a connection for this owner and asks the parent for a copy if there is
 * none: the parent has one, for the epoll is told later. False: the lease has
 * changed, or there is no parent any more. */
bool copies_take(struct copies *, struct conn *, uint64_t lease);

/* Closes those whose connections have ended. */
void copies_sweep(struct copies *);

/* Of a connection, of which there is a copy: the copy's number; and has the
 * epoll tell once that there is something, or (edges) of all that comes. */
int copies_fd(const struct copies *, const struct conn *);
bool copies_watch(const struct copies *, const struct conn *, bool edges);

/* One worker that sleeps wakes. */
void copies_nudge(const struct copies *);

/* Ends it in all processes, unless it is not this owner's. */
void copies_end(struct copies *, struct conn *);

#endif
