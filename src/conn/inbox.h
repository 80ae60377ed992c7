/*
 * Where requests of one worker come from: a listener that the lane's workers
 * share, and connections whose request is not all there yet.
 *
 * A connection is looked at without reading, and given out only once its
 * request lies complete in the kernel's buffer: no peer that is silent, slow
 * or talks nonsense ever holds a worker. A connection whose web server asks
 * for it is kept after the answer.
 *
 * No request waits for a worker while another is idle: whoever begins to serve
 * hands his fresh connections on, and kept ones wait at all workers at once.
 * Knows no FastCGI beyond scan.h and reads nothing.
 */
#ifndef CONN_INBOX_H
#define CONN_INBOX_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct claims;
struct handoffs;
struct inbox;

struct inbox_settings {
	int listener;                    /* non-blocking */
	const struct handoffs *handoffs; /* the lane's */
	unsigned seat;                   /* ours, below SEATS_MAX */
	struct claims *claims;           /* the lane's kept connections */
	unsigned taker;        /* no other worker's, from 1 to 65535 */
	int watch;             /* one more descriptor to wake for */
	unsigned read_timeout; /* ms for the parameters */
	unsigned body_timeout; /* ms for the rest */
	unsigned keep_timeout; /* ms for the next request */
	unsigned keep_max;     /* connections that are kept at once */
	size_t params_max;     /* bytes */
	/* ms for which a request is left to the lane's other workers; 0: it is
	 * given out as soon as it is here. */
	unsigned hold;
	/* With that: since when what is here at the start waits, monotonic
	 * microseconds. */
	uint64_t held_since;
	/* Counters, which go up by one with each: */
	atomic_uint_fast64_t *dropped; /* its request did not become whole */
	atomic_uint_fast64_t *reused;  /* a request on a kept connection */
	atomic_uint_fast64_t *handed;  /* connection to a neighbour */
};

/* A connection with a request. */
struct inbox_connection {
	int fd;        /* blocking; the inbox's */
	bool too_long; /* more parameters than params_max */
	bool whole;    /* nothing of the request is still to come */
};

enum inbox_event {
	INBOX_REQUEST, /* a connection was given out */
	INBOX_WATCHED, /* the watched descriptor can be read */
	INBOX_DONE     /* after leaving or stopping: nothing is left */
};

/* Tells a worker that another has sat down and has no copies yet. Comes at any
 * time, and has to be ignored until inbox_new(). */
#define INBOX_NEWCOMER (SIGRTMIN + 1)

/* One in a process: it has a timer whose signal is SIGRTMIN. */
enum error inbox_new(
    const struct inbox_settings *, struct inbox **ret, struct problem *reterr);

/* Closes what is still pending, but not the settings' descriptors. */
void inbox_free(struct inbox *);

/* Waits for the next event; ret is set with INBOX_REQUEST, and then
 * inbox_done() comes next. */
enum inbox_event inbox_next(struct inbox *, struct inbox_connection *ret);

/* The request has been read: what comes now is another one. */
void inbox_read(struct inbox *);

/* The end of the answer is about to be sent: to be called before. last: the web
 * server asks nothing more on this connection, whatever it said first. */
void inbox_answer(struct inbox *, bool last);

/* Ends the request of the connection that was given out. It is closed, unless
 * it is good for another one and its peer wants that. */
void inbox_done(struct inbox *, bool good);

/* Another worker takes over: accept no more, hand everything pending on. */
void inbox_leave(struct inbox *);

/*
 * The lane stops: what was taken, and what other workers hand on, is still
 * given out; with backlog also what waits in the listener at this moment.
 * Kept connections are closed after one more request, or a moment without.
 */
void inbox_stop(struct inbox *, bool backlog);

/* For a process that is about to die of a signal: hands on everything but what
 * was given out, and has that end. Safe in a signal handler. */
void inbox_rescue(void);

#endif
